//! Reading what the options name.

use std::path::Path;

use super::Way;
use crate::cli::Failure;
use crate::cli::workspace::Workspace;
use crate::import::Named;

/// Reads what stands at `path`; `-` is standard input. A list that isn't whole, or is of another
/// tenant, is refused.
pub(in crate::cli) fn read(workspace: &Workspace, path: &Path, way: Way) -> Result<Named, Failure> {
    // With --ids, the options of the command line are those of the list.
    let options = match way {
        Way::Match => &workspace.reading,
        Way::Ids => &workspace.lists,
    };
    let named = if path == Path::new("-") {
        Named::of_bytes("standard input", std::io::stdin().lock(), options)
    } else {
        Named::read(path, &workspace.state_dir, options)
    };
    let named = named.map_err(|why| Failure::usage(format!("{}{why}", way.prefix())))?;
    check(workspace, &named).map_err(Failure::refused)?;
    Ok(named)
}

/// Why nothing may be sent of it, if so: it is read by half, or names another tenant.
pub(in crate::cli) fn check(workspace: &Workspace, named: &Named) -> Result<(), String> {
    let Some(list) = named.list() else {
        return Ok(());
    };
    if let Some(why) = list.truncation() {
        return Err(format!(
            "nothing is sent of a list that is read by half: {}: {why}",
            list.name()
        ));
    }
    workspace.check_list(list)
}
