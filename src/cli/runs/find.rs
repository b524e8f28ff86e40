//! `offboard runs find`: finds devices in all runs.

use std::io::Write;

use clap::Args;

use crate::cli::Failure;
use crate::cli::plan::Output;
use crate::export;
use crate::journal::{FOUND_MOST, Journal};
use crate::text::{grouped, visible};

#[derive(Debug, Args)]
pub(super) struct FindArgs {
    /// A part of a host name, a user or an identifier; a MAC address in any notation
    text: String,
    /// What is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: Output,
}

pub(super) fn find(journal: &Journal, args: &FindArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if args.text.trim().is_empty() {
        return Err(Failure::usage(
            "no text to find: give a part of a name, a user or an identifier",
        ));
    }
    let found = journal.find(args.text.trim())?;
    for device in &found.devices {
        if args.output == Output::Jsonl {
            export::write_line(out, &export::FoundLine::new(device))?;
            continue;
        }
        let planned = &device.record.device;
        let time = device.decided_at.unwrap_or(device.confirmed_at);
        writeln!(
            out,
            "{}  {}  {}  {:<9}  {:<38}  {:<20}  {:<16}  {}",
            device.run,
            time.strftime("%Y-%m-%d %H:%M"),
            device.target.host(),
            device.action.as_str(),
            visible(&planned.identifier.to_string()),
            visible(&planned.hostname),
            visible(&planned.user),
            device.record.state.as_final_outcome()
        )?;
    }
    if found.devices.is_empty() && args.output == Output::Text {
        writeln!(out, "no run has a matching device")?;
    }
    if found.is_truncated {
        // On standard error, so that it is not among the lines.
        writeln!(
            std::io::stderr(),
            "only the newest {} are listed: give more of the text",
            grouped(FOUND_MOST as u64)
        )?;
    }
    Ok(())
}
