//! The commands of the dialogue: words and what follows them. What the screen does by a key has the
//! same name here, and the key stands for it, so that a message that names a key is right.

mod arguments;
mod entries;

use std::ops::RangeInclusive;

use crate::domain::action::Action;
use crate::tui::input::commands::{ACTIONS, Command, View};
use crate::tui::input::keymap::{self, KeyMap};
use crate::tui::plain::error::LineError;
use arguments::{
    action, copy, export, named_run, number, optional_number, place, places, rows, usage,
};
use entries::ALIASES;
pub(super) use entries::ENTRIES;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LineCommand {
    /// Print the commands, or those of which the name or the explanation holds this text.
    Help(String),
    /// Print rows, from this one on; without a number from the first.
    Show(Option<usize>),
    /// Print what comes next; to the end with `all`.
    More {
        all: bool,
    },
    /// Filter by this query; without text print the filter.
    Filter(String),
    /// Sort by these columns; without them print the order.
    Sort(String),
    /// Show these columns; without them print which there are.
    Columns(String),
    Go(usize),
    Mark(Rows, bool),
    /// Plan an action on the marked devices.
    Plan(Action),
    /// Everything about a device: with this number, else the one that was gone to.
    Detail(Option<FailurePlace>),
    /// Act on groups of failures or on devices of them; on all without any.
    OnFailures(Command, Vec<FailurePlace>),
    /// Act on a run, by its number in the history or by its name.
    OnRun(Command, String),
    /// Search devices in all runs.
    Find(String),
    /// Mark what a file names; without a file, what is typed.
    Import(String),
    /// Write rows, failures or a run to a new file.
    Export {
        file: String,
        shown: bool,
    },
    /// Copy a part of the chosen rows to a file.
    Copy(CopyPart),
    /// Do what the screen does.
    Perform(Command),
    Status,
    /// Print the devices of a call of the run, by its number.
    Call(usize),
    /// Resume the paused run.
    Resume,
    /// Read no more of the inventory.
    CancelFetch,
    /// Read the columns as if none was assigned on the screen.
    DropColumns,
}

/// Rows of the table, by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    Shown,
    Numbers(Vec<RangeInclusive<usize>>),
}

/// A group of failures, or one of its devices, by their numbers. A number alone may also be a row's or a
/// run's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FailurePlace {
    pub(super) group: usize,
    pub(super) device: Option<usize>,
}

pub(super) type CopyPart = crate::tui::request::CopyPart;

/// What a line requests. A key does what it does on the open screen.
pub(super) fn parse(line: &str, view: View, keys: &KeyMap) -> Result<LineCommand, LineError> {
    let line = line.trim();
    // As on the screen, a filter may follow its key at once.
    let filter_key = line.strip_prefix('/').filter(|filter| !filter.is_empty());
    if let Some(filter) = filter_key.filter(|_| view == View::Devices) {
        return Ok(LineCommand::Filter(filter.trim().to_owned()));
    }
    let (word, more) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let more = more.trim();
    if word.is_empty() {
        return Ok(LineCommand::More { all: false });
    }
    if let Some(command) = keys
        .keys()
        .iter()
        .find(|key| key.name == line && key.is_in(view))
    {
        return Ok(of_command(command.binding.command));
    }
    let lower = word.trim_start_matches(':').to_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == lower);
    let known = alias.map_or(lower.as_str(), |(_, word)| word);
    match with_arguments(known, more) {
        Some(request) => request,
        None => match keymap::action(known) {
            Some(command) if more.is_empty() => Ok(of_command(command)),
            Some(_) => Err(LineError::TakesNoArguments(known.to_owned())),
            None => Err(unknown(word)),
        },
    }
}

/// A command that takes arguments.
fn with_arguments(word: &str, more: &str) -> Option<Result<LineCommand, LineError>> {
    let text = more.to_owned();
    Some(match word {
        "help" => Ok(LineCommand::Help(text)),
        "show" => optional_number(word, more).map(LineCommand::Show),
        "more" | "next" => Ok(LineCommand::More { all: false }),
        "all" => Ok(LineCommand::More { all: true }),
        "filter" => Ok(LineCommand::Filter(text)),
        "sort" => Ok(LineCommand::Sort(text)),
        "columns" => Ok(LineCommand::Columns(text)),
        "go" => number(word, more).map(LineCommand::Go),
        "detail" if more.is_empty() => Ok(LineCommand::Detail(None)),
        "detail" => place(more)
            .ok_or_else(|| usage(word))
            .map(|at| LineCommand::Detail(Some(at))),
        "list-info" if more == "drop" => Ok(LineCommand::DropColumns),
        "fetch" if more == "cancel" => Ok(LineCommand::CancelFetch),
        "verify" => named_run(word, more, Command::Verify),
        "mark" | "unmark" => rows(word, more).map(|rows| match rows {
            Rows::Shown if word == "unmark" && more == "all" => {
                LineCommand::Perform(Command::UnmarkAll)
            }
            rows => LineCommand::Mark(rows, word == "mark"),
        }),
        "plan" => action(more),
        "retry" => places(more).map(|at| LineCommand::OnFailures(Command::Retry, at)),
        "retry-other" => places(more).map(|at| LineCommand::OnFailures(Command::RetryOther, at)),
        "look-up" => places(more).map(|at| LineCommand::OnFailures(Command::LookUp, at)),
        "open" => named_run(word, more, Command::Detail),
        "resume" if more.is_empty() => Ok(LineCommand::Resume),
        "resume" => named_run(word, more, Command::ResumeRun),
        "close" => named_run(word, more, Command::CloseRun),
        "stop" if !more.is_empty() => named_run(word, more, Command::Stop),
        "find" if more.is_empty() => Err(usage(word)),
        "find" => Ok(LineCommand::Find(text)),
        "import" => Ok(LineCommand::Import(text)),
        "export" => export(more),
        "copy" => copy(more),
        "status" => Ok(LineCommand::Status),
        "call" => number(word, more).map(LineCommand::Call),
        "cancel" => Err(LineError::NothingToCancel),
        "clear" => Ok(LineCommand::Perform(Command::Back)),
        _ => return None,
    })
}

/// What the screen does by a key, if that is a request of its own here.
fn of_command(command: Command) -> LineCommand {
    match command {
        Command::MarkShown => LineCommand::Mark(Rows::Shown, true),
        Command::UnmarkShown => LineCommand::Mark(Rows::Shown, false),
        Command::Filter => LineCommand::Filter(String::new()),
        Command::Sort => LineCommand::Sort(String::new()),
        Command::Columns => LineCommand::Columns(String::new()),
        Command::Detail => LineCommand::Detail(None),
        Command::Retry | Command::RetryOther | Command::LookUp => {
            LineCommand::OnFailures(command, Vec::new())
        }
        Command::Import => LineCommand::Import(String::new()),
        Command::Help | Command::Palette => LineCommand::Help(String::new()),
        Command::Run => LineCommand::Status,
        Command::PageDown => LineCommand::More { all: false },
        command => LineCommand::Perform(command),
    }
}

/// The error about a word that no command has, with the nearest one.
fn unknown(word: &str) -> LineError {
    let words = ENTRIES.iter().map(|entry| entry.word);
    let words = words.chain(ACTIONS.iter().map(|(_, name)| *name));
    let nearest = crate::text::nearest(&word.to_lowercase(), words);
    let shown = crate::text::clip(&crate::text::visible(word), 40).into_owned();
    match nearest {
        Some(known) => LineError::Misspelled(shown, known),
        None => LineError::Unknown(shown),
    }
}

#[cfg(test)]
mod tests;
