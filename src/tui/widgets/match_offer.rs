//! The offer to match a list of another system, of names or of persons with the tenant's inventory.

use crate::text::grouped;
use crate::tui::context::Context;
use crate::tui::input::commands::Command;

/// The offer as one line; none for a list that needs no match, and none without a tenant.
pub(in crate::tui) fn text(context: &Context) -> Option<String> {
    let key = context.key(Command::MatchInventory);
    if let Some(path) = &context.info.matched_from {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = name.to_string_lossy();
        return Some(format!(
            "{key} goes back to {}",
            crate::text::clip(&name, 40)
        ));
    }
    refusal(context).is_none().then(|| {
        let rows = grouped(context.info.unmatched as u64);
        format!("{rows} without an identifier · {key} matches them with the inventory")
    })
}

/// Why the list can't be matched; none if it can. Going back from the inventory needs nothing.
pub(in crate::tui) fn refusal(context: &Context) -> Option<&'static str> {
    let info = &context.info;
    if info.matched_from.is_some() {
        None
    } else if context.settings.target.is_none() {
        Some("there is no configuration, hence no inventory to match with")
    } else if info.unmatched == 0 {
        Some("every row has an identifier: nothing to match")
    } else if info.path.is_none() {
        Some("The list was not read from a file: save it to one, and open that to match it")
    } else {
        None
    }
}

/// The offer for the header: of a list that mostly needs it. `i` makes it for a few rows, too.
pub(in crate::tui) fn in_header(context: &Context) -> Option<String> {
    let is_mostly_unmatched = 2 * context.info.unmatched > context.list.devices.len();
    let goes_back = context.info.matched_from.is_some();
    (is_mostly_unmatched || goes_back).then(|| text(context))?
}
