//! What follows the words: numbers, ranges, places of failures, names of runs and files.

use crate::domain::action::Action;
use crate::tui::input::commands::Command;
use crate::tui::plain::commands::{CopyPart, ENTRIES, FailurePlace, LineCommand, Rows};
use crate::tui::plain::error::LineError;

pub(super) fn usage(word: &str) -> LineError {
    let entry = ENTRIES.iter().find(|entry| entry.word == word);
    let more = entry.map_or("", |entry| entry.more);
    LineError::Usage(word.to_owned(), more)
}

pub(super) fn number(word: &str, more: &str) -> Result<usize, LineError> {
    match more.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(usage(word)),
    }
}

pub(super) fn optional_number(word: &str, more: &str) -> Result<Option<usize>, LineError> {
    if more.is_empty() {
        return Ok(None);
    }
    number(word, more).map(Some)
}

/// `all`, or numbers and ranges of them.
pub(super) fn rows(word: &str, more: &str) -> Result<Rows, LineError> {
    if matches!(more, "all" | "shown") {
        return Ok(Rows::Shown);
    }
    let parts = more.split([' ', ',']).filter(|part| !part.is_empty());
    let ranges = parts.map(|part| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let from: usize = from.parse().ok()?;
        let to: usize = to.parse().ok()?;
        (from > 0 && from <= to).then_some(from..=to)
    });
    match ranges.collect::<Option<Vec<_>>>() {
        Some(ranges) if !ranges.is_empty() => Ok(Rows::Numbers(ranges)),
        _ => Err(usage(word)),
    }
}

pub(super) fn action(more: &str) -> Result<LineCommand, LineError> {
    if more.is_empty() {
        return Ok(LineCommand::Perform(Command::Delete));
    }
    let mut actions = Action::ALL.into_iter();
    let action = actions.find(|action| action.as_str() == more.to_lowercase());
    action.map(LineCommand::Plan).ok_or_else(|| usage("plan"))
}

/// `2`, or `2.1`.
pub(super) fn place(part: &str) -> Option<FailurePlace> {
    let (group, device) = match part.split_once('.') {
        Some((group, device)) => (group, Some(device.parse().ok().filter(|at| *at > 0)?)),
        None => (part, None),
    };
    let group = group.parse().ok().filter(|at| *at > 0)?;
    Some(FailurePlace { group, device })
}

/// `all`, or groups and devices of them: `2 3.1`.
pub(super) fn places(more: &str) -> Result<Vec<FailurePlace>, LineError> {
    if more == "all" {
        return Ok(Vec::new());
    }
    let parts = more.split([' ', ',']).filter(|part| !part.is_empty());
    let places: Option<Vec<FailurePlace>> = parts.map(place).collect();
    places.ok_or(LineError::NoFailurePlace)
}

pub(super) fn named_run(
    word: &str,
    more: &str,
    command: Command,
) -> Result<LineCommand, LineError> {
    if more.is_empty() || more.contains(char::is_whitespace) {
        return Err(usage(word));
    }
    Ok(LineCommand::OnRun(command, more.to_owned()))
}

pub(super) fn export(more: &str) -> Result<LineCommand, LineError> {
    let (shown, file) = match more.split_once(' ') {
        Some(("shown", file)) => (true, file.trim()),
        Some(("marked", file)) => (false, file.trim()),
        _ => (false, more),
    };
    if file.is_empty() {
        return Err(usage("export"));
    }
    Ok(LineCommand::Export {
        file: file.to_owned(),
        shown,
    })
}

pub(super) fn copy(more: &str) -> Result<LineCommand, LineError> {
    let part = match more.to_lowercase().as_str() {
        "hwid" => CopyPart::Hwid,
        "mac" => CopyPart::Mac,
        "name" => CopyPart::Name,
        "row" => CopyPart::Row,
        _ => return Err(usage("copy")),
    };
    Ok(LineCommand::Copy(part))
}
