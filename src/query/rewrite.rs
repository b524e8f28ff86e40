//! Replaces values and terms in the text of a query.

use super::Query;
use super::lexer::{FieldTerm, Kind, Value, tokens, tokens_until};
use super::subject::Subject;
use crate::list::Field;

/// Rewrites the values of a query: `new(field, value)` is called for each word and phrase (field `None`) and for
/// each value of a field or column; `None` leaves it. `none`, headers, ages and states are not offered. The query
/// ends before a token that begins with what `is_end` accepts; the rest is returned unchanged. `None` if the text
/// is not a query.
pub fn with_values(
    text: &str,
    is_end: impl Fn(&str) -> bool,
    new: impl Fn(Option<Field>, &str) -> Option<String>,
) -> Option<(String, &str)> {
    let (tokens, end) = tokens_until(text, is_end).ok()?;
    let mut replaced = String::new();
    let mut copied = 0;
    let mut put = |range: std::ops::Range<usize>, value: Option<String>| {
        if let Some(value) = value {
            replaced.push_str(text.get(copied..range.start).unwrap_or_default());
            replaced.push_str(&value);
            copied = range.end;
        }
    };
    for token in &tokens {
        match &token.kind {
            Kind::Open | Kind::Close | Kind::Or | Kind::Not => {}
            Kind::Word(word) | Kind::Phrase(word) => put(token.at..token.end, new(None, word)),
            Kind::Field(term) => {
                let field = match term.subject {
                    Subject::Field(field) => Some(field),
                    Subject::Column => None,
                    Subject::Unseen | Subject::Is | Subject::Duplicate | Subject::Stale => continue,
                };
                for (range, value) in values(term, token.end) {
                    put(range, new(field, value));
                }
            }
        }
    }
    replaced.push_str(text.get(copied..end)?);
    Some((replaced, text.get(end..)?))
}

/// The values of a term that ends at `end`, each with its place.
fn values<'a>(term: &FieldTerm<'a>, end: usize) -> Vec<(std::ops::Range<usize>, &'a str)> {
    match &term.value {
        Value::Pattern(pattern) => vec![(term.value_at..end, *pattern)],
        Value::Items(items) => items
            .iter()
            .zip(term.ends(end))
            .filter(|(item, _)| !item.header && !term.is_none(item))
            .map(|(item, end)| (item.at..end, item.text))
            .collect(),
    }
}

impl Query {
    /// The query with `term` in place of its parts that read only fields of `term`, as both bounds of
    /// an age. None if it has no such part.
    pub fn with_field_term(&self, term: &str) -> Option<Self> {
        let fields = Self::parse(term).ok()?.keys();
        let parts = parts(&self.text)?;
        let is_replaced = |part: &&str| {
            let mut reads_others = false;
            let part = Self::parse(part).ok();
            if let Some(part) = &part {
                part.expression.visit(&mut |term| {
                    let keys: Vec<_> = term.test.keys().collect();
                    reads_others |= keys.is_empty() || keys.iter().any(|key| !fields.contains(key));
                });
            }
            part.is_some() && !reads_others
        };
        let mut left = parts.clone();
        left.retain(|part| !is_replaced(part));
        if left.len() == parts.len() {
            return None;
        }
        left.push(term);
        Self::parse(&left.join(" ")).ok()
    }

    /// True if the term is one of those that all have to match.
    pub fn has_term(&self, term: &str) -> bool {
        parts(&self.text).is_some_and(|parts| parts.contains(&term))
    }
}

/// The parts of a query that all have to match. None if it is a choice, or no query.
fn parts(text: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let mut start = None;
    let mut depth = 0_usize;
    for token in tokens(text).ok()? {
        let at = *start.get_or_insert(token.at);
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.checked_sub(1)?,
            Kind::Or if depth == 0 => return None,
            _ => {}
        }
        if depth == 0 && token.kind != Kind::Not {
            parts.push(text.get(at..token.end)?);
            start = None;
        }
    }
    Some(parts)
}
