//! `offboard init`: writes a commented configuration to fill in.

use std::io::Write;
use std::os::unix::fs::DirBuilderExt;

use super::{Exit, Failure, Global};
use crate::config::{Config, EXAMPLE};

/// Runs the command. An existing file is never overwritten.
pub(super) fn run(global: &Global) -> Result<Exit, Failure> {
    let path = match &global.config {
        Some(path) => path.clone(),
        None => Config::default_path()?,
    };
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)
            .map_err(|error| Failure::internal(format!("{}: {error}", parent.display())))?;
    }
    crate::platform::file::write_new(&path, |file| file.write_all(EXAMPLE.as_bytes()))
        .map_err(|error| Failure::usage(error.to_string()))?;
    writeln!(
        std::io::stdout(),
        "wrote {}: fill in base_url and the credential",
        path.display()
    )?;
    Ok(Exit::Accepted)
}
