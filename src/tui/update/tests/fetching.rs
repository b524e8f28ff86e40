//! The inventory is read anew, and takes the place of the list with all that was done on it.

use super::*;
use crate::fetch::{FetchError, InventoryChanges};
use crate::runner::{FetchNews, ReadingWait};
use crate::tui::dialogs::Dialog;
use crate::tui::error::FetchRefusal;
use crate::tui::fetch_progress::FetchWait;
use crate::tui::job::{Job, RunJob};
use crate::tui::opened_list::{Opened, Reloaded};
use crate::tui::request::Request;

/// Without h1, with h9 before the others, and h5 renamed.
pub(super) const ANEW: &str = "hwid,mac,hostname,os,status,group,last seen\n\
    h9,00:0c:29:00:00:09,NEW-9,Windows 11,compliant,Sales,2026-11-22T10:00:00Z\n\
    h5,00:0c:29:00:00:05,LT-5b,Windows 11,compliant,Lab,2026-06-01T10:00:00Z\n\
    h4,00:0c:29:00:00:04,SRV-4,Windows 10,compliant,Sales,2026-07-01T10:00:00Z\n\
    h2,00:0c:29:00:00:02,LT-2,Windows 10,pending,Finance,2026-08-01T10:00:00Z\n";

fn fetch_news(operator: &mut Operator, news: FetchNews) {
    let update = Update {
        run: None,
        news: News::Fetch(news),
    };
    operator.send(Message::Update(update, operator.now));
}

fn own_list() -> std::path::PathBuf {
    FetchDestination::default_for("/state".as_ref(), "production").path
}

/// The answer to `Job::Reload`.
pub(crate) fn read_anew(operator: &Operator, text: &str, path: &str) -> Answer {
    let list = DeviceList::read_bytes(path, text.as_bytes()).expect("a list");
    let changes = InventoryChanges::between(&operator.app.context.list.devices, &list);
    Answer::Reloaded(Ok(Box::new(Reloaded {
        changes,
        gone_by: None,
        opened: Opened {
            list: Arc::new(list),
            path: Some(path.into()),
            removed: HashMap::from([(DeviceId::from_index(0), archived())]),
            ..operator.opened()
        },
    })))
}

#[test]
fn step_back_by_its_name_never_ends_a_fetch() {
    let mut operator = operator();
    operator.press(":fetch\n\n");
    operator.press("/lt\n");
    operator.effects.clear();
    for _ in 0..3 {
        operator.send(Message::Request(Request::StepBack, operator.now));
    }
    assert!(
        operator.app.devices.query.is_empty(),
        "the filter is cleared"
    );
    assert!(!operator.effects.contains(&Effect::CancelFetch));
    operator.send(Message::Request(Request::CancelFetch, operator.now));
    assert!(operator.effects.contains(&Effect::CancelFetch));
}

#[test]
fn fetch_is_asked_for_by_name_and_begins_after_its_cost_was_shown() {
    let mut operator = operator();
    operator.press(":fetch\n");
    let Some(Dialog::Fetch(question)) = &operator.app.dialog else {
        panic!("no question")
    };
    assert_eq!((question.devices, question.calls), (5, 1));
    assert!(operator.effects.is_empty());
    operator.press("\u{1b}:fetch\n\n");
    let place = FetchDestination::default_for("/state".as_ref(), "production");
    assert_eq!(operator.effects, [Effect::Fetch(place)]);
    fetch_news(
        &mut operator,
        FetchNews::Waiting(ReadingWait {
            until: BootTime(2_000_000),
            next: "next call".to_owned(),
        }),
    );
    fetch_news(&mut operator, FetchNews::Read(50));
    let reading = operator
        .app
        .context
        .runs
        .fetch_progress
        .clone()
        .expect("reading");
    assert_eq!((reading.devices, reading.waiting), (50, None));
    fetch_news(&mut operator, FetchNews::Yielding);
    let reading = operator
        .app
        .context
        .runs
        .fetch_progress
        .clone()
        .expect("reading");
    assert_eq!(reading.waiting, Some(FetchWait::Run));
    // Again, and esc where nothing else is to be stepped back from, end it.
    operator.press(":fetch\n");
    operator.press("/lt\n\u{1b}");
    let cancels = |operator: &Operator| {
        let effects = operator.effects.iter();
        effects
            .filter(|effect| **effect == Effect::CancelFetch)
            .count()
    };
    assert_eq!(cancels(&operator), 2, "a load goes before the filter");
    assert!(!operator.app.devices.query.is_empty());
    fetch_news(
        &mut operator,
        FetchNews::Ended(Err(FetchError::Stopped(50))),
    );
    assert_eq!(operator.app.context.runs.fetch_progress, None);
    assert!(operator.status().contains("continues from there"));
}

