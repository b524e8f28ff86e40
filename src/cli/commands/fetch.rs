//! `offboard fetch`: the tenant's inventory as a list.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::api::PAGE;
use crate::cli::inventory::{self, AvailableInventory, InventoryCache};
use crate::cli::setup::{runtime, setup};
use crate::cli::workspace::{Workspace, test_window};
use crate::cli::{CommandError, Exit, Global, print_note, verification};
use crate::config::OnHangup;
use crate::domain::licences::Licences;
use crate::domain::run::StopCause;
use crate::fetch::{Attribution, FetchDestination, FetchError, InventoryChanges};
use crate::headless::YIELDING;
use crate::headless::event_loop::{Listener, LoopExit, PROGRESS, run_until};
use crate::headless::shutdown::Signals;
use crate::headless::waits::{Waits, wait_line};
use crate::list::{DeviceList, ListError};
use crate::platform::clock::Clock;
use crate::runner::{Driver, FetchNews, LicenceNews, News};
use crate::text;

/// How many of the devices that no run of this journal removed are named.
const NAMED: usize = 10;

#[derive(Debug, Args)]
pub(in crate::cli) struct FetchArgs {
    /// The list; without it, the profile's own in the state directory
    #[arg(short = 'o', value_name = "FILE")]
    file: Option<PathBuf>,
    /// Problems only
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub(in crate::cli) fn run(global: &Global, args: &FetchArgs) -> Result<Exit, CommandError> {
    let workspace = Workspace::open(global)?;
    let mut place = FetchDestination::default_for(&workspace.state_dir, &workspace.target.profile);
    if let Some(path) = &args.file {
        place = place.at(path.clone());
    }
    fetch(&workspace, place, args.quiet, &InventoryCache::default())
}

/// Fetches the profile's own list. Reads it by way of `cache`, so that it needn't be read again.
pub(in crate::cli) fn fetch_default(
    workspace: &Workspace,
    quiet: bool,
    cache: &InventoryCache,
) -> Result<Exit, CommandError> {
    let place = FetchDestination::default_for(&workspace.state_dir, &workspace.target.profile);
    fetch(workspace, place, quiet, cache)
}

fn fetch(
    workspace: &Workspace,
    place: FetchDestination,
    quiet: bool,
    cache: &InventoryCache,
) -> Result<Exit, CommandError> {
    place.check().map_err(|error| failure(&error))?;
    if workspace.profile.credential.is_none() {
        return Err(CommandError::usage(crate::config::NO_CREDENTIAL));
    }
    let before = read(workspace, &place.path, cache).ok();
    let mut reporter = FetchReporter::new(quiet, before.as_deref(), workspace.clock.clone());
    let setup = setup(workspace, workspace.journal()?);
    let runtime = runtime()?;
    let ended = runtime.block_on(drive(setup, place, &mut reporter))?;
    reporter.bar.finish_and_clear();
    match ended {
        Ok((devices, path)) => {
            let after = read(workspace, &path, cache);
            report(workspace, (&path, after), devices, before.as_deref(), quiet);
            if let (Some(licences), false) = (reporter.licences, quiet) {
                print_note(format_args!("licences: {licences}"));
            }
            Ok(Exit::Accepted)
        }
        Err(error @ (FetchError::Stopped(_) | FetchError::Failed { .. })) => {
            let shown = error.to_string();
            print_note(format_args!("offboard: {}", text::visible(&shown)));
            Ok(Exit::Resumable)
        }
        Err(error) => Err(failure(&error)),
    }
}

/// Has the engine read, and follows it until it ends. A signal ends it after the call in flight.
async fn drive(
    setup: crate::runner::Setup,
    place: FetchDestination,
    reporter: &mut FetchReporter,
) -> Result<Result<(u64, PathBuf), FetchError>, CommandError> {
    let mut signals = Signals::new(OnHangup::Stop)?;
    let (driver, updates) = Driver::start(setup)?;
    driver
        .fetch(place)
        .map_err(|ended| CommandError::internal(ended.to_string()))?;
    match run_until(driver, updates, &mut signals, reporter).await {
        LoopExit::Outcome(ended) => Ok(ended),
        LoopExit::EngineFailed(failure) => Err(CommandError::internal(failure)),
        // It only reads, so that nothing can be left half done.
        LoopExit::Signalled(number) => std::process::exit(Exit::Signal(number).number().into()),
    }
}

impl Listener for FetchReporter {
    type Outcome = Result<(u64, PathBuf), FetchError>;

    fn on_news(&mut self, news: News, _: &Driver) -> Option<Self::Outcome> {
        match news {
            News::Fetch(FetchNews::Ended(ended)) => return Some(ended),
            News::Fetch(news) => self.print_news(&news),
            News::Licences(LicenceNews::Measured(licences)) => self.licences = Some(licences),
            _ => {}
        }
        None
    }

    fn on_tick(&mut self) {
        let devices = self.bar.position();
        let wait = self.waits.suffix(self.clock.now());
        self.line(&format!("{} read{wait}", text::counted(devices, "device")));
    }

    fn tick_every(&self) -> Duration {
        test_window().map_or(PROGRESS, |minute| minute / 6)
    }

