//! `offboard doctor`: a line for each problem, with the remedy.

use std::io::{IsTerminal, Write};

use crate::cli::setup::{runtime, setup};
use crate::cli::workspace::{Workspace, open_list};
use crate::cli::{CommandError, Exit, Global, inventory, plan_file, print_note, terminal_support};
use crate::config::OnHangup;
use crate::domain::run::StopCause;
use crate::export::verified_counts;
use crate::fetch::FetchError;
use crate::headless::YIELDING;
use crate::headless::event_loop::{Listener, LoopExit, run_until};
use crate::headless::shutdown::Signals;
use crate::headless::waits::wait_line;
use crate::journal::RunRecord;
use crate::platform::clock::Clock;
use crate::runner::{Driver, EngineFailure, FetchNews, News, ProbeResult, Setup};
use crate::text;

/// A clock that is off by more makes times in reports misleading.
const CLOCK_OFF: u64 = 60;

/// How many runs a line names.
const NAMED_RUNS: usize = 5;

#[derive(Clone, Copy)]
enum Severity {
    Ok,
    Note,
    Warning,
    Error,
}

struct Lines {
    failed: bool,
}

impl Lines {
    fn say(&mut self, what: &str, severity: Severity, message: &str) -> std::io::Result<()> {
        let word = match severity {
            Severity::Ok => "ok",
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => {
                self.failed = true;
                "error"
            }
        };
        writeln!(
            std::io::stdout(),
            "{what:<10} {word:<8} {}",
            text::visible(message)
        )
    }
}

/// Runs the command. Notes and warnings are no failure.
pub(in crate::cli) fn run(global: &Global) -> Result<Exit, CommandError> {
    let mut lines = Lines { failed: false };
    // A configuration or a state directory that can't be used ends it with its own error.
    let workspace = match Workspace::open(global) {
        Ok(workspace) => workspace,
        Err(failure) => {
            lines.say("config", Severity::Error, &failure.message())?;
            return Ok(failure.exit());
        }
    };
    lines.say(
        "config",
        Severity::Ok,
        &format!(
            "profile {} sends to {}",
            workspace.target.profile, workspace.target.tenant
        ),
    )?;
    if workspace.read_only {
        lines.say(
            "read-only",
            Severity::Note,
            "nothing is sent from this profile",
        )?;
    }
    protect(&workspace, &mut lines)?;
    approvals(&workspace, &mut lines)?;
    lines.say(
        "state",
        Severity::Ok,
        &format!("{} is private and local", workspace.state_dir.display()),
    )?;
    journal(&workspace, &mut lines)?;
    tenant(&workspace, &mut lines)?;
    terminal(&mut lines)?;
    Ok(if lines.failed {
        Exit::Internal
    } else {
        Exit::Accepted
    })
}

/// Counts what each rule matches in the profile's list, else in the last fetched inventory.
fn protect(workspace: &Workspace, lines: &mut Lines) -> std::io::Result<()> {
    let rules = &workspace.profile.protect;
    if rules.is_empty() {
        let message =
            "no device is protected: protect = ['type:server'] in the profile keeps servers";
        return lines.say("protect", Severity::Note, message);
    }
    let path = match &workspace.profile.list {
        Some(path) => path.clone(),
        None => inventory::path(workspace),
    };
    if !path.exists() {
        let message =
            "rules not counted: set list in the profile, or read one with `offboard fetch`";
        return lines.say("protect", Severity::Note, message);
    }
    let list = open_list(&path, &workspace.state_dir, &workspace.lists, &mut |_| {});
    let list = match list {
        Ok(list) => list,
        Err(failure) => {
            let message = format!("rules not counted: {}", failure.message());
            return lines.say("protect", Severity::Warning, &message);
        }
    };
    let protection = match rules.apply(&list) {
        Ok(protection) => protection,
        Err(error) => return lines.say("protect", Severity::Error, &error.to_string()),
    };
    let of = text::grouped(list.counts().devices);
    for matches in protection.matches() {
        let (severity, devices) = match matches.devices {
            0 => (Severity::Warning, "none".to_owned()),
            devices => (Severity::Ok, text::grouped(devices)),
        };
        let name = list.name();
        let message = format!(
            "{} matches {devices} of {of} devices in {name}",
            matches.rule
        );
        lines.say("protect", severity, &message)?;
    }
    Ok(())
}

