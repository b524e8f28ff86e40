//! `offboard --demo`: the terminal UI against a local simulator, in a temporary directory.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::commands::ui;
use crate::cli::ui_options::UiOptions;
use crate::cli::workspace::Workspace;
use crate::cli::{CommandError, Exit, Global};
use crate::config::Config;
use crate::domain::rate_limit::Budget;
use crate::list::DeviceList;
use crate::simulator::{CLIENT_ID, Fleet, Shape, Simulator, SimulatorSettings};

/// Length of the rate-limit window in the demo, instead of a minute.
const MINUTE: Duration = Duration::from_secs(6);

/// Of a hundred deleted devices, how many the next inventory has again.
const RETURNS: u8 = 8;

/// Runs the demo with `list`, or with a generated list.
pub(in crate::cli) fn run(global: &Global, list: Option<&Path>) -> Result<Exit, CommandError> {
    let directory = tempfile::tempdir()?;
    let now = jiff::Timestamp::now();
    let faults = "wrong-element@4,lost-behind-gateway@9"
        .parse()
        .map_err(|error: crate::simulator::ParseFaultError| CommandError::internal(error))?;
    let settings = SimulatorSettings {
        now,
        window: MINUTE,
        latency: Duration::from_millis(300),
        faults,
        returns: RETURNS,
        ..SimulatorSettings::default()
    };
    let fleet = Fleet::generate(settings.seed, settings.devices, now);
    let simulator = Simulator::start_with(settings, &fleet).map_err(CommandError::internal)?;
    let secret = directory.path().join("client-secret");
    crate::platform::file::write_new(&secret, |file| {
        file.write_all(crate::simulator::CLIENT_SECRET.as_bytes())
    })?;
    let text = format!(
        "[profiles.demo]\nbase_url = \"{}\"\nclient_id = \"{CLIENT_ID}\"\nclient_secret_file = {:?}\n\
         [limits]\nbatch_size = 20\n",
        simulator.url(),
        secret.display().to_string()
    );
    // Filters that are saved are added to it.
    let file = directory.path().join("config.toml");
    crate::platform::file::write_new(&file, |out| out.write_all(text.as_bytes()))?;
    let config = Config::parse(&text, &file)?;
    let global = Global {
        config: None,
        profile: None,
        state_dir: Some(directory.path().join("state")),
        ..global.clone()
    };
    let mut workspace = Workspace::for_config(&global, &config)?;
    workspace.budget = Budget {
        calls: NonZeroU32::MIN.saturating_add(9),
        window: MINUTE,
        margin: Duration::from_millis(100),
    };
    let list = match list {
        Some(path) => crate::cli::workspace::open_list(
            path,
            directory.path(),
            &workspace.reading,
            &mut |_| {},
        )?,
        None => DeviceList::read_bytes("demo devices", fleet.list(Shape::V2).as_bytes())?,
    };
    let list = Arc::new(list);
    let exit = ui::open(
        &global,
        UiOptions::of(&config)?,
        &workspace,
        list,
        None,
        true,
    );
    drop(simulator);
    exit
}
