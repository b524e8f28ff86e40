//! `offboard runs find`: finds devices in all runs.

use std::io::Write;

use clap::Args;

use crate::cli::arguments::output::TextOrJsonl;
use crate::cli::{CommandError, print_note};
use crate::export;
use crate::journal::{Journal, MAX_FOUND};
use crate::text::{grouped, visible};

#[derive(Debug, Args)]
pub(super) struct FindArgs {
    /// A part of a host name (with or without its domain), a user or an identifier; a MAC address in any
    /// notation
    text: String,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: TextOrJsonl,
}

pub(super) fn find(
    journal: &Journal,
    args: &FindArgs,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    if args.text.trim().is_empty() {
        return Err(CommandError::usage(
            "no text to find: give a part of a name, a user or an identifier",
        ));
    }
    let found = journal.find(args.text.trim())?;
    if args.output == TextOrJsonl::Text && !found.devices.is_empty() {
        writeln!(
            out,
            "{:<8}  {:<16}  {:<9}  {:<38}  {:<20}  outcome",
            "run", "when", "action", "identifier", "hostname"
        )?;
    }
    for device in &found.devices {
        if args.output == TextOrJsonl::Jsonl {
            export::write_line(out, &export::FoundLine::new(device))?;
            continue;
        }
        let planned = &device.record.device;
        let time = device.decided_at.unwrap_or(device.confirmed_at);
        writeln!(
            out,
            "{}  {}  {:<9}  {:<38}  {:<20}  {}",
            device.run,
            time.strftime("%Y-%m-%d %H:%M"),
            device.action.as_str(),
            visible(&planned.identifier.to_string()),
            visible(&planned.hostname),
            device.record.state.as_final_outcome()
        )?;
        let mut about = vec![
            format!("by {}", visible(&device.operator)),
            device.target.label(),
        ];
        if !planned.user.is_empty() {
            about.push(format!("user {}", visible(&planned.user)));
        }
        about.extend(
            device
                .note
                .as_ref()
                .map(|note| format!("note {}", visible(note))),
        );
        writeln!(out, "          {}", about.join(" · "))?;
    }
    if found.devices.is_empty() && args.output == TextOrJsonl::Text {
        writeln!(out, "no run has a matching device")?;
    }
    if found.is_truncated {
        print_note(format_args!(
            "only the newest {} are listed: give more of the text",
            grouped(MAX_FOUND as u64)
        ));
    }
    Ok(())
}
