//! Writes a report as Markdown, which change tickets show.

use std::fmt::Write as _;

use super::document::{Bars, Block, Column, CountedPart, Document, Section, Table, Text, percent};
use crate::text;

/// The document as Markdown.
pub fn markdown(document: &Document) -> String {
    let mut out = String::new();
    heading(&mut out, 1, &document.title);
    paragraph(&mut out, &document.subtitle);
    blocks(&mut out, &document.summary);
    for part in &document.sections {
        section(&mut out, 2, part);
    }
    let _ = writeln!(out, "---\n\n{}", escape(&document.footer));
    out
}

fn section(out: &mut String, level: usize, section: &Section) {
    heading(out, level, &section.heading);
    blocks(out, &section.blocks);
    for part in &section.sections {
        self::section(out, level + 1, part);
    }
}

fn heading(out: &mut String, level: usize, text: &Text) {
    let _ = writeln!(out, "{} {}\n", "#".repeat(level), escape(text));
}

fn paragraph(out: &mut String, text: &Text) {
    let _ = writeln!(out, "{}\n", escape(text));
}

fn blocks(out: &mut String, blocks: &[Block]) {
    for block in blocks {
        match block {
            Block::Paragraph(text) => paragraph(out, text),
            Block::Notice { text, command, .. } => {
                let _ = write!(out, "> {}", escape(text));
                if let Some(command) = command {
                    let _ = write!(out, ": {}", escape(command));
                }
                out.push_str("\n\n");
            }
            Block::Facts(facts) => {
                let _ = writeln!(out, "| | |\n|---|---|");
                for (label, value) in facts {
                    let _ = writeln!(out, "| {} | {} |", escape(label), escape(value));
                }
                out.push('\n');
            }
            // The counts of the summary follow as bars.
            Block::Shares(_) => {}
            Block::Bars(bars) => write_bars(out, bars),
            Block::Table(table) => write_table(out, table),
        }
    }
}

fn write_bars(out: &mut String, bars: &Bars) {
    let _ = writeln!(
        out,
        "| {} | {} | share | |\n|---|---:|---:|---|",
        escape(&bars.label),
        escape(&bars.unit)
    );
    for share in &bars.shares {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            escape(&share.label),
            text::grouped(share.count),
            percent(share.count, bars.total),
            bar(share, bars.total)
        );
    }
    let total = text::grouped(bars.total);
    let _ = writeln!(out, "| all | {total} | | |\n");
}

/// A bar of up to 20 blocks; any count has at least one.
fn bar(share: &CountedPart, total: u64) -> String {
    const WIDTH: u128 = 20;
    let length = u128::from(share.count) * WIDTH / u128::from(total.max(1));
    let length = length.max(u128::from(share.count > 0)).min(WIDTH);
    "█".repeat(usize::try_from(length).unwrap_or_default())
}

fn write_table(out: &mut String, table: &Table) {
    let headers: Vec<&str> = table.columns.iter().map(|column| column.header()).collect();
    let aligned: Vec<&str> = table
        .columns
        .iter()
        .map(|column| match column {
            Column::Number(_) => "---:",
            Column::Words(_) | Column::Code(_) | Column::Time(_) => "---",
        })
        .collect();
    let _ = writeln!(out, "| {} |\n|{}|", headers.join(" | "), aligned.join("|"));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(escape).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out.push('\n');
    if let Some(remainder) = &table.remainder {
        paragraph(out, remainder);
    }
}

/// Text in which nothing is markup of Markdown or HTML, nor an address that becomes a link.
fn escape(text: &Text) -> String {
    const MARKUP: &str = "\\`*_{}[]<>#|~&!";
    let text = text.as_str();
    let mut escaped = String::with_capacity(text.len());
    for (place, character) in text.char_indices() {
        let (before, rest) = text.split_at(place);
        let begins_link = match character {
            ':' => rest.starts_with("://"),
            '.' => before
                .get(before.len().saturating_sub(3)..)
                .is_some_and(|end| end.eq_ignore_ascii_case("www")),
            _ => false,
        };
        if begins_link || MARKUP.contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::report::document::Tone;

    #[test]
    fn escape_neutralises_markdown_and_html() {
        let escaped = |text: &str| escape(&text.into());
        assert_eq!(escaped("a|b\n<script>"), "a\\|b\\\\n\\<script\\>");
        assert_eq!(escaped("[x](y) `z`"), "\\[x\\](y) \\`z\\`");
        assert_eq!(escaped("http://a.example"), "http\\://a.example");
        assert_eq!(escaped("WWW.a.example ww.b"), "WWW\\.a.example ww.b");
    }

    #[test]
    fn bar_is_empty_only_for_nothing() {
        let of = |count| {
            let share = CountedPart {
                label: Text::default(),
                count,
                tone: Tone::Neutral,
            };
            bar(&share, 1_000).chars().count()
        };
        assert_eq!([of(0), of(1), of(500), of(1_000)], [0, 1, 10, 20]);
    }
}
