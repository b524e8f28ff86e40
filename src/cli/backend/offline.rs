//! The backend of a session without a configuration.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::cli::backend::opening::assigned_on_screen;
use crate::cli::column_memory::ColumnMemory;
use crate::cli::workspace::{notices, open_list};
use crate::import::ImportContent;
use crate::list::{ColumnAssignment, DeviceList, ReadOptions};
use crate::platform::clock::Clock;
use crate::tui::backend::Backend;
use crate::tui::error::BackendError;
use crate::tui::import_source::ImportSource;
use crate::tui::opened_list::{ColumnReading, Opened};

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
                "There is no configuration, so nothing can be sent: write one with `offboard init`."
                    .to_owned(),
            ),
            notices: notices(&list, now),
            list,
            assigned: Vec::new(),
        }
    }
}

impl Backend for OfflineBackend {
    fn save_copy(&self, _text: &str) -> Result<PathBuf, BackendError> {
        let reason = "without a configuration there is no state directory: save rows with e";
        Err(BackendError::SaveCopy(std::io::Error::other(reason)))
    }

    fn open(&self, path: &Path, columns: &ColumnReading) -> Result<Opened, BackendError> {
        let open =
            |options: &ReadOptions| open_list(path, &std::env::temp_dir(), options, &mut |_| {});
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

    fn import_content(&self, ids: &ImportSource) -> Result<ImportContent, BackendError> {
        ids.read(&std::env::temp_dir(), &ReadOptions::default())
    }
}
