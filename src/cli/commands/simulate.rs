//! `offboard simulate`: a simulated tenant on loopback.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use crate::cli::{CommandError, Exit};
use crate::simulator::{
    AccountAnswer, CLIENT_ID, CLIENT_SECRET, FaultPlan, Fleet, Shape, Simulator, SimulatorSettings,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct SimulateArgs {
    /// The port on 127.0.0.1; 0 picks one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// About how many devices the tenant has: a few of the list are there twice, or gone
    #[arg(long, value_name = "N", default_value_t = 500)]
    devices: usize,
    /// Random seed of the generated devices
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write the list that an administrator would have saved to this file
    #[arg(long, value_name = "FILE")]
    write_list: Option<PathBuf>,
    /// The format of that list
    #[arg(long, value_name = "SHAPE", default_value = "v2")]
    shape: ListShape,
    /// Write the list and exit without serving
    #[arg(long, requires = "write_list")]
    only_list: bool,
    /// Calls per window of the rate limit
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: u32,
    /// The window of the rate limit, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 60_000)]
    window: u64,
    /// How long each answer takes, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// The longest list that one delete call may carry
    #[arg(long, value_name = "N")]
    max_list: Option<usize>,
    /// How long a token is valid, in seconds
    #[arg(long, value_name = "S", default_value_t = 3600)]
    token_lifetime: u64,
    /// Answer every lookup of a device with 404, as a gateway may
    #[arg(long)]
    hide_details: bool,
    /// How many of a hundred deleted devices are there again at the next read: their record stays, their
    /// agent reports again, or they enrol under a new hardware ID
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=100))]
    returns: u8,
    /// How many of a hundred devices that weren't seen for a day report again between two reads of the
    /// inventory
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=100))]
    wakes: u8,
    /// Faults to inject: FAULT@CALL or FAULT%SHARE, separated by commas, as in 500@3,reset-after@5
    #[arg(
        long,
        value_name = "FAULTS",
        default_value = "",
        hide_default_value = true
    )]
    fault: FaultPlan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListShape {
    /// An array of v2 devices
    V2,
    /// v3 answers, one page per line
    V3,
    /// CSV
    Csv,
}

/// Runs the command, until a signal ends it.
pub(in crate::cli) fn run(args: &SimulateArgs) -> Result<Exit, CommandError> {
    let now = Timestamp::now();
    let fleet = Fleet::generate(args.seed, args.devices, now);
    if let Some(path) = &args.write_list {
        let shape = match args.shape {
            ListShape::V2 => Shape::V2,
            ListShape::V3 => Shape::V3,
            ListShape::Csv => Shape::Csv,
        };
        crate::platform::file::write_new(path, |file| {
            file.write_all(fleet.list(shape).as_bytes())
        })?;
        if args.only_list {
            return Ok(Exit::Accepted);
        }
    }
    let settings = SimulatorSettings {
        account: AccountAnswer::default(),
        address: ([127, 0, 0, 1], args.port).into(),
        seed: args.seed,
        devices: args.devices,
        now,
        limit: args.limit,
        window: Duration::from_millis(args.window),
        latency: Duration::from_millis(args.latency),
        travel: Duration::ZERO,
        faults: args.fault.clone(),
        max_list: args.max_list,
        token_lifetime: Duration::from_secs(args.token_lifetime),
        hides_details: args.hide_details,
        returns: args.returns,
        wakes: args.wakes,
    };
    let simulator = Simulator::start_with(settings, &fleet).map_err(CommandError::usage)?;
    let mut out = std::io::stdout();
    writeln!(out, "base_url      {}", simulator.url())?;
    writeln!(out, "token         {}", simulator.token())?;
    writeln!(out, "client_id     {CLIENT_ID}")?;
    writeln!(out, "client_secret {CLIENT_SECRET}")?;
    out.flush()?;
    simulator.join();
    Ok(Exit::Accepted)
}
