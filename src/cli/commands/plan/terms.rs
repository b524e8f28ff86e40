//! How many devices each `protect` rule and each term of `--where` matches, so that a mistyped value
//! is noticed.

use crate::export::Line;
use crate::list::DeviceList;
use crate::plan::protection::Protection;
use crate::query::{JoinedList, Matcher, Query, StatusSource};
use crate::text;

/// The number of devices of the whole list that one rule or term matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct TermMatches {
    source: Source,
    /// Safe to show.
    query: String,
    devices: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Protect,
    Where,
}

/// The matches of each `protect` rule.
pub(super) fn of_rules(protection: &Protection) -> Vec<TermMatches> {
    let rules = protection.matches().iter();
    rules
        .map(|matches| TermMatches {
            source: Source::Protect,
            query: matches.rule.clone(),
            devices: matches.devices,
        })
        .collect()
}

/// The matches of each term of `query`, which has been checked for these lists.
pub(super) fn of_query(
    query: &Query,
    list: &DeviceList,
    states: &dyn StatusSource,
    joined: Option<&JoinedList<'_>>,
) -> Vec<TermMatches> {
    let terms = query.terms();
    let counts = terms.iter().filter_map(|term| {
        let matcher = match joined {
            Some(joined) => Matcher::with_joined(term, list, states, joined),
            None => Matcher::new(term, list, states),
        };
        Some(TermMatches {
            source: Source::Where,
            query: text::visible(term.text()).into_owned(),
            devices: matcher.ok()?.select().len() as u64,
        })
    });
    counts.collect()
}

impl TermMatches {
    /// The JSON line.
    pub(in crate::cli) fn line(&self) -> Line {
        Line::Term {
            source: match self.source {
                Source::Protect => "protect",
                Source::Where => "where",
            },
            query: self.query.clone(),
            devices: self.devices,
        }
    }

    /// The line for people; `None` for a term of `--where` that matches some device.
    pub(in crate::cli) fn sentence(&self) -> Option<String> {
        let query = &self.query;
        match (self.source, self.devices) {
            (Source::Protect, devices) => Some(format!(
                "protect {query}: matches {}",
                text::counted(devices, "device")
            )),
            (Source::Where, 0) => Some(format!("--where: {query} matches no device")),
            (Source::Where, _) => None,
        }
    }
}
