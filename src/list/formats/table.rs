//! Reads tables in any notation: finds the header and classifies the rows.
//!
//! The header is the first row, within the first 50, whose cells name fields. Lines above it (a
//! title, a date, PowerShell's `#TYPE`), repeated headers, totals and footers are not devices; they
//! are skipped and reported.

mod first;
mod header;
#[cfg(test)]
mod tests;

pub(in crate::list) use first::first_cells;
use first::first_rows;
use header::Header;
pub(in crate::list) use header::{HEADER_ROWS, find_header};

use super::cutter::{Cutter, record_start};
use super::footers::{is_footer, is_number, is_sentence, is_total};
use super::pipes;
use super::row::{Cells, Record};
use super::window::Window;
use super::workbook::SHOWN_OTHERWISE;
use crate::list::ReadOptions;
use crate::list::devices::build::{Builder, RowLocation};
use crate::list::error::{ListError, Stop};
use crate::list::fields::cells;
use crate::list::fields::column::{Column, Roles, system_of};
use crate::list::fields::headers::{self, Meaning, Role, normalise};
use crate::list::report::problem::Problem;

/// A table whose header is known.
#[derive(Clone, Debug)]
pub(in crate::list) struct Table {
    cutter: Cutter,
    headers: Vec<String>,
    /// True for one of our own exports, in which cells that look like formulas begin with `'`.
    ours: bool,
    /// True if the columns are recognised only by their values.
    headerless: bool,
    /// True for a workbook's sheet, whose rows end with their last filled cell.
    of_sheet: bool,
    /// The columns of hardware IDs and MAC addresses.
    addresses: Vec<usize>,
}

impl Table {
    /// Reads the window's first rows with this cutter; `None` if no row names fields. The more fields
    /// the header names, the more likely the cutter is right.
    pub fn detect(
        window: &mut Window<'_>,
        mut cutter: Cutter,
        options: &ReadOptions,
    ) -> Result<Option<(Self, Found)>, ListError> {
        let rows = first_rows(window, &mut cutter)?;
        let texts: Vec<Vec<String>> = rows.iter().map(|row| row.cells.clone()).collect();
        let header = match options.header_row {
            Some(line) => rows
                .iter()
                .position(|row| window.line_at(row.start) == line)
                .map(|row| Header { row, known: 1 }),
            None => find_header(&texts, options),
        };
        let Some((header, row)) =
            header.and_then(|header| Some((header.known, rows.get(header.row)?)))
        else {
            return Ok(None);
        };
        let headers: Vec<String> = row
            .cells
            .iter()
            .map(|cell| cells::clean(cell).into_owned())
            .collect();
        let marks = |name: &String| {
            headers::alias(&normalise(name)).is_some_and(|alias| alias.meaning == Meaning::Marker)
        };
        let skipped = rows
            .iter()
            .take_while(|other| other.start < row.start)
            .map(|other| (window.line_at(other.start), other.cells.join(" ")))
            .collect();
        let found = Found {
            known: header,
            line: window.line_at(row.start),
            end: row.end,
            skipped,
        };
        let table = Self {
            ours: headers.iter().any(marks),
            cutter,
            headers,
            headerless: false,
            of_sheet: false,
            addresses: Vec::new(),
        };
        Ok(Some((table, found)))
    }

    /// A table without a header line, with these column names.
    pub fn without_header(cutter: Cutter, headers: Vec<String>) -> Self {
        Self {
            cutter,
            headers,
            ours: false,
            headerless: false,
            of_sheet: false,
            addresses: Vec::new(),
        }
    }

    /// A table whose columns are recognised only by their values.
    pub fn headerless(cutter: Cutter, names: Vec<String>) -> Self {
        Self {
            headerless: true,
            ..Self::without_header(cutter, names)
        }
    }

    /// True if the columns are recognised only by their values.
    pub fn is_headerless(&self) -> bool {
        self.headerless
    }

    /// The column names.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The cutter of its records.
    pub fn cutter(&self) -> &Cutter {
        &self.cutter
    }

