//! Performs effects: the terminal's and the engine's at once, the others on a thread of their own.

use crate::fetch::FetchError;
use crate::plan::ConfirmedPlan;
use crate::runner::{self, Driver, FetchNews, News, SendError, Update};
use crate::tui::answer::Answer;
use crate::tui::app_host::jobs::{do_job, do_row_job, do_run_job};
use crate::tui::app_host::{AppHost, Surface};
use crate::tui::effect::Effect;
use crate::tui::error::{BackendError, EffectError, EngineError};
use crate::tui::message::Message;
use crate::tui::rechecking::needs_unchanged_list;

impl AppHost {
    /// Performs an effect. Its answer, if it has one, arrives later.
    pub(super) fn execute(&mut self, effect: Effect, surface: &mut dyn Surface) {
        match effect {
            Effect::Start(plan) => self.start(*plan, surface),
            Effect::Resume(run, left) => {
                let result = self.request(|driver| driver.resume(run, left));
                self.report_error(result, surface);
            }
            Effect::Control(control) => {
                if let Err(error) = self.request(|driver| driver.control(control)) {
                    self.handle(Answer::ControlRejected(error).into(), surface);
                }
            }
            Effect::LookUp(run, devices, by) => {
                let reference_devices = runner::reference_devices(&self.app.context.list.devices);
                let result =
                    self.request(|driver| driver.look_up(run, devices, by, reference_devices));
                self.report_error(result, surface);
            }
            Effect::CancelLookups => {
                let result = self.request(Driver::cancel_lookups);
                self.report_error(result, surface);
            }
            Effect::Fetch(destination) => {
                if let Err(error) = self.request(|driver| driver.fetch(destination)) {
                    let error = FetchError::Engine(error.to_string());
                    let news = News::Fetch(FetchNews::Ended(Err(error)));
                    let update = Update { run: None, news };
                    self.handle(Message::Update(update, self.clock.now()), surface);
                }
            }
            Effect::CancelFetch => {
                let result = self.request(Driver::cancel_fetch);
                self.report_error(result, surface);
            }
            Effect::ReportBudget => {
                // The next one is due in a few seconds.
                let _ = self.request(Driver::report_budget);
            }
            Effect::UseToken(token) => {
                let result = self.request(|driver| driver.use_token(token));
                self.report_error(result, surface);
            }
            Effect::NotifyEnd(end) => {
                let list = self.app.context.list.devices.clone();
                let done = self.answers.end_notified(list);
                self.ends.notify(end, done, &self.backend);
            }
            Effect::Copy(text) => {
                if !surface.copy(&text) {
                    self.handle(Answer::NoClipboard(text).into(), surface);
                }
            }
            // At once: the program may be about to leave.
            Effect::KeepClosedTerminal(runs) => {
                for run in runs {
                    if let Err(error) = self.backend.keep_closed_terminal(&run) {
                        tracing::warn!(%error, "the next start can't say what happened meanwhile");
                    }
                }
            }
            Effect::Redraw => surface.redraw(),
            Effect::Suspend => {
                surface.suspend(&self.app.context.runs.suspension_message());
                self.handle(Message::Resumed(self.clock.now()), surface);
            }
            Effect::Quit | Effect::Abort => self.has_ended = true,
            Effect::Rows(job) => {
                let list = self.app.context.list.devices.clone();
                self.answers.spawn(list, move |list| do_row_job(job, list));
            }
            Effect::Runs(job) => {
                let (list, backend) = (self.app.context.list.devices.clone(), self.backend.clone());
                self.answers
                    .spawn(list, move |_| do_run_job(job, &*backend));
            }
            Effect::Job(job) => {
                let (list, backend) = (self.app.context.list.devices.clone(), self.backend.clone());
                let protection = self.app.context.list.protection.clone();
                self.answers
                    .spawn(list, move |list| do_job(job, list, &protection, &*backend));
            }
        }
    }

    /// Hands a confirmed plan to the engine, or writes it for approval.
    fn start(&mut self, plan: ConfirmedPlan, surface: &mut dyn Surface) {
        let run = plan.plan().id;
        let context = &self.app.context;
        let devices = &context.list.devices;
        let needs_unchanged = needs_unchanged_list(&plan, context);
        let started = if needs_unchanged && devices.changed_since_read() {
            Err(BackendError::ListChanged.into())
        } else {
            match self.backend.write_for_approval(devices, plan.plan()) {
                Ok(None) => self
                    .request(|driver| driver.run(plan))
                    .map_err(EffectError::from),
                Ok(Some(wrote)) => {
                    return self.handle(Answer::WrittenForApproval(run, wrote).into(), surface);
                }
                Err(error) => Err(error.into()),
            }
        };
        if let Err(error) = started {
            self.handle(Answer::NotStarted(run, error).into(), surface);
        }
    }

    /// Requests something of the engine.
    fn request(
        &self,
        request: impl FnOnce(&Driver) -> Result<(), SendError>,
    ) -> Result<(), EngineError> {
        let driver = self.driver.as_ref().ok_or(EngineError::Missing)?;
        Ok(request(driver)?)
    }

    fn report_error(&mut self, result: Result<(), EngineError>, surface: &mut dyn Surface) {
        if let Err(error) = result {
            self.handle(Answer::Failed(error.into()).into(), surface);
        }
    }
}
