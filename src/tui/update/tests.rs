//! Keys in, state and effects out.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::action::Action;
use crate::clock::{BootTime, Now};
use crate::config;
use crate::device::IdentifyBy;
use crate::engine::driver::{News, Update};
use crate::engine::{Control, Report};
use crate::list::{DeviceId, DeviceList, Field};
use crate::outcome::{DeviceState, Doubt, Failure, Outcome};
use crate::pacer::{Budget, Standing};
use crate::plan::{CallSizes, Held, PlanRequest, Target, build};
use crate::run::{PauseReason, RunId, RunState};
use crate::tui::app::{App, Facts, FailureLine, Mode};
use crate::tui::confirm::Dialog;
use crate::tui::keys::View;
use crate::tui::message::{Column, Effect, Message};
use crate::tui::view::theme::Theme;

const LIST: &str = "hwid,mac,hostname,os,status,group,last seen\n\
    h1,00:0c:29:cd:c7:b2,LT-1,Windows 11,compliant,Sales,2026-11-20T10:00:00Z\n\
    h2,00:0c:29:00:00:02,LT-2,Windows 10,pending,Finance,2026-08-01T10:00:00Z\n\
    ,,NAMELESS,Windows 10,pending,Finance,2026-08-01T10:00:00Z\n\
    h4,00:0c:29:00:00:04,SRV-4,Windows 10,compliant,Sales,2026-07-01T10:00:00Z\n\
    h5,00:0c:29:00:00:05,LT-5,Windows 11,compliant,Lab,2026-06-01T10:00:00Z\n";

/// The app, with a world that answers its effects at once.
pub(crate) struct Operator {
    pub(crate) app: App,
    pub(crate) effects: Vec<Effect>,
    now: Now,
}

pub(crate) fn operator() -> Operator {
    operator_on(LIST, (120, 40))
}

pub(crate) fn operator_on(list: &str, size: (u16, u16)) -> Operator {
    let list = DeviceList::read_bytes("devices.csv", list.as_bytes()).expect("a list");
    let wall: Timestamp = "2026-11-23T10:00:00Z".parse().expect("a time");
    let now = Now {
        wall,
        boot: BootTime(1_000_000),
    };
    let columns = config::Ui::default().columns;
    let facts = Facts {
        target: Some(target()),
        forbidden: None,
        read_only: false,
        max_devices: 500,
        budget: Budget::per_minute(NonZeroU32::new(10).expect("positive")),
        demo: false,
        finish_on_hangup: false,
        columns: columns
            .iter()
            .filter_map(|name| Column::from_name(name))
            .collect(),
        notices: vec![],
        theme: Theme::new(config::Theme::Mono, false),
    };
    let mut app = App::new(Arc::new(list), facts, now, size);
    app.standing = Some(Standing {
        limit: 10,
        left: 10,
        next: None,
    });
    Operator {
        app,
        effects: vec![],
        now,
    }
}

fn target() -> Target {
    Target {
        tenant: "https://gears.opswat.com".to_owned(),
        account: None,
        profile: "production".to_owned(),
    }
}

impl Operator {
    pub(crate) fn tell(&mut self, message: Message) {
        for effect in self.app.update(message) {
            self.effects.push(effect.clone());
            match effect {
                Effect::Search {
                    generation,
                    query,
                    sort,
                    ranks,
                } => {
                    let rows = crate::tui::search::search(&self.app.list, &query, sort, &ranks);
                    self.tell(Message::Found { generation, rows });
                }
                Effect::Plan(action, devices) => {
                    let plan = self.plan(action, &devices);
                    self.tell(Message::Planned(Ok(Box::new(plan))));
                }
                Effect::Record(device) => {
                    let records = self
                        .app
                        .list
                        .record(device)
                        .map_err(|error| error.to_string());
                    self.tell(Message::Record(device, records));
                }
                _ => {}
            }
        }
    }

