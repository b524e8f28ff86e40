//! The journal, as the screen asks it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::workspace::Workspace;
use crate::action::Action;
use crate::clock::Clock;
use crate::device::{Hwid, IdentifyBy};
use crate::export::RunFormat;
use crate::journal::{CallRecord, Found, FoundDevices, Journal, JournalError, RunRecord};
use crate::list::{DeviceId, DeviceList};
use crate::outcome::DeviceState;
use crate::plan::{CallSizes, LeftOutReason, Plan, PlanRequest, Target, build};
use crate::protect::{Protection, Rules};
use crate::run::RunId;
use crate::state_dir;
use crate::tui::history::{PastRun, RecalledRun};
use crate::tui::kept::Kept;
use crate::tui::{CallDetail, Identity, Outside, Wanted};

/// A state directory's journal, and the list that plans are made from.
pub(super) struct Journaled {
    state_dir: PathBuf,
    clock: Clock,
    list: Arc<DeviceList>,
    target: Target,
    sizes: CallSizes,
    rules: Rules,
    protection: Arc<Protection>,
    /// Where the list's screen is kept; none where it isn't.
    screen: Option<PathBuf>,
}

impl Journaled {
    pub(super) fn new(
        workspace: &Workspace,
        list: Arc<DeviceList>,
        protection: Arc<Protection>,
        screen: Option<PathBuf>,
    ) -> Self {
        Self {
            state_dir: workspace.state_dir.clone(),
            clock: workspace.clock.clone(),
            list,
            target: workspace.target.clone(),
            sizes: workspace.sizes(),
            rules: workspace.profile.protect.clone(),
            protection,
            screen,
        }
    }

    /// What was kept of this list's screen; what can't be read is forgotten.
    pub(super) fn kept(&self) -> Option<Kept> {
        let bytes = std::fs::read(self.screen.as_deref()?).ok()?;
        Kept::read(&bytes)
    }

    /// The runs of this target that stopped or paused with devices left, and that no process has.
    pub(super) fn stopped_runs(&self) -> Result<Vec<PastRun>, String> {
        let mut runs = self.history()?;
        runs.retain(|run| {
            let ours = self.target.check(&run.record.target).is_ok();
            ours && run.state.is_open() && run.holder.is_none()
        });
        Ok(runs)
    }

    /// The devices of the list that an earlier run removed or archived after it was saved, and by
    /// which run.
    pub(super) fn removed(&self) -> Result<HashMap<DeviceId, String>, String> {
        let held = self
            .journal()?
            .held(&self.target, self.list.time())
            .map_err(text)?;
        let mut removed = HashMap::new();
        if held.is_empty() {
            return Ok(removed);
        }
        for id in self.list.ids() {
            let device = self.list.device(id);
            let hwid = device.hwid().and_then(|hwid| Hwid::parse(hwid).ok());
            let macs: Vec<_> = device.macs().collect();
            if let Some(LeftOutReason::RemovedEarlier(run)) = held.reason(hwid.as_ref(), &macs, &[])
            {
                removed.insert(id, run.clone());
            }
        }
        Ok(removed)
    }

    fn journal(&self) -> Result<Journal, String> {
        Journal::open(&self.state_dir, self.clock.clone()).map_err(text)
    }
}

impl Outside for Journaled {
    fn plan(&self, action: Action, wanted: &Wanted) -> Result<Plan, String> {
        let journal = self.journal()?;
        let (selection, again, retried) = match wanted {
            Wanted::Devices(_) if self.list.changed_since_read() => {
                return Err(crate::list::CHANGED.to_owned());
            }
            Wanted::Devices(devices) => (&devices[..], &[][..], Vec::new()),
            // What the list's file says now is no matter: they go as they were confirmed.
            Wanted::Again(run, devices) => {
                let retried = journal.retried(run).map_err(text)?;
                (&[][..], &devices[..], retried)
            }
        };
        let held = journal.held(&self.target, self.list.time()).map_err(text)?;
        let query = retried.first().map(|run| format!("retry of run {run}"));
        Ok(build(&PlanRequest {
            id: RunId::random().map_err(|error| format!("no randomness: {error}"))?,
            list: &self.list,
            selection,
            action,
            identify_by: IdentifyBy::Auto,
            target: &self.target,
            sizes: self.sizes,
            bare: &[],
            again,
            rules: &self.rules,
            protection: &self.protection,
            held: &held,
            skip_removed: false,
            retried: &retried,
            now: self.clock.now().wall,
            query: query.as_deref(),
            note: None,
        }))
    }

    fn outcomes(&self, device: &Identity) -> Result<Vec<Found>, String> {
        let own = device.macs.iter().filter(|mac| !mac.is_known_constant());
        let macs: Vec<_> = own.copied().collect();
        self.journal()?
            .outcomes_of(&self.target, device.hwid.as_ref(), &macs)
            .map_err(text)
    }

    fn calls(&self, run: RunId) -> Result<Vec<CallDetail>, String> {
        let calls = self.journal()?.calls(&run).map_err(text)?;
        Ok(calls.into_iter().map(detail).collect())
    }

    fn find(&self, wanted: &str) -> Result<FoundDevices, String> {
        self.journal()?.find(wanted).map_err(text)
    }