    /// Reads all rows from the window on. Without `roles`, the headers decide the columns' roles.
    pub fn read(
        &mut self,
        window: &mut Window<'_>,
        builder: &mut Builder,
        foreign_device_ids: bool,
        roles: Option<Vec<Role>>,
    ) -> Result<(), Stop> {
        self.prepare(builder, foreign_device_ids, roles);
        let mut cells = Cells::default();
        let mut after_blank = false;
        let mut last_byte = b'\r';
        loop {
            let start = record_start(window, 0)?;
            after_blank |= window.has_blank_line_in(start, last_byte);
            window.consume(start);
            if window.peek(0)?.is_none() {
                return Ok(());
            }
            let length = self.cutter.cut(window, 0, &mut cells)?;
            let location = RowLocation {
                offset: window.offset(),
                line: window.line(),
            };
            let record = cells.record();
            match self.kind_of(record, after_blank) {
                RowKind::Blank => after_blank = true,
                RowKind::Skipped(reason) => {
                    let texts = record.texts().map(|cell| self.unescaped(cell));
                    builder.findings.skip(location.line, reason, texts);
                }
                RowKind::OtherHeader => {
                    return Err(ListError::SecondHeader {
                        name: window.name().into(),
                        line: location.line,
                    }
                    .into());
                }
                RowKind::Device => {
                    after_blank = false;
                    for index in 0..self.headers.len() {
                        self.put(builder, index, record.get(index))?;
                    }
                    if builder.is_commented(record.get(0)) {
                        builder.draft.problem = builder.draft.problem.or(Some(Problem::Commented));
                    }
                    builder
                        .add(location)
                        .map_err(|full| full.error(window.name()))?;
                }
                RowKind::WrongCells => {
                    // Its values still protect the device that they name.
                    for index in 0..self.headers.len().min(record.count()) {
                        self.put(builder, index, record.get(index))?;
                    }
                    builder.draft.problem = Some(Problem::WrongCells);
                    builder
                        .add(location)
                        .map_err(|full| full.error(window.name()))?;
                }
            }
            let row = window.bytes().get(..length).unwrap_or_default();
            last_byte = row.last().copied().unwrap_or(last_byte);
            window.consume(length);
        }
    }

    /// Gives the columns their roles.
    fn prepare(
        &mut self,
        builder: &mut Builder,
        foreign_device_ids: bool,
        roles: Option<Vec<Role>>,
    ) {
        self.of_sheet = builder.findings.is_sheet();
        builder.is_decorated = !self.ours;
        let system = system_of(&self.headers);
        let options = builder.options.clone();
        let decided = Roles {
            options: &options,
            system,
            foreign_device_ids,
            ours: self.ours,
        };
        let roles = roles.unwrap_or_else(|| decided.of_headers(&self.headers));
        let is_address = |role: &Role| match role {
            Role::Known(alias) => matches!(alias.meaning, Meaning::Hwid | Meaning::Mac),
            Role::ForeignId | Role::Other => false,
        };
        let all = roles.iter().enumerate();
        self.addresses = all
            .filter_map(|(index, role)| is_address(role).then_some(index))
            .collect();
        builder.doubts_device_ids = system.is_none();
        builder.findings.system = system.map(|system| system.name);
        builder.findings.own_system = system.is_some_and(|system| system.own);
        let columns = self.headers.iter().zip(roles);
        builder.columns = columns
            .map(|(header, role)| Column::new(header, role))
            .collect();
    }

    /// The cells, by header, of the row that begins at the window's start.
    pub fn record(
        &self,
        cutter: &mut Cutter,
        window: &mut Window<'_>,
    ) -> Result<Vec<(String, String)>, ListError> {
        let mut cells = Cells::default();
        cutter.cut(window, 0, &mut cells)?;
        let record = cells.record();
        let count = record.count().max(self.headers.len());
        let cell = |index: usize| {
            let header = self.headers.get(index).cloned().unwrap_or_default();
            (header, self.unescaped(record.get(index)).to_owned())
        };
        Ok((0..count).map(cell).collect())
    }

