//! `w`: devices that were not accepted are looked up in the tenant.

use crate::domain::run::RunId;
use crate::engine::lookup_verdict::{LookupAnswer, LookupKey};
use crate::runner::{LookupEnd, LookupNews};
use crate::text::visible;
use crate::tui::context::Context;
use crate::tui::dialogs::LookUpPrompt;
use crate::tui::effect::Effect;
use crate::tui::input::commands::Command;
use crate::tui::job::Job;
use crate::tui::screens::ScreenResponse;
use crate::tui::screens::failures::FailuresScreen;
use crate::tui::screens::failures::retry::plan_by_other_identifier;
use crate::tui::screens::run::progress;

impl FailuresScreen {
    /// `w`: shows first what lookups cost. While lookups are under way it ends them.
    pub(super) fn look_up(&self, context: &mut Context) -> ScreenResponse {
        if context.runs.lookup_progress.is_some() {
            context.status = Some("Look-up ends after the call in flight".to_owned());
            return ScreenResponse::effects([Effect::CancelLookups]);
        }
        let devices = self.chosen(&context.runs);
        let Some(run) = self.run(&context.runs) else {
            context.status = Some("No runs yet".to_owned());
            return ScreenResponse::default();
        };
        let id = run.id;
        if let Some(reason) = context.foreign_run(id, &run.target) {
            context.status = Some(reason);
            return ScreenResponse::default();
        }
        if devices.is_empty() {
            context.status = Some("Mark devices, or go to a row or a group".to_owned());
            return ScreenResponse::default();
        }
        if context.settings.target.is_none() {
            context.status.clone_from(&context.info.forbidden);
            return ScreenResponse::default();
        }
        let prompt = LookUpPrompt::new(id, devices, LookupKey::SentIdentifier, context);
        ScreenResponse::open(prompt)
    }

    /// News of the lookups of a run. `is_shown` while this screen is open and no dialog is: only then
    /// lookups by the other identifier lead to a plan.
    pub fn on_lookup_news(
        &mut self,
        run: Option<RunId>,
        news: LookupNews,
        is_shown: bool,
        context: &mut Context,
    ) -> ScreenResponse {
        match news {
            LookupNews::Seen {
                ordinal,
                by,
                finding,
                state,
                ..
            } => {
                let is_gone = finding.seen == LookupAnswer::Absent;
                let mut views = context.runs.views.iter_mut();
                if let Some(run) = views.find(|known| Some(known.id) == run) {
                    let device = run.devices.get(ordinal as usize);
                    let sent = device.is_some_and(|device| {
                        by.identifier(device).as_ref() == Some(&device.identifier)
                    });
                    if by == LookupKey::AlternateIdentifier {
                        run.alternate_findings.insert(ordinal, finding.clone());
                    }
                    if sent {
                        run.findings.insert(ordinal, finding);
                    }
                }
                progress::record_states(run, &[(ordinal, state)], context);
                self.limit_cursor(&context.runs);
                if let Some(lookups) = &mut context.runs.lookup_progress {
                    lookups.gone += usize::from(is_gone);
                    lookups.there += usize::from(!is_gone);
                }
            }
            LookupNews::Unclear { message, .. } => {
                context.status = Some(message);
                if let Some(lookups) = &mut context.runs.lookup_progress {
                    lookups.unclear += 1;
                    let unconfirmed = &mut lookups.calls.unconfirmed;
                    *unconfirmed = unconfirmed.saturating_sub(1);
                }
            }
            LookupNews::Called(calls) => {
                if let Some(lookups) = &mut context.runs.lookup_progress {
                    lookups.calls = calls;
                    lookups.until = None;
                    lookups.yields = false;
                }
            }
            LookupNews::Waiting(wait) => {
                if let Some(lookups) = &mut context.runs.lookup_progress {
                    lookups.until = Some(wait.until);
                    lookups.yields = false;
                }
            }
            LookupNews::Yielding => {
                if let Some(lookups) = &mut context.runs.lookup_progress {
                    lookups.yields = true;
                }
            }
            LookupNews::Ended(end) => return on_lookups_ended(end, is_shown, context),
        }
        ScreenResponse::default()
    }
}

fn on_lookups_ended(
    end: Option<LookupEnd>,
    is_shown: bool,
    context: &mut Context,
) -> ScreenResponse {
    let ended = context.runs.lookup_progress.clone();
    let reason = end.map(|end| visible(&end.to_string()).into_owned());
    end_lookups(reason, context);
    // The state of a device may have been settled that is of a run of the journal.
    let mut response = ScreenResponse::effects([Effect::Job(Job::ReadJournalStates)]);
    let others = ended.filter(|lookups| lookups.by == LookupKey::AlternateIdentifier);
    if let Some(lookups) = others {
        if is_shown {
            let plan = plan_by_other_identifier(lookups.run, &lookups.devices, context);
            response.dialog = plan.dialog;
            response.effects.extend(plan.effects);
        } else {
            let key = context.key(Command::RetryOther);
            context.status = Some(format!(
                "Looked up by the other identifier · {key} in the failures plans them"
            ));
        }
    }
    response
}

/// No more devices are looked up; the status line says what was found.
pub fn end_lookups(reason: Option<String>, context: &mut Context) {
    let Some(lookups) = context.runs.lookup_progress.take() else {
        return;
    };
    let summary = lookups.summary();
    context.status = Some(match reason {
        Some(reason) => format!("{summary} · {reason}"),
        None => summary,
    });
}
