//! Rejects wildcards and quotes other than `"`, which would be taken literally and match nothing.

use super::error::SyntaxError;
use super::subject::Subject;
use crate::list::Field;

/// Double quotes that word processors write; they are never part of a name.
const TYPOGRAPHIC: [char; 8] = ['“', '”', '„', '‟', '«', '»', '＂', '〝'];

/// Quotes that can also be an apostrophe within a name, but do not begin or end one.
const SINGLE: [char; 10] = ['\'', '‘', '’', '‚', '‛', '`', '´', '‹', '›', '＇'];

/// A wildcard, and the one of full width that an input method writes.
const STARS: [char; 2] = ['*', '＊'];

/// A text longer than this is not repeated in a hint, where it would have to be clipped.
const SHOWN: usize = 40;

/// Checks a word or value without quotes. `name` is the field before it with its subject.
pub(super) fn check_bare<'a>(
    text: &'a str,
    at: usize,
    name: Option<(Subject, &str)>,
) -> Result<&'a str, SyntaxError> {
    check_wildcards(text, at, name)?;
    // It is in no host name, but may be in other texts.
    if let Some((Subject::Field(Field::Hostname), name)) = name
        && let Some(mark) = text.find('?')
    {
        let parts: Vec<String> = text.split('?').map(regex::escape).collect();
        let pattern = parts.join(".").replace('/', "\\/");
        let error = SyntaxError::new(at + mark, "wildcards are not supported");
        return Err(error.hint(format!("write {name}:/^{pattern}$/, or quote a literal ?")));
    }
    let begins = text.starts_with(SINGLE).then_some(0);
    let ends = text.char_indices().next_back();
    let ends = ends
        .filter(|(_, last)| SINGLE.contains(last))
        .map(|(at, _)| at);
    let Some(quote) = begins.or_else(|| text.find(TYPOGRAPHIC)).or(ends) else {
        return Ok(text);
    };
    let is_quote = |character| TYPOGRAPHIC.contains(&character) || SINGLE.contains(&character);
    let inner = text.trim_matches(is_quote);
    let operand = name.map_or(String::new(), |(_, name)| format!("{name}:"));
    let example = if inner.is_empty() || inner.contains(TYPOGRAPHIC) || inner.len() > SHOWN {
        "as in group:\"Domain controllers\"".to_owned()
    } else {
        format!("as in {operand}\"{inner}\"")
    };
    Err(
        SyntaxError::new(at + quote, "expected straight double quotes (\")")
            .hint(format!("{example}; a text between them is literal")),
    )
}

/// Checks a word, or a value of a field, for `*`. A value is checked even in quotes, since a
/// regular expression can be written instead.
pub(super) fn check_wildcards(
    text: &str,
    at: usize,
    name: Option<(Subject, &str)>,
) -> Result<(), SyntaxError> {
    let Some(star) = text.find(STARS) else {
        return Ok(());
    };
    let error = SyntaxError::new(at + star, "wildcards are not supported");
    let without = text.trim_matches(STARS);
    let is_all = without.is_empty();
    let pattern = pattern(text).filter(|pattern| pattern.len() <= SHOWN);
    Err(match (name, pattern) {
        (Some((subject, _)), _) if !takes_pattern(subject) => error.hint("write the whole value"),
        (Some((_, name)), _) if is_all => error.hint(format!("use -{name}:none for any value")),
        (None, _) if is_all => error.hint("use -field:none for any value"),
        (Some((_, name)), Some(pattern)) => error.hint(format!("write {name}:/{pattern}/")),
        (None, Some(pattern)) => {
            error.hint(format!("write hostname:/{pattern}/, or quote a literal *"))
        }
        _ => error.hint("write a regular expression, as in hostname:/^SRV.*/"),
    })
}

/// The regular expression for a text with wildcards: `^SRV.*` for `SRV*`.
fn pattern(text: &str) -> Option<String> {
    let parts: Vec<String> = text
        .split(STARS)
        .map(|part| regex::escape(part).replace('/', "\\/"))
        .collect();
    let begins = parts.first()?.is_empty();
    let ends = parts.last()?.is_empty();
    let body = parts.join(".*");
    Some(format!(
        "{}{body}{}",
        if begins { "" } else { "^" },
        if ends { "" } else { "$" }
    ))
}

fn takes_pattern(subject: Subject) -> bool {
    match subject {
        Subject::Field(field) => !matches!(field, Field::Issues | Field::Seen | Field::Enrolled),
        Subject::Column => true,
        Subject::Unseen | Subject::Is | Subject::Duplicate | Subject::Stale => false,
    }
}
