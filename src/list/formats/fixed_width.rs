//! Reads tables whose columns are aligned with blanks, with or without a line of dashes below the header.

use unicode_width::UnicodeWidthChar;

/// A longer line, in bytes, is not a table row.
const LONGEST_LINE: usize = 64 * 1024;
/// Tab stops are this many display columns apart.
const TAB: usize = 8;
/// How many lines below a header without a rule are compared with it.
const COMPARED_ROWS: usize = 20;

/// The columns of one table, in display columns (East Asian wide characters count two).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedWidth {
    columns: Vec<Column>,
    ruled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    start: usize,
    end: usize,
    name: String,
}

impl Column {
    fn aligns(&self, (first, last): Cell) -> bool {
        first.start == self.start || last.end == self.end
    }
}

/// The first and last word of a cell.
type Cell = (Word, Word);

/// A run of non-blank characters: bytes, display columns, and whether it begins a cell when the line is split at two blanks.
#[derive(Debug, Clone, Copy)]
struct Word {
    first: usize,
    last: usize,
    start: usize,
    end: usize,
    apart: bool,
}

impl FixedWidth {
    /// Finds the header: the line above a line of dash groups, else the first line of names that are two blanks apart
    /// and are above aligned rows.
    ///
    /// Returns the layout and the header's index in `first_lines`. At least two columns must have names.
    pub fn detect(first_lines: &[&str]) -> Option<(Self, usize)> {
        let ruled = first_lines
            .windows(2)
            .enumerate()
            .find_map(|(index, pair)| {
                let [header, rule] = pair else { return None };
                Some((Self::ruled(header, rule)?, index))
            });
        ruled.or_else(|| {
            first_lines.iter().enumerate().find_map(|(index, header)| {
                let layout = Self::unruled(header)?;
                layout
                    .agrees(first_lines.get(index + 1..)?)
                    .then_some((layout, index))
            })
        })
    }

    fn ruled(header: &str, rule: &str) -> Option<Self> {
        let dashes = |character: char| matches!(character, '-' | '=' | '─' | '═' | '━');
        if !rule
            .chars()
            .all(|character| dashes(character) || matches!(character, ' ' | '\t'))
        {
            return None;
        }
        let groups = words(rule)?;
        if groups.len() < 2 || groups.iter().all(|group| group.end - group.start < 2) {
            return None;
        }
        let columns = groups.iter().map(|group| Column {
            start: group.start,
            end: group.end,
            name: String::new(),
        });
        let mut layout = Self {
            columns: columns.collect(),
            ruled: true,
        };
        if !header.contains(char::is_alphabetic) {
            return None;
        }
        let cells = layout.cut(header, &words(header)?)?;
        let names: Vec<String> = cells
            .into_iter()
            .map(|cell| {
                cell.map_or("", |(first, last)| text(header, first, last))
                    .to_owned()
            })
            .collect();
        if names.iter().filter(|name| !name.is_empty()).count() < 2 {
            return None;
        }
        for (column, name) in layout.columns.iter_mut().zip(names) {
            column.name = name;
        }
        Some(layout)
    }

    fn unruled(header: &str) -> Option<Self> {
        let names = words(header)?;
        let columns: Option<Vec<Column>> = cells_apart(&names)
            .map(|(start, end)| {
                let name = text(header, start, end);
                is_name(name).then(|| Column {
                    start: start.start,
                    end: end.end,
                    name: name.to_owned(),
                })
            })
            .collect();
        let columns = columns.filter(|columns| columns.len() >= 2)?;
        Some(Self {
            columns,
            ruled: false,
        })
    }

    /// Whether a line below fills most of the columns and most lines up to the next blank one are aligned with the names.
    fn agrees(&self, below: &[&str]) -> bool {
        let drawn = |line: &str| {
            line.chars()
                .all(|character| matches!(character, '-' | '=' | '─' | '═' | ' '))
        };
        let block = below
            .iter()
            .take(COMPARED_ROWS)
            .take_while(|line| !line.trim().is_empty());
        let filled: Vec<usize> = block
            .filter(|line| !drawn(line))
            .map(|line| self.filled(line).unwrap_or(0))
            .collect();
        let rows = filled.iter().filter(|&&cells| cells >= 2).count();
        filled
            .iter()
            .any(|&cells| cells >= 2 && cells * 2 > self.columns.len())
            && rows * 2 > filled.len()
    }

    /// How many cells of the line have text; `None` if one is aligned with neither edge of its column's name.
    fn filled(&self, line: &str) -> Option<usize> {
        let words = words(line)?;
        let cells = self.split(&words).or_else(|| self.cut(line, &words))?;
        let cells = cells
            .iter()
            .zip(&self.columns)
            .filter_map(|(cell, column)| cell.map(|cell| (cell, column)));
        cells
            .map(|(cell, column)| {
                // Only single words, such as numbers, are right-aligned; anything else that ends there does so by chance.
                let right_aligned = cell.0.first == cell.1.first && cell.1.end == column.end;
                (cell.0.start == column.start || right_aligned).then_some(1)
            })
            .sum()
    }

