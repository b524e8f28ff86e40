//! What a stranger sees: each view at both sizes, as text.

use crate::tui::dialogs::{Dialog, Notices};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::config;
use crate::domain::outcome::{Doubt, Failure, Outcome};
use crate::domain::rate_limit::{BudgetStatus, WaitReason};
use crate::domain::run::{PauseReason, RunState};
use crate::engine::lookup_verdict::{Finding, Presence, Seen};
use crate::engine::{Notice, Report, Waiting};
use crate::fetch::FetchDestination;
use crate::journal::FoundDevices;
use crate::list::DeviceId;
use crate::plan::{LeftOut, LeftOutReason};
use crate::platform::clock::BootTime;
use crate::platform::file::WriteError;
use crate::query::Query;
use crate::runner::{FetchNews, LookupNews, News};
use crate::simulator::{Fleet, Shape};
use crate::tui::app::App;
use crate::tui::message::Message;
use crate::tui::render::render;
use crate::tui::update::tests::fetching::read_anew;
use crate::tui::update::tests::reviewing::{found, stopped_run};
use crate::tui::update::tests::{Operator, operator_on};
use crate::tui::widgets::theme::Theme;

mod importing;

const SIZES: [(u16, u16); 2] = [(120, 40), (80, 24)];

fn shown(app: &App) -> String {
    let mut terminal = Terminal::new(TestBackend::new(app.context.size.0, app.context.size.1))
        .expect("a terminal");
    terminal.draw(|frame| render(frame, app)).expect("drawn");
    terminal.backend().to_string()
}

/// An operator on a list as it is in the field.
fn operator(size: (u16, u16)) -> Operator {
    let now = "2026-11-20T10:00:00Z".parse().expect("a time");
    operator_on(&Fleet::generate(1, 120, now).list(Shape::V2), size)
}

fn snapshot(name: &str, prepare: impl Fn(&mut Operator)) {
    for size in SIZES {
        let mut operator = operator(size);
        prepare(&mut operator);
        insta::assert_snapshot!(
            format!("{name}_{}x{}", size.0, size.1),
            shown(&operator.app)
        );
    }
}

/// A run of what the filter `sales` shows, with a result of each kind.
fn run(operator: &mut Operator) {
    operator.press("/sales\nadr");
    operator.wait(600);
    let count = operator.app.context.list.marks.len().to_string();
    operator.press(&format!("{count}\n"));
    operator.state(RunState::Running, None);
    operator.outcomes(
        1,
        &[
            (0, Outcome::Accepted),
            (1, Outcome::Failed(Failure::NotFound)),
            (2, Outcome::InDoubt(Doubt::NoAnswer)),
            (3, Outcome::Accepted),
            (4, Outcome::Failed(Failure::NotFound)),
        ],
    );
    operator.report(Report::Sending {
        call: 2,
        devices: vec![5, 6, 7],
    });
}

fn waiting(operator: &mut Operator) {
    run(operator);
    let until = operator.app.context.now.boot + Duration::from_secs(12);
    operator.news(News::Budget(BudgetStatus {
        limit: 10,
        left: 0,
        next: Some(until),
    }));
    operator.report(Report::Waiting {
        until,
        reason: Waiting::Slot(WaitReason::Budget),
    });
    operator.report(Report::Notice(Notice::WillResend(1)));
}

#[test]
fn the_table() {
    snapshot("table", |operator| {
        operator.press("jj  j ");
    });
}

#[test]
fn the_table_is_readable_at_60x15() {
    let operator = operator((60, 15));
    insta::assert_snapshot!(shown(&operator.app));
}

#[test]
fn a_smaller_screen_says_so() {
    let operator = operator((59, 14));
    assert!(shown(&operator.app).contains("59×14 is too small"));
}

#[test]
fn a_filter_with_a_mistake() {
    snapshot("filter", |operator| {
        operator.press("/windows hst:a");
    });
}

