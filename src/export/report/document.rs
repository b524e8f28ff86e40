//! The content of a report, independent of its format.

use crate::text;

/// The most rows of a table. A longer one says how many are missing and where all of them are:
/// browsers and ticket systems are slow with larger documents.
pub const MOST_ROWS: usize = 1_000;

/// Text of a report, with every hidden or control character shown as an escape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// The text; not escaped for any format.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text::visible(text).into_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(match text::visible(&text) {
            std::borrow::Cow::Borrowed(_) => text,
            std::borrow::Cow::Owned(shown) => shown,
        })
    }
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its first heading.
    pub title: Text,
    /// What it is about, in one line below the title.
    pub subtitle: Text,
    /// What matters most, before the first section.
    pub summary: Vec<Block>,
    /// Its sections.
    pub sections: Vec<Section>,
    /// How it came about, at its end.
    pub footer: Text,
}

/// A part with a heading. Sections in it have headings one level lower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub heading: Text,
    /// What it says.
    pub blocks: Vec<Block>,
    /// Its parts.
    pub sections: Vec<Section>,
}

impl Section {
    /// A section without parts.
    pub fn new(heading: impl Into<Text>, blocks: Vec<Block>) -> Self {
        Self {
            heading: heading.into(),
            blocks,
            sections: Vec::new(),
        }
    }
}

/// What a number means for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As intended.
    Good,
    /// Failed.
    Bad,
    /// Undecided: somebody has to look.
    Warning,
    /// Nothing to judge.
    Neutral,
}

impl Tone {
    /// A sign that shows it without color.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Bad => "✗",
            Self::Warning => "?",
            Self::Neutral => "–",
        }
    }
}

/// One element of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Text),
    /// Something that the reader has to know or to do, with the command for it.
    Notice {
        /// How it is marked.
        tone: Tone,
        /// The sentence.
        text: Text,
        /// What to type.
        command: Option<Text>,
    },
    /// Labels, each with its value.
    Facts(Vec<(Text, Text)>),
    /// One bar in parts.
    Shares(Vec<CountedPart>),
    /// A bar per row.
    Bars(Bars),
    /// A table.
    Table(Table),
}

impl Block {
    /// A paragraph.
    pub fn paragraph(text: impl Into<Text>) -> Self {
        Self::Paragraph(text.into())
    }

    /// Labels, each with its value.
    pub fn facts(facts: Vec<(&str, String)>) -> Self {
        let texts = facts.into_iter();
        Self::Facts(
            texts
                .map(|(label, value)| (label.into(), value.into()))
                .collect(),
        )
    }
}

/// A counted part of a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedPart {
    /// What was counted.
    pub label: Text,
    /// How many.
    pub count: u64,
    /// What it means.
    pub tone: Tone,
}

/// Counts with a bar each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    /// What is counted, as the table's caption.
    pub caption: Text,
    /// The header of the labels.
    pub label: Text,
    /// The header of the counts, such as `devices`.
    pub unit: Text,
    /// The bars.
    pub shares: Vec<CountedPart>,
    /// What the bars are parts of.
    pub total: u64,
}

impl Bars {
    /// The most bars; the rest is summed up in one more.
    const MOST: usize = 12;

    /// The largest of these counts as neutral bars, and the sum of the others, which are `others`, such
    /// as `other groups`. An empty label is shown as `none`.
    pub fn of_counts(
        caption: &str,
        label: &str,
        others: &str,
        counts: impl IntoIterator<Item = (String, u64)>,
    ) -> Self {
        let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
        counts.sort_by(|(label, count), (other_label, other)| {
            other.cmp(count).then_with(|| label.cmp(other_label))
        });
        let total = counts.iter().map(|(_, count)| count).sum();
        let rest = counts.split_off(counts.len().min(Self::MOST));
        let neutral = |label: Text, count| CountedPart {
            label,
            count,
            tone: Tone::Neutral,
        };
        let mut shares: Vec<CountedPart> = counts
            .into_iter()
            .map(|(label, count)| match label.trim() {
                "" => neutral("(none)".into(), count),
                _ => neutral(label.into(), count),
            })
            .collect();
        if !rest.is_empty() {
            let sum = rest.iter().map(|(_, count)| count).sum();
            let label = format!("{} {others}", text::grouped(rest.len() as u64));
            shares.push(neutral(label.into(), sum));
        }
        Self {
            caption: caption.into(),
            label: label.into(),
            unit: "devices".into(),
            shares,
            total,
        }
    }
}