    #[cfg(test)]
    fn headers(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The trimmed cells of a row, as many as there are columns; a cell always consists of whole words of the line.
    ///
    /// `None` if the words cannot be assigned to columns without doubt: a column would begin inside a word, or a cell is aligned with
    /// neither edge of its column. A value that the writer shortened keeps its `…` or `...`. Rule lines are not recognised here.
    pub fn cells<'a>(&self, line: &'a str) -> Option<Vec<&'a str>> {
        let words = words(line)?;
        let cells = self.split(&words).or_else(|| self.cut(line, &words))?;
        Some(
            cells
                .into_iter()
                .map(|cell| cell.map_or("", |(first, last)| text(line, first, last)))
                .collect(),
        )
    }

    /// Splits at two blanks, which also reads right-aligned numbers that are wider than their column's name.
    fn split(&self, words: &[Word]) -> Option<Vec<Option<Cell>>> {
        let mut cells = Vec::with_capacity(self.columns.len());
        for cell in cells_apart(words) {
            let column = self.columns.get(cells.len())?;
            let next = self
                .columns
                .get(cells.len() + 1)
                .map_or(usize::MAX, |next| next.start);
            let from = if cells.is_empty() { 0 } else { column.start };
            if cell.0.start >= next || cell.1.end <= from {
                return None;
            }
            cells.push(Some(cell));
        }
        (cells.len() == self.columns.len()).then_some(cells)
    }

    fn cut(&self, line: &str, words: &[Word]) -> Option<Vec<Option<Cell>>> {
        let mut cells: Vec<Option<Cell>> = vec![None; self.columns.len()];
        for &word in words {
            let cell = cells.get_mut(self.column_of(line, word)?)?;
            *cell = Some(cell.map_or((word, word), |(first, _)| (first, word)));
        }
        // A cell that is not aligned belongs to text that runs across the columns, such as a footer.
        let mut behind = cells.iter().zip(&self.columns).skip(1);
        behind
            .all(|(cell, column)| cell.is_none_or(|cell| column.aligns(cell)))
            .then_some(cells)
    }

    fn column_of(&self, line: &str, word: Word) -> Option<usize> {
        let begins_in = |position: usize| {
            self.columns
                .partition_point(|column| column.start <= position)
                .saturating_sub(1)
        };
        let first = begins_in(word.start);
        let last = begins_in(word.end.saturating_sub(1).max(word.start));
        if first == last {
            return Some(first);
        }
        // A right-aligned number is wider than its column's name but ends with it and begins after the column before.
        let (before, column) = (self.columns.get(first)?, self.columns.get(last)?);
        let number = text(line, word, word)
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'-'));
        let right_aligned = self.ruled
            && number
            && last == first + 1
            && word.end == column.end
            && word.start > before.end;
        right_aligned.then_some(last)
    }
}

fn text(line: &str, first: Word, last: Word) -> &str {
    line.get(first.first..last.last).unwrap_or_default()
}

/// The cells when the line is split at two blanks or a tab.
fn cells_apart(words: &[Word]) -> impl Iterator<Item = Cell> {
    words
        .chunk_by(|_, next| !next.apart)
        .filter_map(|cell| Some((*cell.first()?, *cell.last()?)))
}

/// The words of the line; `None` if it is too long.
fn words(line: &str) -> Option<Vec<Word>> {
    if line.len() > LONGEST_LINE {
        return None;
    }
    let mut words: Vec<Word> = Vec::new();
    let (mut position, mut inside, mut apart) = (0_usize, false, false);
    for (offset, character) in line.char_indices() {
        let width = if character == '\t' {
            TAB - position % TAB
        } else {
            character.width().unwrap_or(0)
        };
        let after = offset + character.len_utf8();
        if character.is_whitespace() {
            let end = words.last().map_or(0, |word| word.end);
            apart |= character == '\t' || position + width >= end + 2;
            inside = false;
        } else if let Some(word) = words.last_mut().filter(|_| inside) {
            word.last = after;
            word.end = position + width;
        } else {
            words.push(Word {
                first: offset,
                last: after,
                start: position,
                end: position + width,
                apart,
            });
            (inside, apart) = (true, false);
        }
        position += width;
    }
    Some(words)
}

/// Whether the text can be a column's name: short, begins with a letter or `#`, and holds neither a value nor a sentence.
fn is_name(name: &str) -> bool {
    let begins = name.starts_with(|character: char| character.is_alphabetic() || character == '#');
    let ends = !name.ends_with(['.', ',', '!', '?', '-']);
    let plain = !name.contains([
        ':', ';', ',', '=', '{', '}', '<', '>', '@', '"', '|', '\\', '[', ']', '`', '*', '+',
    ]);
    let value = name.split_whitespace().any(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        digits > 2 || (digits > 0 && word.contains(['-', '.', '/', '_']))
    });
    name.len() <= 120 && name.split_whitespace().count() <= 4 && begins && ends && plain && !value
}

#[cfg(test)]
mod tests;