#[test]
fn a_mistake_in_the_filter_is_pointed_at() {
    let column = |line: &str, wanted: &str| {
        let place = line.find(wanted).expect("on the line");
        line[..place].chars().count()
    };
    for (size, filter) in [((120, 40), "windows hst:a"), ((60, 15), "hst:a")] {
        let mut operator = operator(size);
        operator.press(&format!("/{filter}"));
        let screen = shown(&operator.app);
        let lines: Vec<&str> = screen.lines().collect();
        assert_eq!(column(lines[3], "^"), column(lines[2], "hst"), "{screen}");
        assert!(lines[3].contains("unknown field 'hst'"), "{screen}");
    }
    // Far to the right, on a line that scrolls.
    let mut operator = operator((80, 24));
    operator.press("/");
    operator.press(&"word ".repeat(20));
    operator.press("hst:a");
    let screen = shown(&operator.app);
    let lines: Vec<&str> = screen.lines().collect();
    assert_eq!(column(lines[3], "^"), column(lines[2], "hst:a"), "{screen}");
}

#[test]
fn the_help_shows_what_is_looked_for() {
    let mut operator = operator((80, 24));
    operator.press("?/undo\u{8}\u{8}\u{8}\u{8}mark\n");
    insta::assert_snapshot!(shown(&operator.app));
}

#[test]
fn the_servers_words_are_told_and_made_safe() {
    let mut operator = operator((120, 40));
    run(&mut operator);
    operator.calls[0].message = "bad\u{1b}[2J gateway".to_owned();
    operator.press("fj");
    let screen = shown(&operator.app);
    assert!(
        screen.contains("the server said: bad\\u{1b}[2J gateway"),
        "{screen}"
    );
    operator.press("2");
    assert!(shown(&operator.app).contains("bad\\u{1b}[2J gateway"));
    operator.press("f\u{1b}");
}

#[test]
fn choosing_an_action() {
    snapshot("action", |operator| {
        operator.press("/sales\nad");
    });
}

#[test]
fn confirming_a_plan() {
    snapshot("plan", |operator| {
        operator.press("/sales\na\u{1b}/finance\nadr");
        operator.wait(600);
        operator.press("7\n");
    });
}

/// Warnings lose their sentences before it is untold why rows are left out, or what the action does.
#[test]
fn a_plan_that_leaves_much_out_says_why_at_80x24() {
    let mut rows = vec!["hwid,hostname,mac,last seen".to_owned()];
    rows.extend((0..22).map(|row| format!("h{row},lt-{row},,2026-11-20T10:00:00Z")));
    rows.push("h1,lt-1,,".to_owned());
    for size in [(80, 24), (80, 22), (60, 15)] {
        let mut operator = operator_on(&rows.join("\n"), size);
        operator.press("/lt-1\na\u{1b}/lt-2\na/lt-1\nUa\u{1b}a/lt-1\ndr");
        let Some(Dialog::Delete(dialog)) = &mut operator.app.dialog else {
            panic!("no dialog")
        };
        let crate::tui::dialogs::DeleteDialog::Confirm(confirm) = &mut **dialog else {
            panic!("no plan")
        };
        let reasons = [
            LeftOutReason::InRun("7k2m9x4c".to_owned()),
            LeftOutReason::InDoubt("9x4c7k2m".to_owned()),
            LeftOutReason::Protected("type unknown".to_owned()),
            LeftOutReason::Protected("group:\"Domain controllers\"".to_owned()),
            LeftOutReason::Unusable(crate::list::Problem::SharedMac),
        ];
        confirm.plan.left_out = reasons
            .into_iter()
            .map(|reason| LeftOut {
                hwid: None,
                mac: None,
                hostname: String::new(),
                line: 1,
                reason,
            })
            .collect();
        operator.wait(600);
        insta::assert_snapshot!(
            format!("plan_with_reasons_{}x{}", size.0, size.1),
            shown(&operator.app)
        );
    }
}

/// Every warning's name and every number is told however small the screen is.
#[test]
fn confirming_on_the_smallest_screen() {
    let mut operator = operator((60, 15));
    operator.press("/sales\na\u{1b}/finance\nadr");
    operator.wait(600);
    operator.press("7\n");
    let screen = shown(&operator.app);
    for word in [
        "gears.opswat.com",
        "37 HWID, 1 MAC",
        "21 hidden",
        "recent",
        "old-list",
        "VM-1009",
        "expected 7",
    ] {
        assert!(screen.contains(word), "{word} in\n{screen}");
    }
    insta::assert_snapshot!(screen);
}

