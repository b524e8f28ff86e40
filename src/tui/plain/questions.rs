//! The open dialog as a question, and the answer as its keys.
//!
//! What was typed before a question was printed never answers it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::run::RunId;
use crate::text::visible;
use crate::tui::app::Countdown;
use crate::tui::dialogs::Dialog;
use crate::tui::input::commands::Command;
use crate::tui::input::parse::parse;
use crate::tui::message::Message;
use crate::tui::plain::console::{Line, Mode};
use crate::tui::plain::pages::Page;
use crate::tui::plain::perform::{Step, run};
use crate::tui::plain::sentences::NOTHING_SENT;
use crate::tui::plain::{Dialogue, plan, spoken};

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// By the name of a key.
    Key,
    Text,
    /// By text that isn't shown.
    Secret,
    /// By what to do with the plan.
    Plan,
    /// By a number, typed by hand.
    Count,
    /// Not at all: it only informs.
    None,
}

/// A question that was printed.
#[derive(Debug)]
pub(super) struct Question {
    kind: Kind,
    pub(super) text: Vec<String>,
    /// Whether what was typed before it could be read was thrown away.
    input_discarded: bool,
    /// What is wrong with the number, as it was printed last.
    pub(super) error: Option<String>,
    /// The plan that it is about, if one.
    plan: Option<PrintedPlan>,
    /// The end of the input has cancelled it.
    has_ended: bool,
}

/// The plan of a question, and how many devices it has: it never has others.
type PrintedPlan = (RunId, usize);

const NO_RESUME: &str = "Resuming needs a terminal: standard input and standard output must both be one. Without a \
                         terminal, use `offboard resume RUN --expect-count N`.";

impl Question {
    pub(super) fn prompt(&self) -> &'static str {
        match self.kind {
            Kind::Key => "answer> ",
            Kind::Text => "text> ",
            Kind::Secret => "not shown> ",
            Kind::Plan => "plan> ",
            Kind::Count => "number> ",
            Kind::None => "",
        }
    }

    /// True for the first end of the input that answers it.
    pub(super) fn is_first_end(&mut self) -> bool {
        !std::mem::replace(&mut self.has_ended, true)
    }
}

impl Dialogue {
    /// Dismisses what the screen says in dialogs at the start.
    pub(super) fn dismiss_greetings(&mut self) {
        if !matches!(&self.host.app.dialog, Some(Dialog::Notices(_))) {
            return;
        }
        let now = self.host.clock.now();
        self.handle(Message::Rendered);
        self.handle(Message::Drawn(now));
        let escape = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
        self.handle(Message::Key(escape, now));
    }

    /// Prints the question of the open dialog, if it isn't the one that was printed last. True if
    /// something was done.
    pub(super) fn ask(&mut self) -> bool {
        let Some(dialog) = &self.host.app.dialog else {
            let was_open = self.question.take().is_some();
            if was_open && self.console.mode() != Mode::Lines {
                self.console.set_mode(Mode::Lines);
            }
            return was_open;
        };
        let plan = plan_of(dialog);
        // The number is asked for only in view of the plan that was printed.
        let confirms = self
            .question
            .as_ref()
            .is_some_and(|asked| asked.kind == Kind::Count && asked.plan == plan);
        let kind = kind_of(dialog, confirms);
        let context = &self.host.app.context;
        let confirmation = match dialog {
            Dialog::Delete(delete) => delete.open_confirmation(),
            _ => None,
        };
        let text = match confirmation {
            Some(confirm) => confirm.spoken_facts(context),
            None => spoken::dialog(dialog.component(), context, kind == Kind::Key),
        };
        if let Some(asked) = &self.question
            && asked.kind == kind
            && asked.plan == plan
            && (plan.is_some() || kind == Kind::Count || same_but_for_numbers(&asked.text, &text))
        {
            if self.host.app.counts_down() == Some(Countdown::Dialog) {
                // Another dialog was in front of it. It is still on the terminal.
                self.handle(Message::Rendered);
                self.on_flushed();
            }
            return false;
        }
        self.put(kind, text);
        true
    }

