//! The backend of a session without a configuration.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::cli::backend::opening::assigned_on_screen;
use crate::cli::column_memory::ColumnMemory;
use crate::cli::workspace::{notices, open_list};
use crate::domain::action::Action;
use crate::domain::run::RunId;
use crate::domain::target::DayUse;
use crate::domain::trend::Trend;
use crate::export::RunFormat;
use crate::fetch::Changes;
use crate::import::Named;
use crate::journal::{
    Found, FoundDevices, HoldsOfDevices, HoldsVersion, RunBreakdown, StoredRecord,
};
use crate::list::{ColumnAssignment, DeviceId, DeviceList, ReadOptions};
use crate::plan::explain::Explanation;
use crate::plan::protection::Protection;
use crate::plan::{Hold, Plan, Recheck};
use crate::platform::clock::Clock;
use crate::query::{Query, StatusSource};
use crate::tui::away::ClosedTerminal;
use crate::tui::backend::Backend;
use crate::tui::call_detail::CallDetail;
use crate::tui::effect::PlanSource;
use crate::tui::error::BackendError;
use crate::tui::identity::Identity;
use crate::tui::import_source::ImportSource;
use crate::tui::message::HeldDevices;
use crate::tui::opened::{ColumnReading, Opened};
use crate::tui::run_end::RunEnd;
use crate::tui::saved_view::SavedView;
use crate::tui::screens::history::state::{PastRun, RecalledRun};
use crate::tui::verification::{FetchVerified, JournalStates, RunVerified};

/// The backend of a session without a configuration: it has no journal and sends nothing.
pub(in crate::cli) struct OfflineBackend {
    pub(in crate::cli) reading: ReadOptions,
    /// Without a state directory, until the process ends.
    pub(in crate::cli) columns: ColumnMemory,
}

impl OfflineBackend {
    /// The data of a list that can be viewed, marked and copied from.
    pub(in crate::cli) fn opened(list: Arc<DeviceList>, path: &Path, now: Timestamp) -> Opened {
        Opened {
            path: path.canonicalize().ok().filter(|path| path.is_file()),
            view_path: None,
            saved_view: None,
            protection: Arc::default(),
            holds_version: None,
            removed: HashMap::new(),
            forbidden: Some(
                "There is no configuration, so nothing can be sent. Write one with `offboard init` and fill in \
                 base_url and the credential."
                    .to_owned(),
            ),
            notices: notices(&list, now),
            list,
            assigned: Vec::new(),
        }
    }
}

impl Backend for OfflineBackend {
    fn plan(
        &self,
        _list: &DeviceList,
        _protection: &Protection,
        _action: Action,
        _source: &PlanSource,
    ) -> Result<Plan, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn day_use(&self) -> Result<DayUse, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn recheck(&self, _plan: &Plan, _fetched: bool) -> Result<Option<Recheck>, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn hold(
        &self,
        _list: &DeviceList,
        _devices: &[DeviceId],
        _hold: &Hold,
    ) -> Result<String, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn holds_of(
        &self,
        _list: &DeviceList,
        _devices: &[DeviceId],
    ) -> Result<HoldsOfDevices, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn end_holds(&self, _shown: &HoldsOfDevices) -> Result<String, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn held(
        &self,
        _list: &DeviceList,
        _known: Option<HoldsVersion>,
    ) -> Result<Option<HeldDevices>, BackendError> {
        Ok(None)
    }

    fn explain(
        &self,
        _list: &DeviceList,
        _protection: &Protection,
        _device: DeviceId,
        _query: &Query,
        _known: &dyn StatusSource,
    ) -> Result<Explanation, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn outcomes(&self, _device: &Identity) -> Result<Vec<Found>, BackendError> {
        Ok(Vec::new())
    }

    fn calls(&self, _run: RunId) -> Result<Vec<CallDetail>, BackendError> {
        Ok(Vec::new())
    }

    fn breakdown(&self, _run: RunId) -> Result<RunBreakdown, BackendError> {
        Ok(RunBreakdown::default())
    }

