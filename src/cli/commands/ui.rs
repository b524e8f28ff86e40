//! `offboard [LIST]`: the terminal UI.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use crate::cli::backend::{JournalBackend, OfflineBackend};
use crate::cli::column_memory::ColumnMemory;
use crate::cli::setup::{runtime, setup};
use crate::cli::ui_options::UiOptions;
use crate::cli::workspace::{Workspace, open_list};
use crate::cli::{CommandError, Exit, Global, inventory, print_note, terminal_support};
use crate::config::{Config, CredentialSetting, Limits, OnHangup};
use crate::domain::rate_limit::Budget;
use crate::fetch::FetchDestination;
use crate::list::{DeviceList, ReadOptions, ReadProgress};
use crate::platform::clock::Clock;
use crate::runner::Driver;
use crate::tui::error::FetchRefusal;
use crate::tui::screens::devices::columns::Columns;
use crate::tui::{self, ExitReason, SessionConfig, SessionParts};

/// A start with neither a configuration nor a list.
const NOTHING_TO_OPEN: &str = "no configuration and no list: write a configuration with `offboard init`, try \
     `offboard --demo`, or give LIST to look at it";

/// Runs the screen.
pub(in crate::cli) fn run(global: &Global, list: Option<&Path>) -> Result<Exit, CommandError> {
    let config = Config::load(global.config.as_deref())?;
    let options = config
        .as_ref()
        .map_or_else(|| Ok(UiOptions::default()), UiOptions::of)?;
    let workspace = config
        .as_ref()
        .map(|config| Workspace::for_config(global, config))
        .transpose()?;
    let path = list
        .map(Path::to_owned)
        .or_else(|| workspace.as_ref().and_then(inventory::default_list))
        .ok_or_else(|| {
            CommandError::usage(match workspace {
                Some(_) => inventory::NO_LIST,
                None => NOTHING_TO_OPEN,
            })
        })?;
    let spool = workspace
        .as_ref()
        .map_or_else(std::env::temp_dir, |workspace| workspace.state_dir.clone());
    let reading = workspace.as_ref().map_or_else(
        || global.reading.over(&ReadOptions::default()),
        |workspace| workspace.reading.clone(),
    );
    let list = Arc::new(open_with_progress(&path, &spool, &reading, global.plain)?);
    match workspace {
        Some(workspace) => open(global, options, &workspace, list, Some(&path), false),
        None => triage(global, options, list, &path),
    }
}

/// Opens the screen on a list in a workspace.
pub(in crate::cli) fn open(
    global: &Global,
    options: UiOptions,
    workspace: &Workspace,
    list: Arc<DeviceList>,
    path: Option<&Path>,
    demo: bool,
) -> Result<Exit, CommandError> {
    let backend = JournalBackend::new(workspace.clone());
    let mut journal = workspace.journal()?;
    let opened = backend
        .opened(&journal, list, path)
        .map_err(CommandError::internal)?;
    let credential = workspace.profile.credential.as_ref();
    let mouse = options.ui.mouse || global.mouse;
    let bell = options.ui.bell && !demo;
    let settings = SessionConfig {
        licences: workspace.last_licences(&journal),
        static_token: credential.is_some_and(CredentialSetting::is_token),
        approvals: workspace.profile.approvals,
        open_runs: backend
            .open_runs(&mut journal)
            .map_err(CommandError::internal)?,
        away: backend.away_runs(&journal),
        target: Some(workspace.target.clone()),
        fetch: fetch_destination(workspace),
        read_only: workspace.read_only,
        max_devices: workspace.limits.max_devices,
        budget: workspace.budget,
        demo,
        finish_on_hangup: workspace.policy.on_hangup == OnHangup::Finish,
        ..settings(global, options)
    };
    let session = SessionParts {
        opened,
        settings,
        clock: workspace.clock.clone(),
        engine: Some(Driver::start(setup(workspace, journal))?),
        backend: Arc::new(backend),
        mouse,
        bell,
    };
    show(session, FrontEnd::of(global, path))
}

/// Where the inventory is read to: a place of its own. `read_only` doesn't forbid reading.
fn fetch_destination(workspace: &Workspace) -> Result<FetchDestination, FetchRefusal> {
    if workspace.profile.credential.is_none() {
        return Err(FetchRefusal::NoCredential(crate::config::NO_CREDENTIAL));
    }
    let directory = workspace.state_dir.canonicalize();
    let directory = directory.unwrap_or_else(|_| workspace.state_dir.clone());
    Ok(FetchDestination::default_for(
        &directory,
        &workspace.target.profile,
    ))
}