    fn plan(&self, action: Action, devices: &[DeviceId]) -> crate::plan::Plan {
        build(&PlanRequest {
            id: RunId::from_bytes([7; 16]),
            list: &self.app.list,
            selection: devices,
            action,
            identify_by: IdentifyBy::Auto,
            target: &target(),
            sizes: CallSizes {
                batch: 50,
                canary: 5,
            },
            held: &Held::default(),
            skip_removed: false,
            now: self.now.wall,
            query: None,
            note: None,
        })
    }

    /// A frame is drawn and this much time passes.
    pub(crate) fn wait(&mut self, milliseconds: u64) {
        self.tell(Message::Drawn(self.now));
        let span = Duration::from_millis(milliseconds);
        self.now.boot = self.now.boot + span;
        self.now.wall += span;
        self.tell(Message::Tick(self.now));
    }

    fn code(&mut self, code: KeyCode) {
        self.now.boot = self.now.boot + Duration::from_millis(100);
        self.tell(Message::Key(
            KeyEvent::new(code, KeyModifiers::NONE),
            self.now,
        ));
    }

    fn control(&mut self, character: char) {
        self.now.boot = self.now.boot + Duration::from_millis(100);
        let key = KeyEvent::new(KeyCode::Char(character), KeyModifiers::CONTROL);
        self.tell(Message::Key(key, self.now));
    }

    /// Presses keys at a hand's pace: `\n` is enter, `\u{1b}` esc, `\t` tab.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for character in keys.chars() {
            self.code(match character {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '\t' => KeyCode::Tab,
                '\u{8}' => KeyCode::Backspace,
                character => KeyCode::Char(character),
            });
        }
        self
    }

    fn marked(&self) -> Vec<usize> {
        self.app.marks.iter().map(DeviceId::index).collect()
    }

    fn shown(&self) -> Vec<usize> {
        self.app.table.rows.iter().map(|id| id.index()).collect()
    }

    fn started(&self) -> Option<&crate::plan::Plan> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Start(plan) => Some(plan.plan()),
            _ => None,
        })
    }

    fn controls(&self) -> Vec<Control> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Control(control) => Some(*control),
                _ => None,
            })
            .collect()
    }

    fn confirm(&self) -> &crate::tui::confirm::Confirm {
        match &self.app.mode {
            Mode::Delete(dialog) => match &**dialog {
                Dialog::Confirm(confirm) => confirm,
                other => panic!("not confirming: {other:?}"),
            },
            other => panic!("no dialog: {other:?}"),
        }
    }

    /// Marks all, chooses remove, and confirms.
    pub(crate) fn start_run(&mut self) {
        self.press("adr");
        self.wait(600);
        self.press("4\n");
        assert!(self.started().is_some());
    }

    pub(crate) fn news(&mut self, news: News) {
        let run = self.app.runs.last().map(|run| run.id);
        self.tell(Message::Update(Update { run, news }, self.now));
    }

    pub(crate) fn report(&mut self, report: Report) {
        self.news(News::Report(report));
    }

    pub(crate) fn outcomes(&mut self, call: u32, outcomes: &[(u32, Outcome)]) {
        let devices = outcomes
            .iter()
            .map(|&(ordinal, outcome)| (ordinal, DeviceState::Ended(outcome)));
        self.report(Report::Changed {
            call,
            status: Some(200),
            devices: devices.collect(),
        });
    }

    pub(crate) fn state(&mut self, state: RunState, pause: Option<PauseReason>) {
        self.report(Report::State { state, pause });
    }
}

#[test]
fn space_marks_and_moves_on_and_unusable_rows_cannot_be_marked() {
    let mut operator = operator();
    operator.press("   ");
    assert_eq!(operator.marked(), [0, 1]);
    assert!(
        operator
            .app
            .status
            .as_deref()
            .is_some_and(|status| status.contains("can't be marked"))
    );
    operator.press("kkk ");
    assert_eq!(operator.marked(), [1]);
}