    /// Prints a question, and listens once it is on the terminal.
    fn put(&mut self, kind: Kind, text: Vec<String>) {
        // The number has its own prompt.
        let shown = text
            .iter()
            .filter(|line| kind != Kind::Count || !line.starts_with("Type "));
        let shown: Vec<String> = shown.cloned().collect();
        let needs_terminal = matches!(kind, Kind::Count | Kind::Secret);
        match kind {
            Kind::Plan => {
                self.say_all(&shown);
                self.page = Page::Plan(0);
                self.more(false);
                self.say(plan::COMMANDS);
            }
            Kind::None => self.print_text(shown),
            _ => {
                self.say_all(&shown);
                self.say_answers(kind);
            }
        }
        if kind == Kind::None || needs_terminal && !self.console.is_terminal() {
            match (kind, &self.host.app.dialog) {
                (Kind::Count, Some(Dialog::Resume(_))) => self.say(NO_RESUME),
                (Kind::Secret, _) => {
                    self.say("Typing a token needs a terminal. Without one, set token_file in the configuration.");
                }
                _ => {}
            }
            self.steps.push_back(Step::Key(KeyCode::Esc.into()));
        }
        self.listen_anew(kind, text);
    }

    /// The question counts once it is on the terminal, and what was typed before doesn't.
    pub(super) fn listen_anew(&mut self, kind: Kind, text: Vec<String>) {
        self.question = Some(Question {
            kind,
            text,
            input_discarded: false,
            error: None,
            plan: self.host.app.dialog.as_ref().and_then(plan_of),
            has_ended: false,
        });
        self.console.set_mode(match kind {
            Kind::Count if self.console.is_terminal() => Mode::Keys,
            Kind::Secret if self.console.is_terminal() => Mode::Secret,
            _ => Mode::Lines,
        });
        if self.console.is_terminal() {
            self.lines.clear();
        }
        self.handle(Message::Rendered);
        self.flushed = Some(self.console.flushed());
    }

    /// What was printed is on the terminal.
    pub(super) fn on_flushed(&mut self) {
        self.flushed = None;
        let now = self.host.clock.now();
        self.handle(Message::Drawn(now));
    }

    /// True if a line or a key counts by now. Discards what was typed before the question could be read.
    pub(super) fn accepts_input(&mut self) -> bool {
        let waits = self.host.app.counts_down() == Some(Countdown::Dialog);
        let Some(question) = &mut self.question else {
            return true;
        };
        if waits {
            return false;
        }
        if !std::mem::replace(&mut question.input_discarded, true) && self.console.is_terminal() {
            self.console.discard_input();
            self.lines.clear();
        }
        true
    }

    /// The keys that the dialog takes.
    pub(super) fn say_answers(&mut self, kind: Kind) {
        let Some(dialog) = &self.host.app.dialog else {
            return;
        };
        let line = match kind {
            Kind::Text => "Type the text and press enter. An empty line keeps the present text. Type cancel to go back.".to_owned(),
            Kind::Secret => "Type or paste the token and press enter; it is not shown. Type cancel to go back.".to_owned(),
            Kind::Count => match self.expected_count() {
                Some((expected, act)) => format!(
                    "Type {expected} and press enter to {act}. Press escape to go back without sending. Wait for the prompt."
                ),
                None => String::new(),
            },
            _ => {
                let hints = dialog.component().footer(&self.host.app.context);
                let hints = hints.iter().filter(|hint| !hint.footer.is_empty());
                let answers: Vec<String> = hints
                    .map(|hint| match hint.name {
                        "esc" => format!("cancel: {}", hint.footer),
                        name => format!("{name}: {}", hint.footer),
                    })
                    .collect();
                match answers.len() {
                    // The others stand in the text.
                    0 | 1 => "Answer with one of these, or type cancel.".to_owned(),
                    _ => format!("Answers: {}.", answers.join("; ")),
                }
            }
        };
        self.say(&line);
    }

