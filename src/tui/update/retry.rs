//! `r` and `e`: what can be done with rows that were not accepted, and with rows of the table.

use crate::journal::DeviceRecord;
use crate::list::DeviceId;
use crate::outcome::{DeviceState, OutcomeClass};
use crate::text::counted;
use crate::tui::app::{App, Mode};
use crate::tui::confirm::Dialog;
use crate::tui::keys::View;
use crate::tui::message::Effect;
use crate::tui::view::last_call;
use crate::tui::write::Content;

impl App {
    /// `r`: plans the same action again for those of the chosen failures that it can help.
    pub(super) fn retry(&mut self) -> Vec<Effect> {
        if let Some(why) = self.refusal() {
            self.mode = Mode::Delete(Box::new(Dialog::Refused(why)));
            return Vec::new();
        }
        let chosen = self.chosen_failures();
        let Some(run) = self.reviewed() else {
            self.status = Some("there is no run to retry".to_owned());
            return Vec::new();
        };
        if run.state.is_open() {
            self.status =
                Some("the run isn't over: it resends by itself, or is resumed".to_owned());
            return Vec::new();
        }
        let (id, action) = (run.id, run.action);
        let helped: Vec<Option<DeviceId>> = chosen
            .iter()
            .filter(|&&ordinal| {
                matches!(run.states.get(ordinal as usize), Some(DeviceState::Ended(outcome)) if outcome.retry_helps())
            })
            .map(|&ordinal| run.sources.get(ordinal as usize).copied().flatten())
            .collect();
        let devices: Vec<DeviceId> = helped.iter().copied().flatten().collect();
        if helped.is_empty() {
            self.status = Some(
                "a retry helps none of these: the same answer would come again; w asks why"
                    .to_owned(),
            );
            return Vec::new();
        }
        if devices.len() < helped.len() {
            let missing = counted((helped.len() - devices.len()) as u64, "device");
            self.status = Some(format!(
                "{missing} of the run not in this list: open the list of run {id}, or export them (e) and open that"
            ));
            return Vec::new();
        }
        self.plan(action, devices, Some(id))
    }

    /// `e`: asks where the rows are to be written.
    pub(super) fn export(&mut self) {
        if self.view == View::Failures {
            let records = self.failure_records();
            if records.is_empty() {
                self.status = Some("there is nothing to write".to_owned());
            } else {
                self.ask_where_to_write(vec![Content::Outcomes(records)], "failures.csv");
            }
            return;
        }
        let mut contents = Vec::new();
        if !self.marks.is_empty() {
            contents.push(Content::Devices("marked", self.marks.iter().collect()));
        }
        contents.push(Content::Devices("shown", self.table.rows.clone()));
        self.ask_where_to_write(contents, "devices.csv");
    }

    /// The failures that are marked, else all of them.
    fn failure_records(&self) -> Vec<DeviceRecord> {
        let Some(run) = self.reviewed() else {
            return Vec::new();
        };
        (0_u32..)
            .zip(run.devices.iter().zip(&run.states))
            .filter(|(ordinal, (_, state))| {
                let failed = matches!(state, DeviceState::Ended(outcome)
                    if !matches!(outcome.class(), OutcomeClass::Accepted | OutcomeClass::NotSent));
                let marked = self.failure_marks.is_empty() || self.failure_marks.contains(ordinal);
                failed && marked
            })
            .map(|(ordinal, (device, &state))| {
                let call = last_call(run, ordinal);
                DeviceRecord {
                    device: device.clone(),
                    state,
                    call: call.map(|call| call.call),
                    status: call.and_then(|call| call.status),
                }
            })
            .collect()
    }
}