/// Opens the screen without a configuration: for looking, marking and copying.
fn triage(
    global: &Global,
    options: UiOptions,
    list: Arc<DeviceList>,
    path: &Path,
) -> Result<Exit, CommandError> {
    let mouse = options.ui.mouse || global.mouse;
    let clock = Clock::system();
    let opened = OfflineBackend::opened(list, path, clock.now().wall);
    let settings = settings(global, options);
    let session = SessionParts {
        opened,
        settings,
        clock,
        engine: None,
        backend: Arc::new(OfflineBackend {
            reading: global.reading.over(&ReadOptions::default()),
            columns: ColumnMemory::of_process(),
        }),
        mouse,
        bell: false,
    };
    show(session, FrontEnd::of(global, Some(path)))
}

fn settings(global: &Global, options: UiOptions) -> SessionConfig {
    let depth = terminal_support::colour_depth(global.no_color);
    let theme = options.theme(depth, global.ascii);
    let ui = options.ui;
    let limits = Limits::default();
    SessionConfig {
        target: None,
        fetch: Err(FetchRefusal::NoConfiguration),
        read_only: global.read_only,
        max_devices: limits.max_devices,
        budget: Budget::per_minute(limits.requests_per_minute),
        demo: false,
        finish_on_hangup: false,
        licences: None,
        static_token: false,
        approvals: 0,
        open_runs: Vec::new(),
        away: Vec::new(),
        columns: Columns::from_names(ui.columns.iter().map(String::as_str)),
        keys: options.keys,
        filters: options.filters,
        theme,
    }
}

/// What shows the session.
#[derive(Clone, Copy)]
enum FrontEnd {
    Screen,
    /// A dialogue of lines, with whether standard input held the list.
    Plain(bool),
}

impl FrontEnd {
    fn of(global: &Global, list: Option<&Path>) -> Self {
        if global.plain {
            Self::Plain(list.is_some_and(|path| path == Path::new("-")))
        } else {
            Self::Screen
        }
    }
}

fn show(session: SessionParts, front_end: FrontEnd) -> Result<Exit, CommandError> {
    let runtime = runtime()?;
    let ended = runtime
        .block_on(async {
            match front_end {
                FrontEnd::Screen => tui::run(session).await,
                FrontEnd::Plain(list_is_stdin) => {
                    Box::pin(tui::plain::run(session, list_is_stdin)).await
                }
            }
        })
        .map_err(|error| match error {
            tui::TuiError::NoTerminal(_) | tui::TuiError::CannotDraw => CommandError::usage(error),
            tui::TuiError::Io(_) => CommandError::internal(error),
        })?;
    // A reader of the list that hangs must not keep the program.
    runtime.shutdown_background();
    match ended {
        ExitReason::Aborted(number) => {
            // At once: what is in flight has its intent in the journal and is in doubt.
            std::process::exit(Exit::Signal(number).number().into())
        }
        ExitReason::Quit {
            last_run,
            is_broken,
            message,
        } => {
            if let Some(message) = message {
                print_note(message);
            }
            if is_broken {
                return Ok(Exit::Internal);
            }
            Ok(last_run.map_or(Exit::Accepted, |last| Exit::of_run(last.state, last.tally)))
        }
    }
}

/// Reads the list, and says on a terminal how far that has come if it takes a while: on one line that
/// changes, or on a line for every few seconds where nothing may be drawn.
fn open_with_progress(
    path: &Path,
    spool: &Path,
    options: &ReadOptions,
    plain: bool,
) -> Result<DeviceList, CommandError> {
    let (first, period) = if plain { (2_000, 5_000) } else { (500, 100) };
    let begun = std::time::Instant::now();
    let shown = std::io::stderr().is_terminal();
    let mut drawn = begun;
    let mut any = false;
    let list = open_list(path, spool, options, &mut |progress: ReadProgress| {
        let now = std::time::Instant::now();
        if shown && (now - begun).as_millis() > first && (now - drawn).as_millis() > period {
            drawn = now;
            any = true;
            let read = progress.bytes_read >> 20;
            let of = progress
                .bytes_total
                .map(|total| format!(" of {}", total >> 20))
                .unwrap_or_default();
            let line = format!("reading the list: {read}{of} MiB");
            if plain {
                print_note(line);
            } else {
                // Nobody may be looking.
                let _ = write!(std::io::stderr(), "\r{line} ");
            }
        }
    });
    if any && !plain {
        let _ = write!(std::io::stderr(), "\r\u{1b}[K");
    }
    list
}
