//! `r` and `O`: sending again what was not accepted, through the same confirmation.

use std::time::Duration;

use crate::domain::outcome::{DeviceState, Outcome};
use crate::domain::run::{RunId, RunState};
use crate::engine::lookup_verdict::{self, LookupKey};
use crate::plan::{PlannedDevice, RetryTarget};
use crate::text::counted;
use crate::tui::context::Context;
use crate::tui::dialogs::{DeleteDialog, LookUpPrompt};
use crate::tui::input::commands::Command;
use crate::tui::job::PlanSource;
use crate::tui::screens::ScreenResponse;
use crate::tui::screens::failures::FailuresScreen;
use crate::tui::screens::run::activity::time_to_end;
use crate::tui::screens::run::state::RunView;

/// For how long a lookup by the other identifier says that it is still the same device.
const FRESH: Duration = Duration::from_secs(600);

impl FailuresScreen {
    /// `r`: plans the same action again for those of the chosen failures that it can help.
    pub(super) fn retry(&self, context: &mut Context) -> ScreenResponse {
        let (id, chosen) = match self.chosen_to_retry(Outcome::retry_helps, context) {
            Ok(chosen) => chosen,
            Err(refused) => return refused,
        };
        if chosen.is_empty() {
            let key = context.key(Command::LookUp);
            let chosen = self.chosen(&context.runs);
            let gone = DeviceState::Ended(Outcome::Gone);
            let are_gone = self.run(&context.runs).is_some_and(|run| {
                let mut states = chosen
                    .iter()
                    .map(|&ordinal| run.states.get(ordinal as usize));
                !chosen.is_empty() && states.all(|state| state == Some(&gone))
            });
            context.status = Some(if are_gone {
                "Gone: nothing is left to retry.".to_owned()
            } else {
                format!("Retrying won't help: the answer would be the same. {key} looks up why.")
            });
            return ScreenResponse::default();
        }
        let targets = chosen
            .iter()
            .filter_map(|&ordinal| retry_target(id, ordinal, PlannedDevice::clone, context));
        let targets = targets.collect();
        plan_retry(id, targets, context)
    }

    /// `O`: plans the chosen failures by their other identifier, once lookups have shown that it
    /// names the same devices.
    pub(super) fn retry_by_other_identifier(&self, context: &mut Context) -> ScreenResponse {
        if context.runs.lookup_progress.is_some() {
            let key = context.key(Command::LookUp);
            context.status = Some(format!("A look-up is under way · {key} cancels"));
            return ScreenResponse::default();
        }
        let (id, mut chosen) = match self.chosen_to_retry(Outcome::other_identifier_helps, context)
        {
            Ok(chosen) => chosen,
            Err(refused) => return refused,
        };
        let Some(run) = self.run(&context.runs) else {
            return ScreenResponse::default();
        };
        chosen.retain(|&ordinal| {
            let device = run.devices.get(ordinal as usize);
            device.is_some_and(|device| LookupKey::AlternateIdentifier.identifier(device).is_some())
        });
        if chosen.is_empty() {
            context.status = Some("These devices have no second identifier to try.".to_owned());
            return ScreenResponse::default();
        }
        let hopeful = chosen.iter().copied();
        let hopeful: Vec<u32> = hopeful
            .filter(|&ordinal| !is_refused(run, ordinal, context))
            .collect();
        // It says why the others are left out.
        if hopeful
            .iter()
            .all(|&ordinal| is_fresh(run, ordinal, context))
        {
            return plan_by_other_identifier(id, &chosen, context);
        }
        let by = LookupKey::AlternateIdentifier;
        ScreenResponse::open(LookUpPrompt::new(id, hopeful, by, context))
    }

    /// How many of the chosen failures can be sent by another identifier, as far as is known.
    pub fn count_for_other_identifier(&self, context: &Context) -> u64 {
        let Some(run) = self.run(&context.runs) else {
            return 0;
        };
        let helps = |ordinal: u32| {
            let state = run.states.get(ordinal as usize);
            let device = run.devices.get(ordinal as usize);
            matches!(state, Some(DeviceState::Ended(outcome)) if outcome.other_identifier_helps())
                && device.is_some_and(|device| {
                    LookupKey::AlternateIdentifier.identifier(device).is_some()
                })
                && !is_refused(run, ordinal, context)
        };
        let chosen = self.chosen(&context.runs).into_iter();
        chosen.filter(|&ordinal| helps(ordinal)).count() as u64
    }

