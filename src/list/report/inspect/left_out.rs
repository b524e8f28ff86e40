//! The entries of a list that can't be sent, each with the value that was the cause.

use serde::Serialize;

use super::SHOWN_LINES;
use crate::list::{DeviceId, DeviceList, Field, Problem};
use crate::text::{clip, visible};

/// The most cells of the screen for a name, and for a value.
const LONGEST: usize = 60;

/// An entry that can't be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct LeftOutRow {
    /// Its line, from 1.
    pub line: u64,
    /// Its host name, or the first other name that it has; empty if it has none.
    pub name: String,
    /// The value that was the cause, or the whole row if no single value was; empty if a value is missing.
    pub value: String,
}

/// Entries that can't be sent for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct LeftOutReport {
    /// The reason.
    pub reason: String,
    /// The number of entries.
    pub count: u64,
    /// The lines of the first entries, from 1.
    pub lines: Vec<u64>,
    /// The first entries, in the same order.
    pub rows: Vec<LeftOutRow>,
}

impl LeftOutReport {
    /// No entry yet.
    pub(super) fn of(reason: String) -> Self {
        Self {
            reason,
            count: 0,
            lines: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Adds an entry; only the first ones are kept, which are read again from the source.
    pub(super) fn add(&mut self, list: &DeviceList, id: DeviceId, problem: &Problem) {
        self.count += 1;
        if self.lines.len() == SHOWN_LINES {
            return;
        }
        let device = list.device(id);
        let names = [Field::Hostname, Field::Nickname, Field::Serial, Field::User];
        let names = names.into_iter().map(|field| device.text(field));
        let name = names.into_iter().find(|name| !name.is_empty());
        self.lines.push(device.line());
        self.rows.push(LeftOutRow {
            line: device.line(),
            name: shown(&name.unwrap_or_default()),
            value: shown(&list.cause(id, problem)),
        });
    }
}

fn shown(text: &str) -> String {
    clip(&visible(text.trim()), LONGEST).into_owned()
}