    fn find(&self, _query: &str) -> Result<FoundDevices, BackendError> {
        Ok(FoundDevices::default())
    }

    fn full_record(&self, _run: RunId, _ordinal: u32) -> Result<StoredRecord, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn export(&self, _run: RunId, _format: RunFormat) -> Result<Vec<u8>, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn journal_states(&self, _list: &DeviceList) -> Result<JournalStates, BackendError> {
        Ok(JournalStates::default())
    }

    fn verify(&self, _run: RunId) -> Result<RunVerified, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn verify_fetched(&self, _path: &Path, _runs: &[RunId]) -> Result<FetchVerified, BackendError> {
        Ok(FetchVerified::default())
    }

    fn removed_by(&self, _before: &DeviceList, _changes: &Changes) -> Option<String> {
        None
    }

    fn history(&self) -> Result<Vec<PastRun>, BackendError> {
        Ok(Vec::new())
    }

    fn trend(&self) -> Result<Trend, BackendError> {
        Ok(Trend::default())
    }

    fn newest(&self) -> Result<Option<RunId>, BackendError> {
        Ok(None)
    }

    fn recall(&self, _run: RunId) -> Result<RecalledRun, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn close(&self, _run: RunId) -> Result<u64, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn write_for_approval(
        &self,
        _list: &DeviceList,
        _plan: &Plan,
    ) -> Result<Option<String>, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn write_plan(
        &self,
        _list: &DeviceList,
        _plan: &Plan,
        _path: &Path,
    ) -> Result<(), BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn keep_closed_terminal(&self, _run: &ClosedTerminal) -> Result<(), BackendError> {
        Ok(())
    }

    fn forget_closed_terminal(&self, _run: &ClosedTerminal) -> Result<(), BackendError> {
        Ok(())
    }

    fn save_view(&self, _path: &Path, _view: &SavedView) -> Result<(), BackendError> {
        Ok(())
    }

    fn save_copy(&self, _text: &str) -> Result<PathBuf, BackendError> {
        let reason = "without a configuration there is no state directory: save rows with e";
        Err(BackendError::SaveCopy(std::io::Error::other(reason)))
    }

    fn open(&self, path: &Path, columns: &ColumnReading) -> Result<Opened, BackendError> {
        let open = |options: &ReadOptions| {
            let list = open_list(path, &std::env::temp_dir(), options, &mut |_| {});
            list.map_err(|failure| BackendError::Open(failure.message()))
        };
        let (list, assigned) = match columns {
            ColumnReading::Assigned(columns) => {
                let options = assigned_on_screen(&self.reading, columns)?;
                (open(&options)?, columns.clone())
            }
            ColumnReading::Remembered => {
                let list = open(&self.reading)?;
                match self.columns.load(&list) {
                    Some(remembered) => {
                        let columns = remembered.columns;
                        (open(&self.reading.with_columns(&columns))?, columns)
                    }
                    None => (list, Vec::new()),
                }
            }
        };
        let opened = Self::opened(Arc::new(list), path, Clock::system().now().wall);
        Ok(Opened { assigned, ..opened })
    }

    fn remember_columns(
        &self,
        list: &DeviceList,
        columns: &[ColumnAssignment],
    ) -> Result<(), BackendError> {
        let saved = self.columns.save(list, columns, Clock::system().now().wall);
        saved.map_err(BackendError::SaveColumns)
    }

    fn open_inventory_for(
        &self,
        _path: &Path,
        _columns: &[ColumnAssignment],
    ) -> Result<(Opened, Named), BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn named(&self, ids: &ImportSource) -> Result<Named, BackendError> {
        ids.read(&std::env::temp_dir(), &ReadOptions::default())
    }

    fn ask_to_stop(&self, _run: RunId) -> Result<String, BackendError> {
        Err(BackendError::NoConfiguration)
    }

    fn notify_end(
        &self,
        _end: &RunEnd,
        _is_cancelled: &dyn Fn() -> bool,
    ) -> Result<(), BackendError> {
        Ok(())
    }
}
