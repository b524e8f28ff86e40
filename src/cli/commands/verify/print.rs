//! Prints what became of accepted devices.

use std::io::Write;

use crate::cli::commands::runs;
use crate::cli::{CommandError, Exit};
use crate::export::{self, VerificationFacts, VerificationLine, VerificationText, verified_counts};
use crate::journal::{Journal, RunRecord};
use crate::text::{counted, grouped};
use crate::verification::VerifiedCounts;

use super::is_accepted;

pub(super) fn write_lines(
    journal: &Journal,
    runs: &[RunRecord],
    counts: VerifiedCounts,
    exit: Exit,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    for run in runs {
        for device in journal
            .devices(&run.id)?
            .iter()
            .filter(|it| is_accepted(it))
        {
            export::write_line(out, &VerificationLine::device(run, device))?;
        }
        let facts = VerificationFacts::of(run);
        export::write_line(out, &VerificationLine::Verification(facts))?;
    }
    let last = VerificationLine::summary(runs.len() as u64, counts, exit.number());
    export::write_line(out, &last)?;
    Ok(())
}

/// Prints the runs whose devices are not all gone, or the named one, and the total of several.
pub(super) fn write_text(
    journal: &Journal,
    runs: &[RunRecord],
    is_named: bool,
    counts: VerifiedCounts,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    if runs.is_empty() {
        writeln!(out, "no accepted device to verify")?;
        return Ok(());
    }
    for run in runs {
        let own = verified_counts(run);
        if is_named || own.gone < own.total() {
            write_run(journal, run, out)?;
        }
    }
    if !is_named {
        writeln!(
            out,
            "{}, {}: {counts}",
            counted(runs.len() as u64, "run"),
            counted(counts.total(), "accepted device")
        )?;
    }
    Ok(())
}

fn write_run(journal: &Journal, run: &RunRecord, out: &mut dyn Write) -> Result<(), CommandError> {
    let verification = VerificationText::of(run);
    let (counts, basis) = match &verification {
        Some(text) => (text.counts.as_str(), text.basis.as_str()),
        None => (
            "not verified",
            "no inventory since is known: offboard verify --fetch reads one",
        ),
    };
    writeln!(
        out,
        "run {} · {} · {} accepted · {counts}",
        run.id,
        run.action,
        grouped(run.tally.accepted),
    )?;
    writeln!(out, "  {basis}")?;
    match verification {
        Some(text) => runs::write_not_gone(&journal.devices(&run.id)?, &text, out),
        None => Ok(()),
    }
}
