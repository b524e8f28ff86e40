//! Why a line isn't done.

use crate::query::QueryError;
use crate::tui::plain::sentences::NO_RUN;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LineError {
    #[error("unknown command '{0}': did you mean '{1}'?")]
    Misspelled(String, &'static str),
    #[error("unknown command '{0}': type help for the commands")]
    Unknown(String),
    #[error("usage: {0} {1}")]
    Usage(String, &'static str),
    #[error("'{0}' takes no arguments")]
    TakesNoArguments(String),
    #[error("write a group as 2, and a device of it as 2.1")]
    NoFailurePlace,
    #[error("there is no question to cancel")]
    NothingToCancel,
    #[error("no rows were printed: type show to print them with their numbers")]
    NoRowsPrinted,
    #[error("the rows have changed since they were printed: type show to print them again")]
    RowsChanged,
    #[error("there is no row {number}: the last is {last}")]
    NoRow { number: usize, last: usize },
    #[error("row {0} is not shown any more: type show to print the rows again")]
    RowNotShown(usize),
    #[error("there is no field {0}: type columns to list the fields")]
    NoField(String),
    #[error(
        "no device is marked: type mark all to mark the shown rows, or mark NUMBER to mark one"
    )]
    NoneMarked,
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error("no failures were printed: type failures to print them with their numbers")]
    NoFailuresPrinted,
    #[error("the failures that were printed are of another run: type failures to print these")]
    FailuresOfOtherRun,
    #[error("there is no group {number}: the last is {last}")]
    NoGroup { number: usize, last: usize },
    #[error("group {group} has no device {device}")]
    NoDeviceOfGroup { group: usize, device: usize },
    #[error("devices have numbers like 2.1 in the failures: type detail 2.1")]
    GroupNotDevice,
    #[error("numbers like 2.1 belong to failures: type failures to print them")]
    NotInFailures,
    #[error("no runs were printed: type history to print them with their numbers")]
    NoRunsPrinted,
    #[error("the history has changed since it was printed: type history to print it again")]
    HistoryChanged,
    #[error("there is no number {number}: the last is {last}")]
    NoNumber { number: usize, last: usize },
    #[error("{NO_RUN}")]
    NoRunToReview,
    #[error("there is no run yet")]
    NoRun,
    #[error("call {0} has no answer yet, or was never sent: type status to print the calls")]
    NoCall(usize),
    #[error("the run is not paused: type status to see what it does")]
    NotPaused,
    #[error("no run is named {0}: type history to list the runs")]
    NoRunNamed(String),
    #[error("the names of several runs begin with {0}: type more of the name")]
    AmbiguousRun(String),
    #[error("the inventory is not being read")]
    NotFetching,
    #[error("the inventory is being read already: type fetch cancel to stop that")]
    FetchingAlready,
}
