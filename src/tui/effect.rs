//! What the app requests of the outside world, as plain values.

use crate::domain::run::RunId;
use crate::engine::Control;
use crate::engine::lookup_verdict::LookupKey;
use crate::fetch::FetchDestination;
use crate::plan::ConfirmedPlan;
use crate::secret::Secret;
use crate::tui::away::ClosedTerminal;
use crate::tui::run_end::RunEnd;

use crate::tui::job::{Job, RowJob, RunJob};

/// What the app requests of the outside world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Find or count rows of the list, on a thread.
    Rows(RowJob),
    /// Read or change runs of the journal, on a thread.
    Runs(RunJob),
    /// Work on the list, the journal and files, on a thread.
    Job(Job),
    /// Hand a confirmed plan to the engine.
    Start(Box<ConfirmedPlan>),
    /// Pass something on to the engine.
    Control(Control),
    /// Take a run up that stopped in this process; the count was typed.
    Resume(RunId, u64),
    /// Run the configured command for the end of a run; answered with `Answer::EndNotified`.
    NotifyEnd(RunEnd),
    /// Look devices of a run up, by ordinal.
    LookUp(RunId, Vec<u32>, LookupKey),
    CancelLookups,
    /// Read the inventory into a list.
    Fetch(FetchDestination),
    /// Read no more of it.
    CancelFetch,
    /// Report what other processes have left of the rate limit.
    ReportBudget,
    /// Use this token until the process ends.
    UseToken(Secret),
    /// Put text on the terminal's clipboard; answered with `Answer::NoClipboard` where it has none.
    Copy(String),
    /// Keep for the next start what the screen showed of the active runs when its terminal was closed.
    KeepClosedTerminal(Vec<ClosedTerminal>),
    /// Draw everything anew.
    Redraw,
    Suspend,
    /// Leave, once the engine has finished its call.
    Quit,
    /// Leave at once.
    Abort,
}
