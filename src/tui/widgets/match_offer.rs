//! The offer to match a list of another system, of names or of persons with the tenant's inventory.

use crate::text::grouped;
use crate::tui::context::Context;
use crate::tui::input::commands::Command;

/// The offer as one line; none for a list that needs no match, and none without a tenant.
pub(in crate::tui) fn text(context: &Context) -> Option<String> {
    let key = key(context);
    if let Some(path) = &context.info.matched_from {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = name.to_string_lossy();
        return Some(format!(
            "{key} goes back to {}",
            crate::text::clip(&name, 40)
        ));
    }
    context.settings.target.as_ref()?;
    let unmatched = context.info.unmatched;
    (unmatched > 0).then(|| {
        let rows = grouped(unmatched as u64);
        format!("{rows} without an identifier · {key} matches them with the inventory")
    })
}

/// The offer for the header: of a list that mostly needs it. `i` makes it for a few rows, too.
pub(in crate::tui) fn in_header(context: &Context) -> Option<String> {
    let is_mostly_unmatched = 2 * context.info.unmatched > context.list.devices.len();
    let goes_back = context.info.matched_from.is_some();
    (is_mostly_unmatched || goes_back).then(|| text(context))?
}

fn key(context: &Context) -> String {
    let keys = context.settings.keys.keys().iter();
    let mut keys = keys.filter(|key| key.binding.command == Command::MatchInventory);
    keys.next()
        .map_or_else(String::new, |key| key.name.clone().into_owned())
}
