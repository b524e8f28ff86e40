//! `M`: matches the list with the tenant's inventory, which takes its place; again, it goes back.

use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::screens::ScreenResponse;

/// Opens the inventory and matches the list with it, or opens the matched list again.
pub(super) fn match_inventory(context: &mut Context) -> ScreenResponse {
    if let Some(path) = context.info.matched_from.clone() {
        context.status = Some("opening the list again".to_owned());
        return ScreenResponse::effects([Effect::Reload(path)]);
    }
    let refusal = match &context.info.path {
        _ if context.settings.target.is_none() => {
            "there is no configuration, hence no inventory to match with"
        }
        _ if context.info.unmatched == 0 => "every row has an identifier: nothing is to be matched",
        None => "the list came from no file: save it to one, and open that to match it",
        Some(path) => {
            let columns = context.info.assigned.clone();
            let effect = Effect::MatchWithInventory(path.clone(), columns);
            context.status = Some("matching the list with the inventory".to_owned());
            return ScreenResponse::effects([effect]);
        }
    };
    context.status = Some(refusal.to_owned());
    ScreenResponse::default()
}
