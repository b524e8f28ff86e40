//! `r` and `o`: sending again what was not accepted, through the same confirmation.

use std::time::Duration;

use crate::domain::outcome::{DeviceState, Outcome};
use crate::domain::run::RunId;
use crate::engine::lookup_verdict::{self, LookupKey};
use crate::plan::{PlannedDevice, RetryTarget};
use crate::text::counted;
use crate::tui::app::App;
use crate::tui::dialogs::DeleteDialog;
use crate::tui::effect::{Effect, PlanSource};
use crate::tui::input::commands::View;
use crate::tui::screens::run::state::RunView;

/// For how long a lookup by the other identifier says that it is still the same device.
const FRESH: Duration = Duration::from_secs(600);

impl App {
    /// `r`: plans the same action again for those of the chosen failures that it can help.
    pub(in crate::tui) fn retry(&mut self) -> Vec<Effect> {
        let Some((id, chosen)) = self.chosen_to_retry(Outcome::retry_helps) else {
            return Vec::new();
        };
        if chosen.is_empty() {
            self.context.status = Some(
                "a retry helps none of these: the same answer would come again; w asks why"
                    .to_owned(),
            );
            return Vec::new();
        }
        let again = chosen
            .iter()
            .filter_map(|&ordinal| self.again(id, ordinal, PlannedDevice::clone));
        let again = again.collect();
        self.plan_again(id, again)
    }

    /// `o`: plans the chosen failures by their other identifier, once lookups have shown that it
    /// names the same devices.
    pub(in crate::tui) fn retry_other(&mut self) -> Vec<Effect> {
        if self.context.runs.lookup_progress.is_some() {
            self.context.status = Some("lookups are under way; w ends them".to_owned());
            return Vec::new();
        }
        let Some((id, mut chosen)) = self.chosen_to_retry(Outcome::other_identifier_helps) else {
            return Vec::new();
        };
        let Some(run) = self.reviewed() else {
            return Vec::new();
        };
        chosen.retain(|&ordinal| {
            let device = run.devices.get(ordinal as usize);
            device.is_some_and(|device| LookupKey::AlternateIdentifier.identifier(device).is_some())
        });
        if chosen.is_empty() {
            self.context.status =
                Some("none of these has one other identifier by which it could be sent".to_owned());
            return Vec::new();
        }
        if chosen.iter().all(|ordinal| self.is_fresh(run, *ordinal)) {
            return self.plan_others(id, &chosen);
        }
        self.ask_to_look(id, chosen, LookupKey::AlternateIdentifier);
        Vec::new()
    }

    /// Plans those of the devices, by ordinal, that lookups by the other identifier found to be the
    /// same, by that identifier; says of the others why not.
    pub(in crate::tui) fn plan_others(&mut self, id: RunId, ordinals: &[u32]) -> Vec<Effect> {
        let Some(run) = self.context.runs.find(id) else {
            return Vec::new();
        };
        let mut again = Vec::new();
        let mut refused = Vec::new();
        for &ordinal in ordinals {
            if !self.is_fresh(run, ordinal) {
                // What was seen long ago says nothing of whose the identifier is by now.
                refused.push("not looked up".to_owned());
                continue;
            }
            let (Some(device), Some(finding)) = (
                run.devices.get(ordinal as usize),
                run.alternate_findings.get(&ordinal),
            ) else {
                continue;
            };
            match lookup_verdict::offer(device, finding) {
                Ok(identifier) => {
                    again.extend(self.again(id, ordinal, |device| device.by(identifier.clone())));
                }
                Err(reason) => refused.push(reason),
            }
        }
        let message = refused.first().map(|first| {
            let count = counted(refused.len() as u64, "device");
            format!("{count} not to be sent by the other identifier: {first}")
        });
        if again.is_empty() {
            self.context.status = message.or_else(|| Some("nothing was seen of these".to_owned()));
            return Vec::new();
        }
        let effects = self.plan_again(id, again);
        if message.is_some() {
            self.context.status = message;
        }
        effects
    }

    fn is_fresh(&self, run: &RunView, ordinal: u32) -> bool {
        run.alternate_findings.get(&ordinal).is_some_and(|finding| {
            let age = self.context.now.wall.duration_since(finding.at);
            Duration::try_from(age).is_ok_and(|age| age < FRESH)
        })
    }

    /// Which of the chosen failures `helps` lets be sent again, and of which run; none, with a word
    /// on why, where nothing can.
    fn chosen_to_retry(&mut self, helps: fn(Outcome) -> bool) -> Option<(RunId, Vec<u32>)> {
        if let Some(reason) = self.context.refusal() {
            self.open(DeleteDialog::Refused(reason));
            return None;
        }
        let Some(run) = self.reviewed() else {
            self.context.status = Some("there is no run to retry".to_owned());
            return None;
        };
        let refusal = self.foreign(run.id, &run.target).or_else(|| {
            let open = run.state.is_open();
            open.then(|| "the run isn't over: it resends by itself, or is resumed".to_owned())
        });
        if let Some(reason) = refusal {
            self.context.status = Some(reason);
            return None;
        }
        let chosen = self.chosen_failures();
        let chosen = chosen.into_iter().filter(|&ordinal| {
            matches!(run.states.get(ordinal as usize), Some(DeviceState::Ended(outcome)) if helps(*outcome))
        });
        Some((run.id, chosen.collect()))
    }

    /// A device of a run as `by` has it sent, beside the list's entry of it.
    fn again(
        &self,
        id: RunId,
        ordinal: u32,
        by: impl Fn(&PlannedDevice) -> PlannedDevice,
    ) -> Option<RetryTarget> {
        let run = self.context.runs.find(id)?;
        Some(RetryTarget {
            device: by(run.devices.get(ordinal as usize)?),
            source: run.sources.get(ordinal as usize).copied().flatten(),
        })
    }

    fn plan_again(&mut self, id: RunId, again: Vec<RetryTarget>) -> Vec<Effect> {
        let Some(action) = self.context.runs.find(id).map(|run| run.action) else {
            return Vec::new();
        };
        self.plan(action, PlanSource::Retry(id, again))
    }

    /// The lookups by the other identifier are over: what they showed to be the same is planned,
    /// unless the operator is at something else by now.
    pub(in crate::tui) fn others_seen(&mut self, id: RunId, ordinals: &[u32]) -> Vec<Effect> {
        if self.dialog.is_none() && self.view == View::Failures {
            return self.plan_others(id, ordinals);
        }
        self.context.status =
            Some("looked up by the other identifier: o in the failures goes on".to_owned());
        Vec::new()
    }
}
