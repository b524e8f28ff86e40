//! Makes untrusted text safe to show.
//!
//! Host names, group names and server messages come from other machines. On a terminal, an escape
//! sequence in them could move the cursor, a bidi override could make one name look like another, and
//! a zero-width character could hide a difference. Such characters are shown as visible escapes on
//! the screen, in logs and in reports.

pub mod raw_json;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// `text` with every character that a terminal would interpret, hide or reorder replaced by an
/// escape such as `\n` or `\u{202e}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !is_deceptive_text(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            deceptive if is_deceptive(deceptive) => {
                // Writing to a String can't fail.
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(deceptive));
            }
            plain => shown.push(plain),
        }
    }
    Cow::Owned(shown)
}

/// A path, safe to show.
pub fn visible_path(path: &Path) -> String {
    visible(&path.display().to_string()).into_owned()
}

/// Like [`visible`], but preserves line breaks.
pub fn visible_lines(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(visible).collect();
    lines.join("\n")
}

/// The one of `known` that `word` is likely a typing error of.
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    // Longer words are not typing errors, and comparing them takes time.
    let short: String = word.chars().take(24).collect();
    let distances = known.map(|known| (strsim::damerau_levenshtein(&short, known), known));
    let (distance, known) = distances.min()?;
    (distance <= known.len().div_ceil(3)).then_some(known)
}

/// `text` made visible and truncated to `width` terminal columns, with `…` at the end if it was too
/// long. Grapheme clusters (emoji, combining marks) are never split.
pub fn clip(text: &str, width: usize) -> Cow<'_, str> {
    // A field can have 64 KiB: look only at the part that could fit.
    let text = head(text, width.saturating_add(1).saturating_mul(32));
    let shown = visible(text);
    if UnicodeWidthStr::width(shown.as_ref()) <= width {
        return shown;
    }
    let mut clipped = String::new();
    let mut used = 0;
    for cluster in shown.graphemes(true) {
        let cluster_width = UnicodeWidthStr::width(cluster);
        if used + cluster_width + 1 > width {
            break;
        }
        clipped.push_str(cluster);
        used += cluster_width;
    }
    if width > 0 {
        clipped.push('…');
    }
    Cow::Owned(clipped)
}

/// `text` made visible and truncated to `width` terminal columns, with `…` in its middle if it was too
/// long: both ends of an identifier tell it apart from others.
pub fn clip_middle(text: &str, width: usize) -> Cow<'_, str> {
    let shown = visible(head(text, 4096));
    if UnicodeWidthStr::width(shown.as_ref()) <= width {
        return shown;
    }
    let Some(room) = width.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    let take = |clusters: &mut dyn Iterator<Item = &str>, room: usize| {
        let mut used = 0;
        let fits = clusters.take_while(|cluster| {
            used += UnicodeWidthStr::width(*cluster);
            used <= room
        });
        fits.map(str::len).sum::<usize>()
    };
    let begin = take(&mut shown.graphemes(true), room.div_ceil(2));
    let end = take(&mut shown.graphemes(true).rev(), room / 2);
    let begin = shown.get(..begin).unwrap_or_default();
    let end = shown.get(shown.len() - end..).unwrap_or_default();
    Cow::Owned(format!("{begin}…{end}"))
}

/// `text` made visible and wrapped between words into lines of at most `width` columns; longer words
/// are clipped.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in visible(text).split(' ') {
        let word = clip(word, width);
        let word_width = UnicodeWidthStr::width(word.as_ref());
        if let Some(line) = lines.last_mut() {
            let used = UnicodeWidthStr::width(line.as_str());
            if line.is_empty() {
                line.push_str(&word);
                continue;
            }
            if used + 1 + word_width <= width {
                line.push(' ');
                line.push_str(&word);
                continue;
            }
        }
        lines.push(word.into_owned());
    }
    lines
}

/// The number of terminal columns of `text` once made visible.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(visible(text).as_ref())
}

/// At most `limit` bytes from the beginning of `text`, without splitting a character.
pub fn head(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

/// A number with thousands separators: `12,408`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size in bytes, from a thousand on rounded to one decimal: `412 B`, `1.2 kB`, `3.4 MB`.
pub fn size(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut tenths = bytes.div_ceil(100);
    let mut unit = units.iter();
    let mut name = unit.next();
    while let (10_000.., Some(larger)) = (tenths, unit.next()) {
        tenths = tenths.div_ceil(1000);
        name = Some(larger);
    }
    match name {
        Some(name) if bytes >= 1000 => format!("{}.{} {name}", tenths / 10, tenths % 10),
        _ => format!("{bytes} B"),
    }
}

/// `1 device`, `2 devices`: a count with its noun.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// The first `most` of these texts; a last one counts those that are left out.
pub fn first_of(texts: impl ExactSizeIterator<Item = String>, most: usize) -> Vec<String> {
    let more = texts.len().saturating_sub(most);
    let last = (more > 0).then(|| format!("and {more} more"));
    texts.take(most).chain(last).collect()
}

/// `text` with its first letter in upper case.
pub fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}

