//! What is looked up by identifier is what reading the whole history gives.

use proptest::prelude::*;

use super::*;
use crate::list::DeviceList;
use crate::plan::{Basis, Candidate, ListIdentifiers};

/// A device of an earlier run. Numbers choose from few values, so that devices meet.
#[derive(Clone, Debug)]
struct Earlier {
    hwid: String,
    macs: Vec<u8>,
    is_sent_by_mac: bool,
    outcome: Option<Outcome>,
    slot: Option<u8>,
}

#[derive(Clone, Debug)]
struct EarlierRun {
    devices: Vec<Earlier>,
    state: RunState,
    is_confirmed: bool,
}

/// A HWID in one of its cases; empty for none.
fn hwid() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just(String::new()),
        6 => (1_u8..5, any::<bool>()).prop_map(|(number, is_upper)| {
            if is_upper { format!("HW{number}") } else { format!("hw{number}") }
        }),
    ]
}

/// An address; 0 is one that every computer with Docker has.
fn mac(number: u8) -> MacAddress {
    let text = match number {
        0 => "02:42:ac:11:00:02".to_owned(),
        _ => format!("3c:52:82:00:0a:{number:02x}"),
    };
    MacAddress::parse(&text).expect("an address")
}

/// An address as lists write it.
fn in_notation(number: u8, notation: u8) -> String {
    let text = mac(number).to_string();
    match notation {
        0 => text,
        1 => text.to_uppercase().replace(':', "-"),
        _ => text.replace(':', ""),
    }
}

fn outcome() -> impl Strategy<Value = Option<Outcome>> {
    prop_oneof![
        Just(None),
        Just(Some(Outcome::Accepted)),
        Just(Some(Outcome::Gone)),
        Just(Some(Outcome::Failed(Failure::NotFound))),
        Just(Some(Outcome::Failed(Failure::Refused))),
        Just(Some(Outcome::InDoubt(Doubt::Interrupted))),
    ]
}

fn earlier() -> impl Strategy<Value = Earlier> {
    let macs = proptest::collection::vec(0_u8..5, 0..3);
    (
        hwid(),
        macs,
        any::<bool>(),
        outcome(),
        proptest::option::of(1_u8..30),
    )
        .prop_map(|(hwid, mut macs, is_sent_by_mac, outcome, slot)| {
            macs.sort_unstable();
            macs.dedup();
            if hwid.is_empty() && macs.is_empty() {
                macs.push(1);
            }
            Earlier {
                is_sent_by_mac: hwid.is_empty() || (is_sent_by_mac && !macs.is_empty()),
                hwid,
                macs,
                outcome,
                slot,
            }
        })
}

fn runs() -> impl Strategy<Value = Vec<EarlierRun>> {
    let devices = proptest::collection::vec(earlier(), 1..5);
    let run = (
        devices,
        0..RunState::ALL.len(),
        proptest::bool::weighted(0.8),
    );
    let run = run.prop_map(|(devices, state, is_confirmed)| EarlierRun {
        devices,
        state: RunState::ALL[state],
        is_confirmed,
    });
    proptest::collection::vec(run, 0..6)
}

/// The text of a list.
fn list() -> impl Strategy<Value = String> {
    let row = (hwid(), proptest::collection::vec((0_u8..5, 0_u8..3), 0..3));
    proptest::collection::vec(row, 1..6).prop_map(|rows| {
        let mut text = "hwid,mac\n".to_owned();
        for (hwid, macs) in rows {
            let macs: Vec<String> = macs
                .iter()
                .map(|&(mac, notation)| in_notation(mac, notation))
                .collect();
            text += &format!("{hwid},{}\n", macs.join(" "));
        }
        text
    })
}

/// What is searched for: parts of names and identifiers, of any kind.
fn find_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[hH][wW]?[0-9]?",
        "(lt-)?hw[1-4](\\.corp\\.example|\\.other|\\.)?",
        (0_u8..5, 0_u8..3).prop_map(|(number, notation)| in_notation(number, notation)),
        "[0-9a-f:]{0,4}",
        "[%_\\\\.é a-z]{0,3}",
    ]
}

/// A journal with these runs, written as no process would: in any state, whatever conflicts.
fn journal_of(runs: &[EarlierRun]) -> Fixture {
    let mut fixture = fixture();
    let database = &fixture.journal.connection;
    database
        .pragma_update(None, "synchronous", "OFF")
        .expect("set");
    for (number, run) in (1_u8..).zip(runs) {
        let mut stored = plan(number, &[]);
        stored.devices = run.devices.iter().map(planned).collect();
        admit(&mut fixture.journal, &stored);
        let database = &fixture.journal.connection;
        let confirmed_at = run.is_confirmed.then_some("2026-11-20T10:00:00Z");
        database
            .execute(
                "UPDATE runs SET state = ?2, confirmed_at = ?3 WHERE number = ?1",
                params![number, run.state.as_str(), confirmed_at],
            )
            .expect("stored");
        for (ordinal, device) in run.devices.iter().enumerate() {
            // First in doubt, as after a lost answer.
            database
                .execute(
                    "UPDATE run_devices SET outcome = 'in_doubt' WHERE run = ?1 AND ordinal = ?2",
                    params![number, ordinal],
                )
                .expect("stored");
            database
                .execute(
                    "UPDATE run_devices SET outcome = ?3, reason = ?4, call = ?5, decided_at = ?6
                     WHERE run = ?1 AND ordinal = ?2",
                    params![
                        number,
                        ordinal,
                        device.outcome.map(|outcome| outcome.class().as_str()),
                        device.outcome.map(Outcome::reason),
                        device.slot,
                        device
                            .outcome
                            .map(|_| format!("2026-11-2{}T10:00:00Z", number % 10)),
                    ],
                )
                .expect("stored");
            database
                .execute(
                    "INSERT OR IGNORE INTO calls (run, call, kind, origin, ordinals, body_hash, slot, intent_at)
                     SELECT ?1, ?2, 'hwid', 'fresh', '[]', '', ?2, '2026-11-20T10:00:00Z' WHERE ?2 IS NOT NULL",
                    params![number, device.slot],
                )
                .expect("stored");
        }
    }
    fixture
}

