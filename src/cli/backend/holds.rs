//! Holds of the open list's devices, through the code of `offboard hold`.

use std::collections::BTreeSet;

use super::JournalBackend;
use crate::cli::hold;
use crate::domain::device::Identifier;
use crate::journal::Operator;
use crate::list::{DeviceId, DeviceList};
use crate::plan::{Hold, ListIdentifiers};
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
        let forbidden = self.workspace.check_list(list);
        forbidden.map_err(BackendError::Hold)?;
        let holds: Vec<Hold> = devices
            .iter()
            .filter_map(|&id| template.for_device(&list.device(id)))
            .collect();
        if holds.is_empty() {
            let none = "nothing is held: no identifier is known of these devices";
            return Err(BackendError::Hold(none.to_owned()));
        }
        let unidentified = (devices.len() - holds.len()) as u64;
        let mut journal = self.journal()?;
        let lines = hold::store(
            &mut journal,
            &self.workspace,
            template,
            &holds,
            unidentified,
        )?;
        Ok(lines.join(" · "))
    }

    /// Ends the holds in force of these devices.
    pub(super) fn end_holds_of(
        &self,
        list: &DeviceList,
        devices: &[DeviceId],
    ) -> Result<String, BackendError> {
        let target = &self.workspace.target;
        let mut journal = self.journal()?;
        let holds = journal.holds_in_force(target)?;
        let keys: BTreeSet<Identifier> = devices
            .iter()
            .flat_map(|&id| holds.keys_of(ListIdentifiers::of(list.device(id)).candidate()))
            .collect();
        if keys.is_empty() {
            let none = "none of these devices is held any more";
            return Err(BackendError::Hold(none.to_owned()));
        }
        let keys: Vec<Identifier> = keys.into_iter().collect();
        match journal.end_holds(target, &keys, &Operator::current())? {
            Ok(ended) => Ok(format!("ended {}", counted(ended, "hold"))),
            Err(key) => Err(BackendError::Hold(format!(
                "{key} is not held any more, and no hold was ended: try again"
            ))),
        }
    }
}
