//! How a list's devices stand by earlier runs.

use super::*;
use crate::list::DeviceList;

/// How the list's entries stand, in its order.
fn stand(fixture: &Fixture, target: &Target, list: &str) -> Vec<Option<DeviceState>> {
    let list = DeviceList::read_bytes("l.csv", list.as_bytes()).expect("a list");
    let states = fixture.journal.earlier_states(target, &list).expect("read");
    list.ids().map(|id| states.get(&id).copied()).collect()
}

const NOT_FOUND: Option<DeviceState> = Some(DeviceState::Ended(Outcome::Failed(Failure::NotFound)));
const ACCEPTED: Option<DeviceState> = Some(DeviceState::Ended(Outcome::Accepted));
const NOT_SENT: Option<DeviceState> = Some(DeviceState::Ended(Outcome::NotSent));

#[test]
fn earlier_states_take_the_newest_run_of_each_device() {
    let mut fixture = fixture();
    let list = "hwid\nh1\nh2\nh3\nh4\n";
    assert_eq!(stand(&fixture, &target(), list), [None; 4]);
    let first = plan(1, &["h1", "h2", "h3"]);
    admit(&mut fixture.journal, &first);
    let held = fixture.journal.lock_run(&first.id).expect("the lock");
    let planned = Some(DeviceState::Planned);
    assert_eq!(
        stand(&fixture, &target(), list),
        [planned, planned, planned, None]
    );
    drop(held);
    one_call(
        &mut fixture.journal,
        &first.id,
        &[0, 1],
        &[Element::Deleted, Element::NotDeleted],
    );
    assert_eq!(
        stand(&fixture, &target(), list),
        [ACCEPTED, NOT_FOUND, NOT_SENT, None],
        "nobody has the run any more"
    );
    fixture
        .journal
        .close_run(&first.id, &Operator::default())
        .expect("closed");
    let second = plan(2, &["h2"]);
    admit(&mut fixture.journal, &second);
    one_call(&mut fixture.journal, &second.id, &[0], &[Element::Deleted]);
    assert_eq!(
        stand(&fixture, &target(), list),
        [ACCEPTED, ACCEPTED, NOT_SENT, None]
    );
    let elsewhere = another_account();
    assert_eq!(stand(&fixture, &elsewhere, list), [None; 4]);
}

#[test]
fn earlier_states_match_a_mac_only_if_a_side_has_no_hwid() {
    let mut fixture = fixture();
    let run = plan(1, &["h1"]);
    admit(&mut fixture.journal, &run);
    one_call(&mut fixture.journal, &run.id, &[0], &[Element::Deleted]);
    let list = "hwid,mac\nreimaged,00:0c:29:cd:c7:b2\n";
    assert_eq!(stand(&fixture, &target(), list), [None]);
    let list = "hwid,mac\n,00:0c:29:cd:c7:b2\n,00:0c:29:cd:c7:b3\n";
    assert_eq!(stand(&fixture, &target(), list), [ACCEPTED, None]);
}
