//! Explanations agree with plans and protection.

use proptest::prelude::*;

use super::*;
use crate::domain::action::Action;
use crate::domain::run::RunId;
use crate::plan::tests::request;
use crate::plan::{EarlierDevices, EarlierState};

const LIST: &str = "hwid,mac,hostname,type,last seen\n\
    h1,00:0c:29:00:00:01,LT-1,laptop,2026-11-01T10:00:00Z\n\
    h2,00:0c:29:00:00:01,lt-1,server,2026-08-01T10:00:00Z\n\
    ,00:0c:29:00:00:03,LT-3,laptop,2026-08-02T10:00:00Z\n\
    h4,,LT-4,,2026-08-02T10:00:00Z\n\
    ,,LT-5,laptop,2026-08-02T10:00:00Z\n";

fn list() -> DeviceList {
    DeviceList::read_bytes("test.csv", LIST.as_bytes()).expect("a list")
}

fn rules(rules: &[&str]) -> Rules {
    let rules = rules.iter().map(|rule| Query::parse(rule).expect("a rule"));
    Rules::new(rules.collect())
}

/// Explains every device of the list, and plans all that the query selects.
fn explained(
    query: Option<&str>,
    rules: &Rules,
    earlier: &EarlierDevices,
) -> (Vec<Explanation>, Plan) {
    let list = list();
    let query = query.map(|query| Query::parse(query).expect("a query"));
    let selection: Vec<DeviceId> = match &query {
        Some(query) => Matcher::new(query, &list, &NoStatus)
            .expect("a matcher")
            .select(),
        None => list.ids().collect(),
    };
    let request = PlanRequest {
        rules,
        protection: &rules.apply(&list).expect("rules that apply"),
        earlier,
        now: "2026-11-02T10:00:00Z".parse().expect("a time"),
        ..request(&list, &selection)
    };
    let explain = |id| explain(id, query.as_ref(), &NoStatus, &request).expect("explained");
    (list.ids().map(explain).collect(), build(&request))
}

fn removed(hwid: &str) -> EarlierDevices {
    let sent: Identifier = Identifier::Hwid(hwid.parse().expect("a HWID"));
    let mut earlier = EarlierDevices::default();
    earlier.insert(EarlierDevice {
        run: RunId::from_bytes([3; 16]),
        action: Action::Archive,
        hwid: Some(hwid.parse().expect("a HWID")),
        sent,
        macs: Vec::new(),
        state: EarlierState::Removed,
        decided_at: "2026-11-02T09:00:00Z".parse().ok(),
        slot: Some(1),
    });
    earlier
}

#[test]
fn explain_says_why_a_device_is_protected() {
    let (explained, _) = explained(None, &rules(&["type:server"]), &EarlierDevices::default());
    let verdicts = explained.iter().map(|one| &one.rules[0].verdict);
    assert_eq!(
        verdicts.collect::<Vec<_>>(),
        [
            &RuleVerdict::No,
            &RuleVerdict::Matches,
            &RuleVerdict::No,
            &RuleVerdict::Uncertain("type unknown".to_owned()),
            &RuleVerdict::No,
        ]
    );
    assert_eq!(
        explained[0].protected.as_deref(),
        Some("shares a MAC address with a protected device")
    );
    assert_eq!(explained[2].protected, None);
}

#[test]
fn explain_names_identifier_twins_problem_and_earlier_runs() {
    let (explained, _) = explained(Some("unseen>30d"), &rules(&[]), &removed("h4"));
    let second = DeviceId::from_index(1);
    let twin = |field| Twin {
        field,
        device: second,
    };
    assert_eq!(
        explained[0].twins,
        [twin(Field::Hostname), twin(Field::Mac)]
    );
    assert_eq!(explained[0].fate, Fate::NotSelected);
    assert_eq!(explained[0].plan.warnings.len(), 1, "recent");
    assert!(matches!(&explained[1].fate, Fate::Planned(id) if id.to_string() == "h2"));
    let mac = &explained[2];
    assert!(matches!(&mac.identifier, Ok(Identifier::Mac(_))));
    assert!(
        mac.identifier_reason
            .is_some_and(|reason| reason.contains("no hardware ID"))
    );
    assert_eq!(explained[3].earlier.len(), 1);
    assert!(matches!(
        explained[3].fate,
        Fate::LeftOut(LeftOutReason::RemovedEarlier(..))
    ));
    assert!(explained[4].problem.is_some() && explained[4].identifier.is_err());
    assert!(matches!(
        explained[4].fate,
        Fate::LeftOut(LeftOutReason::Unusable(_))
    ));
}

#[test]
fn find_takes_hwids_macs_and_host_names() {
    let list = list();
    let find = |name| -> Vec<usize> { find(&list, name).iter().map(|id| id.index()).collect() };
    assert_eq!(find("h2"), [1]);
    assert_eq!(find("H2"), [1]);
    assert_eq!(find("000c.2900.0003"), [2]);
    assert_eq!(find("00-0C-29-00-00-01"), [0, 1]);
    assert_eq!(find("Lt-1"), [0, 1]);
    assert_eq!(find("LT-5"), [4]);
    for nothing in ["LT", "nothing", "", "a \"b\" *"] {
        assert_eq!(find(nothing), [0_usize; 0], "{nothing}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// What is explained of each device is what the plan of all of them does with it.
    #[test]
    fn explanations_agree_with_the_plan(
        query in prop::sample::select(vec![None, Some("unseen>30d"), Some("lt-1 or type:none"), Some("-type:laptop")]),
        chosen in prop::sample::subsequence(vec!["type:server", "-type:laptop", "hostname:/^lt-3$/", "seen<2026-08-02"], 0..4),
        removed in prop::sample::select(vec!["h1", "h4", "x"]),
    ) {
        let rules = rules(&chosen);
        let earlier = self::removed(removed);
        let (explained, plan) = explained(query, &rules, &earlier);
        let list = list();
        for one in &explained {
            let device = list.device(one.device);
            let is_planned = plan.sources.contains(&Some(one.device));
            let left_out = plan.left_out.iter().find(|row| row.line == device.line());
            match &one.fate {
                Fate::Planned(_) => prop_assert!(is_planned),
                Fate::LeftOut(reason) => prop_assert_eq!(Some(reason), left_out.map(|row| &row.reason)),
                Fate::NotSelected => prop_assert!(!is_planned && left_out.is_none()),
            }
            let by_rule = one.rules.iter().any(|rule| rule.verdict != RuleVerdict::No);
            let by_twin = one.protected.as_deref().is_some_and(|reason| reason.starts_with("shares"));
            prop_assert_eq!(one.protected.is_some(), by_rule || by_twin);
        }
    }
}