#[test]
fn a_range_is_marked_in_either_direction() {
    let mut operator = operator();
    operator.press("jvG ");
    assert_eq!(operator.marked(), [1, 3, 4]);
    operator.press("UGvkv");
    assert_eq!(operator.marked(), [3, 4]);
    operator.press("Uv\u{1b}j ");
    assert_eq!(operator.marked().len(), 1, "esc drops the range");
}

#[test]
fn marks_of_all_shown_are_set_cleared_inverted_and_undone() {
    let mut operator = operator();
    operator.press("/hostname:lt\na");
    assert_eq!(operator.marked(), [0, 1, 4]);
    operator.press("/\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\u{8}\n");
    assert_eq!(operator.shown().len(), 5);
    operator.press("i");
    assert_eq!(operator.marked(), [3]);
    operator.press("u");
    assert_eq!(operator.marked(), [0, 1, 4]);
    operator.control('r');
    assert_eq!(operator.marked(), [3]);
    operator.press("U");
    assert!(operator.marked().is_empty());
    operator.press("aA");
    assert!(operator.marked().is_empty());
}

#[test]
fn marks_and_the_cursor_belong_to_devices() {
    let mut operator = operator();
    operator.press("j j");
    let current = operator.app.current();
    operator.press("sj\n");
    assert_eq!(
        operator.app.table.sort.column,
        Some(Column::Field(Field::Hostname))
    );
    operator.press("S");
    assert_eq!(operator.app.current(), current);
    assert_eq!(operator.marked(), [1]);
    operator.press("/srv\n");
    assert_eq!((operator.shown(), operator.app.hidden_marks), (vec![3], 1));
}

#[test]
fn the_filter_is_live_keeps_the_last_good_one_and_comes_back_on_esc() {
    let mut operator = operator();
    operator.press("/finance");
    assert_eq!(operator.shown(), [1, 2]);
    operator.press(" (");
    assert_eq!(operator.shown(), [1, 2], "the last good filter stays");
    let Mode::Filter {
        error: Some(error), ..
    } = &operator.app.mode
    else {
        panic!("an error is shown")
    };
    assert_eq!(error.column, 10);
    operator.press("\u{1b}");
    assert_eq!(operator.shown().len(), 5);
    operator.press("/finance\n\u{1b}");
    assert_eq!(operator.shown().len(), 5, "esc clears the filter");
}

#[test]
fn an_older_search_is_dropped() {
    let mut operator = operator();
    operator.press("/finance");
    let generation = operator.app.generation;
    operator.tell(Message::Found {
        generation: generation - 1,
        rows: vec![],
    });
    assert_eq!(operator.shown(), [1, 2]);
}

#[test]
fn nothing_is_preselected_and_only_the_typed_count_starts() {
    let mut operator = operator();
    operator.press("ad\n ");
    assert!(
        matches!(&operator.app.mode, Mode::Delete(dialog) if matches!(**dialog, Dialog::Action { .. }))
    );
    operator.press("r");
    operator.wait(600);
    operator.press("\n");
    assert!(operator.confirm().count.complaint.is_some());
    operator.press("5\n");
    let complaint = operator
        .confirm()
        .count
        .complaint
        .clone()
        .expect("a complaint");
    assert!(complaint.contains("4 devices, not 5"), "{complaint}");
    assert_eq!(operator.confirm().count.digits, "5", "the text is kept");
    operator.press("\u{8}4\n");
    let plan = operator.started().expect("started");
    assert_eq!((plan.action, plan.devices.len()), (Action::Remove, 4));
    assert!(matches!(operator.app.mode, Mode::Browse));
}

#[test]
fn what_was_shown_is_what_is_sent() {
    let mut operator = operator();
    operator.press("adu");
    let shown = operator.confirm().plan.clone();
    operator.wait(600);
    operator.press("4\n");
    assert_eq!(operator.started(), Some(&shown));
}

#[test]
fn without_marks_the_row_under_the_cursor_is_meant() {
    let mut operator = operator();
    operator.press("jda");
    operator.wait(600);
    operator.press("1\n");
    let plan = operator.started().expect("started");
    assert_eq!(
        (plan.action, plan.devices[0].hostname.as_str()),
        (Action::Archive, "LT-2")
    );
}

