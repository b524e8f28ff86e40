//! Sections of a manual page that the crate doesn't write, or writes for other programs than this one.

use std::io::Write;

use clap::builder::StyledStr;
use clap_mangen::roff::{Roff, bold, roman};

/// Writes how the command is used as `--help` has it: the crate's own section lists each option, and knows
/// one way of using a command only.
pub(super) fn write_synopsis(usage: &StyledStr, out: &mut dyn Write) -> std::io::Result<()> {
    let usage = usage.to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    for (place, line) in usage.lines().enumerate() {
        if place > 0 {
            roff.control("br", []);
        }
        roff.text([roman(line.trim())]);
    }
    roff.to_writer(out)
}

/// The page, in which lines with columns, such as those about queries, stay as they are: otherwise they
/// are filled to one paragraph.
pub(super) fn unfilled_tables(roff: &str) -> String {
    let lines: Vec<&str> = roff.lines().collect();
    let is_text = |line: &str| !line.is_empty() && !line.starts_with('.');
    let mut page = String::new();
    for block in lines.chunk_by(|one, other| is_text(one) == is_text(other)) {
        let is_table = block.len() > 1
            && is_text(block.first().copied().unwrap_or_default())
            && block.iter().any(|line| line.contains("  "));
        if is_table {
            page.push_str(".nf\n");
        }
        for line in block {
            page.push_str(line);
            page.push('\n');
        }
        if is_table {
            page.push_str(".fi\n");
        }
    }
    page
}

/// Writes a section as a list of terms and descriptions.
pub(super) fn write_section<'t>(
    name: &str,
    entries: impl IntoIterator<Item = (&'t str, &'t str)>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [name]);
    for (term, text) in entries {
        roff.control("TP", []);
        roff.text([bold(term)]);
        roff.text([roman(text)]);
    }
    roff.to_writer(out)
}
