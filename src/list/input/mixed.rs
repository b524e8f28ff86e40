//! Finds UTF-8 in a text of another encoding: two lists that were joined as bytes.
//!
//! Decoded as one encoding, the letters of the other part would be wrong, and a protect rule that
//! names them would not match.

use std::fmt;
use std::io::{self, BufReader, Read};

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE,
};

/// The number of bytes read at a time.
const CHUNK: usize = 1 << 16;
/// The number of lines that are named.
const NAMED: usize = 3;
/// The most bytes of a run outside ASCII that are looked at.
const LONGEST_RUN: usize = 1 << 12;

/// Lines of UTF-8 and lines of another encoding in one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::list) struct Mixture {
    utf8: Lines,
    other: Lines,
}

/// The first lines of one kind, from 1, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Lines {
    named: Vec<u64>,
    count: u64,
    last: u64,
}

impl Lines {
    fn add(&mut self, line: u64) {
        if self.last == line {
            return;
        }
        self.last = line;
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(line);
        }
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named: Vec<String> = self.named.iter().map(ToString::to_string).collect();
        let word = if self.count == 1 { "line" } else { "lines" };
        write!(f, "{word} {}", named.join(", "))?;
        match self.count - self.named.len() as u64 {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl fmt::Display for Mixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (utf8, other) = (&self.utf8, &self.other);
        let is = if utf8.count == 1 { "is" } else { "are" };
        write!(f, "{utf8} {is} UTF-8 and {other} not")
    }
}

/// The mixture in a text that isn't UTF-8 as a whole and would be decoded as `encoding`; none if it
/// has no sign of UTF-8.
pub(in crate::list) fn find(
    input: impl Read,
    encoding: &'static Encoding,
) -> io::Result<Option<Mixture>> {
    if [UTF_8, UTF_16LE, UTF_16BE, ISO_2022_JP].contains(&encoding) {
        return Ok(None);
    }
    let is_wide = [SHIFT_JIS, EUC_JP, GBK, GB18030, BIG5, EUC_KR].contains(&encoding);
    let mut mixture = Mixture::default();
    let (mut line, mut run) = (1, Vec::new());
    for byte in BufReader::with_capacity(CHUNK, input).bytes() {
        let byte = byte?;
        if byte.is_ascii() {
            mixture.end_run(&mut run, line, is_wide);
            line += u64::from(byte == b'\n');
        } else if run.len() < LONGEST_RUN {
            // A longer run is judged by its beginning.
            run.push(byte);
        }
    }
    mixture.end_run(&mut run, line, is_wide);
    let is_mixed = mixture.utf8.count > 0 && mixture.other.count > 0;
    Ok(is_mixed.then_some(mixture))
}

impl Mixture {
    fn end_run(&mut self, run: &mut Vec<u8>, line: u64, is_wide: bool) {
        if run.is_empty() {
            return;
        }
        let text = match std::str::from_utf8(run) {
            // A longer run may end within a character.
            Err(error) if run.len() == LONGEST_RUN && error.error_len().is_none() => {
                std::str::from_utf8(run.get(..error.valid_up_to()).unwrap_or_default())
            }
            text => text,
        };
        match text {
            Ok(text) if is_wide && is_certain_beside_wide(text) => self.utf8.add(line),
            Ok(text) if !is_wide && is_certain(text) => self.utf8.add(line),
            Ok(_) => {}
            Err(_) => self.other.add(line),
        }
        run.clear();
    }
}

/// True for a run of UTF-8 that no text of an encoding with one byte per character has: a Latin
/// letter or sign, or several characters, or one of three bytes.
fn is_certain(text: &str) -> bool {
    let is_latin = |character| matches!(character, '\u{a0}'..='\u{24f}');
    text.len() > 2 || text.chars().any(is_latin)
}

