//! Reads tables drawn with vertical bars: Markdown, psql, `MySQL`, org-mode, reStructuredText grids and box-drawing characters.

use std::borrow::Cow;

/// A longer line, in bytes, is not a table row.
const LONGEST_LINE: usize = 64 * 1024;

/// How the rows of one table are divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::list) struct PipeTable {
    columns: usize,
    outer: bool,
    boxed: bool,
}

impl PipeTable {
    /// Finds the first rule line with a header next to it that has as many cells as the rule has columns.
    ///
    /// Returns the layout and the header's index in `first_lines`. A table of one column is recognised only inside outer bars.
    pub fn detect(first_lines: &[&str]) -> Option<(Self, usize)> {
        first_lines
            .iter()
            .enumerate()
            .filter(|(_, line)| is_rule(line))
            .find_map(|(index, rule)| {
                let (columns, outer_rule) = rule_columns(rule)?;
                let above = index.checked_sub(1);
                above
                    .and_then(|above| Self::with_header(first_lines, above, columns, outer_rule))
                    .filter(|_| follows(first_lines.get(index + 1)))
                    .or_else(|| Self::with_header(first_lines, index + 1, columns, outer_rule))
            })
    }

    fn with_header(
        lines: &[&str],
        index: usize,
        columns: usize,
        outer_rule: bool,
    ) -> Option<(Self, usize)> {
        let line = *lines.get(index)?;
        if is_rule(line) {
            return None;
        }
        let boxed = is_boxed(line)?;
        let pieces = split(line, boxed)?;
        let opened = pieces.first().is_some_and(|piece| piece.is_empty());
        let outer = outer_rule || (opened && pieces.len() != columns);
        let table = Self {
            columns,
            outer,
            boxed,
        };
        let cells = table.fit(pieces)?;
        let named = cells.iter().any(|cell| !cell.is_empty());
        let complete = cells.len() == columns && (columns > 1 || (outer_rule && opened));
        (named && complete).then_some((table, index))
    }

    /// The trimmed cells of a row, as many as the header has; cells missing at the end are empty.
    ///
    /// `None` if the line is a rule, has no bar or has too many cells (a bar inside a value would move values into other columns).
    /// An empty first cell (psql prints no outer bars) is distinguished from an outer bar.
    pub fn cells<'a>(&self, line: &'a str) -> Option<Vec<Cow<'a, str>>> {
        if is_rule(line) || is_boxed(line)? != self.boxed {
            return None;
        }
        let mut cells = self.fit(split(line, self.boxed)?)?;
        cells.resize(self.columns, "");
        Some(
            cells
                .into_iter()
                .map(|cell| unescape(cell, self.boxed))
                .collect(),
        )
    }

    fn fit<'a>(&self, mut pieces: Vec<&'a str>) -> Option<Vec<&'a str>> {
        let opened = pieces.first().is_some_and(|piece| piece.is_empty());
        let closed = pieces.last().is_some_and(|piece| piece.is_empty());
        let count = pieces.len();
        let (drop_first, drop_last) = if self.outer {
            (opened, closed)
        } else {
            // Without outer bars every empty piece is a cell, unless that gives too many.
            let extra = count.saturating_sub(self.columns);
            match extra {
                0 => (false, false),
                1 => (opened, closed && !opened),
                2 => (opened, closed),
                _ => return None,
            }
        };
        if drop_last {
            pieces.pop();
        }
        if drop_first && !pieces.is_empty() {
            pieces.remove(0);
        }
        let fits = if self.outer && opened {
            pieces.len() <= self.columns
        } else {
            pieces.len() == self.columns
        };
        fits.then_some(pieces)
    }
}

/// Whether the line only draws: at least three dashes, equals signs or horizontal box characters, and otherwise joints, colons and blanks.
pub fn is_rule(line: &str) -> bool {
    let mut dashes = 0_usize;
    for character in line.trim().chars() {
        match character {
            _ if is_dash(character) => dashes += 1,
            ':' | ' ' | '\t' => {}
            _ if is_joint(character) => {}
            _ => return false,
        }
    }
    dashes >= 3
}

/// What is directly below a header's rule must be a row, a rule or the end of the table.
fn follows(line: Option<&&str>) -> bool {
    line.is_none_or(|line| line.trim().is_empty() || is_rule(line) || is_boxed(line).is_some())
}

fn is_dash(character: char) -> bool {
    matches!(
        character,
        '-' | '=' | '─' | '━' | '┄' | '┅' | '┈' | '┉' | '╌' | '╍' | '═'
    )
}

