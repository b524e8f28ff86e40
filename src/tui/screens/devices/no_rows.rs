//! What the table shows in place of rows: why there are none, and what to do.
//!
//! ```text
//!    No device matches the filter.
//!    old         no device
//!    windows     399 devices
//!    esc clears the filter · 501 without it
//!    age is unseen>90d, a field is type:laptop · in / tab lists fields and values
//! ```

use std::sync::Arc;

use ratatui::text::{Line, Span};

use crate::list::Field;
use crate::query::Query;
use crate::text::{clip, counted, grouped, visible, width};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::input::commands::Command;
use crate::tui::job::RowJob;
use crate::tui::list_state::ListState;
use crate::tui::screens::devices::DevicesScreen;
use crate::tui::screens::devices::search::{DeviceStatusSnapshot, MatchCount};

/// The most terms that are listed.
const TERMS: usize = 8;
/// What a term with a field has.
const OPERATORS: [char; 4] = [':', '<', '>', '='];
/// The widest term in cells.
const TERM: usize = 30;

/// How many devices each term of a filter without matches has.
#[derive(Clone, Debug, Default)]
pub(super) struct TermCounts(Vec<(String, MatchCount)>);

impl DevicesScreen {
    /// Counts the devices of each of the filter's terms if no device matches all of them.
    pub fn count_terms(&mut self, list: &ListState) -> Option<Effect> {
        let terms = if list.rows.is_empty() && !list.devices.is_empty() {
            self.query.terms()
        } else {
            Vec::new()
        };
        let queries: Vec<Query> = terms.into_iter().take(TERMS).collect();
        let texts = queries.iter().map(|query| query.text().to_owned());
        self.term_counts = TermCounts(texts.map(|text| (text, MatchCount::Counting)).collect());
        (!queries.is_empty()).then(|| {
            Effect::Rows(RowJob::CountQueries {
                queries,
                among_marked: self.marked_only,
                known: Arc::new(DeviceStatusSnapshot::of(list)),
            })
        })
    }

    /// Queries were counted, for this screen or for a dialog.
    pub fn on_queries_counted(&mut self, counts: &[(String, MatchCount)]) {
        for (term, known) in &mut self.term_counts.0 {
            if let Some((_, count)) = counts.iter().find(|(text, _)| text == term) {
                *known = *count;
            }
        }
    }
}

pub(super) fn lines<'a>(screen: &DevicesScreen, context: &Context, room: usize) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let mut lines = Vec::new();
    let mut remedies = Vec::new();
    if context.list.devices.is_empty() {
        lines.push(Line::from("The list has no devices."));
        remedies.push(match context.settings.fetch {
            Ok(_) => ":fetch reads the tenant's inventory".to_owned(),
            Err(_) => format!(
                "{} shows how the list was read",
                context.key(Command::ListInfo)
            ),
        });
    } else if screen.query.is_empty() {
        lines.push(Line::from(if screen.marked_only {
            "No device is marked, and only marked ones are shown."
        } else {
            "No device is shown."
        }));
    } else {
        lines.push(Line::from(if screen.marked_only {
            "No marked device matches the filter, and only marked ones are shown."
        } else {
            "No device matches the filter."
        }));
        let terms = &screen.term_counts.0;
        let cells = terms.iter().map(|(term, _)| width(&visible(term)));
        let cells = cells.max().unwrap_or(0).min(TERM);
        lines.extend(terms.iter().map(|(term, count)| {
            let term = clip(&visible(term), cells).into_owned();
            let (count, style) = match count {
                MatchCount::Counting => ("counting…".to_owned(), theme.dim()),
                MatchCount::Invalid => (
                    "can't be evaluated on this list".to_owned(),
                    theme.warning(),
                ),
                MatchCount::Known(0) => ("no device".to_owned(), theme.warning()),
                MatchCount::Known(count) => (counted(*count, "device"), theme.dim()),
            };
            Line::from(vec![
                Span::raw(format!("{term:<cells$}   ")),
                Span::styled(count, style),
            ])
        }));
        let all = grouped(context.list.devices.len() as u64);
        let dot = theme.dot();
        remedies.push(format!("esc clears the filter{dot}{all} without it"));
        let unmatched = terms
            .iter()
            .filter(|(_, count)| *count == MatchCount::Known(0));
        let unmatched = unmatched.map(|(term, _)| term.as_str());
        if unmatched.clone().any(|term| !term.contains(OPERATORS)) {
            remedies.push("a word is searched in all texts of a row".to_owned());
            remedies.push(format!(
                "age: unseen>90d{dot}a field: type:laptop{dot}in / tab lists fields and values"
            ));
        }
        let fields = unmatched.filter_map(|term| term.split_once(':'));
        // Part of a MAC address doesn't name a field.
        let mut fields =
            fields.filter(|(name, _)| *name == "is" || Field::from_name(name).is_some());
        if let Some((field, _)) = fields.next() {
            let field = visible(field);
            remedies.push(format!("in / tab after {field}: lists its values"));
        }
    }
    if screen.marked_only {
        let key = context.key(Command::MarkedOnly);
        remedies.insert(0, format!("{key} shows marked and unmarked devices"));
    }
    let remedies = remedies.into_iter();
    let remedies = remedies.map(|text| clip(&text, room).into_owned());
    lines.extend(remedies.map(|text| Line::from(Span::styled(text, theme.dim()))));
    lines
}
