//! A plan that was confirmed an hour or more after it was made is rechecked against the inventory before it
//! is sent. The inventory is fetched first, if the stored one is too old.

use crate::fetch::FetchError;
use crate::plan::{ConfirmedPlan, Recheck};
use crate::text::{counted, visible};
use crate::tui::app::App;
use crate::tui::context::Context;
use crate::tui::dialogs::{DeleteDialog, Dialog};
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::fetch_progress::FetchProgress;
use crate::tui::job::Job;
use crate::tui::request::Request;

/// How many dropped devices have a message each.
const NAMED: usize = 100;

/// True if the plan may be sent only while the open list's file is as it was read. Not for retries (they use
/// the run's devices), nor if the recheck's own fetch rewrote the file.
pub(in crate::tui) fn needs_unchanged_list(plan: &ConfirmedPlan, context: &Context) -> bool {
    let is_fetched = || {
        let destination = context.settings.fetch.as_ref().ok();
        let place = destination.and_then(|destination| destination.path.canonicalize().ok());
        place.is_some() && place == context.info.path
    };
    let is_retry = plan.plan().origin.retry_of.is_some();
    !(is_retry || plan.recheck().is_some() && is_fetched())
}

impl App {
    /// The answer to a recheck of the plan that the open dialog waits with.
    pub(in crate::tui) fn on_rechecked(
        &mut self,
        plan: ConfirmedPlan,
        found: Result<Option<Box<Recheck>>, BackendError>,
    ) -> Vec<Effect> {
        if !self.waits_with(&plan) {
            // The operator went back: nothing is sent.
            return Vec::new();
        }
        match found {
            Ok(Some(found)) => self.send_rechecked(plan, &found),
            Ok(None) => self.fetch_to_recheck(),
            Err(error) => self.refuse_recheck(&error.to_string()),
        }
    }

    /// The end of a fetch; false if no plan waits for it, and it was for something else.
    pub(in crate::tui) fn recheck_fetched(
        &mut self,
        ended: &Result<(u64, std::path::PathBuf), FetchError>,
    ) -> bool {
        let Some(waiting) = self.waiting_plan() else {
            return false;
        };
        match ended {
            Ok(_) => self.pending.rechecks_verified = Some(waiting.plan().id),
            Err(error) => {
                self.refuse_recheck(&format!("the inventory can't be read: {error}"));
            }
        }
        true
    }

    /// Earlier runs were verified by an inventory, or couldn't be: the recheck for which it was fetched.
    pub(in crate::tui) fn recheck_verified(&mut self) -> Option<Effect> {
        // If the operator has left that plan, nothing is due, whatever plan waits by now.
        let due = self.pending.rechecks_verified.take()?;
        let plan = self.waiting_plan().filter(|plan| plan.plan().id == due)?;
        Some(Effect::Job(Job::Recheck {
            plan: Box::new(plan.clone()),
            fetched: true,
        }))
    }

    /// The work for something was interrupted, which may have been the recheck that a plan waits for.
    pub(in crate::tui) fn recheck_interrupted(&mut self, reason: &str) {
        self.pending.rechecks_verified = None;
        if self.waiting_plan().is_some() {
            self.refuse_recheck(reason);
        }
    }

    /// The plan that waits for its recheck, if one does.
    fn waiting_plan(&self) -> Option<&ConfirmedPlan> {
        let Some(Dialog::Delete(dialog)) = &self.dialog else {
            return None;
        };
        match &**dialog {
            DeleteDialog::Rechecking(plan) => Some(plan),
            _ => None,
        }
    }

    fn waits_with(&self, plan: &ConfirmedPlan) -> bool {
        let waiting = self.waiting_plan();
        waiting.is_some_and(|waiting| waiting.plan().id == plan.plan().id)
    }

    fn send_rechecked(&mut self, plan: ConfirmedPlan, found: &Recheck) -> Vec<Effect> {
        let sentence = visible(&found.sentence()).into_owned();
        let Some(left) = plan.rechecked(found.clone()) else {
            let planned = counted(found.planned_devices, "planned device");
            return self.refuse_recheck(&format!("{planned}, and none is left: {sentence}"));
        };
        for dropped in found.dropped.iter().take(NAMED) {
            let identifier = &dropped.device.identifier;
            let hostname = visible(&dropped.device.hostname);
            let reason = dropped.reason.to_string();
            let line = format!("dropped: {hostname} ({identifier}): {}", visible(&reason));
            self.context.keep_message(line);
        }
        self.close_dialog();
        let effects = self.on_request(Request::Start(Box::new(left)));
        self.context.status = Some(sentence);
        effects
    }

    /// Reads the inventory, or waits for the fetch that is under way.
    fn fetch_to_recheck(&mut self) -> Vec<Effect> {
        if self.context.runs.fetch_progress.is_some() {
            return Vec::new();
        }
        let destination = match &self.context.settings.fetch {
            Ok(destination) => destination.clone(),
            Err(refusal) => {
                let refusal = refusal.to_string();
                return self.refuse_recheck(&refusal);
            }
        };
        self.context.runs.fetch_progress = Some(FetchProgress {
            expected: self.context.list.devices.len() as u64,
            ..FetchProgress::default()
        });
        vec![Effect::Fetch(destination)]
    }

    fn refuse_recheck(&mut self, reason: &str) -> Vec<Effect> {
        // It may hold text of a server.
        let reason = visible(reason);
        let reason = format!(
            "The plan was made more than an hour ago and was rechecked: {reason}. Nothing was sent; the marks stay."
        );
        self.open(DeleteDialog::Refused(reason));
        Vec::new()
    }
}