/// True for a run of UTF-8 that hardly any text of an encoding with two bytes per character has: two
/// characters or more, all of the scripts that such encodings are for.
fn is_certain_beside_wide(text: &str) -> bool {
    let is_east_asian = |character| matches!(character, '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ffef}');
    text.len() > 3 && text.chars().all(is_east_asian)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{KOI8_R, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

    fn found(parts: &[(&str, &'static Encoding)], encoding: &'static Encoding) -> Option<String> {
        let mut bytes = Vec::new();
        for (text, encoding) in parts {
            bytes.extend_from_slice(&encoding.encode(text).0);
        }
        let mixture = find(bytes.as_slice(), encoding).expect("in memory");
        mixture.map(|mixture| mixture.to_string())
    }

    #[test]
    fn find_names_the_lines_of_both_encodings() {
        let legacy = ("a;Zürich\nb;Büro\nc;Sales\n", WINDOWS_1252);
        let utf8 = ("d;Zürich\n", UTF_8);
        assert_eq!(
            found(&[legacy, utf8], WINDOWS_1252).as_deref(),
            Some("line 4 is UTF-8 and lines 1, 2 not")
        );
        assert_eq!(
            found(&[utf8, utf8, legacy, utf8, utf8], WINDOWS_1252).as_deref(),
            Some("lines 1, 2, 6 and 1 more are UTF-8 and lines 3, 4 not")
        );
        // In one line, and with the borders of chunks in between.
        let long = "x".repeat(CHUNK - 10);
        let parts = [
            (&*long, UTF_8),
            ("Zürich;", WINDOWS_1252),
            ("Zürich", UTF_8),
        ];
        assert_eq!(
            found(&parts, WINDOWS_1252).as_deref(),
            Some("line 1 is UTF-8 and line 1 not")
        );
    }

    #[test]
    fn find_sees_utf8_beside_each_kind_of_encoding() {
        for (text, encoding, other) in [
            ("Łódź", WINDOWS_1250, "Kraków Żółć"),
            ("Бухгалтерия", WINDOWS_1251, "Отдел кадров"),
            ("Büro", KOI8_R, "Отдел"),
            ("会社", SHIFT_JIS, "東京本社"),
            ("财务", GB18030, "销售部"),
            ("영업", EUC_KR, "총무부"),
        ] {
            let parts = [(other, encoding), ("\n", UTF_8), (text, UTF_8)];
            assert!(found(&parts, encoding).is_some(), "{}", encoding.name());
        }
        assert!(is_certain_beside_wide("会社") && !is_certain_beside_wide("会"));
    }

    #[test]
    fn find_sees_utf8_in_a_run_that_is_not_read_to_its_end() {
        let long = "会".repeat(LONGEST_RUN);
        let parts = [("東京", SHIFT_JIS), ("\n", UTF_8), (&*long, UTF_8)];
        assert_eq!(
            found(&parts, SHIFT_JIS).as_deref(),
            Some("line 2 is UTF-8 and line 1 not")
        );
    }

    #[test]
    fn find_takes_no_run_for_utf8_that_is_so_in_part() {
        let utf8 = ("é»\n", UTF_8);
        // It looks like the beginning of a longer character.
        let parts = [utf8, ("ä", WINDOWS_1252)];
        assert_eq!(
            found(&parts, WINDOWS_1252).as_deref(),
            Some("line 1 is UTF-8 and line 2 not")
        );
        let parts = [("ü\n", WINDOWS_1252), ("é»", UTF_8), ("ÿ", WINDOWS_1252)];
        assert_eq!(found(&parts, WINDOWS_1252), None);
    }

    #[test]
    fn find_accepts_a_text_of_one_encoding() {
        for (text, encoding) in [
            ("„Spaß“ É» Zürich VOILÀ» Müller Ärger", WINDOWS_1252),
            ("Žluťoučký kůň úpěl Ół ŚĆ", WINDOWS_1250),
            ("Сёмин ЁЖ «Всё» Артём ещё", WINDOWS_1251),
            ("всё ещё лён Артём ЁЖ", KOI8_R),
            ("財務部 山田太郎 ｱｲｳ 端末一覧 営業", SHIFT_JIS),
            ("财务一号 王小明 模式 哪里 农民", GB18030),
            ("영업부 김철수 총무", EUC_KR),
            ("ascii", WINDOWS_1252),
        ] {
            assert_eq!(found(&[(text, encoding)], encoding), None, "{text}");
        }
        assert_eq!(found(&[("Zürich", UTF_8)], WINDOWS_1252), None);
    }
}