    fn export(&self, run: RunId, format: RunFormat) -> Result<Vec<u8>, String> {
        let journal = self.journal()?;
        let record = journal.run(&run.short()).map_err(text)?;
        // What is valid of a damaged run isn't passed for the whole of it here.
        let devices = journal.devices(&run).map_err(text)?;
        let now = self.clock.now().wall;
        format
            .text(&journal, &record, &devices, now)
            .map_err(|error| error.to_string())
    }

    fn earlier(&self) -> Result<HashMap<DeviceId, DeviceState>, String> {
        self.journal()?
            .earlier_states(&self.target, &self.list)
            .map_err(text)
    }

    fn history(&self) -> Result<Vec<PastRun>, String> {
        let mut journal = self.journal()?;
        journal.judge_dead_runs();
        let runs = journal.runs().map_err(text)?;
        runs.into_iter()
            .map(|record| past(&journal, record).map_err(text))
            .collect()
    }

    fn newest(&self) -> Result<Option<RunId>, String> {
        let runs = self.journal()?.runs().map_err(text)?;
        let ours = runs
            .iter()
            .find(|run| self.target.check(&run.target).is_ok());
        Ok(ours.map(|run| run.id))
    }

    fn recall(&self, run: RunId) -> Result<RecalledRun, String> {
        recall(&mut self.journal()?, run).map_err(text)
    }

    fn close(&self, run: RunId) -> Result<u64, String> {
        let opened = self.journal()?.close_run(&run).map_err(text)?;
        Ok(opened.record.tally.left)
    }

    fn keep(&self, kept: &Kept) -> Result<(), String> {
        let Some(path) = &self.screen else {
            return Ok(());
        };
        let written = state_dir::private_directory(path.parent().unwrap_or(path)).and_then(|()| {
            crate::file::replace(path, |out| Ok(serde_json::to_writer(out, kept)?))
                .map_err(std::io::Error::other)
        });
        written.map_err(|error| format!("the marks can't be kept: {error}"))
    }

    fn ask_to_stop(&self, run: RunId) -> Result<String, String> {
        let mut journal = self.journal()?;
        let Some(holder) = journal.holder(&run).map_err(text)? else {
            return Err(format!("run {run} isn't running in any process"));
        };
        journal.request_stop(&run).map_err(text)?;
        Ok(format!(
            "asked {holder} to stop run {run} after its call in flight"
        ))
    }
}

fn recall(journal: &mut Journal, id: RunId) -> Result<RecalledRun, JournalError> {
    // What a process that died left in flight is judged first; of a run that another process has,
    // that process will.
    match journal.lock_run(&id) {
        Ok(lock) => drop(journal.open_run(&id, &lock)?),
        Err(JournalError::Held { .. }) => {}
        Err(error) => return Err(error),
    }
    let record = journal.run(&id.short())?;
    Ok(RecalledRun {
        past: past(journal, record)?,
        devices: journal.devices(&id)?,
        calls: journal.calls(&id)?.into_iter().map(detail).collect(),
        findings: journal.findings(&id)?,
    })
}

fn past(journal: &Journal, record: RunRecord) -> Result<PastRun, JournalError> {
    let (state, holder) = journal.standing(&record)?;
    Ok(PastRun {
        record,
        state,
        holder: holder.map(|holder| holder.to_string()),
    })
}

fn detail(call: CallRecord) -> CallDetail {
    CallDetail {
        call: call.call,
        at: call.intent_at,
        took: call
            .ended_at
            .and_then(|ended| ended.duration_since(call.intent_at).try_into().ok()),
        status: call.status,
        words: call.words,
        devices: call.devices,
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is handed to map_err by name"
)]
fn text(error: JournalError) -> String {
    error.to_string()
}

/// Without a configuration there is no journal to ask.
pub(super) struct Nothing;

const NOTHING: &str = "there is no configuration";

impl Outside for Nothing {
    fn plan(&self, _action: Action, _wanted: &Wanted) -> Result<Plan, String> {
        Err(NOTHING.to_owned())
    }

    fn outcomes(&self, _device: &Identity) -> Result<Vec<Found>, String> {
        Ok(Vec::new())
    }

    fn calls(&self, _run: RunId) -> Result<Vec<CallDetail>, String> {
        Ok(Vec::new())
    }

    fn find(&self, _wanted: &str) -> Result<FoundDevices, String> {
        Ok(FoundDevices::default())
    }

    fn export(&self, _run: RunId, _format: RunFormat) -> Result<Vec<u8>, String> {
        Err(NOTHING.to_owned())
    }

    fn earlier(&self) -> Result<HashMap<DeviceId, DeviceState>, String> {
        Ok(HashMap::new())
    }

    fn history(&self) -> Result<Vec<PastRun>, String> {
        Ok(Vec::new())
    }

    fn newest(&self) -> Result<Option<RunId>, String> {
        Ok(None)
    }

    fn recall(&self, _run: RunId) -> Result<RecalledRun, String> {
        Err(NOTHING.to_owned())
    }

    fn close(&self, _run: RunId) -> Result<u64, String> {
        Err(NOTHING.to_owned())
    }

    fn keep(&self, _kept: &Kept) -> Result<(), String> {
        Ok(())
    }

    fn ask_to_stop(&self, _run: RunId) -> Result<String, String> {
        Err(NOTHING.to_owned())
    }
}
