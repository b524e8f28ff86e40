use std::time::Duration;

use super::*;
use crate::import::MatchRule;
use crate::plan::tests::sample;
use crate::plan::{Criterion, LeftOutKind, MatchedFrom, Share, SizeOf, Warning};

fn now() -> Timestamp {
    "2026-11-04T10:00:00Z".parse().expect("a time")
}

fn written(plan: &Plan) -> String {
    let mut bytes = Vec::new();
    let file = plan.clone().into_file(vec![], vec![], Planner::default());
    file.and_then(|file| file.write(&mut bytes).map_err(serde_json::Error::io))
        .expect("written");
    String::from_utf8(bytes).expect("UTF-8")
}

fn read(text: &str, now: Timestamp) -> Result<Plan, PlanFileError> {
    PlanFile::read(text.as_bytes(), now, sample().sizes).map(|file| file.plan)
}

#[test]
fn plan_file_round_trips() {
    let plan = sample();
    let read = read(&written(&plan), now()).expect("the same");
    for kind in [LeftOutKind::Unusable, LeftOutKind::Protected] {
        assert_eq!(read.left_out_as(kind), plan.left_out_as(kind));
        assert!(plan.left_out_as(kind) > 0, "{:?}", plan.left_out);
    }
    let expected = Plan {
        sources: vec![None; plan.devices.len()],
        left_out: read.left_out.clone(),
        ..plan.clone()
    };
    assert_eq!(read, expected);
    let reasons = |plan: &Plan| -> Vec<String> {
        plan.left_out
            .iter()
            .map(|row| row.reason.to_string())
            .collect()
    };
    assert_eq!(reasons(&read), reasons(&plan));
}