/// Whether approvals can be checked, if the profile requires any.
fn approvals(workspace: &Workspace, lines: &mut Lines) -> std::io::Result<()> {
    let required = workspace.profile.approvals;
    if required == 0 {
        return Ok(());
    }
    match plan_file::approvers(workspace) {
        Ok(_) => {
            let message = format!(
                "{} of other people required for each plan",
                text::counted(required as u64, "approval")
            );
            lines.say("approvals", Severity::Ok, &message)
        }
        Err(failure) => lines.say("approvals", Severity::Error, &failure.message()),
    }
}

fn journal(workspace: &Workspace, lines: &mut Lines) -> Result<(), CommandError> {
    let checked = workspace.journal().and_then(|mut journal| {
        journal.check()?;
        journal.recover_dead_runs()?;
        let mut runs = journal.runs()?;
        let all = runs.len();
        runs.retain(|run| workspace.target.check(&run.target).is_ok());
        let open = runs.iter().filter(|run| run.state.is_open()).count();
        let doubtful: u64 = runs.iter().map(|run| run.tally.in_doubt).sum();
        Ok((all, open, doubtful, runs))
    });
    match checked {
        Err(failure) => lines.say("journal", Severity::Error, &failure.message())?,
        Ok((all, open, doubtful, runs)) => {
            lines.say("journal", Severity::Ok, &text::counted(all as u64, "run"))?;
            if open > 0 {
                let runs = text::counted(open as u64, "run");
                let message = format!("{runs} unfinished: `offboard resume` lists them");
                lines.say("runs", Severity::Note, &message)?;
            }
            if doubtful > 0 {
                let devices = text::counted(doubtful, "device");
                let message =
                    format!("{devices} in doubt: `offboard resume RUN --verify` looks them up");
                lines.say("doubts", Severity::Warning, &message)?;
            }
            verification(&runs, lines)?;
        }
    }
    Ok(())
}

/// Names the runs of which it isn't known what became of the accepted devices, and those with devices that
/// have returned.
fn verification(runs: &[RunRecord], lines: &mut Lines) -> std::io::Result<()> {
    let named = |of: &dyn Fn(&RunRecord) -> bool| {
        let concerned: Vec<String> = runs
            .iter()
            .filter(|run| of(run))
            .map(|run| run.id.short())
            .collect();
        let more = concerned.len().saturating_sub(NAMED_RUNS);
        let mut names = concerned
            .into_iter()
            .take(NAMED_RUNS)
            .collect::<Vec<_>>()
            .join(", ");
        if more > 0 {
            names.push_str(&format!(" and {more} more"));
        }
        names
    };
    let unverified = named(&|run| verified_counts(run).unknown > 0);
    if !unverified.is_empty() {
        let message = format!(
            "runs with accepted devices that were not verified: {unverified}: `offboard fetch` verifies them"
        );
        lines.say("verify", Severity::Note, &message)?;
    }
    let returned = named(&|run| verified_counts(run).returned > 0);
    if !returned.is_empty() {
        let devices: u64 = runs.iter().map(|run| verified_counts(run).returned).sum();
        let message = format!(
            "{} returned, of runs {returned}: `offboard verify` names them; is:returned selects them",
            text::counted(devices, "device")
        );
        lines.say("returned", Severity::Warning, &message)?;
    }
    Ok(())
}

/// Tests the tenant with the profile's credential, and prints a line for each finding. True if it
/// answers and accepts the credential.
pub(in crate::cli) fn test_connection(workspace: &Workspace) -> Result<bool, CommandError> {
    let mut lines = Lines { failed: false };
    // A journal that can't be opened is an error of its own: the call is counted there.
    drop(workspace.journal()?);
    tenant(workspace, &mut lines)?;
    Ok(!lines.failed)
}

/// Reads one device, which shows reachability, certificate, token and clock.
fn tenant(workspace: &Workspace, lines: &mut Lines) -> Result<(), CommandError> {
    if workspace.profile.credential.is_none() {
        let message = "the profile names none: see client_id and token_… in config.example.toml";
        lines.say("credential", Severity::Error, message)?;
        return Ok(());
    }
    let Ok(journal) = workspace.journal() else {
        // Already reported by the journal check.
        return Ok(());
    };
    let runtime = runtime()?;
    match runtime.block_on(probe(setup(workspace, journal))) {
        Ok(probe) => {
            lines.say("tenant", Severity::Ok, "reachable; credential accepted")?;
            match probe.clock_off {
                Some(off) if off.unsigned_abs() > CLOCK_OFF => {
                    let message = format!("this clock is {off} s off the tenant's: set it (ntp)");
                    lines.say("clock", Severity::Warning, &message)?;
                }
                Some(_) => lines.say("clock", Severity::Ok, "as the tenant's")?,
                None => {
                    let message = "no Date header in the response: the clock was not checked";
                    lines.say("clock", Severity::Note, message)?;
                }
            }
        }
        Err(ProbeError::Failed(failure)) => return Err(failure),
        Err(error) => lines.say("tenant", Severity::Error, &error.to_string())?,
    }
    Ok(())
}

