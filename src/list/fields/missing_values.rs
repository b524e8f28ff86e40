//! Values that say nothing: errors of a spreadsheet, and words for a missing value.

/// The longest error that a spreadsheet shows, in bytes.
const LONGEST_ERROR: usize = 40;

/// Errors without an exclamation or question mark, in several languages.
const ERRORS: [&str; 23] = [
    "N/A",
    "N/D",
    "N/B",
    "N/V",
    "I/T",
    "NV",
    "NA",
    "Н/Д",
    "YOK",
    "HIÁNYZIK",
    "GETTING_DATA",
    "NENÍ_K_DISPOZICI",
    "REF",
    "VALUE",
    "NAME",
    "DIV/0",
    "NUM",
    "NULL",
    "SPILL",
    "WERT",
    "BEZUG",
    "ZAHL",
    "VALEUR",
];

/// Words for a missing value in a field of any kind; case is ignored.
const NOTHING: [&str; 19] = [
    "n/a",
    "na",
    "n.a.",
    "none",
    "null",
    "nil",
    "nan",
    "nat",
    "undefined",
    "not available",
    "not applicable",
    "not specified",
    "(null)",
    "(none)",
    "(blank)",
    "(empty)",
    "<null>",
    "<none>",
    "<blank>",
];

/// Placeholders that programs write in identifiers and names, beside the words for a missing value of any
/// kind; case is ignored.
pub(in crate::list) const PLACEHOLDERS: [&str; 4] = [
    "unknown",
    "default string",
    "to be filled by o.e.m.",
    "system serial number",
];

/// No word of these lists has more bytes.
pub(in crate::list) const LONGEST_PLACEHOLDER: usize = 22;

/// True for the words that systems write for a missing identifier or name only. Other fields may hold them.
pub fn is_placeholder_word(text: &str) -> bool {
    PLACEHOLDERS
        .iter()
        .any(|word| word.eq_ignore_ascii_case(text))
}

/// True for what a spreadsheet shows in place of a value that it couldn't compute or show: `#N/A`,
/// `#BEZUG!`, `#¿NOMBRE?`, `Err:502`, `####`. It hides the true value.
pub fn is_error_value(text: &str) -> bool {
    if text.len() > LONGEST_ERROR {
        return false;
    }
    let Some(rest) = text.strip_prefix('#') else {
        return is_numbered_error(text);
    };
    if !rest.is_empty() && rest.bytes().all(|byte| byte == b'#') {
        return true;
    }
    if ERRORS.iter().any(|word| same(word, rest)) {
        return true;
    }
    let rest = rest.trim_start_matches(['¡', '¿']);
    let name = rest.trim_end_matches(['!', '?']);
    let is_part = |character: char| {
        (character.is_alphanumeric() && !character.is_lowercase())
            || matches!(character, '/' | '_' | '.')
    };
    let is_name = name.chars().any(char::is_alphabetic) && name.chars().all(is_part);
    name.len() < rest.len() && (is_name || ERRORS.iter().any(|word| same(word, name)))
}

/// `Err:502`, as `LibreOffice` shows it in several languages.
fn is_numbered_error(text: &str) -> bool {
    if !text.starts_with(['E', 'e', 'F', 'f']) {
        return false;
    }
    let Some((word, number)) = text.split_once([':', '.']) else {
        return false;
    };
    let words = ["err", "error", "fehler", "erreur", "errore"];
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
        && number.len() == 3
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn same(word: &str, text: &str) -> bool {
    word.eq_ignore_ascii_case(text) || (!text.is_ascii() && text.to_uppercase() == *word)
}

/// True for a word or sign for a missing value, such as `none`, `n/a`, `-` and `?`. `unknown` is
/// none of them, since it is a status.
pub fn is_word_for_nothing(text: &str) -> bool {
    let text = text.trim();
    text.chars()
        .all(|sign| matches!(sign, '-' | '–' | '—' | '?' | '.' | '_'))
        || is_nothing_word(text)
}

/// The same for words only.
pub(in crate::list) fn is_nothing_word(text: &str) -> bool {
    NOTHING.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_placeholder_is_as_long_as_the_lists_say() {
        let longest = PLACEHOLDERS
            .iter()
            .chain(&NOTHING)
            .map(|word| word.len())
            .max();
        assert_eq!(longest, Some(LONGEST_PLACEHOLDER));
    }

    #[test]
    fn is_error_value_recognises_errors_of_spreadsheets() {
        for text in [
            "#N/A",
            "#n/a",
            "#REF!",
            "#VALUE!",
            "#NAME?",
            "#DIV/0!",
            "#NUM!",
            "#NULL!",
            "#SPILL!",
            "#GETTING_DATA",
            "#DATA!",
            "#NV",
            "#WERT!",
            "#WERT",
            "#BEZUG!",
            "#ZAHL!",
            "#ÜBERLAUF!",
            "#NOMBRE?",
            "#¿NOMBRE?",
            "#¡REF!",
            "#VALEUR!",
            "#NOM?",
            "#N/D",
            "#RIF!",
            "#VALORE!",
            "#N/B",
            "#VERW!",
            "#DZIEL/0!",
            "#NÁZEV?",
            "#НД!",
            "#ЗНАЧ!",
            "#Н/Д",
            "#н/д",
            "#hiányzik",
            "#NENÍ_K_DISPOZICI",
            "#value!",
            "#ERROR!",
            "###",
            "########",
            "Err:502",
            "Fehler:508",
            "ERROR:504",
        ] {
            assert!(is_error_value(text), "{text}");
        }
        for text in [
            "", "#", "#1", "#12!", "#sales", "#Sales!", "#SALES", "# N/A", "server", "N/A",
            "error", "Err:5020", "err:abc", "C# TEAM!", "#A B!", "#ъ",
        ] {
            assert!(!is_error_value(text), "{text}");
        }
        let signs = |count| "#".repeat(count);
        assert!(is_error_value(&signs(LONGEST_ERROR)));
        assert!(!is_error_value(&signs(LONGEST_ERROR + 1)));
    }

    #[test]
    fn is_word_for_nothing_recognises_missing_values() {
        for text in [
            "",
            "null",
            "None",
            "N/A",
            "nan",
            "undefined",
            "-",
            "--",
            "?",
            " — ",
            "(blank)",
        ] {
            assert!(is_word_for_nothing(text), "{text}");
        }
        for text in ["unknown", "0", "none-1", "no", "laptop", "non-compliant"] {
            assert!(!is_word_for_nothing(text), "{text}");
        }
    }
}
