//! What the word at the cursor of the filter can be completed with.

use std::ops::Range;

use crate::query::{Query, Word};
use crate::text::clip;
use crate::tui::context::Context;
use crate::tui::widgets::text_field::TextField;

/// The most candidates that are shown at once.
const SHOWN: usize = 6;

/// What the word at the cursor can be completed with.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The text before what a candidate replaces.
    prefix: String,
    /// What a candidate replaces.
    typed: String,
    /// The text behind the cursor.
    suffix: String,
    /// Where the word begins in `prefix`.
    word: usize,
    /// In the order in which they are offered.
    pub candidates: Vec<Candidate>,
    /// Which of them is in the line, if one is.
    pub at: Option<usize>,
}

/// A text that completes the word.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What takes the place of what was typed.
    text: String,
    /// The whole word, or the name of a saved filter. Not safe to show.
    pub name: String,
    /// It is a saved filter.
    pub is_filter: bool,
    /// The filter with the candidate in it; none while that isn't complete, as after `hostname:`.
    pub query: Option<Query>,
}

/// The text before the cursor and the text behind it.
pub fn around_cursor(field: &TextField) -> (String, String) {
    let characters = field.value().chars();
    let before = characters.clone().take(field.cursor()).collect();
    (before, characters.skip(field.cursor()).collect())
}

/// True if the word before the cursor is completed by values of the list, which take time to find.
pub fn needs_values(before: &str, context: &Context) -> bool {
    Word::of(before, &context.list.devices).is_some_and(|word| word.needs_values())
}

impl Offer {
    /// What completes the word at the cursor: fields, states, dates and saved filters. The values of a
    /// field are `values`, of which there are none while they aren't read.
    pub fn of(field: &TextField, values: &[String], context: &Context) -> Option<Self> {
        let (before, suffix) = around_cursor(field);
        let list = &context.list.devices;
        let word = Word::of(&before, list)?;
        let mut offer = Self {
            prefix: before.get(..word.start)?.to_owned(),
            typed: before.get(word.start..)?.to_owned(),
            suffix,
            word: word.begin,
            candidates: Vec::new(),
            at: None,
        };
        let texts = if word.needs_values() {
            values.to_vec()
        } else {
            word.candidates(list)
        };
        let is_alone = offer.prefix.trim().is_empty() && offer.suffix.trim().is_empty();
        if word.is_name() {
            let saved = context.settings.filters.iter();
            let typed = offer.typed.to_lowercase();
            let saved = saved.filter(|(name, _)| name.to_lowercase().starts_with(&typed));
            for (name, query) in saved {
                let text = if is_alone {
                    query.text().to_owned()
                } else {
                    query.as_term()
                };
                let name = name.clone();
                offer.push(text, Some(name));
            }
        }
        for text in texts {
            offer.push(text, None);
        }
        (!offer.candidates.is_empty()).then_some(offer)
    }

    /// Adds a candidate; a saved filter has a `name`.
    fn push(&mut self, text: String, name: Option<String>) {
        let begin = self.prefix.get(self.word..).unwrap_or_default();
        let query = Query::parse(&format!("{}{text}{}", self.prefix, self.suffix));
        self.candidates.push(Candidate {
            is_filter: name.is_some(),
            name: name.unwrap_or_else(|| format!("{begin}{text}")),
            query: query.ok(),
            text,
        });
    }

    /// True if it is of use: something was typed of the word, and it isn't complete; or a candidate is
    /// in the line.
    pub fn is_shown(&self) -> bool {
        let has_begun = self.prefix.len() > self.word || !self.typed.is_empty();
        let is_complete = self.candidates.len() == 1
            && self
                .candidates
                .first()
                .is_some_and(|one| one.text == self.typed);
        self.at.is_some() || has_begun && !is_complete
    }

    /// Puts the next candidate into the line, or the one before it.
    pub fn step(&mut self, back: bool, field: &mut TextField) {
        let count = self.candidates.len();
        let at = match self.at {
            Some(at) => (at + if back { count - 1 } else { 1 }) % count,
            None if back => count - 1,
            None => 0,
        };
        self.at = Some(at);
        if let Some(candidate) = self.candidates.get(at) {
            let before = format!("{}{}", self.prefix, candidate.text);
            let cursor = before.chars().count();
            field.set(format!("{before}{}", self.suffix), cursor);
        }
    }

    /// The candidates that are shown.
    pub fn window(&self) -> Range<usize> {
        let last = self.candidates.len();
        let start = self.at.map_or(0, |at| (at + 1).saturating_sub(SHOWN));
        start..last.min(start + SHOWN)
    }

    /// The text of the line before the word.
    pub fn before_word(&self) -> &str {
        self.prefix.get(..self.word).unwrap_or_default()
    }

    /// The name of a candidate, safe to show, and how many of its first characters were typed.
    pub fn shown(&self, candidate: &Candidate, room: usize) -> (String, usize) {
        let name = clip(&candidate.name, room).into_owned();
        let begin = self.prefix.get(self.word..).unwrap_or_default();
        let typed = format!("{begin}{}", self.typed).to_lowercase();
        let is_typed = name.to_lowercase().starts_with(&typed);
        (name, if is_typed { typed.chars().count() } else { 0 })
    }
}
