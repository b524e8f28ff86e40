//! The log: to a file that is asked for, never to the terminal.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;

use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;

use super::{Failure, Global};

/// Starts the log if one is asked for. What is in it is written when the guard is dropped.
pub(super) fn start(global: &Global) -> Result<Option<WorkerGuard>, Failure> {
    let Some(path) = &global.log_file else {
        return Ok(None);
    };
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| Failure::usage(format!("--log-file {}: {error}", path.display())))?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let level = match global.verbose {
        0 => LevelFilter::INFO,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    // Only our own events: the HTTP library's name URLs, and a URL holds the token.
    let ours = Targets::new().with_target("offboard", level);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false)
        .with_filter(ours);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
        .map_err(|error| Failure::internal(format!("the log can't start: {error}")))?;
    Ok(Some(guard))
}
