//! Reads the file of `--ids`, or the list of `--match`.

use std::path::Path;

use super::Way;
use crate::cli::Failure;
use crate::cli::workspace::Workspace;
use crate::import::Named;

/// Reads the file at `path`; `-` is standard input. Refuses an incomplete list and one of another
/// tenant.
pub(in crate::cli) fn read(workspace: &Workspace, path: &Path, way: Way) -> Result<Named, Failure> {
    // With --ids, the command line's read options apply to the list only.
    let options = match way {
        Way::Match => &workspace.reading,
        Way::Ids => &workspace.lists,
    };
    let named = if path == Path::new("-") {
        Named::of_bytes("standard input", std::io::stdin().lock(), options)
    } else {
        Named::read(path, &workspace.state_dir, options)
    };
    let named = named.map_err(|error| Failure::usage(format!("{}{error}", way.prefix())))?;
    check(workspace, &named)?;
    Ok(named)
}

/// Fails if it is a list that is incomplete or names another tenant.
pub(in crate::cli) fn check(workspace: &Workspace, named: &Named) -> Result<(), Failure> {
    named
        .list()
        .map_or(Ok(()), |list| workspace.check_whole_list(list))
}