#[test]
fn the_table_while_a_run_goes_on() {
    snapshot("running", waiting);
}

#[test]
fn the_run() {
    snapshot("run", |operator| {
        waiting(operator);
        operator.press("2");
    });
}

#[test]
fn a_paused_run() {
    snapshot("paused", |operator| {
        run(operator);
        operator.state(RunState::Paused, Some(PauseReason::TwoInDoubt));
        operator.press("2");
    });
}

#[test]
fn taking_a_paused_run_up() {
    snapshot("resume", |operator| {
        run(operator);
        operator.state(RunState::Paused, Some(PauseReason::TwoInDoubt));
        operator.press("p");
        operator.wait(600);
    });
}

#[test]
fn the_failures() {
    snapshot("failures", |operator| {
        run(operator);
        operator.press("fj");
    });
}

#[test]
fn stopped_runs_at_the_start() {
    snapshot("announcement", |operator| {
        operator.announce();
    });
}

#[test]
fn the_history() {
    snapshot("history", |operator| {
        let mut running = stopped_run(operator).past;
        running.state = RunState::Running;
        running.holder = Some("process 4711 since 2026-11-20T09:58:00Z".to_owned());
        running.record.reason = None;
        let stopped = stopped_run(operator).past;
        operator.press("H");
        operator.tell(Message::History(Ok(vec![running, stopped])));
        operator.press("j");
    });
}

#[test]
fn devices_searched_in_all_runs() {
    snapshot("found_in_runs", |operator| {
        let run = stopped_run(operator);
        let device = |ordinal: u32, hostname: &str| {
            let mut record = run.devices[ordinal as usize].clone();
            record.device.hostname = hostname.to_owned();
            record.device.user = "anna".to_owned();
            found(&run.past.record, record, ordinal)
        };
        let devices = vec![device(0, "LT-4411"), device(2, "LT-\u{202e}2093")];
        operator.press("H");
        operator.tell(Message::History(Ok(vec![run.past])));
        operator.press("/lt-\n");
        let found = FoundDevices {
            devices,
            is_cut: true,
        };
        operator.tell(Message::FoundInRuns("lt-".to_owned(), Ok(found)));
        operator.press("j");
    });
}

#[test]
fn giving_the_rest_of_a_run_up() {
    snapshot("close", |operator| {
        operator.announce();
        operator.press("c");
    });
}

#[test]
fn asking_why() {
    snapshot("why", |operator| {
        run(operator);
        operator.press("fw");
    });
}

#[test]
fn what_reading_the_inventory_costs() {
    snapshot("fetch", |operator| {
        operator.press(":fetch\n");
    });
}

#[test]
fn the_inventory_is_being_read() {
    snapshot("fetching", |operator| {
        run(operator);
        operator.state(RunState::Paused, Some(PauseReason::Operator));
        operator.press(":fetch\n\n");
        operator.news(News::Fetch(FetchNews::Read(50)));
        let until = operator.app.context.now.boot + Duration::from_secs(4);
        operator.news(News::Fetch(FetchNews::Waiting(until)));
    });
}

#[test]
fn the_inventory_is_another_list() {
    snapshot("fetched", |operator| {
        let place =
            FetchDestination::default_for("/home/kim/.local/state/offboard".as_ref(), "production");
        operator.news(News::Fetch(FetchNews::Ended(Ok((12_408, place.path)))));
    });
}

#[test]
fn marked_devices_that_vanished() {
    snapshot("vanished", |operator| {
        operator.press("a");
        let now = "2026-11-20T10:00:00Z".parse().expect("a time");
        let anew = Fleet::generate(2, 100, now).list(Shape::V2);
        let message = read_anew(operator, &anew, "/lists/devices.csv");
        operator.tell(message);
    });
}

