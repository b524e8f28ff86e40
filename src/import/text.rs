//! Reads pasted text into entries.

use super::account::looks_like_account;
use super::clean::{clean, trim};
use super::comments::{SEPARATORS, without_comment};
use super::join::{Join, JoinResult, LookupValues};
use super::{EarlierEntries, Entry, Import, InvalidEntry, MatchResult, keys, result_of};
use crate::domain::device::{Hwid, Identifier, IdentifierError, MacAddress};
use crate::import::MatchRule;
use crate::list::DeviceList;

impl Import {
    /// Cleans `text` and looks up its entries in `list`. Entries are separated by line ends, commas,
    /// semicolons and tabs; if an entry with spaces matches nothing, each of its words is an entry. Comments are counted and name nothing.
    pub fn read(text: &str, list: &DeviceList) -> Self {
        let cleaned = clean(text);
        let (pieces, comments) = pieces(&cleaned);
        let clues = pieces.iter().flat_map(|piece| {
            let words = words(piece.text).map(LookupValues::of_word);
            let lines = [Some(piece.text), piece.with_comment];
            lines
                .into_iter()
                .flatten()
                .map(LookupValues::of_line)
                .chain(words)
        });
        let join = Join::over(list, clues);
        let mut seen = EarlierEntries::default();
        let mut import = Self {
            comments,
            ..Self::default()
        };
        for piece in pieces {
            let with_comment = piece.with_comment.and_then(|text| {
                let found = join.find(&LookupValues::of_line(text));
                (found != JoinResult::Nothing).then_some((text, found))
            });
            if let Some((text, found)) = with_comment {
                import.entries.push(seen.check(entry(text, found)));
                continue;
            }
            let text = piece.text;
            let found = join.find(&LookupValues::of_line(text));
            if text.contains(' ') && found == JoinResult::Nothing {
                import.entries.extend(words(text).map(|word| {
                    let found = join.find(&LookupValues::of_word(word));
                    seen.check(entry(word, found))
                }));
            } else {
                import.entries.push(seen.check(entry(text, found)));
            }
        }
        import
    }
}

/// An entry as it is written.
#[derive(Clone, Copy, Debug)]
struct Piece<'t> {
    text: &'t str,
    /// With the comment after it.
    with_comment: Option<&'t str>,
}

/// The entries, and the number of comments.
fn pieces(text: &str) -> (Vec<Piece<'_>>, usize) {
    let mut pieces = Vec::new();
    let mut comments = 0;
    for line in text.split('\n') {
        let Some(line) = without_comment(line) else {
            comments += 1;
            continue;
        };
        comments += usize::from(line.last_with_comment.is_some());
        let count = line.entries.split(SEPARATORS).count();
        let of_line = line.entries.split(SEPARATORS).zip(1..);
        pieces.extend(of_line.map(|(text, number)| Piece {
            text: trim(text),
            with_comment: line.last_with_comment.filter(|_| number == count).map(trim),
        }));
    }
    pieces.retain(|piece| !piece.text.is_empty());
    (pieces, comments)
}

fn words(piece: &str) -> impl Iterator<Item = &str> {
    piece.split(' ').map(trim).filter(|word| !word.is_empty())
}

impl LookupValues {
    /// The clues of a whole entry, which can be of any kind.
    fn of_line(text: &str) -> Self {
        Self {
            nicknames: vec![text.to_owned()],
            users: vec![text.to_owned()],
            ..Self::of_word(text)
        }
    }

    /// The clues of one word: not a nickname, and an account only if it looks like one.
    fn of_word(text: &str) -> Self {
        let text = text.to_owned();
        let is_account = looks_like_account(&text);
        Self {
            hwid: Some(text.clone()),
            macs: MacAddress::parse(&text).into_iter().collect(),
            serials: vec![text.clone()],
            hostnames: vec![text.clone()],
            nicknames: Vec::new(),
            users: is_account.then_some(text).into_iter().collect(),
            users_as_written: !is_account,
            is_of_any_kind: true,
        }
    }

    /// True if a person could be found.
    pub(super) fn can_find_person(&self) -> bool {
        self.users
            .iter()
            .any(|user| !keys::is_placeholder(&keys::fold(user)))
    }

    /// True if a device could be found.
    pub(super) fn can_find_device(&self) -> bool {
        self.hwid.is_some()
            || self.macs.iter().any(|mac| !mac.is_known_constant())
            || self.serials.iter().any(|text| keys::serial(text).is_some())
            || self.hostnames.iter().any(|text| keys::name(text).is_some())
            || self.nicknames.iter().any(|text| keys::name(text).is_some())
    }
}

fn entry(text: &str, found: JoinResult) -> Entry {
    let (result, rule) = match (found, constant(text)) {
        // An address that many machines have stays invalid, whatever another rule finds.
        (found, Some(invalid)) if !matches!(found, JoinResult::One(MatchRule::Hwid, _)) => {
            (invalid, None)
        }
        (found, _) => match result_of(found) {
            Some((result, rule)) => (result, Some(rule)),
            None => (not_found(text), None),
        },
    };
    Entry {
        text: text.to_owned(),
        row: None,
        result,
        rule,
    }
}

fn constant(text: &str) -> Option<MatchResult> {
    let mac = MacAddress::parse(text).ok()?;
    mac.is_known_constant()
        .then_some(MatchResult::Invalid(InvalidEntry::SharedAddress))
}

fn not_found(text: &str) -> MatchResult {
    match MacAddress::parse(text) {
        Ok(mac) => return MatchResult::Missing(Some(Identifier::Mac(mac))),
        Err(
            reason @ (IdentifierError::ZeroMac
            | IdentifierError::BroadcastMac
            | IdentifierError::MulticastMac),
        ) => return MatchResult::Invalid(reason.into()),
        Err(reason) if looks_like_mac(text) => return MatchResult::Invalid(reason.into()),
        Err(_) => {}
    }
    if looks_like_account(text) {
        return MatchResult::Missing(None);
    }
    if !text.chars().all(is_name_character) {
        return MatchResult::Invalid(InvalidEntry::NotAName);
    }
    if keys::name(text).is_none() {
        return MatchResult::Invalid(InvalidEntry::DefaultName);
    }
    let hwid = Hwid::parse(text)
        .ok()
        .filter(|_| Hwid::is_distinctive(text));
    MatchResult::Missing(hwid.map(Identifier::Hwid))
}

/// True for six groups of two characters, as a MAC address has them, perhaps with a mistake in it.
fn looks_like_mac(text: &str) -> bool {
    [':', '-'].into_iter().any(|separator| {
        let mut groups = text.split(separator);
        groups.clone().count() == 6 && groups.all(|group| group.chars().count() == 2)
    })
}

fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | ':')
}
