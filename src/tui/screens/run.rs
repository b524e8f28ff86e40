//! The runs of this process: what the commands do that pause, resume and stop them. Their state is
//! in [`Runs`].

pub mod activity;
pub mod call_log;
pub(in crate::tui) mod calls;
pub mod groups;
pub mod line;
mod needs;
pub mod progress;
pub mod render;
pub mod state;

use crate::domain::run::{PauseReason, RunId, RunState};
use crate::engine::Control;
use crate::text::counted;
use crate::tui::context::Context;
use crate::tui::dialogs::{
    CallDevices, Dialog, ResumeDialog, RunInfo, SaveFile, StopRun, TokenEntry,
};
use crate::tui::effect::Effect;
use crate::tui::input::commands::Command;
use crate::tui::runs::Runs;
use crate::tui::screens::ScreenResponse;
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::layout;

/// Runs a command that is about runs on every screen but the history; any other one does nothing.
pub fn on_command(command: Command, context: &mut Context) -> ScreenResponse {
    match command {
        Command::Pause => pause(context),
        Command::Stop => stop(context),
        _ => ScreenResponse::default(),
    }
}

/// Runs a command of the run's own screen; any other one does nothing.
pub fn on_own_command(command: Command, context: &mut Context) -> ScreenResponse {
    match command {
        Command::Export => return export(context),
        Command::RunInfo => return show_info(context),
        Command::Detail => return show_call(context),
        _ => move_among_calls(command, context),
    }
    ScreenResponse::default()
}

/// Moves the cursor among the calls of the shown run.
fn move_among_calls(command: Command, context: &mut Context) {
    let rows = match command {
        Command::Up => -1,
        Command::Down => 1,
        Command::PageUp => -layout::page(context),
        Command::PageDown => layout::page(context),
        Command::HalfPageUp => -layout::half_page(context),
        Command::HalfPageDown => layout::half_page(context),
        Command::Top => isize::MIN,
        Command::Bottom => isize::MAX,
        _ => return,
    };
    move_by(rows, &mut context.runs);
}

/// Moves the cursor among the calls by as many rows. On the newest it follows the newest.
pub fn move_by(rows: isize, runs: &mut Runs) {
    let Some(run) = runs.shown() else { return };
    let places: Vec<usize> = calls::past_calls(run).collect();
    let last = places.len().saturating_sub(1);
    let line = calls::cursor(runs, run)
        .saturating_add_signed(rows)
        .min(last);
    let call = places.get(line).filter(|_| line > 0);
    runs.current_call = call.map(|&place| (run.id, run.call_details[place].call));
}

/// `i`: what the journal says of the shown run.
fn show_info(context: &Context) -> ScreenResponse {
    let Some(run) = context.runs.shown() else {
        return ScreenResponse::default();
    };
    let (info, read) = RunInfo::new(run.id, context);
    ScreenResponse::open(info).with([read])
}

/// `enter`: the devices of the call under the cursor.
fn show_call(context: &Context) -> ScreenResponse {
    let call = context.runs.shown().and_then(|run| {
        let place = calls::past_calls(run).nth(calls::cursor(&context.runs, run))?;
        Some(CallDevices::new(run.id, run.call_details.get(place)?.call))
    });
    call.map_or_else(ScreenResponse::default, ScreenResponse::open)
}

/// Said until the run is paused.
const PAUSING: &str = "Pausing after the call in flight";

/// `p`: pauses, and resumes what `p` paused. Any other run that isn't over is resumed by its count.
fn pause(context: &mut Context) -> ScreenResponse {
    let Some(run) = context.runs.open_run() else {
        let shown = context.runs.shown().filter(|run| run.state.is_open());
        context.status = Some(match shown {
            Some(run) => format!(
                "Run {} was opened from the history · {} there resumes it",
                run.id,
                context.key(Command::ResumeRun)
            ),
            None => "No run to pause".to_owned(),
        });
        return ScreenResponse::default();
    };
    match (run.state, &run.pause) {
        (RunState::Running, _) if run.only_resends() => {
            context.status = Some(pause_refusal(run, context));
            ScreenResponse::default()
        }
        (RunState::Running, _) => {
            context.status = Some(PAUSING.to_owned());
            ScreenResponse::effects([Effect::Control(Control::Pause)])
        }
        (RunState::Paused, Some(PauseReason::Operator)) => {
            ScreenResponse::effects([Effect::Control(Control::Resume)])
        }
        (RunState::Paused | RunState::Stopped, _) => ScreenResponse {
            dialog: resume_question(run.id, context),
            ..ScreenResponse::default()
        },
        _ => {
            context.status = Some(format!("Run {} is {}", run.id, run.state.as_str()));
            ScreenResponse::default()
        }
    }
}

/// Why a run with nothing left to send isn't paused: it would end, and give its resends up.
fn pause_refusal(run: &RunView, context: &Context) -> String {
    let resends = match resends(run) {
        resends if resends.is_empty() => String::new(),
        resends => format!(": only {resends}"),
    };
    let key = context.key(Command::Stop);
    format!("Nothing is left to pause{resends} · {key} ends the run")
}

/// What the run resends, if anything.
fn resends(run: &RunView) -> String {
    match run.resends.len() as u64 {
        0 => String::new(),
        1 => "1 device in doubt is resent".to_owned(),
        count => format!("{} in doubt are resent", counted(count, "device")),
    }
}

/// Why the program can't be suspended, if so: that pauses the run, which has nothing left but resends.
pub fn suspend_refusal(context: &Context) -> Option<String> {
    let run = context.runs.open_run()?;
    let resends = Some(resends(run)).filter(|text| run.only_resends() && !text.is_empty())?;
    let key = context.key(Command::Stop);
    Some(format!(
        "Not suspended: first {resends} · {key} ends the run"
    ))
}

/// Asks for what a run needs to be resumed: a token if its own is dead, else the number left.
pub fn resume_question(id: RunId, context: &Context) -> Option<Dialog> {
    let token = TokenEntry::for_run(id, context).map(Dialog::from);
    token.or_else(|| ResumeDialog::for_run(id, context).map(Dialog::from))
}

/// `e`: asks where the shown run is written to.
fn export(context: &Context) -> ScreenResponse {
    match context.runs.shown() {
        Some(run) => ScreenResponse::open(SaveFile::of_run(run.id)),
        None => ScreenResponse::default(),
    }
}

/// `x`: stops after the call in flight, if it is pressed again.
fn stop(context: &mut Context) -> ScreenResponse {
    let Some(run) = context.runs.open_run() else {
        let key = context.key(Command::History);
        context.status = Some(format!(
            "No run of this session to stop · {key} shows all runs"
        ));
        return ScreenResponse::default();
    };
    if run.state == RunState::Stopped {
        let key = if context.runs.is_broken() {
            String::new()
        } else {
            format!(" · {} resumes", context.key(Command::Pause))
        };
        context.status = Some(format!("Run {} is stopped{key}", run.id));
        return ScreenResponse::default();
    }
    ScreenResponse::open(StopRun::of_this_process(context))
}
