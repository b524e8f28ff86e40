//! Reading a run of the journal, to review or to resume it.

use jiff::Timestamp;

use crate::domain::outcome::Tally;
use crate::export::VerificationText;
use crate::list::DeviceList;
use crate::plan::PlannedDevice;
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::commands::Command;
use crate::tui::job::RunJob;
use crate::tui::screens::history::state::{PastRun, Recall, RecalledRun};
use crate::tui::screens::run::state::{RunOwnership, RunView};

/// Reads the run, unless it is to be resumed and can't be: then the status line says why.
pub fn recall(run: &PastRun, what: Recall, context: &mut Context) -> Option<Effect> {
    let id = run.record.id;
    if what == Recall::Resume {
        let own = context.runs.find(id);
        let own = own.filter(|known| known.is_ours() && known.state.is_open());
        let refusal = if let Some(own) = own {
            let state = own.state.as_str();
            let key = context.key(Command::Run);
            Some(format!(
                "Run {id} is {state} in this program · {key} shows it"
            ))
        } else if let Some(refusal) = run.held_refusal(context.now.wall, context.key(Command::Stop))
        {
            Some(refusal)
        } else if !run.state.is_open() {
            let state = run.state.as_str();
            Some(format!("Run {id} is {state}: nothing is left to send"))
        } else {
            let foreign = context.foreign_run(id, &run.record.target);
            foreign.or_else(|| context.info.forbidden.clone())
        };
        if refusal.is_some() {
            context.status = refusal;
            return None;
        }
    }
    Some(Effect::Runs(RunJob::Recall(id, what)))
}

/// Adds a run of the journal to the runs, or brings up to date what is known of it.
pub fn add(run: RecalledRun, context: &mut Context) {
    context.runs.read_at = Some(context.now.boot);
    match context.runs.find_mut(run.past.record.id) {
        // What this process has seen of it is newer.
        Some(known) if known.is_ours() => {
            known.findings = run.findings;
            known.set_calls(run.calls);
        }
        Some(known) => {
            // The journal doesn't have what was looked up by another identifier.
            let alternate_findings = std::mem::take(&mut known.alternate_findings);
            *known = RunView {
                alternate_findings,
                ..view_of(&context.list.devices, run, context.now.wall)
            };
        }
        // A run of this process stays the last: its outcome is the exit code.
        None => {
            let view = view_of(&context.list.devices, run, context.now.wall);
            context.runs.views.insert(0, view);
        }
    }
}

/// A run of the journal, with its devices found again in the list.
fn view_of(list: &DeviceList, run: RecalledRun, now: Timestamp) -> RunView {
    let RecalledRun {
        past,
        devices,
        calls,
        findings,
    } = run;
    let verified = VerificationText::of(&past.record).map(|text| text.counts);
    let states: Vec<_> = devices.iter().map(|device| device.state).collect();
    let planned: Vec<PlannedDevice> = devices.into_iter().map(|device| device.device).collect();
    let left = usize::try_from(past.record.tally.left_in(past.state)).unwrap_or(usize::MAX);
    let notices = past.driver(now);
    // The process that drives the run waits for the answer.
    let sent = calls.last().filter(|call| call.took.is_none());
    let sent = sent.filter(|_| past.holder.is_some());
    let sent_at = sent.map(|call| call.at);
    let in_flight = sent.map(|call| call.devices.clone()).unwrap_or_default();
    let record = past.record;
    let operator = record.operator;
    let mut view = RunView {
        sources: RunView::sources_of(list, &planned),
        tally: Tally::of(states.iter().copied()),
        devices: planned,
        states,
        state: past.state,
        ownership: RunOwnership::Journal,
        reason: record.reason,
        calls: record.calls,
        planned_calls: usize::try_from(record.calls)
            .unwrap_or(usize::MAX)
            .saturating_add(record.sizes.calls(left)),
        notices: notices.into_iter().collect(),
        note: record.note,
        confirmed_by: Some(format!("{}@{}", operator.os_user, operator.host)),
        confirmed_at: Some(record.confirmed_at),
        started_at: record.started_at,
        ended_at: record.ended_at,
        licences: record.licences,
        call_details: calls,
        sent_at,
        in_flight,
        findings,
        verified,
        ..RunView::without_devices(record.id, record.target, record.action, record.sizes)
    };
    view.summarize();
    view
}
