//! Which commands do something at the moment, on how many devices, and why the others don't: the
//! footer shows the first, the command palette both.

use crate::domain::outcome::Outcome;
use crate::domain::run::RunState;
use crate::tui::context::Context;
use crate::tui::dialogs::Action;
use crate::tui::input::commands::{ACTIONS, Command, Task, View};
use crate::tui::screens::failures::FailuresScreen;
use crate::tui::screens::history::HistoryScreen;
use crate::tui::screens::run::calls::past_calls;
use crate::tui::widgets::match_offer;

/// What a command would act on.
#[derive(Clone, Copy, Debug)]
pub(in crate::tui) struct Scene<'a> {
    pub view: View,
    /// What the screens share.
    pub context: &'a Context,
    pub failures: &'a FailuresScreen,
    /// The runs of the journal.
    pub history: &'a HistoryScreen,
}

/// A command that does something at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Available {
    /// On how many devices, where that is more than the row under the cursor.
    pub devices: Option<u64>,
    /// What it does now, if its usual label doesn't say it.
    pub label: Option<&'static str>,
}

/// A command that does nothing at the moment, and why.
pub(in crate::tui) type Unavailable = &'static str;

const NO_RUN: Unavailable = "no run is shown";
const NOTHING_USABLE: Unavailable = "no row has an identifier that can be sent";

type Availability = Result<Available, Unavailable>;

