//! Opens lists for the screen, with all that is known of their devices.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::JournalBackend;
use crate::cli::arguments::ids;
use crate::cli::inventory;
use crate::cli::workspace::{Workspace, notices, open_list};
use crate::config::NO_CREDENTIAL;
use crate::domain::action::Action;
use crate::import::ImportContent;
use crate::journal::Journal;
use crate::list::{ColumnAssignment, DeviceId, DeviceList, ReadOptions};
use crate::plan::protection::Protection;
use crate::plan::{Basis, LeftOutReason, ListIdentifiers, Removal};
use crate::text::sentence;
use crate::tui::error::BackendError;
use crate::tui::opened_list::{ColumnReading, Opened};

impl JournalBackend {
    /// The list that was read, with its columns as remembered for its headers, and all that is known
    /// of its devices. `path` is the file that was read.
    pub(in crate::cli) fn opened(
        &self,
        journal: &Journal,
        list: Arc<DeviceList>,
        path: Option<&Path>,
    ) -> Result<Opened, BackendError> {
        let Some(remembered) = self.columns.load(&list) else {
            return self.collected(journal, list, path, Vec::new());
        };
        // A pipe can't be read twice.
        let Some(path) = path.filter(|path| path.is_file()) else {
            let mut opened = self.collected(journal, list, path, Vec::new())?;
            let options = remembered.columns.iter().map(ColumnAssignment::option);
            opened.notices.push(format!(
                "the columns that were assigned here aren't applied to what was not read from a file: give {}",
                options.collect::<Vec<_>>().join(" ")
            ));
            return Ok(opened);
        };
        let options = self.workspace.reading.with_columns(&remembered.columns);
        match open_list(path, &self.workspace.state_dir, &options, &mut |_| {}) {
            Ok(again) => {
                let mut opened =
                    self.collected(journal, Arc::new(again), Some(path), remembered.columns)?;
                let day = remembered.at.strftime("%Y-%m-%d");
                opened.notices.push(format!(
                    "columns are read as assigned here on {day}: i shows how, and D there drops it (in --plain: list-info drop)"
                ));
                Ok(opened)
            }
            Err(failure) => {
                let mut opened = self.collected(journal, list, Some(path), Vec::new())?;
                let reason = failure.message();
                opened.notices.push(format!(
                    "the columns that were assigned here can't be applied: {reason}"
                ));
                Ok(opened)
            }
        }
    }

    /// Collects everything that is indexed by the list's devices.
    fn collected(
        &self,
        journal: &Journal,
        list: Arc<DeviceList>,
        path: Option<&Path>,
        assigned: Vec<ColumnAssignment>,
    ) -> Result<Opened, BackendError> {
        // A pipe can't be read twice, so it has no path.
        let path = path
            .and_then(|path| path.canonicalize().ok())
            .filter(|path| path.is_file());
        let view_path = path.as_deref().map(|path| self.view_path(path));
        // If a rule can't be applied to the list, nothing of it may be sent.
        let (protection, unprotectable) = match self.workspace.profile.protect.apply(&list) {
            Ok(protection) => (protection, None),
            Err(error) => (Protection::default(), Some(error.to_string())),
        };
        // First the version: what changes after it is read again.
        let holds_version = journal.holds_version()?;
        let held = journal.held(&self.workspace.target, &list)?;
        Ok(Opened {
            path,
            saved_view: view_path.as_deref().and_then(|path| self.views.read(path)),
            view_path,
            protection: Arc::new(protection.with_held(held)),
            holds_version: Some(holds_version),
            removed: self.removed(journal, &list)?,
            forbidden: self.forbidden(&list).or(unprotectable),
            notices: notices(&list, self.workspace.clock.now().wall),
            list,
            assigned,
        })
    }

    /// The file of a list's saved view. Its name is a hash of the path, so that a newer version of
    /// the list has the same view.
    fn view_path(&self, path: &Path) -> PathBuf {
        use std::os::unix::ffi::OsStrExt as _;
        let hash = crate::text::hex(&Sha256::digest(path.as_os_str().as_bytes()));
        let views = self.workspace.state_dir.join("screens");
        views.join(format!("{hash}.json"))
    }