#[test]
fn type_ahead_is_thrown_away() {
    let mut operator = operator();
    operator.press("adr4\n");
    assert!(operator.started().is_none(), "nothing was drawn yet");
    operator.wait(100);
    operator.press("4\n");
    assert!(operator.started().is_none(), "not armed yet");
    assert_eq!(operator.confirm().count.digits, "");
}

#[test]
fn a_paste_never_confirms() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    operator.tell(Message::Paste("4\n".to_owned(), operator.now));
    operator.press("4\n4\n4\n4\n");
    assert!(
        operator.started().is_none(),
        "keys that follow a paste are its tail"
    );
    operator.wait(600);
    operator.press("4\n");
    assert!(operator.started().is_some());
}

#[test]
fn a_resize_arms_the_dialog_anew_and_too_small_a_screen_confirms_nothing() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    operator.press("4");
    operator.tell(Message::Resized(50, 10));
    operator.wait(600);
    operator.press("4\n");
    assert!(operator.started().is_none());
    operator.tell(Message::Resized(80, 24));
    operator.press("4\n");
    assert!(operator.started().is_none(), "not drawn at this size");
    operator.wait(600);
    operator.press("4\n");
    assert!(operator.started().is_some());
}

#[test]
fn hidden_marked_devices_are_told_apart_and_can_be_dropped() {
    let mut operator = operator();
    operator.press("a/sales\ndr");
    assert_eq!(operator.confirm().hidden.len(), 2);
    operator.wait(600);
    operator.press("4D");
    assert_eq!(operator.confirm().plan.devices.len(), 2);
    assert_eq!(operator.confirm().count.digits, "", "the field is cleared");
    operator.press("2\n");
    assert!(operator.started().is_none(), "and armed anew");
    operator.wait(600);
    operator.press("2\n");
    assert_eq!(operator.started().expect("started").devices.len(), 2);
    assert_eq!(operator.marked().len(), 4, "the marks stay");
}

#[test]
fn more_than_max_devices_is_refused_with_the_setting() {
    let mut operator = operator();
    operator.app.facts.max_devices = 3;
    operator.press("adr");
    let Mode::Delete(dialog) = &operator.app.mode else {
        panic!("a dialog")
    };
    let Dialog::Refused(why) = &**dialog else {
        panic!("refused")
    };
    assert!(
        why.contains("max_devices = 3") && why.contains("--max-devices 4"),
        "{why}"
    );
    operator.press("\u{1b}");
    assert_eq!(operator.marked().len(), 4);
}

#[test]
fn where_nothing_can_be_sent_d_says_why() {
    let mut operator = operator();
    operator.app.facts.forbidden = Some("there is no configuration".to_owned());
    operator.press("adr");
    assert!(
        matches!(&operator.app.mode, Mode::Delete(dialog) if matches!(**dialog, Dialog::Refused(_)))
    );
    assert!(
        operator
            .effects
            .iter()
            .all(|effect| !matches!(effect, Effect::Plan(..)))
    );
}

#[test]
fn a_note_is_kept_with_the_plan_and_its_digits_are_not_the_count() {
    let mut operator = operator();
    operator.press("adr");
    operator.wait(600);
    operator.press("\tCHG-4\n4\n");
    let plan = operator.started().expect("started");
    assert_eq!(plan.origin.note.as_deref(), Some("CHG-4"));
}

#[test]
fn results_arrive_and_accepted_devices_lose_their_mark() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.report(Report::Sending {
        call: 1,
        devices: vec![0, 1, 2, 3],
    });
    assert_eq!(
        operator.app.states[&DeviceId::from_index(0)],
        DeviceState::Sending
    );
    operator.press("sj\n");
    operator.outcomes(
        1,
        &[
            (0, Outcome::Accepted),
            (1, Outcome::Failed(Failure::NotFound)),
            (2, Outcome::InDoubt(Doubt::NoAnswer)),
            (3, Outcome::Accepted),
        ],
    );
    assert_eq!(
        operator.marked(),
        [1, 3],
        "those that weren't accepted keep it"
    );
    let tally = operator.app.run().expect("a run").tally;
    assert_eq!((tally.accepted, tally.failed, tally.in_doubt), (2, 1, 1));
}

