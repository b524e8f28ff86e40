use super::*;

fn all() -> Vec<Outcome> {
    let mut all = vec![Outcome::Accepted, Outcome::Gone, Outcome::NotSent];
    all.extend(Failure::ALL.map(Outcome::Failed));
    all.extend(Doubt::ALL.map(Outcome::InDoubt));
    all
}

#[test]
fn words_rebuild_every_outcome() {
    for outcome in all() {
        let rebuilt = Outcome::from_parts(outcome.class().as_str(), outcome.reason());
        assert_eq!(rebuilt, Some(outcome));
    }
    assert_eq!(Outcome::from_parts("failed", "something new"), None);
}

#[test]
fn outcome_in_doubt_or_not_sent_is_not_definite() {
    for outcome in all() {
        let open = matches!(
            outcome.class(),
            OutcomeClass::InDoubt | OutcomeClass::NotSent
        );
        assert_eq!(outcome.is_definite(), !open, "{outcome}");
    }
}

#[test]
fn every_doubt_says_that_it_may_have_been_applied() {
    for doubt in Doubt::ALL {
        let meaning = Outcome::InDoubt(doubt).meaning(IdentifierKind::Hwid, Action::Remove);
        assert!(
            meaning.contains("may have been applied") || meaning.contains("was applied"),
            "{meaning}"
        );
    }
}

#[test]
fn tally_follows_changes_and_keeps_its_total() {
    let states = [
        DeviceState::Planned,
        DeviceState::Sending,
        DeviceState::Ended(Outcome::Accepted),
    ];
    let mut tally = Tally::of(states);
    assert_eq!((tally.left, tally.accepted, tally.total()), (2, 1, 3));
    tally.change(
        DeviceState::Sending,
        DeviceState::Ended(Outcome::InDoubt(Doubt::NoAnswer)),
    );
    assert_eq!((tally.left, tally.in_doubt, tally.total()), (1, 1, 3));
}