    /// The reason why this session can't send, if there is one.
    fn forbidden(&self, list: &DeviceList) -> Option<String> {
        if self.workspace.read_only {
            return Some("This session is read-only (read_only in the profile, or --read-only): nothing is sent.".to_owned());
        }
        if self.workspace.profile.credential.is_none() {
            return Some(format!("{}.", sentence(NO_CREDENTIAL)));
        }
        let refused = self.workspace.check_list(list).err()?;
        Some(refused.message())
    }

    /// Opens the list at this path, and reads its columns so.
    pub(super) fn open_as(
        &self,
        path: &Path,
        columns: &ColumnReading,
    ) -> Result<Opened, BackendError> {
        let Workspace {
            reading, state_dir, ..
        } = &self.workspace;
        let open =
            |options: &ReadOptions| open_list(path, state_dir, options, &mut |_| {}).map(Arc::new);
        match columns {
            ColumnReading::Remembered => self.opened(&self.journal()?, open(reading)?, Some(path)),
            ColumnReading::Assigned(columns) => {
                let list = open(&assigned_on_screen(reading, columns)?)?;
                self.collected(&self.journal()?, list, Some(path), columns.clone())
            }
        }
    }

    /// Opens the tenant's inventory, and reads the list at this path to be matched with it.
    pub(super) fn inventory_for(
        &self,
        path: &Path,
        columns: &[ColumnAssignment],
    ) -> Result<(Opened, ImportContent), BackendError> {
        let workspace = &self.workspace;
        let inventory = inventory::path(workspace);
        if !inventory.exists() {
            return Err(BackendError::NoInventory);
        }
        let options = workspace.reading.with_columns(columns);
        let content = ImportContent::read(path, &workspace.state_dir, &options)?;
        ids::check(workspace, &content)?;
        // The options of the command line are about the other list.
        let list = open_list(
            &inventory,
            &workspace.state_dir,
            &ReadOptions::default(),
            &mut |_| {},
        )?;
        workspace.check_whole_list(&list)?;
        let opened = self.collected(
            &self.journal()?,
            Arc::new(list),
            Some(&inventory),
            Vec::new(),
        )?;
        Ok((opened, content))
    }

    /// The devices that an earlier run removed or archived after the list was saved.
    fn removed(
        &self,
        journal: &Journal,
        list: &DeviceList,
    ) -> Result<HashMap<DeviceId, Removal>, BackendError> {
        let identifiers = |id| ListIdentifiers::of(list.device(id));
        let keys = list.ids().flat_map(|id| identifiers(id).into_keys());
        let earlier = journal.earlier_devices(&self.workspace.target, list.len(), keys)?;
        let mut removed = HashMap::new();
        if earlier.is_empty() {
            return Ok(removed);
        }
        let basis = Basis {
            list_time: list.time(),
            list_hash: list.hash(),
            planned_at: self.workspace.clock.now().wall,
            ..Basis::default()
        };
        for id in list.ids() {
            let conflict = earlier.conflict(identifiers(id).candidate(), &basis);
            // What was only uninstalled may be removed next.
            if let Some(LeftOutReason::RemovedEarlier(run, action)) = conflict
                && action != Action::Uninstall
            {
                removed.insert(id, Removal { run, action });
            }
        }
        Ok(removed)
    }
}

/// Read options with these assignments. `columns[0]` is the new one; an assignment without effect is refused.
pub(super) fn assigned_on_screen(
    reading: &ReadOptions,
    columns: &[ColumnAssignment],
) -> Result<ReadOptions, BackendError> {
    let new = columns.first();
    match new.and_then(|column| reading.given_instead(column)) {
        Some(given) => Err(BackendError::GivenColumn(given.option())),
        None => Ok(reading.with_columns(columns)),
    }
}
