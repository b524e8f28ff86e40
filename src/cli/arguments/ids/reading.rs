//! Reads the file of `--ids`, or the list of `--match`.

use std::path::Path;

use super::EntriesOption;
use crate::cli::CommandError;
use crate::cli::workspace::Workspace;
use crate::import::ImportContent;

/// Reads the file at `path`; `-` is standard input. Refuses an incomplete list and one of another
/// tenant.
pub(in crate::cli) fn read(
    workspace: &Workspace,
    path: &Path,
    option: EntriesOption,
) -> Result<ImportContent, CommandError> {
    // With --ids, the command line's read options apply to the list only.
    let options = match option {
        EntriesOption::Match => &workspace.reading,
        EntriesOption::Ids => &workspace.lists,
    };
    let content = if path == Path::new("-") {
        ImportContent::of_bytes("standard input", std::io::stdin().lock(), options)
    } else {
        ImportContent::read(path, &workspace.state_dir, options)
    };
    let content =
        content.map_err(|error| CommandError::usage(format!("{}{error}", option.prefix())))?;
    check(workspace, &content)?;
    Ok(content)
}

/// Fails if it is a list that is incomplete or names another tenant.
pub(in crate::cli) fn check(
    workspace: &Workspace,
    content: &ImportContent,
) -> Result<(), CommandError> {
    content
        .list()
        .map_or(Ok(()), |list| workspace.check_whole_list(list))
}
