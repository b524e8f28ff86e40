//! A table of rows and cells, however it is written: where its header is and what its rows are.
//!
//! The header is the first of the first 50 rows whose cells name fields. Lines above it (a title, a
//! date, PowerShell's `#TYPE`), repeated headers, totals and footers are not devices; they are
//! skipped and reported.

#[cfg(test)]
mod tests;

use super::build::{Builder, Place};
use super::column::{Column, Roles, system_of};
use super::cutter::{Cutter, record_start};
use super::error::{ListError, Stop};
use super::footers::{is_footer, is_number, is_sentence, is_total};
use super::headers::Role;
use super::headers::{self, Meaning, normalise};
use super::pipes;
use super::problem::Problem;
use super::row::{Cells, Record};
use super::window::Window;
use super::{ReadOptions, cells};

/// The header is looked for in so many rows.
pub(super) const HEADER_ROWS: usize = 50;

/// A table whose header is known.
#[derive(Clone, Debug)]
pub(super) struct Table {
    cutter: Cutter,
    headers: Vec<String>,
    /// One of our own exports: cells that a spreadsheet would compute have a `'` in front.
    ours: bool,
    /// Its columns are known by their values only.
    headerless: bool,
    /// Rows of a workbook's sheet end with their last cell that isn't empty.
    of_sheet: bool,
}

/// A record of the table's first rows.
struct FirstRow {
    /// Where it begins and ends, in bytes from the window's start.
    start: usize,
    end: usize,
    cells: Vec<String>,
}

/// What the first rows say a table's header is.
pub(super) struct Header {
    /// Which of the [`HEADER_ROWS`] it is.
    pub row: usize,
    /// How many of its cells name fields.
    pub known: usize,
}

/// Finds the header among a table's first rows.
pub(super) fn find_header(rows: &[Vec<String>], options: &ReadOptions) -> Option<Header> {
    let mut single: Option<Header> = None;
    for (row, cells) in rows.iter().enumerate() {
        let roles = Roles {
            options,
            system: system_of(cells),
            foreign_device_ids: false,
            ours: false,
        };
        let meanings: Vec<Meaning> = cells
            .iter()
            .filter_map(|cell| match roles.of(cell) {
                Role::Known(alias) => Some(alias.meaning),
                Role::ForeignId => Some(Meaning::DeviceId),
                Role::Other => None,
            })
            .collect();
        if !meanings.iter().any(|meaning| meaning.names_row()) {
            continue;
        }
        let header = Header {
            row,
            known: meanings.len(),
        };
        if header.known >= 2 {
            return Some(header);
        }
        // One name alone can stand in a title as well. Its column has to be all there is, or the
        // rows below have to be as wide.
        let next = rows.get(row + 1).map_or(cells.len(), Vec::len);
        if single.is_none()
            && is_below_titles(rows, row)
            && (cells.len() == next || rows.len() == row + 1)
            && is_column_of_tokens(rows, row)
        {
            single = Some(header);
        }
    }
    single
}

/// Above the header of a single column there are titles, not values: one word above it may be an
/// identifier, and a bare list with a remark in it is not a table.
fn is_below_titles(rows: &[Vec<String>], header: usize) -> bool {
    let is_single = rows.get(header).is_some_and(|cells| cells.len() == 1);
    let above = rows.iter().take(header).flatten();
    !is_single
        || above
            .map(|cell| cell.trim())
            .all(|cell| cell.contains(' ') || cell.starts_with('#'))
}

/// Of a single column, most values have to be one word: text that happens to begin with the name of
/// a field is not a list.
fn is_column_of_tokens(rows: &[Vec<String>], header: usize) -> bool {
    let is_single = rows.get(header).is_some_and(|cells| cells.len() == 1);
    let values: Vec<&str> = rows
        .iter()
        .skip(header + 1)
        .flatten()
        .map(|cell| cell.trim())
        .filter(|cell| !cell.is_empty())
        .collect();
    let words = values
        .iter()
        .filter(|value| !value.contains(char::is_whitespace))
        .count();
    !is_single || words * 2 >= values.len()
}

