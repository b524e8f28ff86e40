//! What was not accepted, by reason, with what it means and what helps.

use std::collections::BTreeSet;

use crate::export;
use crate::text::counted;
use crate::tui::plain::Dialogue;
use crate::tui::plain::commands::FailurePlace;
use crate::tui::plain::error::LineError;
use crate::tui::plain::sentences::NO_RUN;
use crate::tui::screens::failures::spoken;

/// The most devices of a group that are printed at first.
const DEVICES: usize = 10;

impl Dialogue {
    /// Every group by its number, with its meaning and its first devices.
    pub(super) fn failure_lines(&mut self) -> Vec<String> {
        let app = &self.host.app;
        let groups = app.failures.spoken_groups(&app.context);
        if let Some(run) = app.reviewed().map(|run| run.id) {
            let devices = groups.iter().map(|group| group.ordinals.clone());
            self.number_groups(run, devices.collect());
        }
        let app = &self.host.app;
        let Some(run) = app.reviewed() else {
            return vec![NO_RUN.to_owned()];
        };
        let mut lines = vec![format!(
            "Run {}, {}, {}: {}.",
            run.id,
            run.action,
            run.state.as_str(),
            super::spoken::line_of(&export::counts(run.tally))
        )];
        if groups.is_empty() {
            lines.push("No device failed, and none is in doubt.".to_owned());
        }
        for (number, group) in (1..).zip(&groups) {
            lines.push(String::new());
            let devices = counted(group.ordinals.len() as u64, "device");
            lines.push(format!("Group {number}: {}, {devices}.", group.name));
            lines.extend(super::spoken::lines(&group.explanation));
            let shown = group.ordinals.iter().take(DEVICES);
            lines.extend((1..).zip(shown).map(|(at, &ordinal)| {
                format!(
                    "{number}.{at} {}",
                    spoken::device(&app.context, run, ordinal)
                )
            }));
            if group.ordinals.len() > DEVICES {
                let more = (group.ordinals.len() - DEVICES) as u64;
                lines.push(format!(
                    "{}. Type show {number} to print all.",
                    counted(more, "more device")
                ));
            }
        }
        lines.push(String::new());
        if let Some(lookups) = spoken::lookups(&app.context, run) {
            lines.push(lookups);
        }
        lines
    }

    /// All devices of a group.
    pub(super) fn group_lines(&self, number: usize) -> Result<Vec<String>, LineError> {
        let app = &self.host.app;
        let group = self.group_numbered(number)?;
        let Some(run) = app.reviewed() else {
            return Ok(Vec::new());
        };
        let devices = (1..).zip(group);
        let line = |(at, &ordinal): (usize, &u32)| {
            format!(
                "{number}.{at} {}",
                spoken::device(&app.context, run, ordinal)
            )
        };
        Ok(devices.map(line).collect())
    }

    /// The devices that were printed at these places, by ordinal; all that are failures now without any.
    pub(super) fn failure_ordinals(
        &self,
        places: &[FailurePlace],
    ) -> Result<BTreeSet<u32>, LineError> {
        let app = &self.host.app;
        if places.is_empty() {
            let groups = app.failures.spoken_groups(&app.context).into_iter();
            let failed = groups.filter(|group| !group.is_success);
            return Ok(failed.flat_map(|group| group.ordinals).collect());
        }
        let mut ordinals = BTreeSet::new();
        for place in places {
            let group = self.group_numbered(place.group)?;
            match place.device {
                None => ordinals.extend(group),
                Some(device) => {
                    let none = LineError::NoDeviceOfGroup {
                        group: place.group,
                        device,
                    };
                    ordinals.insert(*group.get(device - 1).ok_or(none)?);
                }
            }
        }
        Ok(ordinals)
    }
}
