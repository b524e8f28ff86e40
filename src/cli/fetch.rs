//! `offboard fetch`: the tenant's inventory as a list.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::workspace::{Workspace, span};
use super::{Exit, Failure, Global};
use crate::clock::Clock;
use crate::config::OnHangup;
use crate::fetch::{self, Fetch, FetchError, Progress};
use crate::headless::signals::{Asked, Signals};
use crate::list::DeviceList;
use crate::text;

#[derive(Debug, Args)]
pub(super) struct FetchArgs {
    /// The list; without it, the profile's own in the state directory
    #[arg(short = 'o', value_name = "FILE")]
    file: Option<PathBuf>,
    /// Problems only
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub(super) fn run(global: &Global, args: &FetchArgs) -> Result<Exit, Failure> {
    let workspace = Workspace::open(global)?;
    let profile = workspace.target.profile.clone();
    let path = match &args.file {
        Some(path) => path.clone(),
        None => fetch::usual_path(&workspace.state_dir, &profile),
    };
    check_place(&path)?;
    let lists = workspace.state_dir.join("lists");
    crate::state_dir::private_directory(&lists)?;
    let name = fetch::file_name(&profile);
    let _lock = lock(&lists.join(format!("{name}.lock")), &profile)?;
    let before = Known::of(&path);
    let setup = workspace.setup()?;
    let fetch = Fetch {
        journal: setup.journal,
        clock: setup.clock,
        target: setup.target,
        api: setup.api,
        credential: setup.credential,
        budget: setup.budget,
        path: path.clone(),
        aside: lists.join(format!("{name}.part")),
    };
    let mut teller = Teller::new(args.quiet, before.as_ref(), workspace.clock.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(async {
        let stop = Arc::new(tokio::sync::Notify::new());
        let mut signals = Signals::new(OnHangup::Stop)?;
        let heard = stop.clone();
        let listening = tokio::spawn(async move {
            loop {
                if let Asked::AtOnce(number) = signals.next().await {
                    // It only reads, so that nothing can be left half done.
                    std::process::exit(128 + number);
                }
                heard.notify_one();
            }
        });
        let ended = fetch.run(&mut |progress| teller.tell(progress), stop).await;
        listening.abort();
        Ok::<_, std::io::Error>(ended)
    })?;
    teller.bar.finish_and_clear();
    match ended {
        Ok(devices) => {
            if !args.quiet {
                let told = told(&path, devices, before.as_ref());
                // Nobody may be looking.
                let _ = std::io::stderr().write_all(told.as_bytes());
            }
            Ok(Exit::Accepted)
        }
        Err(error @ (FetchError::Stopped(_) | FetchError::Trouble(_))) => {
            let _ = writeln!(std::io::stderr(), "offboard: {error}");
            Ok(Exit::Code(5))
        }
        Err(error) => Err(Failure::internal(error.to_string())),
    }
}

/// What can't be written in the end is refused before anything is read.
fn check_place(path: &Path) -> Result<(), Failure> {
    let shown = path.display().to_string();
    let shown = text::visible(&shown);
    match path.symlink_metadata() {
        Ok(metadata) if !metadata.is_file() => Err(Failure::usage(format!(
            "{shown} is no regular file: name another place"
        ))),
        _ => Ok(()),
    }
}

fn lock(path: &Path, profile: &str) -> Result<File, Failure> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure::locked(format!(
            "another process fetches the list of profile {} now",
            text::visible(profile)
        ))),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The devices of the list that is replaced.
struct Known(HashSet<String>);

impl Known {
    fn of(path: &Path) -> Option<Self> {
        let list = DeviceList::open(path, &mut |_| {}).ok()?;
        let names = list.ids().filter_map(|id| {
            let device = list.device(id);
            let mac = || device.macs().next().map(|mac| mac.to_string());
            device.hwid().map(str::to_owned).or_else(mac)
        });
        Some(Self(names.collect()))
    }
}

fn told(path: &Path, devices: u64, before: Option<&Known>) -> String {
    let shown = path.display().to_string();
    let mut told = format!(
        "{} in {}",
        text::counted(devices, "device"),
        text::visible(&shown)
    );
    if let (Some(before), Some(after)) = (before, Known::of(path)) {
        let new = after.0.difference(&before.0).count() as u64;
        let vanished = before.0.difference(&after.0).count() as u64;
        told.push_str(&format!(
            ": {} new, {} vanished since the list before",
            text::grouped(new),
            text::grouped(vanished)
        ));
    }
    told.push('\n');
    told
}

/// Tells how far it has come: a bar on a terminal, else only where it begins and waits.
struct Teller {
    bar: ProgressBar,
    quiet: bool,
    on_terminal: bool,
    clock: Clock,
    yielding: bool,
}

impl Teller {
    fn new(quiet: bool, before: Option<&Known>, clock: Clock) -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        let bar = match before {
            Some(known) => ProgressBar::new(known.0.len() as u64),
            None => ProgressBar::no_length(),
        };
        let template = if before.is_some() {
            "{bar:30} {pos} of about {len} devices · {msg} · ETA {eta}"
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
        Self {
            bar,
            quiet,
            on_terminal,
            clock,
            yielding: false,
        }
    }

    fn tell(&mut self, progress: Progress) {
        match progress {
            Progress::Resumed(devices) => {
                self.bar.set_position(devices);
                self.line(&format!(
                    "going on after {}",
                    text::counted(devices, "device")
                ));
            }
            Progress::Read(devices) => {
                self.yielding = false;
                self.bar.set_position(devices);
                self.bar.set_message("reading");
            }
            Progress::Waiting(at) => {
                let wait = span(at.since(self.clock.now().boot));
                self.bar.set_message(format!("next call in {wait}"));
            }
            Progress::Yielding => {
                self.bar.set_message("a run goes first");
                if !self.yielding {
                    self.yielding = true;
                    self.line("a run of this account is sending, and goes first");
                }
            }
        }
    }

    fn line(&self, text: &str) {
        if !self.quiet && !self.on_terminal {
            // Nobody may be looking.
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }
}
