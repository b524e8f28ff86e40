//! Runs of the journal, a line each.

use jiff::Timestamp;

use crate::domain::run::RunId;
use crate::export;
use crate::text::{counted, visible};
use crate::tui::plain::Dialogue;
use crate::tui::plain::error::LineError;
use crate::tui::plain::sentences::NO_RUN;
use crate::tui::screens::history::state::PastRun;

/// `run vag4p68w, remove, 2026-11-27 14:03 UTC, stopped: 101 accepted; by eve@console; note CHG-1042`.
pub(super) fn line(run: &PastRun, now: Timestamp) -> String {
    let record = &run.record;
    let operator = &record.operator;
    let mut line = format!(
        "run {}, {}, {}, {} UTC, {}: {}; by {}@{}",
        record.id,
        record.action,
        counted(record.devices, "device"),
        record.confirmed_at.strftime("%Y-%m-%d %H:%M"),
        run.state.as_str(),
        export::counts(record.tally),
        visible(&operator.os_user),
        visible(&operator.host),
    );
    let fact = |name, text: &Option<String>| Some((name, text.clone()?));
    let facts = [
        fact("note", &record.note),
        fact("closed by", &record.closed_by),
        record
            .labelled_reason()
            .map(|(name, reason)| (name, reason.to_owned())),
    ];
    for (name, fact) in facts.iter().flatten() {
        line.push_str(&format!("; {name} {}", visible(fact)));
    }
    if let Some(driver) = run.driver(now) {
        line.push_str(&format!("; {}", visible(&driver)));
    }
    super::spoken::line_of(&line)
}

impl Dialogue {
    /// The runs by their numbers, or the devices that were searched in them.
    pub(super) fn history_lines(&mut self) -> Vec<String> {
        self.number_runs();
        let history = &self.host.app.history;
        if let Some(search) = &history.search {
            let devices = search.found.as_ref().map(|found| &found.devices[..]);
            let devices = devices.unwrap_or_default();
            let mut lines = vec![format!(
                "{} found in all runs for {:?}.",
                counted(devices.len() as u64, "device"),
                visible(&search.text)
            )];
            lines.extend((1..).zip(devices).map(|(number, found)| {
                let device = &found.record.device;
                format!(
                    "{number}. {}, {}, {} in run {}",
                    visible(&device.hostname),
                    device.identifier,
                    found.record.state.as_final_outcome(),
                    found.run
                )
            }));
            return lines;
        }
        let now = self.host.app.context.now.wall;
        let runs = history.runs.as_deref().unwrap_or_default();
        if runs.is_empty() {
            return vec![NO_RUN.to_owned()];
        }
        (1..)
            .zip(runs)
            .map(|(number, run)| format!("{number}. {}", line(run, now)))
            .collect()
    }

    /// The name of the run that was printed with this number; a name stays as it is.
    pub(super) fn printed_name(&self, name: String) -> Result<String, LineError> {
        match name.parse::<usize>() {
            Ok(number) if name.len() < RunId::SHORT_LENGTH => {
                Ok(self.run_numbered(number)?.to_string())
            }
            _ => Ok(name),
        }
    }

    /// The place of a run in the history, by its name or the beginning of it.
    pub(super) fn run_place(&self, name: &str) -> Result<usize, LineError> {
        let runs = self.host.app.history.runs.as_deref().unwrap_or_default();
        if runs.is_empty() {
            return Err(LineError::NoRun);
        }
        if name == "last" {
            return Ok(0);
        }
        let named = |run: &PastRun| run.record.id.to_string() == name;
        if let Some(place) = runs.iter().position(named) {
            return Ok(place);
        }
        let begins = |run: &&PastRun| run.record.id.to_string().starts_with(name);
        let found: Vec<&PastRun> = runs.iter().filter(begins).collect();
        match found[..] {
            [only] => Ok(runs.iter().position(|run| run == only).unwrap_or(0)),
            [] => Err(LineError::NoRunNamed(visible(name).into_owned())),
            _ => Err(LineError::AmbiguousRun(visible(name).into_owned())),
        }
    }
}
