//! Output for other programs and for tickets: JSON lines, tables and a report.
//!
//! A headless run prints the same lines as an export of the run from the journal. Characters that a
//! terminal would interpret, hide or reorder are written as `\u` escapes, which JSON parsers decode.

mod columns;
mod explanation;
mod full_records;
mod history;
mod json;
mod line;
mod merge;
mod overview;
mod recheck;
mod report;
mod run;
#[cfg(test)]
pub(crate) mod schema;
mod table;
mod trend;
mod verification;

pub use columns::{RunColumn, write_columns};
pub use explanation::{ExplanationLine, standing};
pub use full_records::{FullExport, full_text};
pub use history::{FoundLine, RunLine};
pub use json::write_line;
use json::write_value;
pub use line::{LicenceLine, Line, OldestLine};
pub use merge::{Decided, MergeError, MergedRun, merge};
pub use overview::OverviewLine;
pub use recheck::RecheckLine;
pub use report::{
    Document, PeriodReport, PeriodRun, RunReport, html, markdown, period_document, run_document,
};
pub use run::{RunFileError, RunFormat};
pub use table::{
    ListTable, RUN_HEADERS, RowError, known_object, list_objects, run_cells, run_object, write_csv,
    write_json,
};
pub use trend::{ChartPart, ChartStyle, FETCH_FIRST, NO_FETCH, TrendLine, chart};
pub use verification::{
    VerificationFacts, VerificationLine, VerificationText, not_gone, verified_counts,
};

use crate::domain::outcome::{OutcomeClass, Tally};
use crate::text;

/// The counts as text: `331 accepted · 6 failed · 3 in doubt`.
pub fn counts(tally: Tally) -> String {
    let count = |class| tally.of_class(class);
    OutcomeClass::ALL
        .into_iter()
        .filter(|&class| class == OutcomeClass::Accepted || count(class) > 0)
        .map(|class| format!("{} {}", text::grouped(count(class)), class.label()))
        .collect::<Vec<_>>()
        .join(" · ")
}

#[cfg(test)]
mod tests;
