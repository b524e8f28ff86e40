//! Removes the typography of word processors from pasted text.

/// Replaces typographic spaces and dashes by those of a keyboard, and removes invisible characters.
pub(super) fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter_map(|character| match character {
            '\n' | '\t' => Some(character),
            '\r' => Some('\n'),
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => None,
            '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
            _ if character.is_whitespace() => Some(' '),
            _ => Some(character),
        })
        .collect()
}

/// Removes bullets, numbers, quotes, and a final colon or full stop around an entry.
pub(super) fn trim(piece: &str) -> &str {
    let mut text = piece;
    loop {
        let trimmed = trim_once(text);
        if trimmed.len() == text.len() {
            return text;
        }
        text = trimmed;
    }
}

fn trim_once(piece: &str) -> &str {
    let mut text = piece.trim();
    text = text
        .trim_start_matches(['•', '◦', '▪', '‣', '·', '●', '○', '*', '>'])
        .trim_start();
    if let Some(rest) = text.strip_prefix("- ") {
        text = rest.trim_start();
    }
    let numbered = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if numbered.len() < text.len()
        && let Some(rest) = numbered
            .strip_prefix(". ")
            .or_else(|| numbered.strip_prefix(") "))
    {
        text = rest.trim_start();
    }
    text.trim_matches([
        '"', '\'', '`', '“', '”', '„', '‘', '’', '«', '»', '(', ')', '[', ']',
    ])
    .trim_end_matches([':', '.'])
    .trim()
}
