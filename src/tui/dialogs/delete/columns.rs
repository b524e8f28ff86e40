//! The columns of a plan's exact list: as wide as its texts, as many as fit.

use crate::plan::PlannedDevice;
use crate::plan::breakdown::PlanRow;
use crate::text::{head, width};

/// The cells that the texts of a plan's devices need, measured once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Widths {
    host: usize,
    id: usize,
    kind: usize,
    status: usize,
    group: usize,
}

impl Widths {
    /// Measures the devices of a plan.
    pub(super) fn measure<'a>(
        rows: impl Iterator<Item = (&'a PlannedDevice, &'a PlanRow)>,
    ) -> Self {
        let mut widest = Self {
            host: 9,
            id: 11,
            kind: 4,
            status: 6,
            group: 5,
        };
        for (device, row) in rows {
            let id = device.identifier.to_string();
            for (known, text, most) in [
                (&mut widest.host, &device.hostname, 24),
                (&mut widest.id, &id, 40),
                (&mut widest.kind, &device.device_type, 10),
                (&mut widest.status, &row.status, 20),
                (&mut widest.group, &device.group, 20),
            ] {
                *known = (*known).max(width(head(text, 256)).min(most));
            }
        }
        widest
    }

    /// The columns that fit into `room` cells: what a mistake is caught with stays longest.
    pub(super) fn columns(self, room: usize) -> Columns {
        let capped = |host: usize, id: usize, kind: usize, status: usize, group: usize| Columns {
            number: 0,
            host: self.host.min(host),
            id: self.id.min(id),
            kind: self.kind.min(kind),
            status: self.status.min(status),
            group: self.group.min(group),
        };
        let numbered = |columns: Columns| Columns {
            number: 5,
            ..columns
        };
        let narrower = [
            (numbered(capped(24, 40, 10, 20, 20)), 16),
            (numbered(capped(16, 17, 8, 20, 18)), 14),
            (numbered(capped(12, 17, 8, 14, 12)), 12),
            (capped(12, 17, 8, 10, 12), 11),
            (capped(12, 16, 7, 10, 8), 8),
            (capped(12, 16, 8, 0, 12), 12),
            (capped(12, 16, 0, 0, 12), 10),
        ];
        let fitting = narrower.into_iter();
        let mut fitting = fitting.filter(|(columns, rest)| columns.taken() + rest <= room);
        fitting
            .next()
            .map_or_else(|| capped(12, 16, 0, 0, 0), |(columns, _)| columns)
    }
}

/// How wide each column is; zero for one that isn't drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub(super) number: usize,
    pub(super) host: usize,
    pub(super) id: usize,
    pub(super) kind: usize,
    pub(super) status: usize,
    pub(super) group: usize,
}

/// The width of the column last seen.
pub(super) const SEEN: usize = 9;

impl Columns {
    /// The cells of all columns but the last.
    pub(super) fn taken(self) -> usize {
        let gap = |cells: usize| if cells > 0 { cells + 1 } else { 0 };
        let texts = [self.host, self.id, self.kind, self.status, self.group];
        1 + self.number + texts.map(gap).iter().sum::<usize>() + SEEN + 2
    }

    /// The names of the columns.
    pub(super) fn heading(self) -> String {
        let mut text = " ".to_owned();
        if self.number > 0 {
            text.push_str("   # ");
        }
        for (cells, name) in [
            (self.host, "host name"),
            (self.id, "HWID or MAC"),
            (self.kind, "type"),
            (self.status, "status"),
            (self.group, "group"),
        ] {
            if cells > 0 {
                text.push_str(&format!("{name:<cells$} "));
            }
        }
        format!("{text}{:>SEEN$}  why here", "last seen")
    }
}