/// The kind of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Words.
    Words(&'static str),
    /// Numbers, aligned at their ends.
    Number(&'static str),
    /// Identifiers and other values that are copied.
    Code(&'static str),
    /// Times, which are not broken across lines.
    Time(&'static str),
}

impl Column {
    /// The header.
    pub fn header(self) -> &'static str {
        match self {
            Self::Words(header)
            | Self::Number(header)
            | Self::Code(header)
            | Self::Time(header) => header,
        }
    }
}

/// Rows with the same columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What its rows are.
    pub caption: Text,
    /// The columns. The first is the header of its row.
    pub columns: Vec<Column>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Vec<Text>>,
    /// What is missing, and where it is.
    pub remainder: Option<Text>,
}

impl Table {
    /// A table with the first [`MOST_ROWS`] of these rows; `all` says where all of them are. Columns
    /// without any value are left out.
    pub fn new(
        caption: impl Into<Text>,
        columns: Vec<Column>,
        rows: impl ExactSizeIterator<Item = Vec<Text>>,
        all: &str,
    ) -> Self {
        let missing = rows.len().saturating_sub(MOST_ROWS) as u64;
        let remainder = (missing > 0).then(|| {
            format!(
                "{} of {} rows are not shown here: {all}",
                text::grouped(missing),
                text::grouped(rows.len() as u64)
            )
        });
        let mut rows: Vec<Vec<Text>> = rows.take(MOST_ROWS).collect();
        let is_filled = |place: usize| {
            let mut cells = rows.iter().filter_map(|row| row.get(place));
            place == 0 || cells.any(|cell| !cell.as_str().is_empty())
        };
        let filled: Vec<bool> = (0..columns.len()).map(is_filled).collect();
        for row in &mut rows {
            let mut filled = filled.iter();
            row.retain(|_| filled.next().copied().unwrap_or(true));
        }
        let columns = columns.into_iter().zip(filled);
        Self {
            caption: caption.into(),
            columns: columns
                .filter_map(|(column, is_filled)| is_filled.then_some(column))
                .collect(),
            rows,
            remainder: remainder.map(Text::from),
        }
    }
}

/// A time for a reader: `2026-11-27 14:40:05 UTC`.
pub fn time(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A share of a whole in percent: `96.8 %`. Less than all is never shown as all, nor some as none.
pub fn percent(count: u64, total: u64) -> String {
    if total == 0 {
        return "0 %".to_owned();
    }
    let (count, total) = (u128::from(count), u128::from(total));
    match (count * 2_000 + total) / (total * 2) {
        _ if count == 0 => "0 %".to_owned(),
        _ if count == total => "100 %".to_owned(),
        0 => "< 0.1 %".to_owned(),
        1_000.. => "99.9 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_never_shows_a_part_as_all_or_nothing() {
        assert_eq!(percent(0, 0), "0 %");
        assert_eq!(percent(9_999, 10_000), "99.9 %");
        assert_eq!(percent(1, 10_000), "< 0.1 %");
        assert_eq!(percent(331, 342), "96.8 %");
        assert_eq!(percent(342, 342), "100 %");
        assert_eq!(percent(u64::MAX, u64::MAX), "100 %");
    }

    #[test]
    fn table_says_how_many_rows_it_lacks_and_where_they_are() {
        let table = |rows: usize| {
            let rows = (0..rows).map(|row| vec![Text::from(row.to_string())]);
            Table::new("devices", vec![Column::Number("which")], rows, "see FILE")
        };
        assert_eq!(table(MOST_ROWS).remainder, None);
        let long = table(MOST_ROWS + 1);
        assert_eq!(long.rows.len(), MOST_ROWS);
        let remainder = long.remainder.expect("one row is missing");
        assert_eq!(
            remainder.as_str(),
            "1 of 1,001 rows are not shown here: see FILE"
        );
    }

    #[test]
    fn table_leaves_out_columns_without_a_value() {
        let row = |cells: [&str; 3]| cells.map(Text::from).to_vec();
        let columns = ["a", "b", "c"].map(Column::Words).to_vec();
        let rows = [row(["", "", "x"]), row(["", "", ""])].into_iter();
        let table = Table::new("", columns, rows, "");
        assert_eq!(table.columns, [Column::Words("a"), Column::Words("c")]);
        assert_eq!(table.rows[0], [Text::default(), "x".into()]);
    }

    #[test]
    fn bars_sum_up_the_smallest_counts() {
        let counts = (0..20_u64).map(|number| (format!("group {number:02}"), 100 - number));
        let bars = Bars::of_counts("by group", "group", "other groups", counts);
        assert_eq!(bars.shares.len(), Bars::MOST + 1);
        let last = bars.shares.last().expect("the others");
        assert_eq!(last.label.as_str(), "8 other groups");
        let sum: u64 = bars.shares.iter().map(|share| share.count).sum();
        assert_eq!(sum, bars.total);
        let none = Bars::of_counts("", "", "", [(" ".to_owned(), 1)]);
        assert_eq!(none.shares[0].label.as_str(), "(none)");
    }

    #[test]
    fn text_shows_hidden_characters() {
        assert_eq!(Text::from("a\u{202e}b").as_str(), "a\\u{202e}b");
        assert_eq!(Text::from("a\nb".to_owned()).as_str(), "a\\nb");
    }
}