    fn kind_of(&self, row: Record<'_>, after_blank: bool) -> RowKind {
        if row.is_blank() {
            return RowKind::Blank;
        }
        if matches!(self.cutter, Cutter::Pipes(_) | Cutter::FixedWidth(_))
            && pipes::is_rule(row.get(0))
        {
            return RowKind::Skipped("a rule");
        }
        let width = self.headers.len();
        let is_header = |index: usize| {
            self.headers
                .get(index)
                .is_some_and(|header| cells::clean(row.get(index)) == header.as_str())
        };
        if row.count() == width && (0..width).all(is_header) {
            return RowKind::Skipped("the header again");
        }
        if self.is_other_header(row) {
            return RowKind::OtherHeader;
        }
        let mut filled = row.texts().filter(|cell| !cell.trim().is_empty());
        let first = filled.next().unwrap_or_default();
        if is_total(first)
            && (width > 1 || is_sentence(first))
            && filled.clone().all(|cell| is_number(self.unescaped(cell)))
        {
            return RowKind::Skipped("totals");
        }
        if width > 1
            && row.count() <= width
            && filled.next().is_none()
            && (is_footer(first) || (after_blank && row.count() < width))
        {
            return RowKind::Skipped("a footer");
        }
        let fits = if row.count() < width {
            self.of_sheet
        } else {
            (width..row.count()).all(|index| row.get(index).trim().is_empty())
        };
        if fits {
            RowKind::Device
        } else {
            RowKind::WrongCells
        }
    }

    /// True for the header of another list, whose columns may be others. One of its cells is a name of a
    /// field in the column of that very field, or most of them are names of fields.
    fn is_other_header(&self, row: Record<'_>) -> bool {
        // The usual row has an identifier, which no header's name looks like.
        let has_digit = |cell: &str| cell.bytes().any(|byte| byte.is_ascii_digit());
        let is_address = |&index: &usize| has_digit(row.get(index));
        if self.addresses.iter().any(is_address) {
            return false;
        }
        let filled = row.texts().filter(|cell| !cell.trim().is_empty());
        let (with_digit, without): (usize, usize) = filled.clone().fold((0, 0), |counts, cell| {
            let digit = usize::from(has_digit(cell));
            (counts.0 + digit, counts.1 + 1 - digit)
        });
        if with_digit > without {
            return false;
        }
        let (mut cells, mut named, mut naming) = (0, 0, 0);
        for cell in filled {
            cells += 1;
            let Some(alias) = headers::alias(&headers::normalise(cell)) else {
                continue;
            };
            named += 1;
            naming += usize::from(alias.meaning.names_row());
        }
        let is_own = |index: usize, header: &String| {
            let cell = headers::normalise(row.get(index));
            let alias = headers::alias(&cell);
            cell == headers::normalise(header) && alias.is_some_and(|it| it.meaning.names_row())
        };
        let mut columns = self.headers.iter().enumerate();
        naming > 0
            && (named >= 2 && named * 2 > cells
                || (cells > 1 && columns.any(|(index, header)| is_own(index, header))))
    }

    fn put(&self, builder: &mut Builder, index: usize, cell: &str) -> Result<(), Stop> {
        let text = self.unescaped(cell);
        let is_formatted = self.of_sheet && cell.ends_with(SHOWN_OTHERWISE);
        if is_formatted && builder.put_formatted(index, text) {
            return Ok(());
        }
        builder.put(index, text).map_err(|_| Stop::ForeignIds)
    }

    fn unescaped<'c>(&self, cell: &'c str) -> &'c str {
        let cell = match cell.strip_suffix(SHOWN_OTHERWISE) {
            Some(text) if self.of_sheet => text,
            _ => cell,
        };
        if self.ours {
            cell.strip_prefix('\'').unwrap_or(cell)
        } else {
            cell
        }
    }
}

/// The position of a table's header.
pub(in crate::list) struct Found {
    /// The number of its cells that name fields.
    pub known: usize,
    /// The line of the header, from 1.
    pub line: u64,
    /// The begin of the rows below it, in bytes from the window's start.
    pub end: usize,
    /// The lines above it that are not blank.
    pub skipped: Vec<(u64, String)>,
}

enum RowKind {
    Blank,
    Device,
    Skipped(&'static str),
    OtherHeader,
    WrongCells,
}
