//! The names that can stand before a `:` or a comparison, and guesses at what a wrong one meant.

use super::error::Mistake;
use crate::list::Field;
use crate::text;

/// What a term speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A field of the device.
    Field(Field),
    /// How long it hasn't been seen.
    Unseen,
    /// A state it is in.
    Is,
    /// A value that others have too.
    Duplicate,
    /// A value that one seen later has too.
    Stale,
    /// A column of the list, by its header.
    Column,
}

/// Names other than those of fields.
const OTHERS: [(&str, Subject); 4] = [
    ("unseen", Subject::Unseen),
    ("is", Subject::Is),
    ("dup", Subject::Duplicate),
    ("stale", Subject::Stale),
];

/// Names that other programs, or our own headings, have for a field.
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
    /// What the name at byte `at` speaks of, whatever its case.
    pub fn parse(name: &str, at: usize) -> Result<Self, Mistake> {
        if name.is_empty() {
            return Err(Mistake::new(at, "a field is missing here")
                .hint("write it without spaces, as in issues>5"));
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

fn unknown(lower: &str, name: &str, at: usize) -> Mistake {
    let mistake = Mistake::new(at, format!("unknown field '{}'", text::clip(name, 24)));
    if let Some(field) = lower.strip_suffix('!').filter(|name| is_known(name)) {
        return mistake.hint(format!("what it is not is -{field}=…"));
    }
    match guess(lower) {
        Some(meant) => mistake.hint(format!("did you mean '{meant}'?")),
        None => mistake.hint("to look for the text as it stands, quote it"),
    }
}

fn is_known(name: &str) -> bool {
    names().any(|known| known == name)
}

fn names() -> impl Iterator<Item = &'static str> {
    let fields = Field::ALL.into_iter().map(Field::name);
    fields.chain(OTHERS.into_iter().map(|(word, _)| word))
}

/// The name that was meant: by another word for it, with a few letters wrong, or shortened.
fn guess(name: &str) -> Option<&'static str> {
    if let Some((_, meant)) = SYNONYMS.into_iter().find(|(synonym, _)| *synonym == name) {
        return Some(meant);
    }
    // Longer ones are no slips of the finger, and comparing them would take time.
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

/// How many letters have to be put in, left out or changed.
fn distance(letters: &[char], known: &str) -> usize {
    let mut row: Vec<usize> = (0..=letters.len()).collect();
    for (line, wanted) in known.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (index, letter) in letters.iter().enumerate() {
            let changed = diagonal + usize::from(*letter != wanted);
            diagonal = row[index + 1];
            row[index + 1] = changed.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row[letters.len()]
}

/// `hst` is short for `hostname`: its letters in their order, from the same beginning.
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
    fn a_wrong_name_is_guessed() {
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
    fn names_are_known_whatever_their_case() {
        for name in names() {
            assert!(Subject::parse(&name.to_uppercase(), 0).is_ok(), "{name}");
        }
        for (_, meant) in SYNONYMS {
            assert!(is_known(meant), "{meant}");
        }
    }
}