#[test]
fn failures_are_grouped_by_reason() {
    let mut operator = operator();
    operator.start_run();
    operator.outcomes(
        1,
        &[
            (0, Outcome::Failed(Failure::NotFound)),
            (1, Outcome::InDoubt(Doubt::NoAnswer)),
            (2, Outcome::Failed(Failure::NotFound)),
            (3, Outcome::Accepted),
        ],
    );
    operator.press("f");
    assert_eq!(operator.app.view, View::Failures);
    assert!(
        operator
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Explain(_)))
    );
    let lines = operator.app.failure_lines();
    assert_eq!(lines.len(), 5);
    assert!(matches!(
        lines[0],
        FailureLine::Group(Outcome::Failed(Failure::NotFound), _, 2)
    ));
    assert_eq!(
        (lines[1], lines[2]),
        (FailureLine::Device(0), FailureLine::Device(2))
    );
    operator.press("j\n");
    assert!(matches!(&operator.app.mode, Mode::Detail(detail) if detail.device.index() == 0));
}

#[test]
fn p_pauses_and_goes_on_only_with_what_p_paused() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.press("p");
    operator.state(RunState::Paused, Some(PauseReason::Operator));
    operator.press("p");
    assert_eq!(operator.controls(), [Control::Pause, Control::Resume]);
    operator.state(RunState::Running, None);
    operator.state(RunState::Paused, Some(PauseReason::TwoInDoubt));
    operator.press("p");
    assert_eq!(
        operator.controls().len(),
        2,
        "another pause asks for the count"
    );
    assert!(matches!(operator.app.mode, Mode::Resume(_)));
    operator.wait(600);
    operator.press("3\n");
    assert_eq!(operator.controls().len(), 2);
    operator.press("\u{8}4\n");
    assert_eq!(operator.controls().last(), Some(&Control::Resume));
    assert_eq!(operator.controls().len(), 3);
}

#[test]
fn x_stops_and_a_stopped_run_is_taken_up_by_its_count() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.press("x");
    assert_eq!(operator.controls(), [Control::Stop]);
    operator.outcomes(1, &[(0, Outcome::Accepted)]);
    operator.state(RunState::Stopped, None);
    assert!(
        operator
            .app
            .status
            .as_deref()
            .is_some_and(|status| status.contains("3 not sent"))
    );
    operator.press("p");
    operator.wait(600);
    operator.press("3\n");
    assert!(
        operator
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Resume(_, 3)))
    );
}

#[test]
fn leaving_with_a_run_open_asks() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.press("q");
    assert!(matches!(operator.app.mode, Mode::Quit));
    operator.press("y");
    assert!(
        !operator.effects.contains(&Effect::Quit),
        "y is no answer while a run is going on"
    );
    operator.press("\u{1b}qs");
    assert_eq!(operator.controls(), [Control::Stop]);
    assert!(
        !operator.effects.contains(&Effect::Quit),
        "the call in flight finishes first"
    );
    operator.state(RunState::Stopped, None);
    assert!(operator.effects.contains(&Effect::Quit));
}

#[test]
fn leaving_with_marks_asks_and_without_anything_leaves() {
    let mut operator = operator();
    operator.press(" q");
    assert!(matches!(operator.app.mode, Mode::Quit));
    operator.press("y");
    assert!(operator.effects.contains(&Effect::Quit));
    let mut idle = self::operator();
    idle.press("fq");
    assert!(idle.effects.is_empty(), "q closes the failures first");
    idle.press("q");
    assert_eq!(idle.effects, [Effect::Quit]);
}