    /// The answer to the question.
    pub(super) fn answer(&mut self, line: Line) {
        let Some(kind) = self.question.as_ref().map(|question| question.kind) else {
            return;
        };
        let text = match line {
            Line::Text(text) => text,
            Line::End => "cancel".to_owned(),
        };
        let word = text.trim();
        if matches!(word, "cancel" | "esc" | "back") && kind != Kind::Secret || word == "cancel" {
            self.steps.push_back(Step::Key(KeyCode::Esc.into()));
            if kind == Kind::Plan {
                self.say(NOTHING_SENT);
            }
            return;
        }
        match kind {
            // A run that goes on meanwhile can be watched and stopped.
            Kind::Plan | Kind::Key if word == "status" => {
                let lines = self.status_lines();
                self.say_all(&lines);
            }
            Kind::Plan | Kind::Key if word == "stop" => {
                if kind == Kind::Plan {
                    self.say(NOTHING_SENT);
                }
                let close = Step::Key(KeyCode::Esc.into());
                self.steps.extend([close, run(Command::Stop)]);
            }
            Kind::Plan => self.on_plan(word),
            Kind::Text if word.is_empty() => self.steps.push_back(Step::Key(KeyCode::Enter.into())),
            Kind::Text | Kind::Secret => self.steps.push_back(Step::Fill(word.to_owned())),
            Kind::Key => self.on_key_names(word),
            Kind::Count | Kind::None => {}
        }
    }

    /// Presses the key that does what the answer names, or the keys of these names; a number after a name
    /// presses it as often.
    fn on_key_names(&mut self, text: &str) {
        if let Some(key) = self.key_that_does(text) {
            self.steps.push_back(Step::Key(key));
            return;
        }
        let mut words = if text.is_empty() {
            vec!["enter"]
        } else {
            text.split_whitespace().collect()
        }
        .into_iter()
        .peekable();
        let mut steps = Vec::new();
        while let Some(word) = words.next() {
            let Ok((code, control)) = parse(word) else {
                let shown = visible(word);
                self.say(&format!("{shown} is not an answer to this question."));
                self.say_answers(Kind::Key);
                return;
            };
            let times = words.peek().and_then(|next| next.parse::<usize>().ok());
            if times.is_some() {
                words.next();
            }
            let modifiers = if control {
                KeyModifiers::CONTROL
            } else {
                KeyModifiers::NONE
            };
            let key = Step::Key(KeyEvent::new(code, modifiers));
            steps.extend(std::iter::repeat_n(key, times.unwrap_or(1).min(1000)));
        }
        // The dialog may say the same after it.
        if let Some(question) = &mut self.question {
            question.text.clear();
        }
        self.steps.extend(steps);
    }

    /// The process was stopped and continues: the question is put again.
    pub(super) fn on_resumed(&mut self) {
        let now = self.host.clock.now();
        self.handle(Message::Resumed(now));
        self.question = None;
    }

    /// The key of the open dialog of which this is the label, as in `archive`.
    fn key_that_does(&self, label: &str) -> Option<KeyEvent> {
        let dialog = self.host.app.dialog.as_ref()?;
        let hints = dialog.component().footer(&self.host.app.context);
        let mut hints = hints.iter().filter(|hint| !hint.footer.is_empty());
        hints
            .find(|hint| hint.footer.eq_ignore_ascii_case(label))?
            .press
    }
}

/// True if a question says the same but for numbers. Those that count down, as the devices left of a run,
/// would repeat it again and again.
fn same_but_for_numbers(before: &[String], now: &[String]) -> bool {
    let without = |line: &String| -> String { line.replace(|c: char| c.is_ascii_digit(), "") };
    before.iter().map(without).eq(now.iter().map(without))
}

/// The plan that is being confirmed, if one is.
fn plan_of(dialog: &Dialog) -> Option<PrintedPlan> {
    let Dialog::Delete(delete) = dialog else {
        return None;
    };
    let plan = &delete.open_confirmation()?.plan;
    Some((plan.id, plan.devices.len()))
}

fn kind_of(dialog: &Dialog, confirms: bool) -> Kind {
    match dialog {
        Dialog::Delete(delete) if delete.open_confirmation().is_some() && !confirms => Kind::Plan,
        dialog => {
            let component = dialog.component();
            if component.only_informs() {
                Kind::None
            } else if component.typed_count().is_some() {
                Kind::Count
            } else if component.takes_secret() {
                Kind::Secret
            } else if component.takes_text() {
                Kind::Text
            } else {
                Kind::Key
            }
        }
    }
}
