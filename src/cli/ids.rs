//! `--ids`: the devices that a ticket names.

use std::io::Write;
use std::path::Path;

use super::Failure;
use crate::import::{Import, Meaning};
use crate::text;

/// How many entries are told one by one.
const TOLD: usize = 20;

/// Reads the text at `path`; `-` is standard input, which can't be the list as well.
pub(super) fn read(path: &Path, list: &Path) -> Result<String, Failure> {
    if path != Path::new("-") {
        return crate::file::read_text(path).map_err(|why| Failure::usage(format!("--ids {why}")));
    }
    if list == Path::new("-") {
        return Err(Failure::usage(
            "the list and --ids can't both be standard input: name a file for one",
        ));
    }
    crate::file::text_of(std::io::stdin().lock())
        .map_err(|why| Failure::usage(format!("--ids, standard input: {why}")))
}

/// Says on standard error what was matched, and each entry that wasn't; if only problems are wanted,
/// nothing where there is none.
pub(super) fn tell(import: &Import, quiet: bool) {
    let counts = import.counts();
    if quiet && counts.ambiguous + counts.invalid + counts.missing == 0 {
        return;
    }
    let mut lines = format!(
        "ids: {} matched · {} ambiguous · {} repeated · {} invalid · {} missing\n",
        counts.matched, counts.ambiguous, counts.repeated, counts.invalid, counts.missing
    );
    let problems: Vec<String> = import
        .entries
        .iter()
        .filter_map(|entry| {
            let what = match &entry.meaning {
                Meaning::Matched(_) | Meaning::Repeated => return None,
                Meaning::Ambiguous(devices) => {
                    format!(
                        "ambiguous: {} have it",
                        text::counted(devices.len() as u64, "device")
                    )
                }
                Meaning::Invalid(why) => format!("invalid: {why}"),
                Meaning::Missing(_) => "missing: not in the list".to_owned(),
            };
            Some(format!("  {} {what}\n", text::visible(&entry.text)))
        })
        .collect();
    lines.extend(problems.iter().take(TOLD).map(String::as_str));
    if problems.len() > TOLD {
        lines.push_str(&format!("  and {} more\n", problems.len() - TOLD));
    }
    // A closed standard error is no reason to stop.
    let _ = std::io::stderr().write_all(lines.as_bytes());
}

/// Why nothing may be sent with these entries, if so.
pub(super) fn refusal(import: &Import, skip_missing: bool, add_missing: bool) -> Option<String> {
    let counts = import.counts();
    let added = if add_missing {
        import.missing_identifiers().count()
    } else {
        0
    };
    let missing = counts.missing - added;
    let mut reasons = Vec::new();
    if counts.ambiguous > 0 {
        reasons.push(format!(
            "{} ambiguous: name the devices by HWID",
            counts.ambiguous
        ));
    }
    if counts.invalid > 0 && !skip_missing {
        reasons.push(format!("{} invalid", counts.invalid));
    }
    if missing > 0 && !skip_missing {
        let looks = if add_missing {
            " and no identifier by the looks"
        } else {
            ""
        };
        reasons.push(format!("{missing} not in the list{looks}"));
    }
    if reasons.is_empty() {
        return None;
    }
    let remedy = if counts.ambiguous > 0 {
        ""
    } else {
        " (--skip-missing goes on without them)"
    };
    Some(format!("entries of --ids: {}{remedy}", reasons.join(", ")))
}
