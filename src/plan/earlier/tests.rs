mod removals;

use super::*;
use crate::list::DeviceList;

const DOCK: &str = "00:0c:29:00:00:0d";
const MAC: &str = "00:0c:29:00:00:01";
/// Microsoft's loopback adapter.
const CONSTANT: &str = "02:00:4c:4f:4f:50";

fn run(number: u8) -> RunId {
    RunId::from_bytes([number; 16])
}

fn hwid(text: &str) -> Hwid {
    Hwid::parse(text).expect("a HWID")
}

fn mac(text: &str) -> MacAddress {
    MacAddress::parse(text).expect("a MAC")
}

fn identifier(text: &str) -> Identifier {
    match MacAddress::parse(text) {
        Ok(mac) => Identifier::Mac(mac),
        Err(_) => Identifier::Hwid(hwid(text)),
    }
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

/// A device that `run` sent by `sent`, decided at minute 100 by slot 10.
pub(crate) fn earlier(run: RunId, sent: &str, state: EarlierState) -> EarlierDevice {
    let device = PlannedDevice::bare(identifier(sent));
    EarlierDevice {
        run,
        action: Action::Remove,
        sent: device.identifier,
        hwid: device.hwid,
        macs: device.macs,
        state,
        decided_at: (state != EarlierState::Open).then(|| at(100)),
        slot: (state != EarlierState::Open).then_some(10),
    }
}

/// A device with a hardware ID and a MAC, sent by one of them.
fn device(sent: &str, hwid_text: &str, mac_text: &str) -> PlannedDevice {
    PlannedDevice {
        hwid: (!hwid_text.is_empty()).then(|| hwid(hwid_text)),
        macs: if mac_text.is_empty() {
            vec![]
        } else {
            vec![mac(mac_text)]
        },
        ..PlannedDevice::bare(identifier(sent))
    }
}

fn with_dock(mut device: PlannedDevice) -> PlannedDevice {
    device.macs.push(mac(DOCK));
    device
}

fn earlier_as(run: RunId, device: PlannedDevice, state: EarlierState) -> EarlierDevice {
    let sent = device.identifier.to_string();
    EarlierDevice {
        hwid: device.hwid,
        macs: device.macs,
        ..earlier(run, &sent, state)
    }
}

fn all(devices: impl IntoIterator<Item = EarlierDevice>) -> EarlierDevices {
    let mut all = EarlierDevices::default();
    for device in devices {
        all.insert(device);
    }
    all
}

#[test]
fn devices_of_earlier_runs_are_all_listed() {
    assert!(all([]).is_empty());
    let devices = [
        earlier(run(1), "h1", EarlierState::Open),
        earlier(run(2), MAC, EarlierState::Removed),
    ];
    let earlier = all(devices.clone());
    assert!(!earlier.is_empty());
    assert!(earlier.iter().eq(&devices));
}

#[test]
fn concerns_compares_every_identifier_of_both() {
    let cases = [
        (
            "the same HWID",
            device("h1", "h1", ""),
            device("h1", "h1", ""),
            true,
        ),
        (
            "HWIDs that differ in case",
            device("H1", "H1", ""),
            device("h1", "h1", ""),
            true,
        ),
        (
            "a reimaged machine",
            device("h1", "h1", MAC),
            device("h2", "h2", MAC),
            false,
        ),
        (
            "a MAC that was sent, under another HWID",
            device(MAC, "h1", MAC),
            device("h2", "h2", MAC),
            true,
        ),
        (
            "a MAC to be sent, under another HWID",
            device("h1", "h1", MAC),
            device(MAC, "h2", MAC),
            true,
        ),
        (
            "the same MAC, sent both times",
            device(MAC, "h1", MAC),
            device(MAC, "h2", MAC),
            true,
        ),
        (
            "a record without a HWID",
            device(DOCK, "", DOCK),
            device("h2", "h2", DOCK),
            true,
        ),
        (
            "a row without a HWID",
            device("h1", "h1", DOCK),
            device(DOCK, "", DOCK),
            true,
        ),
        (
            "a MAC of every VPN client",
            device("h1", "", CONSTANT),
            device("h2", "h2", CONSTANT),
            false,
        ),
        (
            "a MAC that neither is sent by, under another HWID",
            with_dock(device(MAC, "h1", MAC)),
            device("h2", "h2", DOCK),
            false,
        ),
        (
            "a MAC that neither is sent by, and no HWID",
            with_dock(device(MAC, "", MAC)),
            device("h2", "h2", DOCK),
            true,
        ),
        (
            "an address of every VPN client, sent both times",
            device(CONSTANT, "", CONSTANT),
            device(CONSTANT, "h2", CONSTANT),
            false,
        ),
        (
            "nothing in common",
            device("h1", "h1", MAC),
            device("h2", "h2", DOCK),
            false,
        ),
    ];
    for (name, one, other, expected) in cases {
        let earlier = all([earlier_as(run(1), one, EarlierState::Open)]);
        let conflict = earlier.conflict((&other).into(), &Basis::default());
        assert_eq!(conflict.is_some(), expected, "{name}");
    }
}

#[test]
fn entry_of_a_list_is_known_by_its_hwid_and_its_own_macs() {
    let text = format!(
        r#"[{{"hwid":"H1","network_info":[{{"mac_addr":"{MAC}"}},{{"mac_addr":"{CONSTANT}"}}]}}]"#
    );
    let list = DeviceList::read_bytes("list.json", text.as_bytes()).expect("a list");
    let id = list.ids().next().expect("a device");
    let identifiers = ListIdentifiers::of(list.device(id));
    let expected = [identifier("H1").normal_form(), identifier(MAC)];
    let candidate: Vec<_> = identifiers.candidate().keys().collect();
    assert_eq!(candidate, expected);
    assert_eq!(identifiers.into_keys().collect::<Vec<_>>(), expected);
}

#[test]
fn conflict_names_the_weightiest_reason_and_its_newest_run() {
    let in_slot = |slot, device| EarlierDevice {
        slot: Some(slot),
        ..device
    };
    let doubt = |number, slot| in_slot(slot, earlier(run(number), "h1", EarlierState::InDoubt));
    let removed = |number, slot| in_slot(slot, earlier(run(number), "h1", EarlierState::Removed));
    let open = |number| earlier(run(number), "h1", EarlierState::Open);
    let cases = [
        (
            vec![removed(1, 5), open(2), doubt(3, 9)],
            LeftOutReason::InRun(run(2)),
        ),
        (
            vec![removed(1, 5), doubt(3, 9)],
            LeftOutReason::InDoubt(run(3)),
        ),
        (
            vec![doubt(4, 8), doubt(3, 7)],
            LeftOutReason::InDoubt(run(4)),
        ),
        (
            vec![removed(2, 6), removed(1, 5)],
            LeftOutReason::RemovedEarlier(run(2), Action::Remove),
        ),
    ];
    for (devices, expected) in cases {
        let planned = device("h1", "h1", "");
        let conflict = all(devices).conflict((&planned).into(), &Basis::default());
        assert_eq!(conflict, Some(expected));
    }
    let by_mac = all([
        earlier(run(1), "h1", EarlierState::InDoubt),
        earlier(run(2), MAC, EarlierState::Open),
    ]);
    let planned = device("h1", "h1", MAC);
    assert_eq!(
        by_mac.conflict((&planned).into(), &Basis::default()),
        Some(LeftOutReason::InRun(run(2)))
    );
}

#[test]
fn conflict_excuses_what_the_retried_runs_have_in_doubt() {
    let earlier = all([
        earlier(run(1), "h1", EarlierState::InDoubt),
        earlier(run(2), "h1", EarlierState::InDoubt),
    ]);
    let planned = device("h1", "h1", "");
    let conflict = |retried: &[RunId]| {
        let basis = Basis {
            retried_runs: retried,
            ..Basis::default()
        };
        earlier.conflict((&planned).into(), &basis)
    };
    assert_eq!(conflict(&[run(1)]), Some(LeftOutReason::InDoubt(run(2))));
    assert_eq!(conflict(&[run(2), run(1)]), None);
}

#[test]
fn conflict_skips_the_run_itself() {
    let earlier = all([earlier(run(1), "h1", EarlierState::Open)]);
    let planned = device("h1", "h1", "");
    let own = Basis {
        run: Some(run(1)),
        ..Basis::default()
    };
    assert_eq!(earlier.conflict((&planned).into(), &own), None);
}

#[test]
fn doubt_ends_with_a_later_definite_answer_by_the_sent_identifier() {
    for state in [EarlierState::Removed, EarlierState::NotFound] {
        for (slot, freed) in [(11, true), (9, false)] {
            let later = EarlierDevice {
                slot: Some(slot),
                ..earlier(run(2), "H1", state)
            };
            let earlier = all([earlier(run(1), "h1", EarlierState::InDoubt), later]);
            let planned = device("h1", "h1", "");
            // The list is newer than both.
            let basis = Basis {
                list_time: Some(at(200)),
                planned_at: at(200),
                ..Basis::default()
            };
            let conflict = earlier.conflict((&planned).into(), &basis);
            assert_eq!(conflict.is_none(), freed, "{state:?} in slot {slot}");
        }
    }
    // An answer about the MAC says nothing of a call by the HWID.
    let by_mac = EarlierDevice {
        slot: Some(11),
        ..earlier_as(run(2), device(MAC, "h1", MAC), EarlierState::NotFound)
    };
    let earlier = all([earlier(run(1), "h1", EarlierState::InDoubt), by_mac]);
    let planned = device("h1", "h1", MAC);
    assert!(
        earlier
            .conflict((&planned).into(), &Basis::default())
            .is_some()
    );
}

#[test]
fn device_that_enrolled_again_is_another_record() {
    for state in [EarlierState::InDoubt, EarlierState::Removed] {
        for (minutes, free) in [(99, false), (159, false), (160, true)] {
            let planned = PlannedDevice {
                enrolled: Some(at(minutes)),
                ..device("h1", "h1", "")
            };
            let earlier = all([earlier(run(1), "h1", state)]);
            let conflict = earlier.conflict((&planned).into(), &Basis::default());
            assert_eq!(conflict.is_none(), free, "{state:?}, enrolled at {minutes}");
        }
    }
}
