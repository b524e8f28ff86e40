//! The lines of the failures: groups, each followed by its devices unless it is folded.

use crate::domain::outcome::OutcomeClass;
use crate::domain::run::RunId;
use crate::tui::runs::Runs;
use crate::tui::screens::failures::FailuresScreen;
use crate::tui::screens::run::groups::{DeviceGroup, FailureGroup};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureLine {
    Group(FailureGroup),
    /// A device, by its ordinal in the plan.
    Device(u32),
}

impl FailuresScreen {
    /// The groups that are shown. A run that was chosen for review shows all of its devices, of
    /// which those are left out that may still be sent by themselves; one of this process shows the
    /// accepted ones below what was not.
    pub(super) fn groups<'a>(&self, runs: &'a Runs) -> impl Iterator<Item = &'a DeviceGroup> {
        let run = self.run(runs);
        let opened = run.is_some_and(|run| self.reviewed_run == Some(run.id));
        let sends = run.is_some_and(|run| run.state.is_active());
        let groups = run.map_or(&[][..], |run| run.groups.as_slice());
        let any_problem = groups.iter().any(|group| !group.head.is_success());
        groups.iter().filter(move |group| {
            let may_be_sent = sends && group.head.outcome.class() == OutcomeClass::NotSent;
            let below = any_problem && group.head.is_accepted();
            !group.head.is_success() || below || opened && !may_be_sent
        })
    }

    /// True if only the heading of the group is shown. Accepted devices are folded at first.
    pub(super) fn is_folded(&self, group: FailureGroup) -> bool {
        group.is_accepted() != self.toggled.contains(&group.key())
    }

    /// How many devices of the group have a line.
    fn unfolded(&self, group: &DeviceGroup) -> usize {
        if self.is_folded(group.head) {
            0
        } else {
            group.ordinals.len()
        }
    }

    /// True if there is anything to show.
    pub(in crate::tui) fn has_lines(&self, runs: &Runs) -> bool {
        self.groups(runs).next().is_some()
    }

    /// What `enter` does to the group under the cursor; none on a device.
    pub(in crate::tui) fn fold_label(&self, runs: &Runs) -> Option<&'static str> {
        match self.line_at(self.cursor, runs)? {
            FailureLine::Group(group) if self.is_folded(group) => Some("unfold"),
            FailureLine::Group(_) => Some("fold"),
            FailureLine::Device(_) => None,
        }
    }

    /// How many lines there are.
    pub(super) fn line_count(&self, runs: &Runs) -> usize {
        let groups = self.groups(runs);
        groups.map(|group| 1 + self.unfolded(group)).sum()
    }

    /// The group that the line at this place is of, and the place of its heading.
    pub(super) fn group_at<'a>(
        &self,
        place: usize,
        runs: &'a Runs,
    ) -> Option<(usize, &'a DeviceGroup)> {
        let mut top = 0;
        for group in self.groups(runs) {
            let end = top + 1 + self.unfolded(group);
            if place < end {
                return Some((top, group));
            }
            top = end;
        }
        None
    }

    pub(super) fn line_at(&self, place: usize, runs: &Runs) -> Option<FailureLine> {
        let (top, group) = self.group_at(place, runs)?;
        match place.checked_sub(top + 1) {
            None => Some(FailureLine::Group(group.head)),
            Some(at) => group.ordinals.get(at).copied().map(FailureLine::Device),
        }
    }

    /// The lines in these places.
    pub(super) fn lines_between(&self, from: usize, to: usize, runs: &Runs) -> Vec<FailureLine> {
        let mut lines = Vec::new();
        let mut top = 0;
        for group in self.groups(runs) {
            let unfolded = self.unfolded(group);
            if (from..to).contains(&top) {
                lines.push(FailureLine::Group(group.head));
            }
            let first = from.saturating_sub(top + 1).min(unfolded);
            let last = to.saturating_sub(top + 1).min(unfolded);
            let shown = group.ordinals.get(first..last).unwrap_or_default();
            lines.extend(shown.iter().copied().map(FailureLine::Device));
            top += 1 + unfolded;
        }
        lines
    }

    #[cfg(test)]
    pub fn lines(&self, runs: &Runs) -> Vec<FailureLine> {
        self.lines_between(0, usize::MAX, runs)
    }

    /// Moves the cursor to a device, and unfolds its group.
    pub fn show_device(&mut self, ordinal: u32, runs: &Runs) {
        let mut top = 0;
        let mut found = None;
        for group in self.groups(runs) {
            if let Ok(at) = group.ordinals.binary_search(&ordinal) {
                found = Some((top + 1 + at, group.head));
                break;
            }
            top += 1 + self.unfolded(group);
        }
        let Some((place, group)) = found else {
            return;
        };
        if self.is_folded(group) {
            self.fold(group);
        }
        self.cursor = place;
    }

    /// The run that is shown, and the line under the cursor.
    pub fn place(&self, runs: &Runs) -> Option<(RunId, FailureLine)> {
        Some((self.run(runs)?.id, self.line_at(self.cursor, runs)?))
    }

    /// Puts the cursor back on the line where it was before results arrived: groups grow and shrink with
    /// them. A device can be in another group by now, which may be folded.
    pub fn stay_at(&mut self, place: Option<(RunId, FailureLine)>, runs: &Runs) {
        let Some((run, line)) = place else { return };
        if self.run(runs).is_none_or(|shown| shown.id != run)
            || self.line_at(self.cursor, runs) == Some(line)
        {
            return;
        }
        let mut top = 0;
        let found = self.groups(runs).find_map(|group| {
            let unfolded = self.unfolded(group);
            let begin = top;
            top += 1 + unfolded;
            let at = match line {
                FailureLine::Group(head) => (group.head == head).then_some(0),
                FailureLine::Device(ordinal) => match group.ordinals.binary_search(&ordinal) {
                    Ok(at) if at < unfolded => Some(at + 1),
                    Ok(_) => Some(0),
                    Err(_) => None,
                },
            };
            at.map(|at| begin + at)
        });
        match found {
            Some(place) => self.cursor = place,
            None => self.limit_cursor(runs),
        }
    }

    /// Folds the group, or unfolds it.
    pub(super) fn fold(&mut self, group: FailureGroup) {
        if !self.toggled.remove(&group.key()) {
            self.toggled.insert(group.key());
        }
    }
}