impl Table {
    /// Takes the window's first rows as a table cut in this way; none when no row of them names
    /// fields. How many names it has says how likely it is.
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
        };
        Ok(Some((table, found)))
    }

    /// A table without a header line, whose columns are called like this.
    pub fn without_header(cutter: Cutter, headers: Vec<String>) -> Self {
        Self {
            cutter,
            headers,
            ours: false,
            headerless: false,
            of_sheet: false,
        }
    }

    /// A table whose columns are known by their values only.
    pub fn headerless(cutter: Cutter, names: Vec<String>) -> Self {
        Self {
            headerless: true,
            ..Self::without_header(cutter, names)
        }
    }

    /// True if its columns are known by their values only.
    pub fn is_headerless(&self) -> bool {
        self.headerless
    }

    /// What its columns are called.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// How its records are cut.
    pub fn cutter(&self) -> &Cutter {
        &self.cutter
    }

    /// Reads all rows from the window on. `roles`, if given, are the columns'; else the headers
    /// decide.
    pub fn read(
        &mut self,
        window: &mut Window<'_>,
        builder: &mut Builder,
        foreign_device_ids: bool,
        roles: Option<Vec<Role>>,
    ) -> Result<(), Stop> {
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
        builder.doubts_device_ids = system.is_none() && !foreign_device_ids && !self.ours;
        builder.findings.system = system.map(|system| system.name.clone());
        builder.findings.own_system = system.is_some_and(|system| system.own);
        let columns = self.headers.iter().zip(roles);
        builder.columns = columns
            .map(|(header, role)| Column::new(header, role))
            .collect();
        let mut cells = Cells::default();
        let mut after_blank = false;
        loop {
            let start = record_start(window, 0)?;
            after_blank |= window.has_blank_line_in(start);
            window.consume(start);
            if window.peek(0)?.is_none() {
                return Ok(());
            }
            let length = self.cutter.cut(window, 0, &mut cells)?;
            let place = Place {
                offset: window.offset(),
                line: window.line(),
            };
            let record = cells.record();
            match self.kind_of(record, after_blank) {
                RowKind::Blank => after_blank = true,
                RowKind::Skipped(why) => {
                    builder.findings.skip(place.line, why, record.texts());
                }
                RowKind::Device => {
                    after_blank = false;
                    for index in 0..self.headers.len() {
                        let cell = self.unescaped(record.get(index));
                        builder.put(index, cell).map_err(|_| Stop::ForeignIds)?;
                    }
                    if builder.is_commented(record.get(0)) {
                        builder.draft.problem = builder.draft.problem.or(Some(Problem::Commented));
                    }
                    builder
                        .add(place)
                        .map_err(|full| full.error(window.name()))?;
                }
                RowKind::WrongCells => {
                    // What it says protects the device that it speaks of.
                    for index in 0..self.headers.len().min(record.count()) {
                        let cell = self.unescaped(record.get(index));
                        builder.put(index, cell).map_err(|_| Stop::ForeignIds)?;
                    }
                    builder.draft.problem = Some(Problem::WrongCells);
                    builder
                        .add(place)
                        .map_err(|full| full.error(window.name()))?;
                }
            }
            window.consume(length);
        }
    }

    /// The cells, by header, of the row that begins at the window's start.
    pub fn record(&self, window: &mut Window<'_>) -> Result<Vec<(String, String)>, ListError> {
        let mut cells = Cells::default();
        self.cutter.clone().cut(window, 0, &mut cells)?;
        let record = cells.record();
        let count = record.count().max(self.headers.len());
        let cell = |index: usize| {
            let header = self.headers.get(index).cloned().unwrap_or_default();
            (header, self.unescaped(record.get(index)).to_owned())
        };
        Ok((0..count).map(cell).collect())
    }

    /// Bytes held.
    pub fn memory_use(&self) -> usize {
        self.headers.iter().map(String::capacity).sum::<usize>()
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
        let mut filled = row.texts().filter(|cell| !cell.trim().is_empty());
        let first = filled.next().unwrap_or_default();
        if is_total(first) && (width > 1 || is_sentence(first)) && filled.clone().all(is_number) {
            return RowKind::Skipped("totals");
        }
        if width > 1
            && row.count() <= width
            && filled.next().is_none()
            && (is_footer(first) || (after_blank && row.count() < width))
        {
            return RowKind::Skipped("a footer");
        }
        let extra = (width..row.count()).all(|index| row.get(index).trim().is_empty());
        let is_ragged = (matches!(self.cutter, Cutter::Pipes(_)) && row.count() + 1 == width)
            || (self.of_sheet && row.count() < width);
        match row.count() {
            count if count == width || (count > width && extra) || is_ragged => RowKind::Device,
            _ => RowKind::WrongCells,
        }
    }

    fn unescaped<'c>(&self, cell: &'c str) -> &'c str {
        if self.ours {
            cell.strip_prefix('\'').unwrap_or(cell)
        } else {
            cell
        }
    }
}

/// Where a table's header was found.
pub(super) struct Found {
    /// How many of its cells name fields.
    pub known: usize,
    /// Its line, from 1.
    pub line: u64,
    /// Where the rows below it begin, in bytes from the window's start.
    pub end: usize,
    /// The lines above it that are not blank.
    pub skipped: Vec<(u64, String)>,
}

enum RowKind {
    Blank,
    Device,
    Skipped(&'static str),
    WrongCells,
}

/// The cells of the window's first rows.
pub(super) fn first_cells(
    mut cutter: Cutter,
    window: &mut Window<'_>,
) -> Result<Vec<Vec<String>>, ListError> {
    let rows = first_rows(window, &mut cutter)?;
    Ok(rows.into_iter().map(|row| row.cells).collect())
}

fn first_rows(window: &mut Window<'_>, cutter: &mut Cutter) -> Result<Vec<FirstRow>, ListError> {
    let mut rows = Vec::new();
    let mut cells = Cells::default();
    let mut at = 0;
    while rows.len() < HEADER_ROWS {
        let start = record_start(window, at)?;
        if window.peek(start)?.is_none() {
            break;
        }
        let end = match cutter.cut(window, start, &mut cells) {
            Ok(end) => end,
            // The header may stand above the mistake, which is reported when the rows are read.
            Err(ListError::Syntax { .. } | ListError::RowTooLong { .. }) if !rows.is_empty() => {
                break;
            }
            Err(error) => return Err(error),
        };
        let record = cells.record();
        if !record.is_blank() {
            rows.push(FirstRow {
                start,
                end,
                cells: record.texts().map(str::to_owned).collect(),
            });
        }
        at = end;
    }
    Ok(rows)
}
