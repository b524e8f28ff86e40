//! Does the jobs, which may take a while: not on the drawing thread.

use std::path::Path;
use std::sync::Arc;

use crate::export::RunFormat;
use crate::list::{ColumnAssignment, DeviceId, DeviceList};
use crate::plan::Warning;
use crate::plan::protection::Protection;
use crate::query;
use crate::tui::answer::{Answer, Planned};
use crate::tui::backend::Backend;
use crate::tui::error::{BackendError, EffectError, SaveError};
use crate::tui::file_content::ExportContent;
use crate::tui::import_source::{ImportSource, Matched};
use crate::tui::job::{Job, RowJob, RunJob};
use crate::tui::opened_list::{ColumnReading, Reloaded};
use crate::tui::overview::{CountedRows, Index};
use crate::tui::screens::devices::search::{self, DeviceStatusSnapshot};
use crate::tui::screens::history::state::Recall;

/// Does a job and returns what came of it.
pub(super) fn do_job(
    job: Job,
    list: &DeviceList,
    protection: &Protection,
    backend: &dyn Backend,
) -> Answer {
    match job {
        Job::Plan {
            request_id,
            action,
            source,
        } => Answer::Planned {
            request_id,
            planned: backend.plan(list, protection, action, &source).map(|plan| {
                // An unreadable journal is reported when the run is admitted.
                let day = backend.day_use().ok();
                let planned = Planned::new(plan, list);
                Box::new(Planned { day, ..planned })
            }),
        },
        Job::Recheck { plan, fetched } => {
            let found = backend.recheck(plan.plan(), fetched);
            let found = found.map(|found| found.map(Box::new));
            Answer::Rechecked { plan, found }
        }
        Job::Hold { devices, hold } => Answer::HoldsChanged(backend.hold(list, &devices, &hold)),
        Job::ReadHoldsOf(devices) => {
            Answer::HoldsToEnd(backend.holds_of(list, &devices).map(Box::new))
        }
        Job::EndHolds(shown) => Answer::HoldsChanged(backend.end_holds(&shown)),
        Job::ReadHolds { known } => Answer::Held(backend.held(list, known)),
        Job::Record(device) => {
            Answer::Record(device, list.record(device).map_err(BackendError::from))
        }
        Job::DescribeList => Answer::ListDescribed(Box::new(list.report())),
        Job::ExplainDevice {
            device,
            query,
            known,
        } => {
            let explained = backend.explain(list, protection, device, &query, &*known);
            Answer::DeviceExplained(device, explained.map(Box::new))
        }
        Job::ReadJournalStates => Answer::JournalStates(backend.journal_states(list)),
        Job::Reload(path) => Answer::Reloaded(reload(&path, list, backend)),
        Job::AssignColumns(path, columns) => {
            Answer::Reassigned(assign(list, backend, &path, columns))
        }
        Job::MatchWithInventory(path, columns) => {
            let opened = backend.open_inventory_for(&path, &columns);
            Answer::MatchedWithInventory(opened.map(|(inventory, named)| {
                let matched = Matched::of(&named, &inventory.list);
                Box::new((Reloaded::over(list, inventory), matched))
            }))
        }
        Job::ReadIds { request_id, ids } => read_ids(list, backend, request_id, &ids),
        Job::SaveFilter { name, query } => {
            let saved = backend.save_filter(&name, &query);
            Answer::FilterSaved { name, query, saved }
        }
        Job::WriteCopy(text) => {
            let written = backend.save_copy(&text);
            Answer::CopyWritten(written.map(|path| shown_written(&path)))
        }
        Job::Write { path, content } => Answer::Wrote(write_file(&path, &content, list, backend)),
    }
}

/// Finds or counts rows of the list.
pub(in crate::tui) fn do_row_job(job: RowJob, list: &DeviceList) -> Answer {
    match job {
        RowJob::Search {
            search_id,
            query,
            sort,
            known,
        } => Answer::Found {
            search_id,
            rows: search::search(list, &query, &sort, &known),
        },
        RowJob::Count {
            counted,
            index,
            rows,
            known,
        } => count(list, counted, index, &rows, &known),
        RowJob::Complete(before) => {
            let completion = query::complete(&before, list);
            Answer::Completed(
                before,
                completion.map_or_else(Vec::new, |found| found.candidates),
            )
        }
        RowJob::CountQueries {
            queries,
            among_marked,
            known,
        } => Answer::QueriesCounted(search::count_matches(list, &queries, among_marked, &known)),
    }
}