#[test]
fn plan_file_refuses_any_change() {
    let text = written(&sample());
    let read = |text: &str| {
        read(text, now())
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    for (from, to, said) in [
        ("\"remove\"", "\"archive\"", "hash"),
        (
            "\"identifier\": \"h3\"",
            "\"identifier\": \"h4\"",
            "'h4' is not a valid identifier",
        ),
        // What another run would know the device by.
        (
            "\"hwid\": \"h3\"",
            "\"hwid\": null",
            "'h3' is not a valid identifier",
        ),
        (
            "\"macs\": [\n        \"00:0c:29:00:00:02\"\n      ]",
            "\"macs\": []",
            "'00:0c:29:00:00:02' is not a valid identifier",
        ),
        // What isn't sent, and what was looked at all the same.
        (
            "\"name\": \"old-list\"",
            "\"name\": \"gone\"",
            "not a plan file",
        ),
        ("\"hostname\": \"LT-1\"", "\"hostname\": \"LT-9\"", "digest"),
        ("\"rules_hash\": \"", "\"rules_hash\": \"0", "digest"),
        ("\"time\": \"2026-11-01", "\"time\": \"2026-11-04", "digest"),
        ("\"repeated\": 1", "\"repeated\": 0", "digest"),
        ("\"count\": 3", "\"count\": 2", "contains 3"),
        ("\"offboard_plan\": 6", "\"offboard_plan\": 7", "version 7"),
        (
            "\"kind\": \"mac\"",
            "\"kind\": \"serial\"",
            "'serial' is not a valid kind",
        ),
        ("{", "[", "not a plan file"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let error = read(&changed).expect_err(from);
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn file_of_an_earlier_version_does_not_say_which_query_selected_its_devices() {
    for (version, criterion) in [(5, Criterion::Unknown), (6, Criterion::None)] {
        let text = written(&sample()).replacen(
            "\"offboard_plan\": 6",
            &format!("\"offboard_plan\": {version}"),
            1,
        );
        let file = File::read(text.as_bytes()).expect("a file");
        let plan = file.into_plan(now(), sample().sizes).expect("a plan");
        assert_eq!(plan.origin.criterion, criterion, "{version}");
    }
}

#[test]
fn matched_from_round_trips_and_is_optional() {
    let before = written(&sample());
    assert!(!before.contains("matched_"), "as earlier versions wrote it");
    let mut plan = sample();
    let hash = plan.hash();
    let from = MatchedFrom {
        name: "leavers.csv".to_owned(),
        hash: "00ff".to_owned(),
    };
    plan.note_matches(from, |id| (id.index() == 1).then_some(MatchRule::Serial));
    plan.warnings.extend([
        Warning::Most {
            devices: 3,
            of: 20,
            share: Share::new(0.1).expect("a share"),
        },
        Warning::New {
            devices: 2,
            within: Duration::from_hours(24),
        },
        Warning::Shrunk {
            devices: 3,
            expected: 20,
            of: SizeOf::LastPlanned,
            share: Share::FOUR_FIFTHS,
        },
        Warning::Last {
            users: 1,
            hostnames: 0,
            example: "ann".to_owned(),
        },
    ]);
    plan.warnings.push(Warning::NotInInventory {
        devices: 2,
        age: Some(Duration::from_secs(7200)),
    });
    plan.warnings.push(Warning::RuleMatchesNone {
        rules: vec!["type:srever".to_owned()],
        guessed: Some("windows-1252".to_owned()),
    });
    assert_eq!(plan.hash(), hash);
    let text = written(&plan);
    let read_back = read(&text, now()).expect("the same");
    assert_eq!(read_back.devices, plan.devices);
    let rules = plan.devices.iter().filter_map(|device| device.matched_by);
    assert_eq!(rules.collect::<Vec<_>>(), [MatchRule::Serial]);
    assert_eq!(read_back.origin, plan.origin);
    for warning in plan.warnings.iter().rev().take(2) {
        assert!(read_back.warnings.contains(warning));
    }
    let changed = text.replacen("\"serial\"", "\"hostname\"", 1);
    assert!(matches!(read(&changed, now()), Err(PlanFileError::Digest)));
    let unknown = text.replacen("\"serial\"", "\"asset\"", 1);
    assert!(matches!(
        read(&unknown, now()),
        Err(PlanFileError::Value(_))
    ));
}

#[test]
fn old_list_warning_appears_while_the_plan_waits() {
    let plan = sample();
    let later = now() + jiff::SignedDuration::from_hours(24 * 10);
    let read = read(&written(&plan), later).expect("a plan");
    let ages: Vec<u64> = read
        .warnings
        .iter()
        .filter_map(|warning| match warning {
            Warning::OldList { age } => Some(age.as_secs() / 86_400),
            _ => None,
        })
        .collect();
    assert_eq!(ages, [13]);
}

#[test]
fn plan_file_is_sent_if_the_journal_remembers_it_or_an_approver_signed_it() {
    let text = written(&sample());
    let file = PlanFile::read(text.as_bytes(), now(), sample().sizes).expect("read");
    let digest = Some(file.digest());
    for approvals in [0, 1] {
        let origin = file.check_origin(digest, approvals);
        assert_eq!(origin, Ok(Provenance::ThisJournal));
    }
    for (remembered, refused) in [
        (None, UnknownProvenance::NotWritten),
        (Some("another"), UnknownProvenance::Changed),
    ] {
        assert_eq!(file.check_origin(remembered, 0), Err(refused));
        let origin = file.check_origin(remembered, 1);
        assert_eq!(origin, Ok(Provenance::Approved));
    }
}

#[test]
fn message_that_an_approver_signs_is_the_digest_of_the_very_file() {
    let read = |plan: &Plan| {
        let text = written(plan);
        PlanFile::read(text.as_bytes(), now(), plan.sizes).expect("read")
    };
    let file = read(&sample());
    let expected = format!("{}\n", file.digest());
    assert_eq!(file.message(), expected.into_bytes());
    let mut noted = sample();
    noted.origin.note = Some("another note".to_owned());
    assert_ne!(read(&noted).message(), file.message());
}

#[test]
fn planner_is_an_approver_by_key_or_by_either_form_of_the_name() {
    let planner = |user: &str, key: &str| Planner {
        users: vec![user.to_owned()],
        keys: vec![key.to_owned()],
    };
    assert!(planner("Ada", "k1").is("ada@example.com", "k2"));
    assert!(planner("ada@example.com", "k1").is("ADA@example.com", "k2"));
    assert!(planner("bob", "k1").is("ada@example.com", "k1"));
    assert!(planner("ada", "k1").is("EXAMPLE\\Ada", "k2"));
    assert!(planner("EXAMPLE\\ada", "k1").is("EXAMPLE\\ada", "k2"));
    assert!(!planner("bob", "k1").is("ada@example.com", "k2"));
    assert!(!planner("ad", "k1").is("ada", "k2"));
}
