//! The names before an operator, and suggestions for unknown ones.

use super::error::SyntaxError;
use crate::list::Field;
use crate::text;

/// The subject of a field term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A field of the device.
    Field(Field),
    /// Time since last seen.
    Unseen,
    Is,
    /// A value shared with another device.
    Duplicate,
    /// A value shared with a more recently seen device.
    Stale,
    /// A column of the list by its header.
    Column,
}

/// Subjects that are not fields.
const OTHERS: [(&str, Subject); 4] = [
    ("unseen", Subject::Unseen),
    ("is", Subject::Is),
    ("dup", Subject::Duplicate),
    ("stale", Subject::Stale),
];

/// Other names for fields, from other programs and our own headings.
const SYNONYMS: [(&str, &str); 15] = [
    ("age", "unseen"),
    ("device", "hostname"),
    ("name", "hostname"),
    ("id", "hwid"),
    ("device_id", "hwid"),
    ("sn", "serial"),
    ("serialnumber", "serial"),
    ("tag", "asset"),
    ("system", "source"),
    ("lastseen", "seen"),
    ("last_seen", "seen"),
    ("last-seen", "seen"),
    ("owner", "user"),
    ("username", "user"),
    ("version", "agent"),
];

impl Subject {
    /// Parses the name at byte offset `at`, ignoring case.
    pub fn parse(name: &str, at: usize) -> Result<Self, SyntaxError> {
        if name.is_empty() {
            return Err(SyntaxError::new(at, "expected a field before the operator")
                .hint("without spaces, as in issues>5"));
        }
        let lower = name.to_ascii_lowercase();
        let other = OTHERS.into_iter().find(|(word, _)| *word == lower);
        if let Some((_, subject)) = other {
            return Ok(subject);
        }
        Field::from_name(&lower)
            .map(Self::Field)
            .ok_or_else(|| unknown(&lower, name, at))
    }
}

fn unknown(lower: &str, name: &str, at: usize) -> SyntaxError {
    let error = SyntaxError::new(at, format!("unknown field '{}'", text::clip(name, 24)));
    if let Some(field) = lower.strip_suffix('!').filter(|name| is_known(name)) {
        return error.hint(format!("use -{field}=… to negate"));
    }
    match guess(lower) {
        Some(meant) => error.hint(format!("did you mean '{meant}'?")),
        None => error.hint("quote it to search for the text"),
    }
}

fn is_known(name: &str) -> bool {
    names().any(|known| known == name)
}

/// All names, those of fields first.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let fields = Field::ALL.into_iter().map(Field::name);
    fields.chain(OTHERS.into_iter().map(|(word, _)| word))
}

/// The intended name: a synonym, a misspelling or an abbreviation.
fn guess(name: &str) -> Option<&'static str> {
    if let Some((_, meant)) = SYNONYMS.into_iter().find(|(synonym, _)| *synonym == name) {
        return Some(meant);
    }
    // Longer names are not typing errors, and comparing them takes time.
    let letters: Vec<char> = name.chars().take(17).collect();
    if !(2..=16).contains(&letters.len()) {
        return None;
    }
    let slips = letters.len().div_ceil(4);
    let near = names()
        .map(|known| (distance(&letters, known), known))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance);
    near.map(|(_, known)| known)
        .or_else(|| names().find(|known| is_short_for(&letters, known)))
}

/// The edit distance: insertions, deletions and substitutions.
fn distance(letters: &[char], known: &str) -> usize {
    let mut row: Vec<usize> = (0..=letters.len()).collect();
    for (line, target) in known.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (index, letter) in letters.iter().enumerate() {
            let changed = diagonal + usize::from(*letter != target);
            diagonal = row[index + 1];
            row[index + 1] = changed.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row[letters.len()]
}

/// True if `hst` abbreviates `hostname`: same first letter, the others in order.
fn is_short_for(letters: &[char], known: &str) -> bool {
    let mut rest = known.chars();
    let begins_alike = letters.first() == known.chars().next().as_ref();
    begins_alike
        && letters
            .iter()
            .all(|letter| rest.any(|next| next == *letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guess_corrects_misspelled_names() {
        for (name, meant) in [
            ("hst", Some("hostname")),
            ("host", Some("hostname")),
            ("hostnam", Some("hostname")),
            ("hotsname", Some("hostname")),
            ("nick", Some("nickname")),
            ("sev", Some("severity")),
            ("grp", Some("group")),
            ("last_seen", Some("seen")),
            ("sen", Some("seen")),
            ("stael", Some("stale")),
            ("name", Some("hostname")),
            ("https", None),
            ("c", None),
            ("fe80", None),
            ("", None),
            ("a-very-long-name-that-means-nothing", None),
        ] {
            assert_eq!(guess(name), meant, "{name}");
        }
    }

    #[test]
    fn parse_ignores_case_of_names() {
        for name in names() {
            assert!(Subject::parse(&name.to_uppercase(), 0).is_ok(), "{name}");
        }
        for (_, meant) in SYNONYMS {
            assert!(is_known(meant), "{meant}");
        }
    }
}