#[test]
fn a_second_ctrl_c_within_two_seconds_leaves_at_once() {
    let mut operator = operator();
    operator.control('c');
    assert!(matches!(operator.app.mode, Mode::Quit));
    operator.wait(3000);
    operator.control('c');
    assert!(operator.effects.is_empty(), "too late for a second one");
    operator.control('c');
    assert_eq!(operator.effects, [Effect::Abort(2)]);
}

#[test]
fn a_signal_stops_the_run_and_then_leaves() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.tell(Message::Signal(15));
    assert_eq!(operator.controls(), [Control::Stop]);
    operator.state(RunState::Stopped, None);
    assert!(operator.effects.contains(&Effect::Quit));
}

#[test]
fn a_hangup_lets_the_run_finish_if_so_configured() {
    let mut operator = operator();
    operator.app.facts.finish_on_hangup = true;
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.tell(Message::Signal(1));
    assert!(operator.controls().is_empty() && !operator.effects.contains(&Effect::Quit));
    operator.state(RunState::Finished, None);
    assert!(operator.effects.contains(&Effect::Quit));
}

#[test]
fn ctrl_z_pauses_the_run_before_it_suspends() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.control('z');
    assert_eq!(operator.controls(), [Control::Pause]);
    assert!(!operator.effects.contains(&Effect::Suspend));
    operator.state(RunState::Paused, Some(PauseReason::Operator));
    assert!(operator.effects.contains(&Effect::Suspend));
}

#[test]
fn a_run_that_cannot_start_leaves_no_trace_on_the_devices() {
    let mut operator = operator();
    operator.start_run();
    operator.news(News::Refused("overlap".to_owned()));
    assert!(operator.app.runs.is_empty() && operator.app.states.is_empty());
    assert_eq!(operator.marked().len(), 4);
}

#[test]
fn what_the_journal_could_not_store_is_told_on_the_way_out() {
    let mut operator = operator();
    operator.start_run();
    operator.state(RunState::Running, None);
    operator.news(News::Broken("disk full: h1: accepted".to_owned()));
    assert!(
        operator
            .app
            .parting()
            .expect("words")
            .contains("disk full: h1: accepted")
    );
    operator.press("q");
    operator.press("\u{1b}");
}

#[test]
fn y_copies_what_the_next_key_says() {
    let mut operator = operator();
    operator.press("yhymynyx");
    let copied: Vec<_> = operator
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Copy(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(copied, ["h1", "00:0c:29:cd:c7:b2", "LT-1"]);
}

proptest! {
    /// Whatever is pressed and pasted: nothing starts unless the count was typed, on a screen that
    /// had been drawn for half a second, with no paste in between.
    #[test]
    fn nothing_but_the_typed_count_starts_anything(
        keys in prop::collection::vec(
            prop::sample::select(vec![
                "a", "d", "r", "u", " ", "\n", "\u{1b}", "1", "2", "3", "5", "D", "j", "/", "x", "p", "q", "f", "\t", "\u{8}",
                "PASTE", "RESIZE", "WAIT",
            ]),
            0..60,
        ),
    ) {
        // The list has four usable devices, and 4 is never typed; other counts come from marking
        // fewer. So whatever starts must have as many devices as were typed.
        let mut operator = operator();
        let mut typed = String::new();
        for key in keys {
            let before = operator.effects.len();
            match key {
                "PASTE" => { operator.tell(Message::Paste("4\n".to_owned(), operator.now)); }
                "RESIZE" => { operator.tell(Message::Resized(100, 30)); typed.clear(); }
                "WAIT" => operator.wait(600),
                key => { operator.press(key); }
            }
            match key {
                "1" | "2" | "3" | "5" => typed.push_str(key),
                "\u{8}" => { typed.pop(); }
                _ => {}
            }
            for effect in &operator.effects[before..] {
                if let Effect::Start(plan) = effect {
                    prop_assert_eq!(key, "\n");
                    let count = plan.plan().devices.len().to_string();
                    prop_assert!(typed.ends_with(&count), "typed {:?}, started {}", typed, count);
                }
            }
        }
    }
}
