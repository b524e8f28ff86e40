//! `M`: matches the list with the tenant's inventory, which takes its place; again, it goes back.

use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::job::Job;
use crate::tui::screens::ScreenResponse;
use crate::tui::widgets::match_offer;

/// Opens the inventory and matches the list with it, or opens the matched list again.
pub(super) fn match_inventory(context: &mut Context) -> ScreenResponse {
    if let Some(path) = context.info.matched_from.clone() {
        context.status = Some("Opening the list again".to_owned());
        return ScreenResponse::effects([Effect::Job(Job::Reload(path))]);
    }
    if let Some(refusal) = match_offer::refusal(context) {
        context.status = Some(refusal.to_owned());
        return ScreenResponse::default();
    }
    let path = context.info.path.clone();
    let columns = context.info.assigned.clone();
    context.status = Some("Matching the list with the inventory".to_owned());
    let effect = path.map(|path| Effect::Job(Job::MatchWithInventory(path, columns)));
    ScreenResponse::effects(effect)
}
