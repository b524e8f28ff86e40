//! A plan that is confirmed an hour after it was made is rechecked before it is sent.

use super::*;
use crate::engine::retry_policy::ReadFailure;
use crate::fetch::FetchError;
use crate::plan::{ConfirmedPlan, Dropped, LeftOutReason, Recheck};
use crate::runner::FetchNews;
use crate::tui::dialogs::{DeleteDialog, Dialog};
use crate::tui::job::{Job, RunJob};
use crate::tui::rechecking::needs_unchanged_list;
use crate::tui::verification::FetchVerification;

/// The count of a plan of four devices is typed this long after it was made.
fn confirmed_after(minutes: i64) -> Operator {
    let mut operator = operator();
    operator.press("adr");
    operator.now.wall += jiff::SignedDuration::from_mins(minutes);
    operator.wait(600);
    operator.press("4\n");
    operator
}

/// The plan that is to be rechecked, and whether the inventory was just fetched.
fn asked(operator: &Operator) -> Option<(ConfirmedPlan, bool)> {
    match operator.effects.last() {
        Some(Effect::Job(Job::Recheck { plan, fetched })) => Some(((**plan).clone(), *fetched)),
        _ => None,
    }
}

fn found(plan: &ConfirmedPlan, dropped: &[u32]) -> Box<Recheck> {
    let plan = plan.plan();
    let dropped = dropped.iter().map(|&ordinal| Dropped {
        ordinal,
        device: plan.devices[ordinal as usize].clone(),
        reason: LeftOutReason::Missing,
    });
    Box::new(Recheck {
        at: wall(),
        list_name: "production.jsonl".to_owned(),
        list_hash: String::new(),
        list_time: None,
        planned_devices: plan.devices.len() as u64,
        planned_hash: plan.hash(),
        dropped: dropped.collect(),
    })
}

fn answer(operator: &mut Operator, plan: &ConfirmedPlan, dropped: Option<&[u32]>) {
    let found = dropped.map(|dropped| found(plan, dropped));
    operator.send(Answer::Rechecked {
        plan: Box::new(plan.clone()),
        found: Ok(found),
    });
}

fn ended(operator: &mut Operator, ended: Result<(u64, std::path::PathBuf), FetchError>) {
    let update = Update {
        run: None,
        news: News::Fetch(FetchNews::Ended(ended)),
    };
    operator.send(Message::Update(update, operator.now));
}

#[test]
fn old_plan_is_rechecked_and_what_is_dropped_is_told_and_not_sent() {
    assert!(confirmed_after(59).started().is_some(), "it isn't old");
    let mut operator = confirmed_after(61);
    assert!(operator.started().is_none());
    let (plan, fetched) = asked(&operator).expect("a recheck");
    assert!(!fetched);
    // The inventory is too old: it is fetched, and nothing is asked about it.
    answer(&mut operator, &plan, None);
    let Some(Effect::Fetch(place)) = operator.effects.last().cloned() else {
        panic!("no fetch: {:?}", operator.effects.last())
    };
    ended(&mut operator, Ok((5, place.path.clone())));
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Runs(RunJob::VerifyFetched(place.path, Vec::new()))),
        "as after every other fetch"
    );
    let verified = FetchVerification {
        summary: None,
        runs: Vec::new(),
    };
    operator.send(Answer::FetchVerified(Ok(verified)));
    let (plan, fetched) = asked(&operator).expect("a recheck, by what was verified");
    assert!(fetched);
    answer(&mut operator, &plan, Some(&[1]));
    let sent = operator.started().expect("started").clone();
    let planned = &plan.plan().devices;
    let left = [&planned[0], &planned[2], &planned[3]].map(Clone::clone);
    assert_eq!(sent.devices, left);
    assert!(operator.app.dialog.is_none(), "{:?}", operator.app.dialog);
    let status = operator.app.context.status.clone().expect("a message");
    assert!(
        status.contains("1 of 4 devices dropped: 1 missing"),
        "{status}"
    );
    let messages: Vec<&String> = operator
        .app
        .context
        .messages
        .iter()
        .map(|(_, line)| line)
        .collect();
    let line = format!("({}): missing", planned[1].identifier);
    assert!(
        messages.iter().any(|message| message.contains(&line)),
        "{messages:?}"
    );
}

