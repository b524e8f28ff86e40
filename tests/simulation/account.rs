//! One account of the simulated tenant, which is the oracle: it knows what each call did, and says so
//! or not.
//!
//! Its devices are those of the simulator that ships. Around them it reads the bytes of the request
//! strictly, counts arrivals by itself, and misbehaves as the seed says.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use fastrand::Rng;
use offboard::domain::action::Action;
use offboard::domain::rate_limit::RateHeaders;
use offboard::engine::response::{Body, HttpAnswer};
use offboard::secret::Secret;
use offboard::simulator::{Fleet, Tenant};
use serde_json::Value;

use super::schedule::Moment;
use super::world::true_wall;

const WINDOW: Moment = 60_000;

pub struct Account {
    pub tenant: Tenant,
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
    /// Its answers have a date.
    tells_date: bool,
    /// Something before the tenant answers 404 to every lookup.
    pub behind_gateway: bool,
    /// Tokens, and until when they are good.
    tokens: HashMap<String, Moment>,
    /// Names stay taken for ever.
    granted: u32,
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

impl Account {
    pub fn new(calls: u32, random: &mut Rng) -> Self {
        let size = random.usize(4..70);
        let mut tenant = Tenant::new(&Fleet::generate(random.u64(..), size, true_wall(0)));
        let absent = random.f64() * 0.5;
        let mut poison = HashSet::new();
        let devices: Vec<(String, Vec<String>)> = tenant
            .devices()
            .map(|(_, hwid, macs)| (hwid.to_owned(), macs.to_vec()))
            .collect();
        for (hwid, macs) in devices {
            if random.f64() < absent {
                tenant.delete(&hwid, false, Action::Remove);
            }
            if random.u8(..60) == 0 {
                poison.insert(hwid);
                poison.extend(macs);
            }
        }
        // Some devices come back after their deletion, or stay; some report again before a read.
        let returning = tenant
            .with_returns(random.u64(..), random.u8(..50))
            .with_wakes(random.u64(..), random.u8(..30));
        let most = usize::try_from(calls).expect("few");
        Self {
            tenant: returning,
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
            tells_date: random.u8(..4) > 0,
            behind_gateway: random.u8(..4) == 0,
            tokens: HashMap::new(),
            granted: 0,
        }
    }

    /// A token that is good for so long.
    pub fn grant(&mut self, until: Moment) -> Secret {
        self.granted += 1;
        let token = format!("token-{}", self.granted);
        self.tokens.insert(token.clone(), until);
        Secret::new(token)
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

    pub fn knows(&self, token: &str, now: Moment) -> bool {
        self.tokens.get(token).is_some_and(|&until| until > now)
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

    /// Device Details of what an identifier names.
    pub fn details(&self, identifier: &str, by_mac: bool) -> HttpAnswer {
        let device = self.tenant.details(identifier, by_mac);
        match device.filter(|_| !self.behind_gateway) {
            None => answer(404, r#"{"error":"not found"}"#),
            Some(device) => answer(200, &device.to_string()),
        }
    }

    /// What its headers say, right or, from a proxy that doesn't know, wrong.
    pub fn rate(&self, now: Moment, too_many: bool, noise: bool, random: &mut Rng) -> RateHeaders {
        // A proxy doesn't invent the time.
        let date = self.tells_date.then(|| true_wall(now));
        if noise {
            return RateHeaders {
                date,
                remaining: random.bool().then(|| random.u32(..10)),
                reset: random.bool().then(|| random.i64(-5..4000)),
                retry_after: too_many.then(|| random.i64(0..5000)),
                ..RateHeaders::default()
            };
        }
        if !self.tells_rate {
            return RateHeaders {
                date,
                ..RateHeaders::default()
            };
        }
        let left = self.limit.saturating_sub(self.in_window(now));
        RateHeaders {
            remaining: Some(u32::try_from(left).expect("few")),
            reset: Some(random.i64(1..=60)),
            retry_after: too_many.then_some(60),
            date,
            ..RateHeaders::default()
        }
    }
}

/// An answer that says nothing of the rate.
pub fn answer(status: u16, body: &str) -> HttpAnswer {
    HttpAnswer {
        status,
        content_type: Some("application/json".to_owned()),
        encoding: None,
        rate: RateHeaders::default(),
        body: Body::Whole(body.as_bytes().to_vec()),
    }
}

/// How long a token is good, as reported and in truth.
pub fn lifetimes(faulty: bool, random: &mut Rng) -> (Option<Duration>, Moment) {
    let seconds = if faulty {
        random.u64(1..4000)
    } else {
        random.u64(600..4000)
    };
    let reported = Duration::from_secs(seconds);
    match random.u8(..4) {
        0 => (None, seconds * 1000),
        // It says more than is true.
        1 if faulty => (Some(reported), seconds * 500),
        _ => (Some(reported), seconds * 1000),
    }
}