    /// Which of the chosen failures `helps` lets be sent again, and of which run. If nothing can be
    /// sent, a dialog or the status line says why.
    fn chosen_to_retry(
        &self,
        helps: fn(Outcome) -> bool,
        context: &mut Context,
    ) -> Result<(RunId, Vec<u32>), ScreenResponse> {
        if let Some(reason) = context.refusal() {
            return Err(ScreenResponse::open(DeleteDialog::Refused(reason)));
        }
        let Some(run) = self.run(&context.runs) else {
            context.status = Some("No runs yet".to_owned());
            return Err(ScreenResponse::default());
        };
        let refusal = context.foreign_run(run.id, &run.target).or_else(|| {
            let left = match run.state {
                RunState::Finished | RunState::Closed => return None,
                RunState::Running => match time_to_end(context, run) {
                    Some(time) => format!(" (about {time})"),
                    None => String::new(),
                },
                _ => String::new(),
            };
            Some(match run.state {
                RunState::Stopped => {
                    "The run stopped: resume or close it in the history, then retry.".to_owned()
                }
                _ => format!("Retry is available when the run has finished{left}."),
            })
        });
        if let Some(reason) = refusal {
            context.status = Some(reason);
            return Err(ScreenResponse::default());
        }
        let chosen = self.chosen(&context.runs).into_iter().filter(|&ordinal| {
            matches!(run.states.get(ordinal as usize), Some(DeviceState::Ended(outcome)) if helps(*outcome))
        });
        Ok((run.id, chosen.collect()))
    }
}

/// Plans those of the devices, by ordinal, that lookups by the other identifier found to be the
/// same, by that identifier. The status line says why the others are left out.
pub(super) fn plan_by_other_identifier(
    id: RunId,
    ordinals: &[u32],
    context: &mut Context,
) -> ScreenResponse {
    let Some(run) = context.runs.find(id) else {
        return ScreenResponse::default();
    };
    let mut targets = Vec::new();
    let mut refused = Vec::new();
    for &ordinal in ordinals {
        if !is_fresh(run, ordinal, context) {
            // An old lookup doesn't say whose the identifier is by now.
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
                let by_other = |device: &PlannedDevice| device.by(identifier.clone());
                targets.extend(retry_target(id, ordinal, by_other, context));
            }
            Err(reason) => refused.push(reason.to_string()),
        }
    }
    let message = refused.first().map(|first| {
        let count = counted(refused.len() as u64, "device");
        format!("{count} left out: {first}")
    });
    if targets.is_empty() {
        context.status = message.or_else(|| Some("None of these was looked up".to_owned()));
        return ScreenResponse::default();
    }
    let response = plan_retry(id, targets, context);
    if message.is_some() {
        context.status = message;
    }
    response
}

/// True if a fresh lookup has shown that the other identifier names no device, or another one.
fn is_refused(run: &RunView, ordinal: u32, context: &Context) -> bool {
    let found = run.devices.get(ordinal as usize);
    let found = found.zip(run.alternate_findings.get(&ordinal));
    is_fresh(run, ordinal, context)
        && found.is_some_and(|(device, finding)| lookup_verdict::offer(device, finding).is_err())
}

fn is_fresh(run: &RunView, ordinal: u32, context: &Context) -> bool {
    run.alternate_findings.get(&ordinal).is_some_and(|finding| {
        let age = context.now.wall.duration_since(finding.at);
        Duration::try_from(age).is_ok_and(|age| age < FRESH)
    })
}

/// A device of a run as `by` has it sent, beside the list's entry of it.
fn retry_target(
    id: RunId,
    ordinal: u32,
    by: impl Fn(&PlannedDevice) -> PlannedDevice,
    context: &Context,
) -> Option<RetryTarget> {
    let run = context.runs.find(id)?;
    Some(RetryTarget {
        device: PlannedDevice {
            record: Some(ordinal),
            ..by(run.devices.get(ordinal as usize)?)
        },
        source: run.sources.get(ordinal as usize).copied().flatten(),
    })
}

fn plan_retry(id: RunId, targets: Vec<RetryTarget>, context: &mut Context) -> ScreenResponse {
    let Some(action) = context.runs.find(id).map(|run| run.action) else {
        return ScreenResponse::default();
    };
    let source = PlanSource::Retry(id, targets);
    let (dialog, effect) = DeleteDialog::planning(action, source, context);
    ScreenResponse::open(dialog).with([effect])
}
