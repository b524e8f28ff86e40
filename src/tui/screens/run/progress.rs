//! How runs begin, go on and end: what the engine reports of them is recorded in the context.

use crate::domain::action::Action;
use crate::domain::outcome::{DeviceState, Doubt, Outcome};
use crate::domain::run::{PauseReason, RunId, RunState};
use crate::engine::{Report, RunNotice};
use crate::export::counts;
use crate::list::DeviceId;
use crate::plan::Plan;
use crate::text::grouped;
use crate::tui::context::{Context, SessionConfig};
use crate::tui::input::commands::Command;
use crate::tui::screens::devices::marks::Marks;
use crate::tui::screens::run::PAUSING;
use crate::tui::screens::run::state::{RunOwnership, RunView};

/// The most notices of a run that are kept.
const NOTICES: usize = 50;

/// A plan was confirmed: it is shown as queued until the engine reports more.
pub fn begin(plan: &Plan, context: &mut Context) {
    context.runs.current_call = None;
    for &id in plan.sources.iter().flatten() {
        let states = &mut context.list.session_states;
        states.insert(id, DeviceState::Planned);
    }
    let mut run = RunView::new(plan);
    run.confirmed_at = Some(context.now.wall);
    context.runs.views.push(run);
}

/// The number left of a run was typed: it is resumed. False if there is no such run.
pub fn resume(id: RunId, context: &mut Context) -> bool {
    let Some(place) = context.runs.views.iter().position(|run| run.id == id) else {
        return false;
    };
    // It is this process's newest run now.
    let mut run = context.runs.views.remove(place);
    if run.ownership == RunOwnership::Journal {
        run.ownership = RunOwnership::Resuming;
    }
    context.list.session_states.extend(run.source_states());
    context.runs.views.push(run);
    true
}

/// Records a report of the engine. False if there is no such run.
pub fn on_report(id: RunId, report: &Report, context: &mut Context) -> bool {
    let now = context.now.wall;
    let Some(run) = context.runs.find_mut(id) else {
        return false;
    };
    run.ownership = RunOwnership::Engine;
    match report {
        Report::Sending { call, devices } => {
            run.calls = *call;
            for ordinal in devices {
                run.resends.remove(ordinal);
            }
            run.waiting = None;
            run.in_flight.clone_from(devices);
            run.sent_at = Some(now);
            run.ended_at = None;
            let sources = devices
                .iter()
                .filter_map(|&ordinal| *run.sources.get(ordinal as usize)?);
            let sources: Vec<DeviceId> = sources.collect();
            let states = &mut context.list.session_states;
            states.extend(sources.into_iter().map(|id| (id, DeviceState::Sending)));
        }
        Report::Changed { devices, .. } => {
            run.in_flight.clear();
            record_states(Some(id), devices, context);
        }
        Report::Waiting { until, reason } => run.waiting = Some((*until, *reason)),
        Report::Notice(notice) => {
            if let RunNotice::WillResend(devices) = notice {
                run.resends.extend(devices);
                return true;
            }
            if let RunNotice::NotResent(_) = notice {
                run.resends.clear();
            }
            run.notices.push(notice.to_string());
            if run.notices.len() > NOTICES {
                run.notices.remove(0);
            }
        }
        Report::State { state, pause } => {
            run.state = *state;
            run.waiting = None;
            run.pause.clone_from(pause);
            match state {
                RunState::Queued => {}
                RunState::Running => {
                    // As in the journal: the time of a resumed run counts from its first start.
                    run.started_at = run.started_at.or(Some(now));
                    run.ended_at = None;
                    run.is_end_notified = false;
                    // They were measured when the run had stopped.
                    run.licences.after = None;
                }
                _ => run.ended_at = Some(now),
            }
            let list = &mut context.list;
            if *state == RunState::Stopped {
                list.give_up_unsent(run);
            }
            let message = state_message(run, &list.marks, &context.settings);
            let stays = |status: &String| *state == RunState::Running || status != PAUSING;
            context.status = message.or(context.status.take().filter(stays));
        }
    }
    true
}