#[test]
fn what_lookups_saw() {
    snapshot("looked_up", |operator| {
        run(operator);
        operator.press("fw\n");
        let at = operator.app.context.now.wall;
        for (ordinal, seen, outcome) in [
            (1, Seen::Absent, Outcome::Failed(Failure::NotFound)),
            (
                4,
                Seen::Present(Presence {
                    hwid: None,
                    hostname: "LT-4411".to_owned(),
                    last_seen: Some(at),
                    enrolled: None,
                }),
                Outcome::Failed(Failure::NotFound),
            ),
        ] {
            operator.news(News::Lookup(LookupNews::Seen {
                ordinal,
                by: crate::engine::lookup_verdict::LookupKey::SentIdentifier,
                finding: Finding { at, seen },
                state: crate::domain::outcome::DeviceState::Ended(outcome),
                left: 1,
            }));
        }
        operator.press("j");
    });
}

#[test]
fn a_token_that_died() {
    snapshot("token", |operator| {
        operator.app.context.settings.static_token = true;
        run(operator);
        operator.state(RunState::Paused, Some(PauseReason::TokenRefused));
        operator.wait(600);
        operator.press("secret");
    });
}

#[test]
fn everything_about_a_device() {
    snapshot("detail", |operator| {
        run(operator);
        operator.press("fj\n");
    });
}

#[test]
fn every_key() {
    snapshot("help", |operator| {
        operator.press("?");
    });
}

#[test]
fn choosing_a_column() {
    snapshot("sort", |operator| {
        operator.press("sjj");
    });
}

#[test]
fn a_tickets_list() {
    snapshot("import_text", |operator| {
        operator.press("I");
        let text = "• LT-4411\nsrv-dc-01.corp.example\nnobody".to_owned();
        operator.tell(Message::Paste(text, operator.now));
    });
    snapshot("import", |operator| {
        operator.press("I");
        let hwid = operator
            .app
            .context
            .list
            .devices
            .device(DeviceId::from_index(0))
            .hwid()
            .unwrap_or_default()
            .to_owned();
        let text = format!("• {hwid}\nlt-4411\nnobody\nwho@corp\n{hwid}");
        operator.tell(Message::Paste(text, operator.now));
        operator.control('d');
        operator.press("j");
    });
}

#[test]
fn filters_by_name() {
    snapshot("filters", |operator| {
        let query = |text: &str| Query::parse(text).expect("a query");
        operator.app.context.settings.filters = vec![
            ("leavers".to_owned(), query("group:leavers unseen>30d")),
            ("stale-laptops".to_owned(), query("unseen>90d type:laptop")),
        ];
        operator.press("Fj");
    });
}

#[test]
fn actions_by_name() {
    snapshot("command", |operator| {
        operator.press(":mark");
    });
}

#[test]
fn where_a_file_is_written() {
    snapshot("write", |operator| {
        operator.press("I");
        operator.tell(Message::Paste("nobody".to_owned(), operator.now));
        operator.control('d');
        operator.press("e");
        let error = WriteError::Exists("unmatched.txt".into());
        operator.tell(Message::Wrote(Err(error.into())));
    });
}

#[test]
fn as_it_was_left() {
    snapshot("kept", |operator| {
        operator.press("/type:laptop\na");
        operator.press("S");
        let kept = operator.app.view_to_save();
        operator.press("U\u{1b}S");
        operator.app.saved_view.offered = kept;
        operator.app.offer_saved_view();
    });
}

#[test]
fn leaving_while_a_run_goes_on() {
    snapshot("quit", |operator| {
        run(operator);
        operator.press("q");
    });
}

#[test]
fn ascii_is_only_ascii() {
    for keys in [
        "", "v", "adr", "adr\t", "?/k", "2", "fj", "f\n", "s", "q", "y", "/hst:a",
    ] {
        let mut operator = operator((120, 40));
        operator.app.context.settings.theme = Theme::new(config::Theme::Mono, true);
        waiting(&mut operator);
        operator.press(keys);
        let screen = shown(&operator.app);
        assert!(screen.is_ascii(), "after {keys:?}:\n{screen}");
    }
}