/// Reads or changes runs of the journal.
pub(super) fn do_run_job(job: RunJob, backend: &dyn Backend) -> Answer {
    match job {
        RunJob::Outcomes(subject, identity) => {
            Answer::Outcomes(subject, backend.outcomes(&identity))
        }
        RunJob::FullRecord(run, ordinal) => {
            Answer::FullRecord(run, ordinal, backend.full_record(run, ordinal))
        }
        RunJob::Explain(run) => match backend.calls(run) {
            Ok(calls) => Answer::Explained(run, calls),
            Err(error) => Answer::Failed(error.into()),
        },
        RunJob::History => Answer::History(backend.history()),
        RunJob::Trend => Answer::Trend(backend.trend()),
        RunJob::Breakdown(run) => Answer::Breakdown(run, backend.breakdown(run)),
        RunJob::Describe(run) => Answer::RunDescribed(run, backend.describe(run).map(Box::new)),
        RunJob::FindInRuns(text) => {
            let found = backend.find(&text);
            Answer::FoundInRuns(text, found)
        }
        RunJob::Recall(run, what) => Answer::Recalled(what, backend.recall(run).map(Box::new)),
        RunJob::RecallNewest => match backend.newest() {
            Ok(Some(run)) => {
                let recalled = backend.recall(run).map(Box::new);
                Answer::Recalled(Recall::Review, recalled)
            }
            Ok(None) => Answer::Failed(EffectError::NoRun),
            Err(error) => Answer::Failed(error.into()),
        },
        RunJob::Verify(run) => Answer::Verified(backend.verify(run).map(Box::new)),
        RunJob::VerifyFetched(path, runs) => {
            Answer::FetchVerified(backend.verify_fetched(&path, &runs))
        }
        RunJob::Close(run) => Answer::Closed(run, backend.close(run)),
        RunJob::AskToStop(run) => Answer::StopRequested(
            backend
                .ask_to_stop(run)
                .unwrap_or_else(|error| error.to_string()),
        ),
    }
}

/// Reads the list at this path, and says what it has more and less than `list`.
fn reload(
    path: &Path,
    list: &DeviceList,
    backend: &dyn Backend,
) -> Result<Box<Reloaded>, BackendError> {
    let opened = backend.open(path, &ColumnReading::Remembered)?;
    let reloaded = Reloaded::over(list, opened);
    let gone_by = backend.removed_by(list, &reloaded.changes);
    Ok(Box::new(Reloaded {
        gone_by,
        ..reloaded
    }))
}

/// The message about a file that was written.
fn shown_written(path: &Path) -> String {
    let path = path.display().to_string();
    format!("{} written", crate::text::visible(&path))
}

/// Counts rows for the overview, and reads the values of the list first if they aren't known.
pub(in crate::tui) fn count(
    list: &DeviceList,
    counted: CountedRows,
    index: Option<Arc<Index>>,
    rows: &[DeviceId],
    known: &DeviceStatusSnapshot,
) -> Answer {
    let index = index.unwrap_or_else(|| Arc::new(Index::of(list, known)));
    let mut counts = index.count(rows, &known.marks);
    let is_marked =
        |id: &DeviceId| known.marks.contains(*id) || list.device(*id).problem().is_some();
    counts.all_marked = !known.marks.is_empty() && rows.iter().all(is_marked);
    Answer::Counted {
        counted,
        counts,
        index,
    }
}

/// Reads the list with these assignments, and remembers them unless fewer devices could be sent.
fn assign(
    list: &DeviceList,
    backend: &dyn Backend,
    path: &Path,
    columns: Vec<ColumnAssignment>,
) -> Result<(Box<Reloaded>, Option<BackendError>), BackendError> {
    let reading = ColumnReading::Assigned(columns);
    let opened = backend.open(path, &reading)?;
    let (before, after) = (list.report(), opened.list.report());
    // What is read as no field any more may well have named the wrong devices.
    let assigns = opened
        .assigned
        .first()
        .is_some_and(|first| first.field.is_some());
    if assigns {
        after.check_not_worse_than(&before)?;
    }
    let remembered = backend.remember_columns(&opened.list, &opened.assigned);
    Ok((Box::new(Reloaded::over(list, opened)), remembered.err()))
}

/// Reads what names devices, and finds them in the list.
fn read_ids(
    list: &DeviceList,
    backend: &dyn Backend,
    request_id: u64,
    ids: &ImportSource,
) -> Answer {
    let matched = backend.import_content(ids);
    let matched = matched.map(|named| Box::new(Matched::of(&named, list)));
    Answer::IdsRead {
        request_id,
        matched,
    }
}

/// Writes a new file and returns the message about it.
fn write_file(
    path: &Path,
    content: &ExportContent,
    list: &DeviceList,
    backend: &dyn Backend,
) -> Result<String, SaveError> {
    let shown = crate::text::visible_path(path);
    let bytes = match content {
        ExportContent::Plan(plan) => {
            backend.write_plan(list, plan, path)?;
            let allow = match plan.warnings.as_slice() {
                [] => String::new(),
                warnings => {
                    let names: Vec<&str> = warnings.iter().map(Warning::name).collect();
                    format!(" --allow {}", names.join(","))
                }
            };
            return Ok(format!(
                "{shown} written · `offboard run --plan {shown}{allow}` sends it"
            ));
        }
        ExportContent::Run(run) => match RunFormat::of(path) {
            Some(format) => backend.export(*run, format)?,
            None => return Err(SaveError::RunFormat),
        },
        content => content.bytes(path, list)?,
    };
    crate::platform::file::write_new(path, |out| out.write_all(&bytes))?;
    Ok(format!("{shown} written"))
}
