//! The filters that are offered by name: of the configuration, recent ones, and suggestions.

use std::sync::Arc;

use crate::query::Query;
use crate::query::facets::suggested;
use crate::text::visible;
use crate::tui::component::Response;
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::job::RowJob;
use crate::tui::request::{Request, TermPlace};
use crate::tui::screens::devices::search::{DeviceStatusSnapshot, MatchCount};

/// How many recent filters are offered.
const RECENT: usize = 5;

/// A filter, and how many devices it matches.
#[derive(Clone, Debug)]
pub(super) struct OfferedFilter {
    pub(super) origin: Origin,
    /// Its name, not safe to show; a recent one has none.
    pub(super) name: String,
    pub(super) query: Query,
    pub(super) count: MatchCount,
}

/// Where a filter comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Saved,
    Recent,
    Suggestion,
}

impl OfferedFilter {
    /// The filters of the configuration, the newest of the `earlier` ones, and suggestions.
    pub(super) fn all(earlier: &[String], context: &Context) -> Vec<Self> {
        let filter = |origin, name: &str, query: Query| Self {
            origin,
            name: name.to_owned(),
            query,
            count: MatchCount::Counting,
        };
        let saved = context.settings.filters.iter();
        let saved = saved.map(|(name, query)| filter(Origin::Saved, name, query.clone()));
        let recent = earlier.iter().rev().take(RECENT);
        let recent = recent.filter_map(|text| {
            let query = Query::parse(text).ok()?;
            Some(filter(Origin::Recent, "", query))
        });
        let has_protected = !context.list.protection.is_empty();
        let suggestions = suggested(has_protected).filter_map(|(heading, text)| {
            let query = Query::parse(&text).ok()?;
            Some(filter(Origin::Suggestion, heading, query))
        });
        saved.chain(recent).chain(suggestions).collect()
    }

    /// The effect that counts what the filters match.
    pub(super) fn count_all(filters: &[Self], context: &Context) -> Effect {
        let queries = filters.iter().map(|filter| filter.query.clone());
        Effect::Rows(RowJob::CountQueries {
            queries: queries.collect(),
            among_marked: false,
            known: Arc::new(DeviceStatusSnapshot::of(&context.list)),
        })
    }

    /// Its count was read. False for a suggestion that matches nothing, which isn't offered.
    pub(super) fn on_counted(&mut self, counts: &[(String, MatchCount)]) -> bool {
        let counted = counts.iter().find(|(text, _)| text == self.query.text());
        self.count = counted.map_or(self.count, |(_, count)| *count);
        let is_empty = matches!(self.count, MatchCount::Known(0) | MatchCount::Invalid);
        self.origin != Origin::Suggestion || !is_empty
    }

    /// Filters by it, if it is valid for the list; `adds` it to the current filter.
    pub(super) fn apply(&self, adds: bool, context: &mut Context) -> Response {
        let query = &self.query;
        if let Err(error) = query.check(&context.list.devices, &DeviceStatusSnapshot::default()) {
            let what = match self.origin {
                Origin::Recent => query.text(),
                Origin::Saved | Origin::Suggestion => &self.name,
            };
            context.status = Some(format!("The filter {}: {error}", visible(what)));
            return Response::close();
        }
        let request = if adds {
            Request::AddTerm(query.as_term(), TermPlace::Last)
        } else {
            Request::Filter(query.clone())
        };
        Response::close()
            .request(request)
            .request(Request::RememberFilter)
    }
}
