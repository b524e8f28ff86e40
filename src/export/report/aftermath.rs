//! What became of accepted devices, by a later look at the tenant, and of the account's licences.

use super::document::{Bars, Block, Column, CountedPart, Section, Table, Text, Tone};
use super::run::RunReport;
use crate::domain::action::Action;
use crate::export::{VerificationText, not_gone, verified_counts};
use crate::journal::RunRecord;
use crate::text::{capitalized, counted, grouped};
use crate::verification::VerifiedCounts;

/// What a later inventory or lookup showed of the accepted devices; none if that was never verified.
pub fn verification(report: &RunReport<'_>) -> Option<Section> {
    let text = VerificationText::of(report.run)?;
    let mut blocks = vec![
        Block::paragraph(format!("{}.", text.summary())),
        verified_bars(
            verified_counts(report.run),
            report.run.action == Action::Uninstall,
        ),
    ];
    let notes = text.notes.into_iter();
    blocks.extend(notes.map(|note| Block::paragraph(format!("{}.", capitalized(note)))));
    let rows: Vec<_> = not_gone(report.devices)
        .map(|(record, verified)| {
            vec![
                record.device.identifier.to_string().into(),
                record.device.hostname.as_str().into(),
                record.device.user.as_str().into(),
                verified.state.label().into(),
                verified.about(&record.device).into(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        let columns = vec![
            Column::Code("device"),
            Column::Words("host name"),
            Column::Words("user"),
            Column::Words("since then"),
            Column::Words("found"),
        ];
        let id = report.run.id;
        let all = format!("`offboard verify {id} --output jsonl` writes every device");
        let caption = "Accepted devices that are not gone";
        let table = Table::new(caption, columns, rows.into_iter(), &all);
        blocks.push(Block::Table(table));
    }
    Some(Section::new("Verification", blocks))
}

/// Warning block: accepted devices that are in the tenant again. `None` if there are none. An uninstall keeps
/// the record of a device, so that only one that was seen again counts.
pub fn notice<'a>(runs: impl Iterator<Item = &'a RunRecord>) -> Option<Block> {
    let mut present = 0;
    for run in runs.filter(|run| run.verification.is_some()) {
        let counts = verified_counts(run);
        present += counts.returned;
        if run.action != Action::Uninstall {
            present += counts.still_there;
        }
    }
    let be = if present == 1 { "is" } else { "are" };
    (present > 0).then(|| Block::Notice {
        tone: Tone::Bad,
        text: format!(
            "{} that the cloud accepted {be} still there or came back: see the section “Verification”",
            counted(present, "device")
        )
        .into(),
        command: None,
    })
}

/// The accepted devices by what became of them. Uninstalled devices are still there as intended.
pub fn verified_bars(counts: VerifiedCounts, is_uninstall: bool) -> Block {
    let still_there = if is_uninstall {
        Tone::Neutral
    } else {
        Tone::Bad
    };
    let shares = [
        ("gone", counts.gone, Tone::Good),
        ("still there", counts.still_there, still_there),
        ("returned", counts.returned, Tone::Bad),
        ("unknown", counts.unknown, Tone::Warning),
    ];
    Block::Bars(Bars {
        caption: "Accepted devices by what became of them".into(),
        label: "since then".into(),
        unit: "devices".into(),
        shares: shares
            .map(|(label, count, tone)| CountedPart {
                label: label.into(),
                count,
                tone,
            })
            .into(),
        total: counts.total(),
    })
}

/// What became of the accepted devices of each run that was verified; none if none was.
pub fn verification_of_runs<'a>(runs: impl Iterator<Item = &'a RunRecord>) -> Option<Section> {
    let mut unverified = 0_u64;
    let mut sum = VerifiedCounts::default();
    let mut is_uninstall = true;
    let mut rows: Vec<Vec<Text>> = Vec::new();
    for run in runs {
        let Some(text) = VerificationText::of(run) else {
            unverified += 1;
            continue;
        };
        let counts = verified_counts(run);
        sum = sum.plus(counts);
        is_uninstall &= run.action == Action::Uninstall;
        rows.push(vec![
            run.id.to_string().into(),
            run.action.as_str().into(),
            grouped(counts.gone).into(),
            grouped(counts.still_there).into(),
            grouped(counts.returned).into(),
            grouped(counts.unknown).into(),
            text.basis.into(),
        ]);
    }
    if rows.is_empty() {
        return None;
    }
    let columns = vec![
        Column::Code("run"),
        Column::Words("action"),
        Column::Number("gone"),
        Column::Number("still there"),
        Column::Number("returned"),
        Column::Number("unknown"),
        Column::Words("basis"),
    ];
    let all = "`offboard verify` prints every run";
    let table = Table::new("Accepted devices by run", columns, rows.into_iter(), all);
    let mut blocks = vec![verified_bars(sum, is_uninstall), Block::Table(table)];
    if unverified > 0 {
        let runs = counted(unverified, "run");
        blocks.push(Block::paragraph(format!("Not verified: {runs}.")));
    }
    Some(Section::new("Verification", blocks))
}

/// The account's licences before and after each run; none if they were never measured.
pub fn licences_of_runs<'a>(runs: impl Iterator<Item = &'a RunRecord>) -> Option<Section> {
    let rows = runs.filter_map(|run| {
        let sentence = run.licences.sentence("→")?;
        let confirmed = run.confirmed_at.strftime("%Y-%m-%d %H:%M");
        Some(vec![
            run.id.to_string().into(),
            confirmed.to_string().into(),
            run.target.host().into(),
            sentence.into(),
        ])
    });
    let rows: Vec<Vec<Text>> = rows.collect();
    if rows.is_empty() {
        return None;
    }
    let columns = vec![
        Column::Code("run"),
        Column::Time("confirmed (UTC)"),
        Column::Words("tenant"),
        Column::Words("licences before → after"),
    ];
    let all = "`offboard runs --output jsonl` has those of every run";
    let caption = "Licences of the account, before and after each run";
    let table = Table::new(caption, columns, rows.into_iter(), all);
    let note =
        "As the tenant counts them for the whole account: other changes of its devices count too.";
    let blocks = vec![Block::Table(table), Block::paragraph(note)];
    Some(Section::new("Licences", blocks))
}
