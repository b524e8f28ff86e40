//! The devices that a command of the failures is about, and what is done with them.

use crate::domain::outcome::Outcome;
use crate::journal::DeviceRecord;
use crate::text::visible;
use crate::tui::context::Context;
use crate::tui::dialogs::{DeviceDetail, SaveFile};
use crate::tui::file_content::ExportContent;
use crate::tui::request::{CopyPart, CopyRows};
use crate::tui::runs::Runs;
use crate::tui::screens::ScreenResponse;
use crate::tui::screens::failures::FailuresScreen;
use crate::tui::screens::failures::lines::FailureLine;

impl FailuresScreen {
    /// The chosen devices, by ordinal: the marked ones, else the row or the group under the cursor.
    pub(in crate::tui) fn chosen(&self, runs: &Runs) -> Vec<u32> {
        if self.marks.is_empty() {
            return self.under_cursor(runs);
        }
        self.marked(runs)
    }

    /// The marked devices, by ordinal, in the order of the groups.
    fn marked(&self, runs: &Runs) -> Vec<u32> {
        let ordinals = self.groups(runs).flat_map(|group| &group.ordinals);
        let marked = ordinals.filter(|ordinal| self.marks.contains(ordinal));
        marked.copied().collect()
    }

    /// How many of the chosen devices ended in a way for which `counts` is true.
    pub(in crate::tui) fn count_chosen(&self, runs: &Runs, counts: fn(Outcome) -> bool) -> u64 {
        if !self.marks.is_empty() {
            let run = self.run(runs);
            let outcome = |ordinal: &u32| {
                let state = run?.states.get(*ordinal as usize)?;
                Some(state.as_final_outcome())
            };
            let outcomes = self.marks.iter().filter_map(outcome);
            return outcomes.filter(|&outcome| counts(outcome)).count() as u64;
        }
        match (
            self.line_at(self.cursor, runs),
            self.group_at(self.cursor, runs),
        ) {
            (Some(line), Some((_, group))) if counts(group.head.outcome) => match line {
                FailureLine::Group(group) => group.count as u64,
                FailureLine::Device(_) => 1,
            },
            _ => 0,
        }
    }

    /// The device of the row, or the devices of the group under the cursor.
    fn under_cursor(&self, runs: &Runs) -> Vec<u32> {
        match (
            self.line_at(self.cursor, runs),
            self.group_at(self.cursor, runs),
        ) {
            (Some(FailureLine::Device(ordinal)), _) => vec![ordinal],
            (Some(FailureLine::Group(_)), Some((_, group))) => group.ordinals.clone(),
            _ => Vec::new(),
        }
    }

    /// `space`: marks the row under the cursor, or all of the group, and moves on.
    pub(super) fn mark(&mut self, runs: &Runs) {
        let chosen = self.under_cursor(runs);
        if chosen.iter().all(|ordinal| self.marks.contains(ordinal)) {
            for ordinal in chosen {
                self.marks.remove(&ordinal);
            }
        } else {
            self.marks.extend(chosen);
        }
        self.move_by(1, runs);
    }

    /// `enter`: folds or unfolds the group under the cursor, or opens the detail of the device, as
    /// the list has it, else as its run showed it.
    pub(super) fn open(&mut self, context: &mut Context) -> ScreenResponse {
        let ordinal = match self.line_at(self.cursor, &context.runs) {
            Some(FailureLine::Group(group)) => {
                self.fold(group);
                return ScreenResponse::default();
            }
            Some(FailureLine::Device(ordinal)) => ordinal,
            None => return ScreenResponse::default(),
        };
        let Some(run) = self.run(&context.runs) else {
            return ScreenResponse::default();
        };
        match DeviceDetail::of_run(run, ordinal, context) {
            Some((dialog, effects)) => ScreenResponse::open(dialog).with(effects),
            None => ScreenResponse::default(),
        }
    }

    /// `e`: asks where the marked devices, or all, are to be written.
    pub(super) fn export(&self, context: &mut Context) -> ScreenResponse {
        let runs = &context.runs;
        let ordinals = |all: bool| -> Vec<u32> {
            let groups = self.groups(runs);
            let groups = groups.filter(|group| all || !group.head.is_success());
            groups.flat_map(|group| group.ordinals.clone()).collect()
        };
        let (failures, all) = (ordinals(false), ordinals(true));
        if all.is_empty() {
            context.status = Some("Nothing to export".to_owned());
            return ScreenResponse::default();
        }
        let mut contents = Vec::new();
        if !failures.is_empty() {
            let failures = self.records(runs, failures.clone());
            contents.push(ExportContent::Outcomes("not accepted", failures));
        }
        if all.len() > failures.len() {
            contents.push(ExportContent::Outcomes(
                "listed",
                self.records(runs, all.clone()),
            ));
        }
        let chosen = self.chosen(runs);
        // All three are in the order of the groups.
        if !chosen.is_empty() && chosen != failures && chosen != all {
            let (which, place) = if self.marks.is_empty() {
                ("under the cursor", 1)
            } else {
                ("marked", 0)
            };
            let chosen = self.records(runs, chosen);
            contents.insert(place, ExportContent::Outcomes(which, chosen));
        }
        ScreenResponse::open(SaveFile::new(contents, "failures.csv"))
    }

    fn records(&self, runs: &Runs, ordinals: Vec<u32>) -> Vec<DeviceRecord> {
        let Some(run) = self.run(runs) else {
            return Vec::new();
        };
        let record = |ordinal: u32| {
            let call = run.last_call(ordinal);
            Some(DeviceRecord {
                device: run.devices.get(ordinal as usize)?.clone(),
                state: *run.states.get(ordinal as usize)?,
                call: call.map(|call| call.call),
                http_status: call.and_then(|call| call.status),
                finding: run.findings.get(&ordinal).cloned(),
                verified: None,
            })
        };
        ordinals.into_iter().filter_map(record).collect()
    }

    /// What is copied of the chosen devices.
    pub fn copied(&self, part: CopyPart, rows: CopyRows, runs: &Runs) -> Vec<String> {
        let Some(run) = self.run(runs) else {
            return Vec::new();
        };
        let rows = match rows {
            CopyRows::UnderCursor => self.under_cursor(runs),
            CopyRows::Marked => self.marked(runs),
        };
        let devices = rows
            .iter()
            .filter_map(|&ordinal| run.devices.get(ordinal as usize));
        let copied = devices.map(|device| {
            let hwid = device
                .hwid
                .as_ref()
                .map_or(String::new(), ToString::to_string);
            let mac = device
                .macs
                .first()
                .map_or(String::new(), ToString::to_string);
            let name = visible(&device.hostname).into_owned();
            match part {
                CopyPart::Hwid => hwid,
                CopyPart::Mac => mac,
                CopyPart::Name => name,
                CopyPart::Row => {
                    let texts = [
                        &device.nickname,
                        &device.user,
                        &device.device_type,
                        &device.group,
                    ];
                    let texts = texts.map(|text| visible(text).into_owned());
                    [vec![name, hwid, mac], texts.to_vec()].concat().join("\t")
                }
            }
        });
        copied.collect()
    }
}