/// Why the tenant's answer isn't known.
#[derive(Debug, thiserror::Error)]
enum ProbeError {
    #[error(transparent)]
    Fetch(FetchError),
    #[error("stopped by a signal before it answered")]
    Stopped,
    #[error("{0}")]
    EngineFailed(EngineFailure),
    /// It wasn't asked.
    #[error("{}", .0.message())]
    Failed(CommandError),
}

impl<E: Into<CommandError>> From<E> for ProbeError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What the tenant answered. What it waits for is printed meanwhile.
async fn probe(setup: Setup) -> Result<ProbeResult, ProbeError> {
    let mut signals = Signals::new(OnHangup::Stop)?;
    let mut probing = Probing {
        clock: setup.clock.clone(),
        printed: Vec::new(),
    };
    let (driver, updates) = Driver::start(setup)?;
    driver.probe().map_err(CommandError::internal)?;
    match run_until(driver, updates, &mut signals, &mut probing).await {
        LoopExit::Outcome(probed) => probed,
        LoopExit::EngineFailed(failure) => Err(ProbeError::EngineFailed(failure)),
        // It only reads, so that nothing can be left half done.
        LoopExit::Signalled(number) => std::process::exit(128 + number),
    }
}

struct Probing {
    clock: Clock,
    /// What was printed: one line per kind of wait.
    printed: Vec<&'static str>,
}

impl Probing {
    fn print_once(&mut self, what: &'static str, message: &str) {
        if !self.printed.contains(&what) {
            self.printed.push(what);
            print_note(message);
        }
    }
}

impl Listener for Probing {
    type Outcome = Result<ProbeResult, ProbeError>;

    fn on_news(&mut self, news: News, _: &Driver) -> Option<Self::Outcome> {
        let News::Fetch(news) = news else {
            return None;
        };
        match news {
            FetchNews::Probed(probe) => return Some(Ok(probe)),
            FetchNews::Ended(Err(FetchError::Stopped(_))) => {
                return Some(Err(ProbeError::Stopped));
            }
            FetchNews::Ended(Err(error)) => return Some(Err(ProbeError::Fetch(error))),
            FetchNews::Waiting(wait) => {
                let line = wait_line(&wait.next, wait.until, self.clock.now());
                self.print_once("slot", &line);
            }
            FetchNews::Yielding => {
                self.print_once("run", &format!("{YIELDING}: ctrl-c ends the waiting"));
            }
            FetchNews::Resumed(_) | FetchNews::Read(_) | FetchNews::Ended(Ok(_)) => {}
        }
        None
    }

    fn on_stop(&mut self, _: StopCause, driver: &Driver) {
        let _ = driver.cancel_fetch();
    }
}

fn terminal(lines: &mut Lines) -> std::io::Result<()> {
    let term = std::env::var("TERM").unwrap_or_default();
    if !std::io::stdout().is_terminal() {
        let message = "standard output is not a terminal: use `offboard plan` and `offboard run`";
        return lines.say("terminal", Severity::Note, message);
    }
    if term.is_empty() || term == "dumb" {
        let message = "TERM is dumb or not set: only `offboard --plain` works on this terminal";
        return lines.say("terminal", Severity::Warning, message);
    }
    let size = crossterm::terminal::size().unwrap_or_default();
    if size.0 < 80 || size.1 < 24 {
        let message = format!(
            "{}×{} is small: 80×24 or more is comfortable",
            size.0, size.1
        );
        lines.say("terminal", Severity::Note, &message)?;
    } else {
        lines.say(
            "terminal",
            Severity::Ok,
            &format!("{term}, {}×{}", size.0, size.1),
        )?;
    }
    if terminal_support::is_utf8() {
        return Ok(());
    }
    let message = "the locale isn't UTF-8, so that the screen uses ASCII: set LANG=C.UTF-8, or ascii = false in [ui]";
    lines.say("locale", Severity::Note, message)
}
