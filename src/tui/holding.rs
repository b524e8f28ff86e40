//! Holds of the open list's devices: what `:hold` and other processes change of them is shown without a
//! reload.

use std::sync::Arc;

use crate::journal::HoldsOfDevices;
use crate::list::DeviceId;
use crate::tui::answer::HeldDevices;
use crate::tui::app::App;
use crate::tui::dialogs::{Dialog, EndHold, HoldDialog};
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::job::Job;

impl App {
    /// `:hold`: of the marked rows that are shown, or of the row under the cursor.
    pub(in crate::tui) fn ask_to_hold(&mut self) {
        if let Some(devices) = self.devices_to_hold() {
            let dialog = HoldDialog::new(devices, &self.context);
            self.open(dialog);
        }
    }

    /// `:hold-end`: of the same rows. Their holds are read first, so that the question names each of them.
    pub(in crate::tui) fn ask_to_end_holds(&mut self) -> Vec<Effect> {
        let Some(mut devices) = self.devices_to_hold() else {
            return Vec::new();
        };
        let protection = &self.context.list.protection;
        devices.retain(|&id| protection.held(id).is_some());
        if devices.is_empty() {
            self.context.status = Some("None of these devices is held".to_owned());
            return Vec::new();
        }
        vec![Effect::Job(Job::ReadHoldsOf(devices))]
    }

    /// The marked rows that are shown, or the row under the cursor. Says why, if there is none.
    fn devices_to_hold(&mut self) -> Option<Vec<DeviceId>> {
        let devices = self.devices.chosen_rows(&self.context.list);
        let missing = if self.context.settings.target.is_none() {
            "there is no configuration, and so no journal to keep holds in"
        } else if devices.is_empty() {
            "no row is shown"
        } else {
            return Some(devices);
        };
        self.context.status = Some(missing.to_owned());
        None
    }

    /// The holds that `:hold-end` asked for were read.
    pub(in crate::tui) fn on_holds_to_end(
        &mut self,
        holds: Result<Box<HoldsOfDevices>, BackendError>,
    ) {
        match holds {
            Err(error) => self.context.show_error(&error),
            // The operator does something else by now.
            Ok(_) if self.dialog.is_some() => {}
            Ok(holds) => match EndHold::new(*holds) {
                Ok(dialog) => self.open(dialog),
                Err(error) => self.context.show_error(&error),
            },
        }
    }

    /// Holds were added or ended here, or couldn't be.
    pub(in crate::tui) fn on_holds_changed(
        &mut self,
        changed: Result<String, BackendError>,
    ) -> Vec<Effect> {
        match (&mut self.dialog, changed) {
            (Some(Dialog::Hold(dialog)), Err(error)) if dialog.is_storing() => {
                dialog.on_error(&error.to_string());
            }
            (Some(Dialog::Hold(dialog)), Ok(message)) if dialog.is_storing() => {
                self.close_dialog();
                self.context.show(&message);
            }
            (_, Ok(message)) => self.context.show(&message),
            (_, Err(error)) => self.context.show_error(&error),
        }
        vec![self.read_holds()]
    }

    /// The held devices, if they are not as before.
    pub(in crate::tui) fn on_held(&mut self, held: Result<Option<HeldDevices>, BackendError>) {
        // An unreadable journal is reported where it matters: no plan is built from it.
        if let Ok(Some(HeldDevices { version, devices })) = held {
            self.context.holds.version = Some(version);
            let list = &mut self.context.list;
            let protection = (*list.protection).clone();
            list.protection = Arc::new(protection.with_held(devices));
            list.count_hidden();
        }
    }

    /// Reads which devices are held, by whichever process.
    pub(in crate::tui) fn read_holds(&mut self) -> Effect {
        self.context.holds.looked_at = Some(self.context.now.boot);
        Effect::Job(Job::ReadHolds {
            known: self.context.holds.version,
        })
    }
}