/// An error as a sentence: with its first letter in upper case, unless it begins with a name, such as
/// that of a file or of this program.
pub fn sentence(error: &str) -> String {
    let first = error.split(' ').next().unwrap_or_default();
    let is_word = |c: char| c.is_ascii_lowercase() || c == '\'';
    if first.chars().all(is_word) && first != env!("CARGO_PKG_NAME") {
        return capitalized(error);
    }
    error.to_owned()
}

/// True if `text` contains a character that a terminal would interpret, hide or reorder.
pub fn is_deceptive_text(text: &str) -> bool {
    text.contains(is_deceptive)
}

/// True for a character that a terminal would interpret, hide or reorder.
pub fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}'                        // soft hyphen
            | '\u{61c}'                     // Arabic letter mark
            | '\u{115f}' | '\u{1160}'       // Hangul fillers
            | '\u{17b4}' | '\u{17b5}'       // Khmer inherent vowels
            | '\u{180b}'..='\u{180f}'       // Mongolian selectors
            | '\u{200b}'..='\u{200f}'       // zero width, directional marks
            | '\u{2028}'..='\u{202e}'       // separators, bidi embeddings and overrides
            | '\u{2060}'..='\u{206f}'       // word joiner, isolates, deprecated formats
            | '\u{3164}' | '\u{ffa0}'       // Hangul fillers
            | '\u{feff}'                    // byte order mark
            | '\u{fff9}'..='\u{fffb}'       // interlinear annotations
            | '\u{e0000}'..='\u{e0fff}'     // tags, variation selectors
        )
}

/// The bytes that `text` has in hexadecimal, if it has exactly that many.
pub fn from_hex<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * LENGTH || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// `bytes` in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn size_is_rounded_up_to_one_decimal() {
        let sizes = [
            0,
            999,
            1000,
            1001,
            1_234_567,
            999_950_001,
            5_000_000_000_000_000,
        ];
        assert_eq!(
            sizes.map(size),
            [
                "0 B",
                "999 B",
                "1.0 kB",
                "1.1 kB",
                "1.3 MB",
                "1.0 GB",
                "5000.0 TB"
            ]
        );
    }

    #[test]
    fn visible_escapes_control_and_hidden_characters() {
        assert_eq!(visible("LT-4411"), "LT-4411");
        assert_eq!(visible("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
        assert_eq!(visible("pay\u{202e}gpj.exe"), "pay\\u{202e}gpj.exe");
        assert_eq!(visible("LT\u{200b}1\u{9b}"), "LT\\u{200b}1\\u{9b}");
        assert_eq!(visible_lines("a\u{9b}\nb\r\n"), "a\\u{9b}\nb\\r\n");
    }

    #[test]
    fn clip_counts_columns_and_keeps_clusters() {
        assert_eq!(clip("hostname", 8), "hostname");
        assert_eq!(clip("hostname", 5), "host…");
        assert_eq!(clip("日本語", 5), "日本…");
        assert_eq!(clip("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(clip("x", 0), "");
    }

    #[test]
    fn wrap_breaks_between_words() {
        assert_eq!(wrap("three little words", 12), ["three little", "words"]);
        assert_eq!(wrap("incomprehensible", 8), ["incompr…"]);
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn counted_and_grouped_format_numbers() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(12_408), "12,408");
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(counted(1, "device"), "1 device");
        assert_eq!(counted(1_200, "device"), "1,200 devices");
        assert_eq!(capitalized("état final"), "État final");
        assert_eq!(capitalized(""), "");
        assert_eq!(sentence("can't read it"), "Can't read it");
        for name in [
            "devices.csv: gone",
            "lt-12 is held",
            "offboard runs",
            "run: no",
            "",
        ] {
            assert_eq!(sentence(name), name);
        }
    }

    proptest! {
        #[test]
        fn clip_fits_and_is_not_deceptive(text in any::<String>(), columns in 0_usize..40) {
            let clipped = clip(&text, columns);
            prop_assert!(UnicodeWidthStr::width(clipped.as_ref()) <= columns);
            prop_assert!(!clipped.contains(is_deceptive));
        }
    }
}