#[test]
fn fetch_is_refused_with_words_where_nothing_can_be_read_but_not_when_read_only() {
    let mut operator = operator();
    operator.app.context.settings.read_only = true;
    operator.app.context.info.forbidden = Some("read-only".to_owned());
    operator.press(":fetch\n");
    assert!(matches!(operator.app.dialog, Some(Dialog::Fetch(_))));
    operator.press("\u{1b}");
    operator.app.context.settings.fetch = Err(FetchRefusal::NoCredential("no credential"));
    operator.press(":fetch\n");
    assert!(operator.app.dialog.is_none());
    assert_eq!(operator.status(), "nothing can be read: no credential");
}

#[test]
fn open_list_is_read_anew_and_everything_is_found_again_by_identity() {
    let mut operator = operator();
    operator.app.context.info.path = Some(own_list());
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.outcomes(1, &[(0, Outcome::Accepted)]);
    operator.outcomes(2, &[(2, Outcome::Failed(Failure::NotFound))]);
    operator.report(Report::Sending {
        call: 3,
        devices: vec![1],
    });
    // h2, h4 and h5 are marked still; now h1 as well, and the cursor is on h4.
    operator.press("g jjj");
    operator.press("k");
    let search_id = operator.app.devices.search_id;
    let asked = operator.app.context.next_request_id();
    let cursor = operator
        .app
        .current()
        .map(|id| operator.app.context.list.devices.name_of(id));
    let marked: Vec<String> = operator
        .app
        .context
        .list
        .marks
        .iter()
        .map(|id| operator.app.context.list.devices.name_of(id))
        .collect();
    assert_eq!(marked, ["LT-1 h1", "LT-2 h2", "SRV-4 h4", "LT-5 h5"]);
    fetch_news(&mut operator, FetchNews::Ended(Ok((4, own_list()))));
    assert!(
        operator
            .effects
            .contains(&Effect::Job(Job::Reload(own_list())))
    );
    let message = read_anew(&operator, ANEW, "/state/lists/production.jsonl");
    operator.send(message);

    assert_eq!(operator.marked(), [1, 2, 3]);
    assert_eq!(operator.shown(), [0, 1, 2, 3]);
    let app = &operator.app;
    assert_eq!(
        app.current()
            .map(|id| app.context.list.devices.device(id).hwid()),
        Some(cursor.as_deref().and_then(|name| name.split(' ').nth(1)))
    );
    let at = DeviceId::from_index;
    assert_eq!(
        app.context.runs.views[0].sources,
        [None, Some(at(3)), Some(at(2)), Some(at(1))]
    );
    assert_eq!(
        app.context.list.session_states.get(&at(3)),
        Some(&DeviceState::Sending)
    );
    assert_eq!(
        app.context.list.session_states.get(&at(2)),
        Some(&DeviceState::Ended(Outcome::Failed(Failure::NotFound)))
    );
    assert_eq!(
        app.context.list.session_states.get(&at(1)),
        Some(&DeviceState::Planned)
    );
    assert_eq!(
        app.context.list.session_states.get(&at(0)),
        None,
        "it is new"
    );
    assert_eq!(app.context.list.removed.get(&at(0)), Some(&archived()));
    assert!(app.devices.search_id > search_id);
    assert!(operator.app.context.next_request_id() > asked + 1);
    assert_eq!(
        operator.status(),
        "4 devices read: 1 new, 1 gone; 1 of them marked"
    );
    let Some(Dialog::VanishedMarks(vanished)) = &operator.app.dialog else {
        panic!("they are not listed")
    };
    assert_eq!(vanished.names, ["LT-1 h1"]);
    // What was carried over isn't undone into marks on other devices.
    operator.press("\nu");
    assert_eq!(operator.marked(), [1, 2, 3]);
    // The run goes on where its devices are now.
    operator.outcomes(3, &[(1, Outcome::Accepted)]);
    assert_eq!(operator.marked(), [1, 2]);
}

#[test]
fn rows_that_cannot_be_used_are_no_devices_that_were_read() {
    let mut operator = operator();
    let message = read_anew(
        &operator,
        "hwid,hostname\nh1,LT-1\n,b\n",
        "/lists/devices.csv",
    );
    operator.send(message);
    let status = operator.status();
    assert!(status.starts_with("1 device read: "), "{status}");
}

