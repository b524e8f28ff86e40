//! Replaces values in the text of a query.

use super::lexer::{FieldTerm, Kind, Value, tokens_until};
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
