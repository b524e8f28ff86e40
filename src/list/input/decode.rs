//! Detects the encoding of a list's text and converts it to UTF-8.

use std::io::{self, Read, Write};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The number of bytes read at a time.
const CHUNK: usize = 1 << 16;
/// UTF-8 text may have one damaged character per this many characters outside ASCII.
const DAMAGE: u64 = 100;

/// Detects the encoding of text that is not valid UTF-8.
pub(in crate::list) fn detect(mut input: impl Read) -> io::Result<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut census = Census::default();
    let mut buffer = vec![0; CHUNK];
    let mut first = true;
    loop {
        let count = read_full(&mut input, &mut buffer)?;
        let chunk = buffer.get(..count).unwrap_or_default();
        if first && let Some(encoding) = utf16_without_mark(chunk) {
            return Ok(encoding);
        }
        first = false;
        census.count(chunk);
        let last = count < CHUNK;
        detector.feed(chunk, last);
        if last {
            break;
        }
    }
    if census.is_damaged_utf8() {
        return Ok(UTF_8);
    }
    Ok(detector.guess(None, Utf8Detection::Deny))
}

/// Decodes `input` and writes it as UTF-8. Returns the number of characters that could not be decoded.
pub(in crate::list) fn decode(
    mut input: impl Read,
    encoding: &'static Encoding,
    output: &mut dyn Write,
) -> io::Result<u64> {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut buffer = vec![0; CHUNK];
    let mut text = vec![0; CHUNK * 3 + 16];
    let mut damaged = 0;
    loop {
        let count = read_full(&mut input, &mut buffer)?;
        let last = count < CHUNK;
        let mut chunk = buffer.get(..count).unwrap_or_default();
        loop {
            let (result, read, written, had_errors) =
                decoder.decode_to_utf8(chunk, &mut text, last);
            let written = text.get(..written).unwrap_or_default();
            if had_errors {
                damaged += count_replacements(written);
            }
            output.write_all(written)?;
            chunk = chunk.get(read..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        if last {
            return Ok(damaged);
        }
    }
}

fn count_replacements(text: &[u8]) -> u64 {
    memchr::memmem::find_iter(text, "\u{fffd}".as_bytes()).count() as u64
}

/// UTF-16 text has a NUL byte next to each ASCII character.
fn utf16_without_mark(start: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = start.as_chunks::<2>();
    let nul_at = |side: usize| {
        pairs
            .iter()
            .filter(|pair| pair.get(side) == Some(&0))
            .count()
    };
    let most = pairs.len() / 2;
    match (nul_at(0), nul_at(1)) {
        (0, low) if low > most && low > 1 => Some(UTF_16LE),
        (high, 0) if high > most && high > 1 => Some(UTF_16BE),
        _ => None,
    }
}

/// Counts valid and invalid UTF-8, so that one damaged byte doesn't turn UTF-8 into another encoding.
#[derive(Default)]
struct Census {
    valid: u64,
    invalid: u64,
    rest: Vec<u8>,
}

impl Census {
    fn count(&mut self, chunk: &[u8]) {
        self.rest.extend_from_slice(chunk);
        let bytes = std::mem::take(&mut self.rest);
        let mut end = 0;
        for part in bytes.utf8_chunks() {
            let wide = part
                .valid()
                .bytes()
                .filter(|byte| byte & 0xc0 == 0xc0)
                .count();
            self.valid += wide as u64;
            let invalid = part.invalid();
            end += part.valid().len() + invalid.len();
            if end == bytes.len()
                && std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none())
            {
                self.rest = invalid.to_vec();
            } else if !invalid.is_empty() {
                self.invalid += 1;
            }
        }
    }

    fn is_damaged_utf8(&self) -> bool {
        self.valid > self.invalid * DAMAGE
    }
}

fn read_full(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while let Some(free) = buffer.get_mut(count..).filter(|free| !free.is_empty()) {
        match input.read(free) {
            Ok(0) => break,
            Ok(read) => count += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{
        BIG5, EUC_JP, EUC_KR, GB18030, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
    };
    use proptest::prelude::*;

    /// The text, which has to be UTF-8, and how many characters of it are damaged.
    fn decoded_from(bytes: &[u8], encoding: &'static Encoding) -> (String, u64) {
        let mut output = Vec::new();
        let damaged = decode(bytes, encoding, &mut output).expect("in memory");
        (String::from_utf8(output).expect("utf-8"), damaged)
    }

    fn decoded(bytes: &[u8]) -> (String, &'static Encoding) {
        let encoding = detect(bytes).expect("in memory");
        let mut output = Vec::new();
        decode(bytes, encoding, &mut output).expect("in memory");
        (String::from_utf8(output).expect("utf-8"), encoding)
    }

    #[test]
    fn detect_recognises_legacy_encodings() {
        for (text, encoding) in [
            (
                "Gerätename;MAC-Adresse;Zuletzt gesehen\r\nLT-1;3c;15.10.2026\r\n",
                WINDOWS_1252,
            ),
            (
                "コンピュータ名,MACアドレス,最終接続日時,ユーザー\r\nLT-1,,,山田太郎\r\n",
                SHIFT_JIS,
            ),
            (
                "Nazwa urządzenia;Użytkownik;Ostatnio widziano\r\nŁódź-1;Żółć;x\r\n",
                WINDOWS_1250,
            ),
            (
                "计算机名,物理地址,上次联机时间,用户\r\n财务一号,,,王小明\r\n",
                GB18030,
            ),
        ] {
            let (bytes, _, failed) = encoding.encode(text);
            assert!(!failed);
            assert_eq!(decoded(&bytes).0, text, "{}", encoding.name());
        }
    }

    #[test]
    fn detect_recognises_utf16_without_a_mark() {
        let text = "Hostname,HWID\r\nLT-1,a1b305\r\n";
        for (bytes, encoding) in [
            (u16::to_le_bytes as fn(u16) -> [u8; 2], UTF_16LE),
            (u16::to_be_bytes, UTF_16BE),
        ] {
            let encoded: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
            assert_eq!(decoded(&encoded), (text.to_owned(), encoding));
        }
    }

    #[test]
    fn detect_accepts_one_damaged_byte_in_utf8() {
        let mut bytes = "Domänencontroller,".repeat(200).into_bytes();
        bytes.push(0xff);
        let (text, encoding) = decoded(&bytes);
        assert_eq!(encoding, UTF_8);
        assert!(text.contains("Domänencontroller") && text.ends_with('\u{fffd}'));
    }

    #[test]
    fn detect_and_decode_read_beyond_the_first_chunk() {
        let text = format!(
            "{}{}",
            "pc,".repeat(CHUNK / 3 + 1),
            "端末山田太郎".repeat(200)
        );
        let (bytes, _, failed) = SHIFT_JIS.encode(&text);
        assert!(!failed);
        assert_eq!(decoded(&bytes), (text.clone(), SHIFT_JIS));
        // A whole chunk is not the end.
        let whole = "a".repeat(CHUNK);
        assert_eq!(decoded_from(whole.as_bytes(), WINDOWS_1252), (whole, 0));
    }

    #[test]
    fn census_counts_a_character_between_chunks_as_valid() {
        let counted = |chunks: &[&[u8]]| {
            let mut census = Census::default();
            for chunk in chunks {
                census.count(chunk);
            }
            (census.valid, census.invalid)
        };
        let text = "ä端😀".as_bytes();
        for at in 0..=text.len() {
            let (before, after) = text.split_at(at);
            assert_eq!(counted(&[before, after]), (3, 0), "{at}");
        }
        assert_eq!(counted(&[b"a\xffb", b"c\xff", b"\xc3d"]), (0, 3));
    }

    #[test]
    fn census_counts_all_invalid_bytes_but_an_incomplete_end() {
        let mut census = Census::default();
        census.count(b"caf\xe9 caf\xe9 caf\xe9");
        assert_eq!((census.invalid, census.rest.as_slice()), (2, &b"\xe9"[..]));
        census.count(b"\x80\x80");
        assert_eq!((census.invalid, census.valid), (2, 1));
    }

    #[test]
    fn damaged_utf8_has_a_hundred_characters_for_each_damaged_one() {
        let is_damaged = |valid, invalid| {
            let census = Census {
                valid,
                invalid,
                rest: Vec::new(),
            };
            census.is_damaged_utf8()
        };
        assert!(is_damaged(101, 1) && is_damaged(201, 2));
        assert!(!is_damaged(100, 1) && !is_damaged(0, 1));
    }

    #[test]
    fn decode_counts_each_damaged_character() {
        let (text, damaged) = decoded_from(b"a\xffb\xffc", UTF_8);
        assert_eq!((text.as_str(), damaged), ("a\u{fffd}b\u{fffd}c", 2));
    }

    #[test]
    fn utf16_without_a_mark_has_nuls_beside_most_characters() {
        assert_eq!(utf16_without_mark(b"a\0b\0"), Some(UTF_16LE));
        assert_eq!(utf16_without_mark(b"\0a\0b"), Some(UTF_16BE));
        for text in [
            &b"a\0"[..],
            b"\0a",
            b"a\0b\0cdef",
            b"\0a\0bcdef",
            b"a\0\0b",
            b"abcd",
        ] {
            assert_eq!(utf16_without_mark(text), None, "{text:?}");
        }
    }

    /// Gives one byte at a time, after an interruption each, and then an error.
    struct Interrupted(Vec<u8>, bool);

    impl Read for Interrupted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let byte = self.0.pop().ok_or(io::ErrorKind::ConnectionReset)?;
            buffer[0] = byte;
            Ok(1)
        }
    }

    #[test]
    fn read_full_goes_on_after_an_interruption_only() {
        let mut buffer = [0; 3];
        let mut input = Interrupted(b"dcba".to_vec(), false);
        assert_eq!(read_full(&mut input, &mut buffer).expect("three bytes"), 3);
        assert_eq!(&buffer, b"abc");
        let error = read_full(&mut input, &mut buffer).expect_err("an error");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }

    proptest! {
        #[test]
        fn decode_never_panics(bytes in any::<Vec<u8>>()) {
            let _ = decoded(&bytes);
        }

        #[test]
        fn decode_round_trips(
            (encoding, text) in prop_oneof![
                (Just(WINDOWS_1252), "[ -~äöüÄÖÜßéèçñø€\r\n]{0,80}"),
                (Just(WINDOWS_1250), "[ -~ąćęłńóśźżčšž\r\n]{0,80}"),
                (Just(WINDOWS_1251), "[ -~а-яА-ЯёЁ\r\n]{0,80}"),
                (Just(SHIFT_JIS), "[0-9A-Za-z,;ぁ-んァ-ヶ山田太郎端末\r\n]{0,80}"),
                (Just(EUC_JP), "[0-9A-Za-z,;ぁ-んァ-ヶ山田太郎端末\r\n]{0,80}"),
                (Just(GB18030), "[ -~一-龥\r\n]{0,80}"),
                (Just(BIG5), "[ -~電腦名稱使用者財務\r\n]{0,80}"),
                (Just(EUC_KR), "[ -~가-힣\r\n]{0,80}"),
                (Just(UTF_8), "[ -~äぁ端😀\r\n]{0,80}"),
            ],
            long in 0_u8..20,
        ) {
            // Some of it lies on the border of two chunks.
            let text = text.repeat(if long == 0 { CHUNK / text.len().max(1) + 1 } else { 1 });
            let (bytes, _, failed) = encoding.encode(&text);
            prop_assert!(!failed);
            prop_assert_eq!(decoded_from(&bytes, encoding), (text, 0));
        }

        #[test]
        fn detect_and_decode_round_trip_utf16(text in "[ -~]{3,60}", wide in "[ä端😀]{0,20}") {
            for (bytes, encoding) in [
                (u16::to_le_bytes as fn(u16) -> [u8; 2], UTF_16LE),
                (u16::to_be_bytes, UTF_16BE),
            ] {
                let encoded = |text: &str| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
                prop_assert_eq!(decoded(&encoded(&text)), (text.clone(), encoding));
                let mixed = format!("{text}{wide}");
                prop_assert_eq!(decoded_from(&encoded(&mixed), encoding), (mixed, 0));
            }
        }

        #[test]
        fn decode_counts_damaged_characters(
            bytes in any::<Vec<u8>>(),
            encoding in proptest::sample::select(vec![
                UTF_8, UTF_16LE, WINDOWS_1252, SHIFT_JIS, EUC_JP, GB18030, BIG5, EUC_KR, encoding_rs::REPLACEMENT,
                encoding_rs::ISO_2022_JP,
            ]),
        ) {
            let (text, damaged) = decoded_from(&bytes, encoding);
            let replaced = text.matches(char::REPLACEMENT_CHARACTER).count() as u64;
            prop_assert!(damaged <= replaced);
            if let Ok(text) = std::str::from_utf8(&bytes) {
                let text = text.trim_start_matches('\u{feff}').to_owned();
                prop_assert_eq!(decoded_from(text.as_bytes(), UTF_8), (text, 0));
            }
        }
    }
}
