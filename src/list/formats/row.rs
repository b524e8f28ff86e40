//! The cells of one record, before they are assigned to columns.

/// The cells of one record.
#[derive(Debug, Default)]
pub(in crate::list) struct Cells {
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    count: usize,
}

impl Cells {
    pub fn clear(&mut self) {
        self.text_len = 0;
        self.count = 0;
    }

    /// Free memory for text and for the ends of cells.
    pub fn room(&mut self) -> (&mut [u8], &mut [usize]) {
        if self.text.is_empty() {
            self.text.resize(1024, 0);
            self.ends.resize(64, 0);
        }
        let text = self.text.get_mut(self.text_len..).unwrap_or_default();
        let ends = self.ends.get_mut(self.count..).unwrap_or_default();
        (text, ends)
    }

    /// Records what was written into the [room](Self::room).
    pub fn filled(&mut self, text: usize, cells: usize) {
        self.text_len += text;
        self.count += cells;
    }

    pub fn grow_text(&mut self) {
        self.text.extend_from_within(..);
    }

    pub fn grow_ends(&mut self) {
        self.ends.extend_from_within(..);
    }

    /// Adds a cell.
    pub fn push(&mut self, cell: &str) {
        self.text.truncate(self.text_len);
        self.text.extend_from_slice(cell.as_bytes());
        self.text_len = self.text.len();
        self.ends.truncate(self.count);
        self.ends.push(self.text_len);
        self.count += 1;
    }

    /// The record as text.
    pub fn record(&self) -> Record<'_> {
        let text = self.text.get(..self.text_len).unwrap_or_default();
        Record {
            // The window has checked the text, and cells are split at ASCII characters only.
            text: std::str::from_utf8(text).unwrap_or_default(),
            ends: self.ends.get(..self.count).unwrap_or_default(),
        }
    }
}

/// The cells of one record, as text.
#[derive(Clone, Copy, Debug)]
pub(in crate::list) struct Record<'a> {
    pub(in crate::list) text: &'a str,
    ends: &'a [usize],
}

impl<'a> Record<'a> {
    pub fn count(self) -> usize {
        self.ends.len()
    }

    /// One cell; empty if the record has no such cell.
    pub fn get(self, index: usize) -> &'a str {
        let start = match index {
            0 => 0,
            _ => self.ends.get(index - 1).copied().unwrap_or(usize::MAX),
        };
        let end = self.ends.get(index).copied().unwrap_or(0);
        self.text.get(start..end).unwrap_or_default()
    }

    /// All cells.
    pub fn texts(self) -> impl Iterator<Item = &'a str> + Clone {
        (0..self.count()).map(move |index| self.get(index))
    }

    /// True for an empty line, and for a line of blank text as spreadsheets write it.
    pub fn is_blank(self) -> bool {
        self.text.trim_ascii().is_empty()
    }
}