fn planned(device: &Earlier) -> PlannedDevice {
    let hwid = Hwid::parse(&device.hwid).ok();
    let macs: Vec<MacAddress> = device.macs.iter().map(|&number| mac(number)).collect();
    let sent = match (&hwid, macs.first()) {
        (_, Some(&mac)) if device.is_sent_by_mac => Identifier::Mac(mac),
        (Some(hwid), _) => Identifier::Hwid(hwid.clone()),
        _ => Identifier::Mac(mac(1)),
    };
    PlannedDevice {
        hwid,
        macs,
        hostname: match device.macs.len() {
            0 => format!("LT-{}.corp.example", device.hwid),
            1 => device.hwid.clone(),
            _ => "Ä_lt%hw1".to_owned(),
        },
        ..PlannedDevice::bare(sent)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn states_by_identifier_are_those_of_the_whole_history(runs in runs(), text in list()) {
        let fixture = journal_of(&runs);
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        let connection = &fixture.journal.connection;
        let account = known_account(connection, &target()).expect("read").unwrap_or_default();
        let whole = crate::journal::earlier::states_of_all(connection, account, &list).expect("read");
        let looked_up = crate::journal::earlier::states_by_identifier(connection, account, &list).expect("read");
        prop_assert_eq!(whole, looked_up);
    }

    #[test]
    fn conflicts_by_identifier_are_those_of_the_whole_history(
        runs in runs(),
        text in list(),
        own in proptest::option::of(1_u8..4),
        known_slot in proptest::option::of(0_i64..30),
    ) {
        let fixture = journal_of(&runs);
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        let connection = &fixture.journal.connection;
        let account = known_account(connection, &target()).expect("read").unwrap_or_default();
        let whole = conflicts::read_all(connection, account).expect("read");
        let of_list: Vec<_> = list.ids().map(|id| ListIdentifiers::of(list.device(id))).collect();
        let keys = of_list.iter().cloned().flat_map(ListIdentifiers::into_keys);
        let looked_up = conflicts::read_by_identifier(connection, account, keys).expect("read");
        let retried: Vec<RunId> = own.iter().map(|&run| RunId::from_bytes([run; 16])).collect();
        for list_time in [None, Some("2026-11-22T12:00:00Z".parse().expect("a time"))] {
            let basis = Basis {
                list_time,
                planned_at: "2026-11-23T10:00:00Z".parse().expect("a time"),
                known_slot,
                run: own.map(|run| RunId::from_bytes([run + 1; 16])),
                retried_runs: &retried,
                ..Basis::default()
            };
            for identifiers in &of_list {
                let candidate = identifiers.candidate();
                prop_assert_eq!(
                    whole.conflict(candidate, &basis),
                    looked_up.conflict(candidate, &basis)
                );
            }
        }
        // A run's own devices, as admission looks them up.
        for device in runs.iter().flat_map(|run| &run.devices).map(planned) {
            let candidate = Candidate::from(&device);
            let looked_up = conflicts::read_by_identifier(connection, account, candidate.keys()).expect("read");
            prop_assert_eq!(
                whole.conflict(candidate, &Basis::default()),
                looked_up.conflict(candidate, &Basis::default())
            );
        }
    }

    #[test]
    fn tallies_are_those_of_all_devices(runs in runs()) {
        let fixture = journal_of(&runs);
        let numbered = (1_i64..).zip(&runs).filter(|(_, run)| run.is_confirmed);
        let mut oldest_first = fixture.journal.runs().expect("read");
        oldest_first.reverse();
        for (record, (number, run)) in oldest_first.iter().zip(numbered) {
            let counted = fixture.journal.read_tally(
                "SELECT outcome, count(*) FROM run_devices WHERE run = ?1 AND outcome IS NOT NULL GROUP BY outcome",
                number,
                run.devices.len() as u64,
            );
            prop_assert_eq!(record.tally, counted.expect("read"));
        }
    }

    #[test]
    fn find_in_blocks_finds_what_comparing_each_device_does(
        runs in runs(),
        text in find_text(),
        limit in 0_usize..6,
    ) {
        let fixture = journal_of(&runs);
        prop_assert_eq!(
            fixture.journal.find_in_blocks(&text, limit).expect("read"),
            fixture.journal.find_in_all(&text, limit).expect("read")
        );
    }
}