/// What a change of the state comes to. That the operator paused the run is said beside its bar.
pub fn state_message(run: &RunView, marks: &Marks, settings: &SessionConfig) -> Option<String> {
    let can_fetch = settings.fetch.is_ok();
    let key = |command| settings.keys.name_of(command);
    let sources = run.sources.iter().flatten();
    let marked = sources.filter(|id| marks.contains(**id)).count();
    let tally = run.tally;
    let can_verify = can_fetch && tally.accepted > 0 && run.action != Action::Uninstall;
    match (run.state, &run.pause) {
        (RunState::Finished, _) => {
            let counts = counts(tally).replace(" · ", ", ");
            let stay = match marked {
                0 if can_verify => " · :fetch checks that they are gone".to_owned(),
                0 => String::new(),
                marked => {
                    let why = key(Command::Failures);
                    let stay = if marked == 1 { "stays" } else { "stay" };
                    format!(
                        " · {why} shows why · {} {stay} marked",
                        grouped(marked as u64)
                    )
                }
            };
            Some(format!("Finished: {counts}{stay}"))
        }
        (RunState::Stopped, _) => Some(format!(
            "Stopped: {} · {} resumes",
            counts(tally).replace(" · ", ", "),
            key(Command::Pause)
        )),
        (RunState::Paused, Some(PauseReason::Operator)) => None,
        (RunState::Paused, Some(pause)) => Some(format!("Paused: {pause}")),
        _ => None,
    }
}

/// Records new states of devices of a run, by ordinal. Devices that are accepted or gone lose their mark.
pub fn record_states(id: Option<RunId>, devices: &[(u32, DeviceState)], context: &mut Context) {
    let Some(run) = id.and_then(|id| context.runs.find_mut(id)) else {
        return;
    };
    let mut settled = Vec::new();
    let mut removed = Vec::new();
    let mut states = Vec::with_capacity(devices.len());
    for &(ordinal, state) in devices {
        let (Some(before), Some(&source)) = (
            run.states.get_mut(ordinal as usize),
            run.sources.get(ordinal as usize),
        ) else {
            continue;
        };
        run.tally.change(*before, state);
        *before = state;
        let Some(source) = source else { continue };
        states.push((source, state));
        if matches!(state, DeviceState::Ended(Outcome::Accepted | Outcome::Gone)) {
            settled.push(source);
            if run.action != Action::Uninstall {
                removed.push((source, run.removal()));
            }
        }
    }
    run.summarize();
    let list = &mut context.list;
    list.session_states.extend(states);
    list.removed.extend(removed);
    list.marks.forget(&settled);
    list.count_hidden();
}

/// The engine is gone: its runs have stopped, and what was in flight is in doubt.
pub fn break_off(reason: &str, context: &mut Context) {
    let interrupted = DeviceState::Ended(Outcome::InDoubt(Doubt::Interrupted));
    let runs = context.runs.views.iter();
    // What other processes drive goes on.
    let open = runs.filter(|run| run.is_ours() && run.state.is_open());
    let open = open.map(|run| run.id);
    for id in open.collect::<Vec<RunId>>() {
        let Some(run) = context.runs.find_mut(id) else {
            continue;
        };
        run.state = RunState::Stopped;
        run.waiting = None;
        run.notices.push(reason.to_owned());
        let in_flight: Vec<(u32, DeviceState)> = std::mem::take(&mut run.in_flight)
            .into_iter()
            .map(|ordinal| (ordinal, interrupted))
            .collect();
        record_states(Some(id), &in_flight, context);
        if let Some(run) = context.runs.find(id) {
            context.list.give_up_unsent(run);
        }
    }
}

/// The engine didn't start or resume a run. One that the journal doesn't have leaves no trace on the
/// devices, and is removed; one that it has stays, to be resumed. True if it was removed.
pub fn end_unstarted(id: RunId, context: &mut Context) -> bool {
    let runs = &mut context.runs.views;
    let Some(place) = runs.iter().position(|run| run.id == id) else {
        return false;
    };
    let run = &mut runs[place];
    if run.ownership != RunOwnership::Submitted {
        if run.ownership == RunOwnership::Resuming {
            run.ownership = RunOwnership::Journal;
        }
        if run.state == RunState::Queued {
            run.state = RunState::Stopped;
        }
        context.list.give_up_unsent(run);
        return false;
    }
    runs.remove(place);
    context.list.rebuild_session_states(runs);
    true
}