impl Scene<'_> {
    /// All commands for the palette, but for those that only move the cursor.
    pub(in crate::tui) fn actions(&self) -> Vec<Action> {
        let keys = self.context.settings.keys.keys();
        let actions = ACTIONS.iter().filter_map(|&(command, name)| {
            let mut of_command = keys.iter().filter(|key| key.binding.command == command);
            let here = of_command.clone().find(|key| key.is_in(self.view));
            let key = here.or_else(|| of_command.next())?;
            let moves = key.binding.task == Task::Move;
            if moves || command == Command::Palette {
                return None;
            }
            let is_named = key.name.starts_with(':');
            Some(Action {
                command,
                name,
                help: key.binding.help,
                key: if is_named {
                    String::new()
                } else {
                    key.name.clone().into_owned()
                },
                state: self
                    .availability(command)
                    .map(|available| available.devices),
            })
        });
        actions.collect()
    }

    /// Whether the command does something now.
    pub(in crate::tui) fn availability(&self, command: Command) -> Availability {
        let always = Ok(Available::default());
        let when = |possible: bool, reason| if possible { always } else { Err(reason) };
        match command {
            _ if !command.is_in(self.view) => match command.home() {
                Some(View::Devices) => Err("in the devices"),
                Some(View::Run) => Err("in the run"),
                Some(View::Failures) => Err("in the failures"),
                _ => Err("in the history"),
            },
            Command::Undo => when(self.context.list.marks.can_undo(), "no change of marks"),
            Command::Redo => when(self.context.list.marks.can_redo(), "nothing was undone"),
            Command::CopyToFile => {
                when(self.context.clipboard.has_copy(), "nothing was copied yet")
            }
            Command::Detail if self.view == View::Run => {
                let run = self.context.runs.shown();
                let call = run.and_then(|run| past_calls(run).next());
                when(call.is_some(), "no call was answered yet")
            }
            Command::UnmarkShown
            | Command::Invert
            | Command::Copy
            | Command::Export
            | Command::Detail
            | Command::Twin
            | Command::LikeThis => self.has_rows(command),
            Command::Mark | Command::Range | Command::MarkShown => {
                if self.view == View::Devices && !self.context.list.has_usable() {
                    return Err(NOTHING_USABLE);
                }
                self.has_rows(command)
            }
            // From group to group.
            Command::NextMark | Command::PreviousMark if self.view == View::Failures => {
                self.has_rows(command)
            }
            Command::UnmarkAll
            | Command::MarkedOnly
            | Command::NextMark
            | Command::PreviousMark => {
                when(!self.context.list.marks.is_empty(), "nothing is marked")
            }
            Command::RunInfo if self.view == View::Run => {
                when(self.context.runs.shown().is_some(), NO_RUN)
            }
            Command::Row => when(
                self.history.current_device().is_some(),
                "no device is searched",
            ),
            Command::Delete => self.delete(),
            Command::Hold | Command::EndHold => self.hold(command),
            Command::Pause => self.pause(),
            Command::Stop => self.stop(),
            Command::LookUp => self.look_up(),
            Command::Retry => self.failures(
                |scene| (scene.failures).count_chosen(&scene.context.runs, Outcome::retry_helps),
                "retrying won't help: the answer would be the same",
            ),
            Command::RetryOther => self.failures(
                |scene| scene.failures.count_for_other_identifier(scene.context),
                "another identifier won't help",
            ),
            Command::ResumeRun | Command::CloseRun => self.past_run(command),
            Command::Verify => self.verify(),
            Command::RunInfo | Command::Compare => when(self.history.current().is_some(), NO_RUN),
            Command::Devices if self.view == View::Devices => Err("the devices are shown"),
            Command::Failures => self.reviewed_failures(),
            Command::MatchInventory => match match_offer::refusal(self.context) {
                Some(reason) => Err(reason),
                None => Ok(Available {
                    label: (self.context.info.matched_from)
                        .is_some()
                        .then_some("back from the inventory"),
                    ..Available::default()
                }),
            },
            Command::Fetch => when(
                self.context.settings.fetch.is_ok(),
                "no tenant is configured",
            ),
            Command::Reload => when(self.context.info.path.is_some(), "not read from a file"),
            Command::Filter if self.view == View::History => Ok(Available {
                label: Some("search devices"),
                ..Available::default()
            }),
            _ => always,
        }
    }

    fn has_rows(&self, command: Command) -> Availability {
        let (any, label) = match self.view {
            View::Devices => (!self.context.list.rows.is_empty(), None),
            View::Failures => {
                let fold = self.failures.fold_label(&self.context.runs);
                (self.failures.has_lines(&self.context.runs), fold)
            }
            View::History => (self.history.current().is_some(), Some("open")),
            View::Run => (self.context.runs.shown().is_some(), None),
        };
        let available = Available {
            label: label.filter(|_| command == Command::Detail),
            ..Available::default()
        };
        if any {
            Ok(available)
        } else {
            Err("no row is shown")
        }
    }

    fn delete(&self) -> Availability {
        let list = &self.context.list;
        if self.context.refusal().is_some() {
            return Err("nothing can be sent from here");
        }
        if !list.has_usable() {
            return Err(NOTHING_USABLE);
        }
        match (list.plannable_marks(), list.rows.is_empty()) {
            (0, _) if !list.marks.is_empty() => Err("all marked devices are protected or held"),
            (0, true) => Err("no device is marked"),
            (0, false) => Ok(Available::default()),
            (plannable, _) => Ok(Available {
                devices: Some(plannable as u64),
                label: None,
            }),
        }
    }

    fn hold(&self, command: Command) -> Availability {
        if self.context.settings.target.is_none() {
            return Err("no tenant is configured");
        }
        if command == Command::EndHold && !self.context.list.protection.has_held() {
            return Err("no device is held");
        }
        self.has_rows(command)
    }

    fn pause(&self) -> Availability {
        let run = self.context.runs.open_run().ok_or("no run is open")?;
        let label = match run.state {
            RunState::Running if run.only_resends() => {
                return Err("nothing to pause: only devices in doubt remain to be resent");
            }
            RunState::Running => "pause",
            RunState::Paused | RunState::Stopped => "resume",
            _ => return Err("the run waits for another one"),
        };
        Ok(Available {
            devices: None,
            label: Some(label),
        })
    }

    fn stop(&self) -> Availability {
        if self.view == View::History {
            let run = self.history.current().ok_or(NO_RUN)?;
            let held = run.holder.is_some();
            return if held {
                Ok(Available::default())
            } else {
                Err("no process drives it")
            };
        }
        let run = self.context.runs.open_run().ok_or("no run is open")?;
        match run.state {
            RunState::Stopped => Err("the run is stopped"),
            // Between two calls nothing is in flight that could end.
            RunState::Running if run.waiting.is_none() => Ok(Available::default()),
            _ => Ok(Available {
                devices: None,
                label: Some("stop"),
            }),
        }
    }

    fn look_up(&self) -> Availability {
        if self.context.runs.lookup_progress.is_some() {
            return Ok(Available {
                devices: None,
                label: Some("cancel look-up"),
            });
        }
        match self.failures.count_chosen(&self.context.runs, |_| true) {
            0 => Err("no failed devices"),
            chosen => Ok(Available {
                devices: Some(chosen),
                label: None,
            }),
        }
    }

    /// Whether failures can be sent again: as many as `count` says.
    fn failures(&self, count: fn(&Self) -> u64, reason: Unavailable) -> Availability {
        let runs = &self.context.runs;
        let run = self.failures.run(runs).ok_or("no failed devices")?;
        if run.state.is_open() && run.is_ours() {
            return Err("available when the run has finished");
        }
        match count(self) {
            0 => Err(reason),
            count => Ok(Available {
                devices: Some(count),
                label: None,
            }),
        }
    }

    fn past_run(&self, command: Command) -> Availability {
        let run = self.history.current().ok_or(NO_RUN)?;
        let left = run.record.tally.left;
        if left == 0 {
            return Err("the run has nothing left");
        }
        match run.record.state {
            RunState::Closed => Err("the run is closed"),
            _ if command == Command::ResumeRun && self.context.runs.can_resume(run.record.id) => {
                Ok(Available {
                    devices: Some(left),
                    label: None,
                })
            }
            _ if run.holder.is_some() => Err("a process drives it"),
            _ => Ok(Available {
                devices: Some(left),
                label: None,
            }),
        }
    }

    fn verify(&self) -> Availability {
        let run = self.history.current().ok_or(NO_RUN)?;
        match run.record.tally.accepted {
            0 => Err("the run has no accepted devices"),
            accepted => Ok(Available {
                devices: Some(accepted),
                label: None,
            }),
        }
    }

    /// The failures' own screen doesn't offer itself.
    fn reviewed_failures(&self) -> Availability {
        if self.view == View::Failures {
            return Err("the failures are shown");
        }
        let run = self.context.runs.to_review().ok_or("no run yet")?;
        match run.tally.not_accepted() {
            0 => Err("nothing failed"),
            failed => Ok(Available {
                devices: Some(failed),
                label: None,
            }),
        }
    }
}
