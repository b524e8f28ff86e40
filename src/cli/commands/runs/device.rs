//! `offboard runs show RUN --device ID`: a device of a run, with its rows as the list held them.

use std::io::Write;

use crate::cli::CommandError;
use crate::cli::arguments::output::TextOrJsonl;
use crate::domain::device::{Hwid, MacAddress};
use crate::export::{self, Line};
use crate::journal::{DeviceRecord, Journal, RunRecord, StoredRecord};
use crate::list::same_host;
use crate::text::{clip, visible};

/// Prints the devices of the run that have this identifier or host name.
pub(super) fn show_device(
    journal: &Journal,
    run: &RunRecord,
    name: &str,
    output: TextOrJsonl,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let (devices, damage) = journal.readable_devices(&run.id)?;
    let found: Vec<&DeviceRecord> = devices
        .iter()
        .filter(|record| is_named(record, name))
        .collect();
    if found.is_empty() {
        // The device may be one that can't be read.
        damage.map_or(Ok(()), Err)?;
        return Err(CommandError::usage(format!(
            "run {} has no device {}: give its whole HWID, a MAC address or its host name, as in `offboard runs export {}`",
            run.id,
            clip(name, 60),
            run.id
        )));
    }
    let mut unreadable = None;
    for record in found {
        let ordinal = record.device.record.unwrap_or_default();
        let stored = journal.full_record(&run.id, ordinal);
        if output == TextOrJsonl::Jsonl {
            export::write_line(out, &Line::recorded(record))?;
        } else {
            write_facts(run, record, out)?;
        }
        match stored {
            Ok(stored) if output == TextOrJsonl::Jsonl => {
                export::write_line(out, &Line::full_record(&record.device, &stored))?;
            }
            Ok(stored) => write_rows(&stored, out)?,
            Err(error) => unreadable = Some(error),
        }
    }
    Ok(unreadable.or(damage).map_or(Ok(()), Err)?)
}

fn is_named(record: &DeviceRecord, name: &str) -> bool {
    let device = &record.device;
    let hwid = device.hwid.as_ref().map(Hwid::as_str);
    let mac = MacAddress::parse(name);
    hwid.is_some_and(|hwid| hwid.eq_ignore_ascii_case(name))
        || mac.is_ok_and(|mac| device.macs.contains(&mac))
        || same_host(&device.hostname, name)
}

fn write_facts(run: &RunRecord, record: &DeviceRecord, out: &mut dyn Write) -> std::io::Result<()> {
    let device = &record.device;
    let macs: Vec<String> = device.macs.iter().map(ToString::to_string).collect();
    let time = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string());
    let call = record.call.map(|call| {
        let status = record
            .http_status
            .map(|status| format!(", HTTP status {status}"));
        format!("{call}{}", status.unwrap_or_default())
    });
    let facts = [
        ("run", Some(format!("{} · {}", run.id, run.action))),
        ("sent as", Some(device.identifier.to_string())),
        ("outcome", Some(record.state.as_final_outcome().to_string())),
        ("call", call),
        ("hwid", device.hwid.as_ref().map(ToString::to_string)),
        ("mac", Some(macs.join(" "))),
        ("hostname", Some(device.hostname.clone())),
        ("nickname", Some(device.nickname.clone())),
        ("user", Some(device.user.clone())),
        ("type", Some(device.device_type.clone())),
        ("group", Some(device.group.clone())),
        ("status", Some(device.status.clone())),
        ("last seen", time(device.last_seen)),
        ("enrolled", time(device.enrolled)),
    ];
    for (label, value) in facts {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            writeln!(out, "{label:<9} {}", visible(&value))?;
        }
    }
    Ok(())
}

fn write_rows(record: &StoredRecord, out: &mut dyn Write) -> std::io::Result<()> {
    let StoredRecord::Rows(record) = record else {
        return writeln!(out, "\n{}", record.missing());
    };
    for row in &record.rows {
        writeln!(out)?;
        for (name, text) in row.lines() {
            match name {
                Some(name) if text.is_empty() => writeln!(out, "{}", visible(&name))?,
                Some(name) => writeln!(out, "{:<20} {}", visible(&name), visible(&text))?,
                None => writeln!(out, "{}", visible(&text))?,
            }
        }
    }
    Ok(())
}