#[test]
fn rechecked_plan_needs_its_list_unchanged_unless_the_fetch_wrote_that_file() {
    let mut operator = confirmed_after(61);
    let (plan, _) = asked(&operator).expect("a recheck");
    let whole = found(&plan, &[]);
    let rechecked = plan.clone().rechecked(*whole).expect("four devices");
    let directory = tempfile::tempdir().expect("a directory");
    let open = |operator: &mut Operator, name: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, "").expect("written");
        operator.app.context.info.path = path.canonicalize().ok();
    };
    open(&mut operator, "inventory.jsonl");
    let fetched = directory.path().join("inventory.jsonl");
    let place = FetchDestination::default_for("/state".as_ref(), "production");
    operator.app.context.settings.fetch = Ok(place.at(fetched));
    let context = |operator: &Operator, plan: &ConfirmedPlan| {
        needs_unchanged_list(plan, &operator.app.context)
    };
    assert!(!context(&operator, &rechecked));
    assert!(context(&operator, &plan), "it wasn't rechecked");
    open(&mut operator, "ticket.csv");
    assert!(context(&operator, &rechecked), "another list is open");
}

#[test]
fn recheck_that_is_left_or_drops_everything_or_fails_sends_nothing() {
    let mut operator = confirmed_after(61);
    let (plan, _) = asked(&operator).expect("a recheck");
    answer(&mut operator, &plan, None);
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
    assert_eq!(operator.effects.last(), Some(&Effect::CancelFetch));
    ended(&mut operator, Err(FetchError::Stopped(0)));
    answer(&mut operator, &plan, Some(&[]));
    assert!(operator.started().is_none(), "the operator went back");

    let refusal = |operator: &Operator| match &operator.app.dialog {
        Some(Dialog::Delete(dialog)) => match &**dialog {
            DeleteDialog::Refused(reason) => reason.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let mut operator = confirmed_after(61);
    let (plan, _) = asked(&operator).expect("a recheck");
    answer(&mut operator, &plan, Some(&[0, 1, 2, 3]));
    let reason = refusal(&operator);
    assert!(reason.contains("none is left"), "{reason}");
    assert!(operator.started().is_none());

    let mut operator = confirmed_after(61);
    let (plan, _) = asked(&operator).expect("a recheck");
    answer(&mut operator, &plan, None);
    ended(
        &mut operator,
        Err(FetchError::Credential(ReadFailure::NoCredential(
            "no\u{202e} token".to_owned(),
        ))),
    );
    let reason = refusal(&operator);
    assert!(
        reason.contains("can't be read: no\\u{202e} token"),
        "{reason}"
    );
    assert!(operator.started().is_none());
    assert_eq!(operator.marked().len(), 4, "the marks stay");
}

#[test]
fn filter_is_the_query_of_a_plan_only_if_it_shows_all_marked_devices() {
    use crate::plan::Criterion;
    let criterion = |keys: &str| {
        let mut operator = operator();
        operator.press(keys);
        operator.confirm().plan.origin.criterion.clone()
    };
    assert_eq!(
        criterion("/sales\nadr"),
        Criterion::Query("sales".to_owned())
    );
    assert_eq!(criterion("a/sales\ndr"), Criterion::None, "two are hidden");
    assert_eq!(criterion("adr"), Criterion::None);
    assert_eq!(criterion("a/is:marked\ndr"), Criterion::None);
}

#[test]
fn plan_over_max_per_day_is_refused_and_what_is_left_of_the_day_is_shown() {
    use crate::domain::target::DayUse;
    let planned_with = |sent: u64| {
        let mut operator = operator();
        operator.plans_late = true;
        operator.press("adr");
        let late = std::mem::take(&mut operator.late);
        let [mut planned] = late.try_into().expect("a plan was asked for");
        if let Answer::Planned {
            planned: Ok(planned),
            ..
        } = &mut planned
        {
            planned.day = Some(DayUse { sent, most: 2000 });
        }
        operator.send(planned);
        operator
    };
    let operator = planned_with(1997);
    let Some(Dialog::Delete(dialog)) = &operator.app.dialog else {
        panic!("no dialog")
    };
    let DeleteDialog::Refused(reason) = &**dialog else {
        panic!("{dialog:?}")
    };
    assert!(
        reason.contains("max_per_day = 2,000") && reason.contains("raise limits.max_per_day"),
        "{reason}"
    );
    let operator = planned_with(1990);
    let shown = operator.screen();
    assert!(shown.contains("6 left after this plan"), "{shown}");
}
