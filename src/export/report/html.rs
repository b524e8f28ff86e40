//! Writes a report as one HTML file: no script, no external resource, readable on paper, in the dark
//! and by a screen reader.
//!
//! `maud` escapes every value that is spliced in. The only text that it doesn't escape is the style
//! sheet, which is part of the program.

mod bars;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::document::{Block, Column, Document, Section, Table, Text, Tone};

/// Nothing is loaded and nothing runs, whatever a browser finds in the file.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The style sheet.
const STYLE: &str = include_str!("html/style.css");

/// The document as HTML.
pub fn html(document: &Document) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (shown(&document.title)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (shown(&document.title)) }
                    p.subtitle { (shown(&document.subtitle)) }
                }
                main {
                    div.summary { (blocks(&document.summary)) }
                    (contents(&document.sections))
                    @for (number, part) in (1..).zip(&document.sections) {
                        section id=(anchor(number)) { (section(part, 2)) }
                    }
                }
                footer { p { (shown(&document.footer)) } }
            }
        }
    };
    page.into_string()
}

fn shown(text: &Text) -> &str {
    text.as_str()
}

fn anchor(number: usize) -> String {
    format!("section-{number}")
}

fn contents(sections: &[Section]) -> Markup {
    html! {
        nav aria-label="Contents" {
            ul {
                @for (number, section) in (1..).zip(sections) {
                    li { a href={ "#" (anchor(number)) } { (shown(&section.heading)) } }
                }
            }
        }
    }
}

fn section(section: &Section, level: usize) -> Markup {
    html! {
        @match level {
            2 => { h2 { (shown(&section.heading)) } }
            3 => { h3 { (shown(&section.heading)) } }
            _ => { h4 { (shown(&section.heading)) } }
        }
        (blocks(&section.blocks))
        @for part in &section.sections {
            (self::section(part, level + 1))
        }
    }
}

fn blocks(blocks: &[Block]) -> Markup {
    html! {
        @for block in blocks {
            @match block {
                Block::Paragraph(text) => { p { (shown(text)) } }
                Block::Notice { tone, text, command } => {
                    p.notice.(class(*tone)) {
                        span.sign aria-hidden="true" { (tone.sign()) } " "
                        (shown(text))
                        @if let Some(command) = command { ": " code { (shown(command)) } }
                    }
                }
                Block::Facts(facts) => {
                    dl {
                        @for (label, value) in facts {
                            div { dt { (shown(label)) } dd { (shown(value)) } }
                        }
                    }
                }
                Block::Shares(shares) => { (bars::stacked(shares)) }
                Block::Bars(bars) => { (bars::table(bars)) }
                Block::Table(rows) => { (table(rows)) }
            }
        }
    }
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Warning => "warning",
        Tone::Neutral => "neutral",
    }
}

/// A table in a region of its own, which scrolls sideways on a narrow screen.
fn table(table: &Table) -> Markup {
    html! {
        div.wide role="region" tabindex="0" aria-label=(shown(&table.caption)) {
            table {
                caption { (shown(&table.caption)) }
                thead {
                    tr {
                        @for column in &table.columns {
                            th scope="col" class=[column_class(*column)] { (column.header()) }
                        }
                    }
                }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (place, (column, cell)) in table.columns.iter().zip(row).enumerate() {
                                @if place == 0 {
                                    th scope="row" class=[column_class(*column)] { (shown(cell)) }
                                } @else {
                                    td class=[column_class(*column)] { (shown(cell)) }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if let Some(remainder) = &table.remainder {
            p.remainder { (shown(remainder)) }
        }
    }
}

fn column_class(column: Column) -> Option<&'static str> {
    match column {
        Column::Words(_) => None,
        Column::Number(_) => Some("number"),
        Column::Code(_) => Some("code"),
        Column::Time(_) => Some("time"),
    }
}

#[cfg(test)]
mod tests;
