//! Holds of the open list's devices, through the code of `offboard hold`.

use super::JournalBackend;
use crate::cli::commands::hold;
use crate::journal::{HoldsOfDevices, Operator};
use crate::list::{DeviceId, DeviceList};
use crate::plan::Hold;
use crate::text::counted;
use crate::tui::error::BackendError;

impl JournalBackend {
    /// Holds these devices as `template` says.
    pub(super) fn add_holds(
        &self,
        list: &DeviceList,
        devices: &[DeviceId],
        template: &Hold,
    ) -> Result<String, BackendError> {
        self.workspace.check_list(list)?;
        let holds: Vec<Hold> = devices
            .iter()
            .filter_map(|&id| template.for_device(&list.device(id)))
            .collect();
        if holds.is_empty() {
            return Err(BackendError::NothingToHold);
        }
        let unidentified = (devices.len() - holds.len()) as u64;
        let mut journal = self.journal()?;
        let mut lines = hold::store(
            &mut journal,
            &self.workspace,
            template,
            &holds,
            unidentified,
        )?;
        let along = list.held_along(devices);
        if along > 0 {
            let others = counted(along as u64, "other device");
            lines.insert(1, format!("{others} with the same identifier held too"));
        }
        Ok(lines.join(" · "))
    }

    /// Ends holds as they were shown.
    pub(super) fn end_shown_holds(&self, shown: &HoldsOfDevices) -> Result<String, BackendError> {
        let target = &self.workspace.target;
        let ended = self
            .journal()?
            .end_holds_of(target, shown, &Operator::current())?;
        let ended = ended.ok_or(BackendError::HoldsChanged)?;
        Ok(format!("ended {}", counted(ended, "hold")))
    }
}
