//! What the numbers of rows, groups and runs stand for: what was printed under them last, whatever has
//! changed since.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::domain::run::RunId;
use crate::list::{DeviceId, DeviceList};
use crate::tui::column::Sort;
use crate::tui::plain::Dialogue;
use crate::tui::plain::error::LineError;

#[derive(Debug, Default)]
pub(super) struct Printed {
    rows: Option<Rows>,
    /// The run, and for each of its groups the devices by ordinal.
    groups: Option<(RunId, Vec<Vec<u32>>)>,
    runs: Option<Runs>,
}

/// The rows of the table, with what decides which they are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rows {
    list: ListIdentity,
    filter: String,
    marked_only: bool,
    sort: Sort,
    devices: Arc<Vec<DeviceId>>,
}

/// A list, which is the same only if it wasn't read again.
#[derive(Clone, Debug)]
struct ListIdentity(Arc<DeviceList>);

impl PartialEq for ListIdentity {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Clone, Debug)]
enum Runs {
    All(Vec<RunId>),
    /// Those of devices that were searched.
    Found(String, Vec<RunId>),
}

impl Rows {
    /// True if the operator has chosen no other rows since. What a run changes meanwhile doesn't matter.
    fn is_choice_of(&self, other: &Self) -> bool {
        let devices = other.devices.clone();
        *other
            == Self {
                devices,
                ..self.clone()
            }
    }

    fn at(&self, numbers: RangeInclusive<usize>) -> Result<&[DeviceId], LineError> {
        let (from, to) = (*numbers.start(), *numbers.end());
        let count = self.devices.len();
        let from = from.checked_sub(1);
        let rows = from.and_then(|from| self.devices.get(from..to));
        rows.ok_or(LineError::NoRow {
            number: to,
            last: count,
        })
    }
}

impl Dialogue {
    /// The rows as they are now.
    fn present_rows(&self) -> Rows {
        let app = &self.host.app;
        Rows {
            list: ListIdentity(app.context.list.devices.clone()),
            filter: app.devices.query.text().to_owned(),
            marked_only: app.devices.marked_only,
            sort: app.devices.sort.clone(),
            devices: app.context.list.rows.clone(),
        }
    }

    /// The rows of the table are about to be printed: from here on numbers stand for them.
    pub(super) fn number_rows(&mut self) {
        self.printed.rows = Some(self.present_rows());
    }

    /// The rows that were printed, in their order.
    pub(super) fn numbered_rows(&self) -> Result<Arc<Vec<DeviceId>>, LineError> {
        Ok(self.printed_rows()?.devices.clone())
    }

    fn printed_rows(&self) -> Result<&Rows, LineError> {
        let printed = self.printed.rows.as_ref().ok_or(LineError::NoRowsPrinted)?;
        if printed.is_choice_of(&self.present_rows()) {
            Ok(printed)
        } else {
            Err(LineError::RowsChanged)
        }
    }

    /// The devices that were printed with these numbers.
    pub(super) fn devices_numbered(
        &self,
        ranges: Vec<RangeInclusive<usize>>,
    ) -> Result<Vec<DeviceId>, LineError> {
        let printed = self.printed_rows()?;
        let mut devices = Vec::new();
        for range in ranges {
            devices.extend(printed.at(range)?);
        }
        Ok(devices)
    }

    /// The place in the table, as it is now, of the device that was printed with this number.
    pub(super) fn place_of_row(&self, number: usize) -> Result<usize, LineError> {
        let device = self.printed_rows()?.at(number..=number)?.first().copied();
        let rows = &self.host.app.context.list.rows;
        let place = rows.iter().position(|&id| Some(id) == device);
        place.ok_or(LineError::RowNotShown(number))
    }

    /// Groups of failures are about to be printed: from here on numbers stand for them.
    pub(super) fn number_groups(&mut self, run: RunId, groups: Vec<Vec<u32>>) {
        self.printed.groups = Some((run, groups));
    }

    /// The devices of the group that was printed with this number, by ordinal.
    pub(super) fn group_numbered(&self, number: usize) -> Result<&[u32], LineError> {
        let reviewed = self.host.app.reviewed().ok_or(LineError::NoRunToReview)?.id;
        let (run, groups) = self
            .printed
            .groups
            .as_ref()
            .ok_or(LineError::NoFailuresPrinted)?;
        if reviewed != *run {
            return Err(LineError::FailuresOfOtherRun);
        }
        let group = number.checked_sub(1).and_then(|at| groups.get(at));
        let last = groups.len();
        let group = group.ok_or(LineError::NoGroup { number, last });
        group.map(Vec::as_slice)
    }

    /// The runs of the history, or of the devices that were searched, are about to be printed: from here
    /// on numbers stand for them.
    pub(super) fn number_runs(&mut self) {
        let history = &self.host.app.history;
        self.printed.runs = Some(match &history.search {
            Some(search) => {
                let found = search.found.as_ref().map(|found| &found.devices[..]);
                let found = found.unwrap_or_default().iter();
                Runs::Found(search.text.clone(), found.map(|found| found.run).collect())
            }
            None => {
                let runs = history.runs.as_deref().unwrap_or_default().iter();
                Runs::All(runs.map(|run| run.record.id).collect())
            }
        });
    }

    /// The run that was printed with this number.
    pub(super) fn run_numbered(&self, number: usize) -> Result<RunId, LineError> {
        let printed = self.printed.runs.as_ref().ok_or(LineError::NoRunsPrinted)?;
        let (Runs::All(runs) | Runs::Found(_, runs)) = printed;
        let run = number.checked_sub(1).and_then(|at| runs.get(at)).copied();
        let last = runs.len();
        if last == 0 {
            return Err(LineError::NoRunsPrinted);
        }
        run.ok_or(LineError::NoNumber { number, last })
    }

    /// The place in the open history, as it is now, of what was printed with this number.
    pub(super) fn place_in_history(&self, number: usize) -> Result<usize, LineError> {
        let run = self.run_numbered(number)?;
        let history = &self.host.app.history;
        let place = match (&self.printed.runs, &history.search) {
            (Some(Runs::Found(text, _)), Some(search)) if *text == search.text => Some(number - 1),
            (Some(Runs::All(_)), None) => {
                let runs = history.runs.as_deref().unwrap_or_default();
                runs.iter().position(|known| known.record.id == run)
            }
            _ => None,
        };
        place.ok_or(LineError::HistoryChanged)
    }
}
