//! The section `[limits]`: how much may be sent, and how fast.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use toml::Spanned;

use super::problem::{Checked, refuse};
use super::{Limits, raw};
use crate::plan::Share;

pub(super) fn check(raw: &raw::Limits) -> Checked<Limits> {
    let default = Limits::default();
    let mut limits = default;
    if let Some(value) = &raw.requests_per_minute {
        limits.requests_per_minute = match NonZeroU32::new(*value.get_ref()) {
            Some(calls) if calls.get() <= 600 => calls,
            _ => {
                return refuse(
                    value,
                    "requests_per_minute must be 1 to 600 (the published limit is 10)",
                );
            }
        };
    }
    if let Some(value) = &raw.batch_size {
        limits.batch_size = match NonZeroUsize::new(*value.get_ref()) {
            Some(devices) if devices.get() <= 500 => devices,
            _ => return refuse(value, "batch_size must be 1 to 500"),
        };
    }
    if let Some(value) = &raw.canary {
        limits.canary = match NonZeroUsize::new(*value.get_ref()) {
            Some(devices) if devices <= limits.batch_size => devices,
            _ => return refuse(value, "canary must be 1 to batch_size"),
        };
    }
    limits.canary = limits.canary.min(limits.batch_size);
    if let Some(value) = &raw.max_devices {
        limits.max_devices = *value.get_ref();
        if limits.max_devices == 0 {
            return refuse(
                value,
                "max_devices must be at least 1; read_only = true forbids sending",
            );
        }
    }
    if let Some(value) = &raw.max_per_day {
        limits.max_per_day = *value.get_ref();
        if limits.max_per_day == 0 {
            return refuse(
                value,
                "max_per_day must be at least 1; read_only = true forbids sending",
            );
        }
    }
    if let Some(value) = &raw.max_share {
        limits.guards.max_share = check_share(value, "max_share")?;
    }
    if let Some(value) = &raw.shrunk {
        limits.guards.shrunk = check_share(value, "shrunk")?;
    }
    if let Some(value) = &raw.min_enrolled {
        limits.guards.min_enrolled = check_age(value, "min_enrolled")?;
    }
    if let Some(value) = &raw.connect_timeout {
        limits.connect_timeout = check_span(value, "connect_timeout")?;
    }
    if let Some(value) = &raw.request_timeout {
        limits.request_timeout = check_span(value, "request_timeout")?;
    }
    Ok(limits)
}

fn check_share(raw: &Spanned<f64>, key: &str) -> Checked<Share> {
    match Share::new(*raw.get_ref()) {
        Some(share) => Ok(share),
        None => refuse(
            raw,
            format!("{key} must be 0 to 1, written like 0.5, with at most four decimals"),
        ),
    }
}

/// An age in whole units of at most a day, where a day is 24 hours.
fn check_age(raw: &Spanned<String>, key: &str) -> Checked<Duration> {
    if raw.get_ref().trim_end().ends_with('m') {
        let message = format!("{key}: m may be minutes or months: write \"90min\" or \"30d\"");
        return refuse(raw, message);
    }
    let age = raw.get_ref().parse::<Span>().ok();
    let age = age.and_then(|age| age.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let age = age.and_then(|age| Duration::try_from(age).ok());
    match age.filter(|age| *age <= Duration::from_hours(24 * 3660)) {
        Some(age) => Ok(age),
        None => refuse(
            raw,
            format!("{key} must be 0 to 3660 days, written like \"1d\" or \"12h\""),
        ),
    }
}

fn check_span(raw: &Spanned<String>, key: &str) -> Checked<Duration> {
    let span = raw
        .get_ref()
        .parse::<SignedDuration>()
        .ok()
        .and_then(|span| Duration::try_from(span).ok());
    match span {
        Some(span) if (Duration::from_secs(1)..=Duration::from_secs(600)).contains(&span) => {
            Ok(span)
        }
        _ => refuse(
            raw,
            format!("{key} must be 1 s to 10 min, written like \"10s\" or \"2m\""),
        ),
    }
}