fn is_joint(character: char) -> bool {
    matches!(character, '+' | '|' | '\u{2500}'..='\u{257f}') && !is_dash(character)
}

fn is_box_bar(character: char) -> bool {
    matches!(
        character,
        '│' | '┃' | '║' | '┆' | '┇' | '┊' | '┋' | '╎' | '╏'
    )
}

/// How many columns a rule separates, and whether it begins with an outer joint. `None` if a column has no dashes.
fn rule_columns(rule: &str) -> Option<(usize, bool)> {
    let rule = rule.trim();
    let outer = rule.starts_with(is_joint);
    let inner = rule.strip_prefix(is_joint).unwrap_or(rule);
    let inner = inner.strip_suffix(is_joint).unwrap_or(inner);
    let mut columns = 0;
    for piece in inner.split(is_joint) {
        if !piece.contains(is_dash) {
            return None;
        }
        columns += 1;
    }
    Some((columns, outer))
}

/// Whether the line's first bar is a box-drawing character; `None` if it has no bar.
fn is_boxed(line: &str) -> Option<bool> {
    line.chars()
        .find(|&character| character == '|' || is_box_bar(character))
        .map(is_box_bar)
}

/// The trimmed text between the bars, with an empty piece outside each outer bar.
fn split(line: &str, boxed: bool) -> Option<Vec<&str>> {
    if line.len() > LONGEST_LINE {
        return None;
    }
    let mut escaped = false;
    let is_bar = |character: char| {
        if boxed {
            return is_box_bar(character);
        }
        let bar = character == '|' && !escaped;
        escaped = character == '\\' && !escaped;
        bar
    };
    Some(line.split(is_bar).map(str::trim).collect())
}

