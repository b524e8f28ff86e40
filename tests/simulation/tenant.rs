//! The tenant, which is the oracle: it knows what each call did, and says so or not.
//!
//! It reads the bytes of the request strictly, counts arrivals by itself, and answers 0 and 1.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use offboard::domain::action::Action;
use offboard::domain::rate_limit::RateHeaders;
use offboard::engine::response::{Answer, Body};
use serde_json::{Value, json};

use super::schedule::Moment;

const WINDOW: Moment = 60_000;

/// A device as the tenant knows it.
pub struct Machine {
    pub hwid: Option<String>,
    pub macs: Vec<String>,
    pub present: bool,
    pub enrolled: Moment,
}

/// One account.
pub struct Tenant {
    pub machines: Vec<Machine>,
    /// Identifiers that make it refuse the whole call.
    poison: HashSet<String>,
    /// It refuses calls of more.
    largest: usize,
    /// Calls that it takes in a minute.
    limit: usize,
    /// When our calls arrived, all of them.
    pub arrivals: Vec<Moment>,
    /// When another client's did.
    others: Vec<Moment>,
    tells_rate: bool,
    /// Tokens, and until when they are good.
    tokens: HashMap<u64, Moment>,
    next_token: u64,
}

/// What a Delete Devices call asks, read strictly from its bytes.
pub struct Asked {
    pub by_mac: bool,
    pub identifiers: Vec<String>,
    pub action: Action,
}

impl Asked {
    /// Exactly one of the lists, not empty, nothing twice, and `opt` beside it.
    pub fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).expect("a body in JSON");
        let object = value.as_object().expect("an object");
        assert_eq!(object.len(), 2, "one list and opt: {value}");
        let opt = object["opt"].as_u64().expect("a number");
        let (by_mac, list) = match (object.get("HWID_list"), object.get("MAC_list")) {
            (Some(list), None) => (false, list),
            (None, Some(list)) => (true, list),
            _ => panic!("one of the lists: {value}"),
        };
        let identifiers: Vec<String> = serde_json::from_value(list.clone()).expect("texts");
        assert!(!identifiers.is_empty(), "an empty list");
        let unique: HashSet<_> = identifiers.iter().collect();
        assert_eq!(unique.len(), identifiers.len(), "an identifier twice");
        Self {
            by_mac,
            identifiers,
            action: Action::from_wire(u8::try_from(opt).expect("small")).expect("an action"),
        }
    }
}

impl Tenant {
    pub fn new(account: usize, calls: u32, random: &mut Rng) -> Self {
        let size = random.usize(4..70);
        let absent = random.f64() * 0.5;
        let dock = format!("00:0c:29:0{account}:ff:ff");
        let machines: Vec<_> = (0..size)
            .map(|number| {
                let mut macs = vec![format!("00:0c:29:0{account}:{number:02x}:01")];
                if random.u8(..10) == 0 {
                    macs.push(dock.clone());
                }
                Machine {
                    hwid: (random.u8(..5) > 0).then(|| format!("h{account}-{number}")),
                    macs,
                    present: random.f64() >= absent,
                    enrolled: 0,
                }
            })
            .collect();
        let mut poison = HashSet::new();
        for machine in &machines {
            if random.u8(..60) == 0 {
                poison.extend(machine.hwid.clone().into_iter().chain(machine.macs.clone()));
            }
        }
        let most = usize::try_from(calls).expect("few");
        Self {
            machines,
            poison,
            largest: if random.bool() {
                50
            } else {
                random.usize(1..=12)
            },
            // Sometimes the tenant allows less than the configuration says.
            limit: if random.u8(..4) == 0 {
                random.usize(1..=most)
            } else {
                most
            },
            arrivals: Vec::new(),
            others: Vec::new(),
            tells_rate: random.bool(),
            tokens: HashMap::new(),
            next_token: 0,
        }
    }

