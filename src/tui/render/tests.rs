//! What a stranger sees: each view at both sizes, as text.

use crate::domain::run::RunId;
use crate::tui::dialogs::{Dialog, Notices};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Modifier;

use crate::config::BaseTheme;
use crate::domain::outcome::{Doubt, Failure, Outcome};
use crate::domain::rate_limit::{BudgetStatus, WaitReason};
use crate::domain::run::{PauseReason, RunState};
use crate::engine::lookup_verdict::{Finding, LookupAnswer, Presence};
use crate::engine::{Report, RunNotice, Waiting};
use crate::fetch::FetchDestination;
use crate::journal::FoundDevices;
use crate::list::DeviceId;
use crate::platform::clock::BootTime;
use crate::platform::file::WriteError;
use crate::query::Query;
use crate::runner::{FetchNews, LookupCalls, LookupNews, News};
use crate::simulator::{Fleet, Shape};
use crate::tui::answer::Answer;
use crate::tui::app::App;
use crate::tui::message::Message;
use crate::tui::render::render;
use crate::tui::update::tests::fetching::read_anew;
use crate::tui::update::tests::reviewing::{found, stopped_run};
use crate::tui::update::tests::{Operator, operator_on};
use crate::tui::widgets::theme::{ColourDepth, Theme};

mod confirming;
mod devices;
mod header;
mod importing;
mod lists;
mod run_progress;
mod run_screen;
mod runs;
mod styles;

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (60, 15)];

pub(crate) fn shown(app: &App) -> String {
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

/// At every size as text and by the roles of its colours, and in ASCII.
fn every_screen(name: &str, prepare: impl Fn(&mut Operator)) {
    for size in SIZES {
        let mut operator = operator(size);
        operator.app.context.settings.theme = styles::distinct_theme();
        prepare(&mut operator);
        let kind = format!("{name}_{}x{}", size.0, size.1);
        insta::assert_snapshot!(kind.as_str(), shown(&operator.app));
        insta::assert_snapshot!(format!("styles_{kind}"), styles::letters(&operator.app));
    }
    let mut ascii = operator((80, 24));
    ascii.app.context.settings.theme = Theme::new(BaseTheme::Mono, ColourDepth::None, true);
    prepare(&mut ascii);
    let screen = shown(&ascii.app);
    assert!(screen.is_ascii(), "{screen}");
    insta::assert_snapshot!(format!("{name}_ascii"), screen);
}

/// The operator opens another list, on the same terminal.
fn open_list(operator: &mut Operator, list: &str) {
    let theme = operator.app.context.settings.theme;
    *operator = operator_on(list, operator.app.context.size);
    operator.app.context.settings.theme = theme;
}

fn has(operator: &Operator, text: &str) {
    let screen = shown(&operator.app);
    assert!(screen.contains(text), "no {text:?} in\n{screen}");
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
        others: 0,
        limit: 10,
        left: 0,
        next: Some(until),
    }));
    operator.report(Report::Waiting {
        until,
        reason: Waiting::Slot(WaitReason::Budget),
    });
    operator.report(Report::Notice(RunNotice::WillResend(vec![2])));
}

#[test]
fn table() {
    every_screen("table", |operator| {
        operator.press("jj  j ");
    });
}

#[test]
fn smaller_screen_says_so() {
    let operator = operator((59, 14));
    assert!(shown(&operator.app).contains("Terminal too small: 59×14"));
}

#[test]
fn filter_with_a_mistake() {
    every_screen("filter", |operator| {
        operator.press("/windows hst:a");
        operator.wait(200);
    });
}

#[test]
fn mistake_in_the_filter_is_pointed_at() {
    let column = |line: &str, searched: &str| {
        let place = line.find(searched).expect("on the line");
        line[..place].chars().count()
    };
    for (size, filter) in [((120, 40), "windows hst:a"), ((60, 15), "hst:a")] {
        let mut operator = operator(size);
        operator.press(&format!("/{filter}"));
        operator.wait(200);
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
    operator.wait(200);
    let screen = shown(&operator.app);
    let lines: Vec<&str> = screen.lines().collect();
    assert_eq!(column(lines[3], "^"), column(lines[2], "hst:a"), "{screen}");
}

#[test]
fn help_shows_what_is_looked_for() {
    every_screen("help_search", |operator| {
        operator.press("?/undo\u{8}\u{8}\u{8}\u{8}mark\n");
    });
}

#[test]
fn ascii_is_only_ascii() {
    for keys in [
        "", "v", "ad", "adr", "adr\t", "adrWb", "I", "?/k", "2", "fj", "f\n", "s", "q", "y",
        "/hst:a",
    ] {
        let mut operator = operator((120, 40));
        operator.app.context.settings.theme = Theme::new(BaseTheme::Mono, ColourDepth::None, true);
        waiting(&mut operator);
        // `W` is time for the dialog to listen.
        for keys in keys.split_inclusive('W') {
            operator.press(keys.trim_end_matches('W'));
            if keys.ends_with('W') {
                operator.wait(600);
            }
        }
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
fn resize_to_nothing_does_not_panic() {
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
            operator.send(Message::Resized(size.0, size.1));
            let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a terminal");
            terminal
                .draw(|frame| render(frame, &operator.app))
                .expect("drawn");
        }
    }
}

#[test]
fn notices_at_the_start() {
    every_screen("notices", |operator| {
        operator.app.context.info.notices = vec![
            "day and month can't be told apart in the column last seen, so that its dates are not used"
                .to_owned(),
            "3 dates in the column enrolled can't be read".to_owned(),
        ];
        operator.app.dialog = Some(Notices::default().into());
    });
}

#[test]
fn notices_that_need_more_room_scroll() {
    every_screen("notices_scrolled", |operator| {
        let notice = |n: usize| {
            format!(
                "column {n} is written in two ways: {}",
                "as here ".repeat(9)
            )
        };
        operator.app.context.info.notices = (1..=30).map(notice).collect();
        operator.app.dialog = Some(Notices::default().into());
        operator.press("jjj");
    });
}

/// What a few keys open.
#[test]
fn smaller_dialogs() {
    for (name, keys) in [
        ("overview", "o"),
        ("columns", "c"),
        ("copy", "jy"),
        ("like_this", "="),
        ("hold", "jj :hold\n"),
        ("messages", "a:messages\n"),
        ("mark_range", "jvjj"),
        ("no_match", "/nobody-has-this\n"),
    ] {
        every_screen(name, |operator| {
            // Where there is room it is open from the start.
            let is_open = name == "overview" && operator.app.context.size.0 >= 120;
            operator.press(if is_open { "\tj" } else { keys });
        });
    }
}

#[test]
fn action_that_is_refused() {
    every_screen("refused", |operator| {
        operator.app.context.info.forbidden =
            Some("read-only: nothing that changes the tenant is sent".to_owned());
        operator.press("d");
    });
}

#[test]
fn run_that_is_to_be_stopped() {
    every_screen("stop", |operator| {
        run(operator);
        operator.press("x");
    });
}