fn unescape(cell: &str, boxed: bool) -> Cow<'_, str> {
    if !boxed && cell.contains("\\|") {
        Cow::Owned(cell.replace("\\|", "|"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str) -> Option<Vec<Vec<String>>> {
        let lines: Vec<&str> = text.lines().collect();
        let (table, header) = PipeTable::detect(&lines)?;
        let rows = lines
            .iter()
            .skip(header)
            .filter_map(|line| table.cells(line));
        Some(
            rows.map(|row| row.into_iter().map(Cow::into_owned).collect())
                .collect(),
        )
    }

    #[test]
    fn detect_reads_every_layout() {
        let layouts = [
            "| Name | HWID |\n|---|:---:|\n| LT-1 | a1 |\n| LT-2 | b2 |",
            "Devices to remove:\n\n| Name | HWID |\n| :-- | --: |\n| LT-1 | a1\n| LT-2 | b2 |\n\nRegards",
            "Name | HWID\n--- | ---\nLT-1 | a1\nLT-2 | b2 |",
            " Name | HWID \n------+------\n LT-1 | a1\n LT-2 | b2\n(2 rows)",
            "+------+------+\n| Name | HWID |\n+------+------+\n| LT-1 | a1   |\n| LT-2 | b2   |\n+------+------+\n2 rows in set",
            "| Name | HWID |\n|------+------|\n| LT-1 | a1   |\n| LT-2 | b2   |",
            "┌──────┬──────┐\n│ Name │ HWID │\n├──────┼──────┤\n│ LT-1 │ a1   │\n│ LT-2 │ b2   │\n└──────┴──────┘",
            "╔══════╦══════╗\n║ Name │ HWID ║\n╠══════╬══════╣\n║ LT-1 │ a1   ║\n║ LT-2 │ b2   ║\n╚══════╩══════╝",
            " Name │ HWID \n──────┼──────\n LT-1 │ a1\n LT-2 │ b2",
            "Name | HWID\n--- | ---\n| LT-1 | a1 |\n| LT-2 | b2 |",
            "+------+------+\n| Name | HWID |\n| LT-1 | a1   |\n| LT-2 | b2   |\n+------+------+",
            "+------+------+\n| Name | HWID |\n+======+======+\n| LT-1 | a1   |\n+------+------+\n| LT-2 | b2   |\n+------+------+",
        ];
        for text in layouts {
            let expected = vec![vec!["Name", "HWID"], vec!["LT-1", "a1"], vec!["LT-2", "b2"]];
            assert_eq!(
                rows(text),
                Some(
                    expected
                        .into_iter()
                        .map(|row| row.into_iter().map(String::from).collect())
                        .collect()
                ),
                "{text}"
            );
        }
    }

    #[test]
    fn detect_rejects_other_text() {
        let texts = [
            "Use a | b to pipe.\n\nAnother paragraph with | in it.",
            "Choose yes | no\n---\nThen go on.",
            "Title\n-----\n\nText with a | bar.",
            "a | b\n--- | ---\nthis is prose without a bar",
            "[section]\nname = a | b\n---\nkey=value",
            "2026-10-12 08:00:00 INFO | main | started\n------------------------------\n2026-10-12 08:00:01 INFO | main | ended",
            "<table>\n<tr><td>a | b</td></tr>\n---|\n</table>",
            "From: a@example.org\nSubject: x | y\n\n-- \nsignature",
            "Name|HWID\nLT-1|a1",
            "=====\n| note\n=====",
            "HWID\n----\na1",
        ];
        for text in texts {
            assert_eq!(rows(text), None, "{text}");
        }
    }

    #[test]
    fn cut_keeps_cells_in_their_columns() {
        let psql: Vec<&str> = " name | hwid | user \n------+------+------"
            .lines()
            .collect();
        let (table, _) = PipeTable::detect(&psql).expect("a table");
        assert_eq!(
            table.cells("      | a1   | ").expect("a row"),
            ["", "a1", ""]
        );
        assert_eq!(table.cells("  a | b | c | d"), None);
        assert_eq!(table.cells("(1 row)"), None);
        let markdown: Vec<&str> = "| name | hwid |\n|---|---|".lines().collect();
        let (table, _) = PipeTable::detect(&markdown).expect("a table");
        assert_eq!(table.cells(r"| a\|b | a1 |").expect("a row"), ["a|b", "a1"]);
        assert_eq!(table.cells("| a |").expect("a row"), ["a", ""]);
        assert_eq!(table.cells("| | a1 |").expect("a row"), ["", "a1"]);
        assert_eq!(table.cells("| a | b | a1 |"), None);
        let (table, _) = PipeTable::detect(&["| name | hwid |", "--- | ---"]).expect("a table");
        assert_eq!(table.cells("| a").expect("a row"), ["a", ""]);
        let longest = ["| a | a1 |", &" ".repeat(LONGEST_LINE - 10)].concat();
        assert_eq!(table.cells(&longest).expect("a row"), ["a", "a1"]);
        assert_eq!(table.cells(&format!("{longest} ")), None);
    }

    #[test]
    fn first_column_can_have_no_name() {
        let text = "   | HWID \n---+------\n x | a1\n   | b2";
        let expected = [["", "HWID"], ["x", "a1"], ["", "b2"]];
        assert_eq!(
            rows(text),
            Some(expected.map(|row| row.map(str::to_owned).to_vec()).to_vec())
        );
    }

    #[test]
    fn table_can_have_no_rows() {
        let text = "| Name | HWID |\n|---|---|\n\nNothing | found";
        let found = rows(text).expect("a table");
        assert_eq!(
            found.first().map(Vec::as_slice),
            Some(&["Name".to_owned(), "HWID".to_owned()][..])
        );
    }

    #[test]
    fn row_without_outer_bars_has_every_cell() {
        let lines = [" name | hwid | user ", "------+------+------"];
        let (table, _) = PipeTable::detect(&lines).expect("a table");
        assert_eq!(table.cells("      | a1"), None);
        assert_eq!(table.cells("  x   | a1"), None);
    }

    #[test]
    fn only_ascii_bars_are_escaped() {
        let lines = ["│ Name │ HWID │", "├──────┼──────┤"];
        let (table, _) = PipeTable::detect(&lines).expect("a table");
        assert_eq!(
            table.cells(r"│ a\|b │ a1 │").expect("a row"),
            [r"a\|b", "a1"]
        );
    }

    #[test]
    fn rule_has_three_dashes() {
        assert!(is_rule("---") && is_rule("|-|-|-|"));
        assert!(!is_rule("--") && !is_rule("| - | - |") && !is_rule("| a1 |"));
    }

    proptest! {
        #[test]
        fn pipes_never_panic(text in any::<String>(), bars in "[|│\\\\ a\n+:-]{0,80}") {
            for text in [text, bars] {
                let lines: Vec<&str> = text.lines().collect();
                let table = PipeTable::detect(&lines);
                for line in lines {
                    if let Some((table, _)) = &table {
                        prop_assert!(table.cells(line).is_none_or(|cells| cells.len() == table.columns));
                    }
                }
            }
        }
    }
}