    /// A token that is good for so long.
    pub fn grant(&mut self, until: Moment) -> u64 {
        self.next_token += 1;
        self.tokens.insert(self.next_token, until);
        self.next_token
    }

    /// All tokens die.
    pub fn revoke(&mut self) {
        self.tokens.clear();
    }

    pub fn another_client(&mut self, now: Moment) {
        self.others.push(now);
    }

    /// Takes a call in, and says if it is one too many.
    pub fn count(&mut self, now: Moment) -> bool {
        self.arrivals.push(now);
        self.in_window(now) > self.limit
    }

    pub fn knows(&self, token: Option<u64>, now: Moment) -> bool {
        token
            .and_then(|token| self.tokens.get(&token))
            .is_some_and(|&until| until > now)
    }

    fn in_window(&self, now: Moment) -> usize {
        let arrivals = self.arrivals.iter().chain(&self.others);
        arrivals.filter(|&&at| at + WINDOW > now).count()
    }

    /// True if it refuses the call as a whole.
    pub fn refuses(&self, asked: &Asked) -> bool {
        asked.identifiers.len() > self.largest
            || asked
                .identifiers
                .iter()
                .any(|one| self.poison.contains(one))
    }

    /// Does it to what an identifier names: 1, or 0 if nothing here reports it.
    pub fn delete(&mut self, identifier: &str, by_mac: bool, action: Action) -> u8 {
        let mut found = 0;
        for machine in &mut self.machines {
            if machine.present && machine.is_named(identifier, by_mac) {
                machine.present = action == Action::Uninstall;
                found = 1;
            }
        }
        found
    }

    /// Device Details of what an identifier names.
    pub fn details(
        &self,
        identifier: &str,
        by_mac: bool,
        wall: impl Fn(Moment) -> Timestamp,
    ) -> Answer {
        let found = self
            .machines
            .iter()
            .find(|machine| machine.present && machine.is_named(identifier, by_mac));
        match found {
            None => answer(404, r#"{"error":"not found"}"#),
            Some(machine) => answer(
                200,
                &json!({
                    "hwid": machine.hwid,
                    "hostname": "LT",
                    "enrolled_at": wall(machine.enrolled).to_string(),
                })
                .to_string(),
            ),
        }
    }

    /// What its headers say, right or, from a proxy that doesn't know, wrong.
    pub fn rate(&self, now: Moment, too_many: bool, noise: bool, random: &mut Rng) -> RateHeaders {
        if noise {
            return RateHeaders {
                remaining: random.bool().then(|| random.u32(..10)),
                reset: random.bool().then(|| random.i64(-5..4000)),
                retry_after: too_many.then(|| random.i64(0..5000)),
                date: None,
            };
        }
        if !self.tells_rate {
            return RateHeaders::default();
        }
        let left = self.limit.saturating_sub(self.in_window(now));
        RateHeaders {
            remaining: Some(u32::try_from(left).expect("few")),
            reset: Some(random.i64(1..=60)),
            retry_after: too_many.then_some(60),
            date: None,
        }
    }
}

impl Machine {
    fn is_named(&self, identifier: &str, by_mac: bool) -> bool {
        if by_mac {
            self.macs.iter().any(|mac| mac == identifier)
        } else {
            self.hwid.as_deref() == Some(identifier)
        }
    }
}

/// An answer without a word on the rate.
pub fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        content_type: Some("application/json".to_owned()),
        encoding: None,
        rate: RateHeaders::default(),
        body: Body::Whole(body.as_bytes().to_vec()),
    }
}

/// How long a token is good, as told and in truth.
pub fn lifetimes(faulty: bool, random: &mut Rng) -> (Option<Duration>, Moment) {
    let seconds = if faulty {
        random.u64(1..4000)
    } else {
        random.u64(600..4000)
    };
    let told = Duration::from_secs(seconds);
    match random.u8(..4) {
        0 => (None, seconds * 1000),
        // It says more than is true.
        1 if faulty => (Some(told), seconds * 500),
        _ => (Some(told), seconds * 1000),
    }
}