#[test]
fn nothing_that_a_terminal_obeys_reaches_the_screen() {
    let list = "hwid,hostname,group\nh1,\"a\u{1b}[2Jb\u{202e}c\u{200b}\",\"x\ny\"\n";
    let mut operator = operator_on(list, (120, 40));
    operator.wait(0);
    operator.press("\n");
    let screen = shown(&operator.app);
    assert!(
        !crate::text::is_deceptive_text(&screen.replace('\n', "")),
        "{screen}"
    );
    assert!(screen.contains("\\u{202e}"), "{screen}");
}

#[test]
fn a_resize_to_nothing_does_not_panic() {
    for size in [
        (1, 1),
        (0, 0),
        (60, 15),
        (61, 16),
        (500, 200),
        (60, 1),
        (2, 100),
    ] {
        for keys in ["", "ad", "adr", "?", "2", "f", "s", "q", "\n", "/x"] {
            let mut operator = operator((100, 30));
            operator.press(keys);
            operator.tell(Message::Resized(size.0, size.1));
            let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a terminal");
            terminal
                .draw(|frame| render(frame, &operator.app))
                .expect("drawn");
        }
    }
}

#[test]
fn a_countdown_never_shows_less_than_nothing() {
    let mut operator = operator((120, 40));
    run(&mut operator);
    operator.news(News::Budget(BudgetStatus {
        limit: 10,
        left: 3,
        next: Some(BootTime(0)),
    }));
    assert!(shown(&operator.app).contains("next 0 s"));
}

#[test]
fn the_lists_age_stays_whatever_else_the_header_must_leave_out() {
    let list = "hwid,hostname,last seen\nh1,a,2026-11-20T10:00:00Z\nh1,A,\n,c,\nh2,d,\nh3,e,\n";
    for size in [(80, 24), (60, 15)] {
        let mut operator = operator_on(list, size);
        operator.press("a/zzz\n");
        let screen = shown(&operator.app);
        let line = screen.lines().nth(1).expect("a line");
        assert!(line.contains("saved 3 d ago"), "{line}");
        assert!(line.contains("marked 3 (3 hidden)"), "{line}");
    }
}

#[test]
fn notices_at_the_start() {
    let mut operator = operator((80, 24));
    operator.app.context.info.notices = vec![
        "day and month can't be told apart in the column last seen, so that its dates are not used"
            .to_owned(),
        "3 dates in the column enrolled can't be read".to_owned(),
    ];
    operator.app.dialog = Some(Notices.into());
    insta::assert_snapshot!(shown(&operator.app));
}

#[test]
fn the_help_tells_the_keys_of_dialogs() {
    let mut operator = operator((80, 24));
    for (wanted, message) in [
        ("immediately", "ctrl-c"),
        ("narrower", "<"),
        ("hides", "D"),
        ("chosen devices", "import a list of identifiers (I)"),
    ] {
        operator.press(&format!("?/{wanted}\n"));
        let screen = shown(&operator.app);
        assert!(screen.contains(message), "{screen}");
        operator.press("\u{1b}\u{1b}");
    }
}

#[test]
fn other_columns_are_shown_safely_in_the_table_the_dialog_and_the_detail() {
    let text = "hwid,hostname,group,groups,\"Shelf\u{202e}\"\nh1,a,g1,g2,\"x\u{1b}[2J\"\n";
    let mut operator = operator_on(text, (120, 40));
    operator.press("c");
    operator.press(&"j".repeat(operator.app.devices.columns.all().len() - 1));
    operator.press(" KKKKKKKKKKKK");
    assert!(shown(&operator.app).contains("@Shelf"));
    operator.press("\u{1b}");
    let table = shown(&operator.app);
    assert!(
        table.contains("Shelf") && table.contains("x\\u{1b}[2J"),
        "{table}"
    );
    operator.press("\n");
    let detail = shown(&operator.app);
    for part in ["group      g1", "           g2", "x\\u{1b}[2J"] {
        assert!(detail.contains(part), "{part}: {detail}");
    }
    for screen in [table, detail] {
        assert!(!screen.contains(['\u{1b}', '\u{202e}']), "{screen}");
    }
}