    fn on_stop(&mut self, _: StopCause, driver: &Driver) {
        let _ = driver.cancel_fetch();
    }
}

fn failure(error: &FetchError) -> CommandError {
    let shown = error.to_string();
    let message = text::visible(&shown).into_owned();
    match error {
        FetchError::Credential(_) | FetchError::Destination(_) => CommandError::usage(message),
        FetchError::Busy(_) => CommandError::locked(message),
        _ => CommandError::internal(message),
    }
}

/// The list at `path`: from the cache, if it is the whole inventory.
fn read(
    workspace: &Workspace,
    path: &Path,
    cache: &InventoryCache,
) -> Result<Arc<DeviceList>, ListError> {
    if path == inventory::path(workspace)
        && let AvailableInventory::Whole(inventory) = cache.last_fetched(workspace)
    {
        return Ok(inventory);
    }
    DeviceList::open(path, &mut |_| {}).map(Arc::new)
}

/// Verifies earlier runs by the list that was read, and says what has changed. The list is there, so that an
/// error of the journal is printed and changes nothing.
fn report(
    workspace: &Workspace,
    (path, after): (&Path, Result<Arc<DeviceList>, ListError>),
    devices: u64,
    before: Option<&DeviceList>,
    quiet: bool,
) {
    let after = match after {
        Ok(after) => after,
        Err(error) => return print_note(format_args!("offboard: {error}")),
    };
    let verified = verification::after_fetch(workspace, &after);
    let mut text = format!(
        "{} in {}",
        text::counted(devices, "device"),
        text::visible_path(path)
    );
    match before.map(|before| changes(workspace, before, &after)) {
        None => text.push('\n'),
        Some(Ok(changes)) => text.push_str(&changes),
        Some(Err(failure)) => text.push_str(&format!("\n{}\n", failure.message())),
    }
    match verified {
        Ok(lines) => text.extend(lines.iter().flat_map(|line| [line.as_str(), "\n"])),
        Err(failure) => {
            print_note(format_args!(
                "offboard: earlier runs were not verified: {}",
                failure.message()
            ));
        }
    }
    if !quiet {
        // Nobody may be looking.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// Which runs removed the devices of the list before that vanished.
pub(in crate::cli) fn attribution(
    workspace: &Workspace,
    before: &DeviceList,
    changes: &InventoryChanges,
) -> Result<Attribution, CommandError> {
    let earlier = workspace.journal()?.earlier_devices(
        &workspace.target,
        changes.vanished.len(),
        changes.keys(before),
    )?;
    Ok(changes.attribute(before, &earlier))
}

/// What is new since the list before, and which runs removed what is gone. Devices that no run removed are
/// named.
fn changes(
    workspace: &Workspace,
    before: &DeviceList,
    after: &DeviceList,
) -> Result<String, CommandError> {
    let changes = InventoryChanges::between(before, after);
    let by = attribution(workspace, before, &changes)?;
    let mut text = format!(
        "; since the list before: {} new, {} gone",
        text::grouped(changes.new),
        text::grouped(changes.vanished.len() as u64)
    );
    text.extend(by.summary().map(|summary| format!(", {summary}")));
    text.push('\n');
    for &id in by.by_nobody.iter().take(NAMED) {
        let named = before.name_of(id);
        text.push_str(&format!(
            "  missing, but not removed by a recorded run: {}\n",
            text::visible(&named)
        ));
    }
    if let Some(rest @ 1..) = by.by_nobody.len().checked_sub(NAMED) {
        text.push_str(&format!("  and {} more\n", text::grouped(rest as u64)));
    }
    Ok(text)
}

/// Tells how far it has come: a bar on a terminal, else lines where it begins and waits, and every 10 s.
struct FetchReporter {
    bar: ProgressBar,
    quiet: bool,
    on_terminal: bool,
    clock: Clock,
    yielding: bool,
    waits: Waits,
    /// The account's licences, once measured.
    licences: Option<Licences>,
}

impl FetchReporter {
    fn new(quiet: bool, before: Option<&DeviceList>, clock: Clock) -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        let bar = match before {
            Some(list) => ProgressBar::new(list.len() as u64),
            None => ProgressBar::no_length(),
        };
        // Only an earlier list says how many there are in all.
        let template = if before.is_some() {
            "{bar:30} {pos} of about {len} devices · {msg} · {elapsed}"
        } else {
            "{pos} devices · {elapsed} · {msg}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_draw_target(if on_terminal && !quiet {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        });
        let reporter = Self {
            bar,
            quiet,
            on_terminal,
            clock,
            yielding: false,
            waits: Waits::default(),
            licences: None,
        };
        let expected = match before {
            Some(list) => format!(
                ", about {} as in the list before",
                text::counted(list.len() as u64, "device")
            ),
            None => String::new(),
        };
        reporter.line(&format!(
            "reading the inventory in pages of {PAGE}{expected}"
        ));
        reporter
    }

    fn print_news(&mut self, news: &FetchNews) {
        match news {
            FetchNews::Resumed(devices) => {
                self.bar.set_position(*devices);
                self.line(&format!(
                    "resuming after {}",
                    text::counted(*devices, "device")
                ));
            }
            FetchNews::Read(devices) => {
                self.yielding = false;
                self.bar.set_position(*devices);
                let pages = devices.div_ceil(u64::from(PAGE));
                self.bar
                    .set_message(format!("{} read", text::counted(pages, "page")));
            }
            FetchNews::Waiting(wait) => {
                let now = self.clock.now();
                self.bar.set_message(wait_line(&wait.next, wait.until, now));
                if let Some(line) = self.waits.announce(&wait.next, wait.until, now) {
                    self.line(&line);
                }
            }
            FetchNews::Yielding => {
                self.bar.set_message(YIELDING);
                if !self.yielding {
                    self.yielding = true;
                    self.line(YIELDING);
                }
            }
            FetchNews::Probed(_) | FetchNews::Ended(_) => {}
        }
    }

    fn line(&self, text: &str) {
        if !self.quiet && !self.on_terminal {
            print_note(text);
        }
    }
}
