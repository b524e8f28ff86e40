//! `y`: copying from the marked rows that are shown, else from the row under the cursor.

use crossterm::event::{KeyCode, KeyEvent};

use crate::list::Field;
use crate::text::{counted, visible};
use crate::tui::app::App;
use crate::tui::input::commands::View;
use crate::tui::message::Effect;
use crate::tui::mode::Mode;

/// Terminals take no more at a time.
const MOST: usize = 70_000;

/// What is copied of each row.
#[derive(Clone, Copy)]
enum Part {
    Hwid,
    Mac,
    Name,
    Row,
}

impl App {
    pub(in crate::tui) fn copy_key(&mut self, key: &KeyEvent) -> Vec<Effect> {
        self.mode = Mode::Browse;
        let (what, part) = match key.code {
            KeyCode::Char('h') => ("HWID", Part::Hwid),
            KeyCode::Char('m') => ("MAC", Part::Mac),
            KeyCode::Char('n') => ("name", Part::Name),
            KeyCode::Char('l') => ("row", Part::Row),
            _ => return Vec::new(),
        };
        let mut copied = match self.view {
            View::Failures => self.failed_parts(part),
            _ => self.listed_parts(part),
        };
        copied.retain(|text| !text.is_empty());
        let told = match copied.len() {
            0 => Err(format!("there is no {what} to copy")),
            1 => Ok(format!("{what} copied")),
            many => Ok(format!("{} copied", counted(many as u64, what))),
        };
        let text = copied.join("\n");
        let told = told.and_then(|told| {
            let fits = text.len() <= MOST;
            fits.then_some(told)
                .ok_or_else(|| "too much for the clipboard: write it to a file (e)".to_owned())
        });
        match told {
            Ok(told) => {
                self.status = Some(told);
                vec![Effect::Copy(text)]
            }
            Err(why) => {
                self.status = Some(why);
                Vec::new()
            }
        }
    }

    // Identifiers hold nothing deceptive. What else is pasted into a shell some day must not hold a
    // line break of its own either.
    fn listed_parts(&self, part: Part) -> Vec<String> {
        let marked = self.marked_shown();
        let rows = if marked.is_empty() {
            self.current().into_iter().collect()
        } else {
            marked
        };
        let copied = rows.into_iter().map(|id| {
            let device = self.list.device(id);
            match part {
                Part::Hwid => device.hwid().unwrap_or_default().to_owned(),
                Part::Mac => device
                    .macs()
                    .next()
                    .map_or(String::new(), |mac| mac.to_string()),
                Part::Name => visible(device.hostname()).into_owned(),
                Part::Row => {
                    let fields = Field::ALL
                        .iter()
                        .map(|&field| visible(&device.text(field)).into_owned());
                    fields.collect::<Vec<_>>().join("\t")
                }
            }
        });
        copied.collect()
    }

    fn failed_parts(&self, part: Part) -> Vec<String> {
        let Some(run) = self.reviewed() else {
            return Vec::new();
        };
        let chosen = self.chosen_failures();
        let devices = chosen
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
                Part::Hwid => hwid,
                Part::Mac => mac,
                Part::Name => name,
                Part::Row => {
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
