//! Moving the cursor to a row by what it holds: the next mark, the next twin.

use crate::domain::device::MacAddress;
use crate::list::{DeviceId, DeviceList};
use crate::text::counted;
use crate::tui::context::Context;
use crate::tui::screens::devices::DevicesScreen;
use crate::tui::widgets::layout;

impl DevicesScreen {
    /// `n` and `N`: moves the cursor to the next or the previous marked row.
    pub(super) fn next_mark(&mut self, forward: bool, context: &mut Context) {
        let list = &context.list;
        let is_marked = |at: usize| list.rows.get(at).is_some_and(|&id| list.marks.contains(id));
        let count = list.rows.len();
        let found = if forward {
            (self.cursor + 1..count).find(|&at| is_marked(at))
        } else {
            (0..self.cursor.min(count)).rev().find(|&at| is_marked(at))
        };
        match found {
            Some(at) => self.go_to(at, context),
            None if list.marks.is_empty() => {
                context.status = Some("Nothing is marked".to_owned());
            }
            None => {
                let place = if forward { "below" } else { "above" };
                context.status = Some(format!("No marked row {place}"));
            }
        }
    }

    /// `t`: moves the cursor to the next row with the same host name or MAC address, behind the last
    /// one again to the first.
    pub(super) fn next_twin(&mut self, context: &mut Context) {
        let Some(id) = self.current(&context.list) else {
            return;
        };
        let list = &context.list;
        let identity = SharedIdentity::of(&list.devices, id);
        let count = list.rows.len();
        let places = (self.cursor + 1..count).chain(0..self.cursor.min(count));
        let is_twin = |at: usize| {
            let row = list.rows.get(at);
            row.is_some_and(|&row| identity.is_shared_by(&list.devices, row))
        };
        if let Some(at) = places.into_iter().find(|&at| is_twin(at)) {
            return self.go_to(at, context);
        }
        let ids = list.devices.ids().filter(|&other| other != id);
        let hidden = ids.filter(|&other| identity.is_shared_by(&list.devices, other));
        context.status = Some(match hidden.count() {
            0 => "No other device has this host name or MAC".to_owned(),
            hidden => format!(
                "{} with this host name or MAC: hidden by the filter",
                counted(hidden as u64, "other device")
            ),
        });
    }

    /// Scrolls until the last column is shown.
    pub(super) fn scroll_to_last_column(&mut self, room: u16) {
        let count = self.columns.shown().len();
        while self.scrolled < count && self.layout(room).hidden_right > 0 {
            self.scrolled += 1;
        }
    }

    fn go_to(&mut self, at: usize, context: &mut Context) {
        self.cursor = at;
        context.list.pinned_device = None;
        self.keep_in_sight(context, layout::rows_on_screen(context));
    }
}

/// What twins share.
struct SharedIdentity<'a> {
    hostname: &'a str,
    macs: Vec<MacAddress>,
}

impl<'a> SharedIdentity<'a> {
    fn of(list: &'a DeviceList, id: DeviceId) -> Self {
        let device = list.device(id);
        Self {
            hostname: device.hostname(),
            macs: device.macs().collect(),
        }
    }

    fn is_shared_by(&self, list: &DeviceList, id: DeviceId) -> bool {
        let device = list.device(id);
        let same_name =
            !self.hostname.is_empty() && device.hostname().eq_ignore_ascii_case(self.hostname);
        same_name || device.macs().any(|mac| self.macs.contains(&mac))
    }
}
