//! Saving the current filter in the configuration.

use crate::query::Query;
use crate::tui::app::App;
use crate::tui::dialogs::{Dialog, FiltersMenu};
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;

impl App {
    /// A filter was saved under this name, or couldn't be. The menu that lists filters has it from then on.
    pub(in crate::tui) fn on_filter_saved(
        &mut self,
        name: String,
        query: Query,
        saved: Result<(), BackendError>,
    ) -> Option<Effect> {
        let is_open = matches!(&self.dialog, Some(Dialog::SaveFilter(_)));
        match (saved, &mut self.dialog) {
            (Ok(()), _) => {}
            (Err(error), Some(Dialog::SaveFilter(dialog))) => {
                dialog.on_error(&error.to_string());
                return None;
            }
            (Err(error), _) => {
                self.context.show_error(&error);
                return None;
            }
        }
        self.context.show(&format!("saved the filter {name}"));
        let filters = &mut self.context.settings.filters;
        let place = filters.partition_point(|(other, _)| *other < name);
        filters.insert(place, (name, query));
        if is_open {
            self.close_dialog();
        }
        let current = &self.devices.query;
        match &mut self.dialog {
            Some(Dialog::Filters(menu)) => {
                let earlier = &self.devices.earlier_filters;
                let (anew, effect) = FiltersMenu::new(earlier, current, &self.context);
                **menu = anew.at(place);
                Some(effect)
            }
            _ => None,
        }
    }
}