#[test]
fn filter_and_its_order_stay_and_an_older_search_counts_no_more() {
    let mut operator = operator();
    operator.press("/group:sales\nS");
    assert_eq!(operator.shown(), [3, 0]);
    let stale = Answer::Found {
        search_id: operator.app.devices.search_id,
        rows: vec![DeviceId::from_index(4)],
    };
    let message = read_anew(&operator, ANEW, "/lists/devices.csv");
    operator.send(message);
    assert_eq!(operator.shown(), [2, 0]);
    operator.send(stale);
    assert_eq!(operator.shown(), [2, 0]);
    assert_eq!(
        operator.status(),
        "4 devices read: 1 new, 1 gone",
        "the nameless one can't be distinguished"
    );
}

#[test]
fn no_list_changes_under_a_dialog() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    let message = read_anew(&operator, ANEW, "/lists/devices.csv");
    operator.send(message);
    assert_eq!(
        operator.app.context.list.devices.len(),
        5,
        "the plan's list stays"
    );
    assert_eq!(operator.confirm().plan.devices.len(), 4);
    operator.press("\u{1b}");
    assert_eq!(operator.app.context.list.devices.len(), 4);
    assert_eq!(operator.marked(), [1, 2, 3]);
}

#[test]
fn another_list_is_opened_only_when_asked() {
    let mut operator = operator();
    operator.press("?");
    fetch_news(&mut operator, FetchNews::Ended(Ok((4, own_list()))));
    assert!(
        matches!(operator.app.dialog, Some(Dialog::Help(_))),
        "it waits"
    );
    operator.press("\u{1b}");
    assert!(matches!(operator.app.dialog, Some(Dialog::OpenFetched(_))));
    operator.press("\u{1b}");
    assert_eq!(
        operator.effects,
        [Effect::Runs(RunJob::VerifyFetched(own_list(), Vec::new()))]
    );
    operator.effects.clear();
    fetch_news(&mut operator, FetchNews::Ended(Ok((4, own_list()))));
    operator.press("\n");
    assert_eq!(
        operator.effects.last(),
        Some(&Effect::Job(Job::Reload(own_list())))
    );
}

#[test]
fn list_is_read_again_from_its_file() {
    let mut operator = operator();
    operator.press(":reload\n");
    let path = std::path::PathBuf::from("/lists/devices.csv");
    assert_eq!(operator.effects, [Effect::Job(Job::Reload(path))]);
    operator.send(Answer::Reloaded(Err(anyhow::anyhow!("it is gone").into())));
    assert!(operator.status().contains("it is gone"));
    operator.app.context.info.path = None;
    operator.press(":reload\n");
    assert!(operator.status().contains("can't be read again"));
    assert_eq!(operator.effects.len(), 1);
}

#[test]
fn leaving_says_that_reading_stops() {
    let mut operator = operator();
    operator.press(":fetch\n\n");
    operator.press("q");
    assert!(matches!(operator.app.dialog, Some(Dialog::Quit(_))));
}

/// Whether the list's file has changed is asked of the list that the plan is of.
#[test]
fn plan_that_is_started_is_still_of_the_list_that_is_open() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    let message = read_anew(&operator, ANEW, "/lists/devices.csv");
    operator.send(message);
    operator.press("4");
    operator.now.boot = operator.now.boot + Duration::from_millis(100);
    let key = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
    let effects = operator.app.update(Message::Key(key, operator.now));
    assert!(matches!(effects[..], [Effect::Start(_), ..]), "{effects:?}");
    assert_eq!(
        operator.app.context.list.devices.len(),
        5,
        "the new one comes after it"
    );
    operator.send(Message::Tick(operator.now));
    assert_eq!(operator.app.context.list.devices.len(), 4);
}

#[test]
fn device_removed_while_a_list_was_read_is_not_marked_by_many_at_once() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    // What was read doesn't know of it yet.
    let message = read_anew(&operator, ANEW, "/lists/devices.csv");
    operator.outcomes(1, &[(1, Outcome::Accepted)]);
    operator.send(message);
    operator.press("U");
    operator.press("a");
    let h2 = DeviceId::from_index(3);
    assert!(operator.app.context.list.removed.contains_key(&h2));
    assert!(!operator.app.context.list.marks.contains(h2));
}
