//! Turns compressed or UTF-16 input into plain UTF-8, recognised by its first bytes.
//! Text in another encoding is left for [`super::decode`].

use std::io::{self, Read, Write};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use super::container::Container;

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
const UTF16_LITTLE: &[u8] = b"\xff\xfe";
const UTF16_BIG: &[u8] = b"\xfe\xff";

/// The side that failed.
#[derive(Debug)]
pub(in crate::list) enum DecodeError {
    /// The input can't be read or is damaged.
    Input(io::Error),
    /// The output can't be written.
    Output(io::Error),
    /// The input expands to more than is allowed.
    TooLarge,
}

impl From<io::Error> for DecodeError {
    fn from(error: io::Error) -> Self {
        Self::Input(error)
    }
}

/// True if input with this beginning has to be decoded before it can be read.
pub(in crate::list) fn needs_decoding(start: &[u8]) -> bool {
    [GZIP, ZSTD, UTF16_LITTLE, UTF16_BIG]
        .into_iter()
        .any(|magic| start.starts_with(magic))
}

/// What the input was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::list) struct Decoded {
    pub container: Container,
    /// The encoding of a text with a byte order mark, which was decoded from it.
    pub encoding: Option<&'static Encoding>,
    /// How many of its characters are damaged.
    pub damaged: u64,
}

/// Writes `input` to `output`, decompressed and as UTF-8; `written` receives the bytes so far. `limit` holds
/// for input that expands, or that `is_endless`, as that of a pipe may be.
pub(in crate::list) fn decode(
    input: impl Read,
    limit: u64,
    is_endless: bool,
    output: &mut dyn Write,
    written: &mut dyn FnMut(u64),
) -> Result<Decoded, DecodeError> {
    let (start, input) = with_start(input)?;
    let mut output = Limited {
        output,
        written,
        total: 0,
        limit: if is_endless { limit } else { u64::MAX },
    };
    let (container, (encoding, damaged)) = if start.starts_with(GZIP) {
        output.limit = limit;
        let input = MultiGzDecoder::new(input);
        (Container::Gzip, decode_text(input, &mut output)?)
    } else if start.starts_with(ZSTD) {
        output.limit = limit;
        let input = ZstdDecoder::new(input)?;
        (Container::Zstd, decode_text(input, &mut output)?)
    } else {
        (Container::Plain, decode_text(input, &mut output)?)
    };
    Ok(Decoded {
        container,
        encoding,
        damaged,
    })
}

/// An output with a maximum size.
struct Limited<'o> {
    output: &'o mut dyn Write,
    written: &'o mut dyn FnMut(u64),
    total: u64,
    limit: u64,
}

/// Returns the encoding of a text with a byte order mark, and how many of its characters are damaged.
fn decode_text(
    input: impl Read,
    output: &mut Limited<'_>,
) -> Result<(Option<&'static Encoding>, u64), DecodeError> {
    let (start, mut input) = with_start(input)?;
    if start.starts_with(UTF16_LITTLE) {
        let damaged = decode_utf16(input, u16::from_le_bytes, output)?;
        return Ok((Some(UTF_16LE), damaged));
    }
    if start.starts_with(UTF16_BIG) {
        let damaged = decode_utf16(input, u16::from_be_bytes, output)?;
        return Ok((Some(UTF_16BE), damaged));
    }
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = read_some(&mut input, &mut buffer)?;
        if count == 0 {
            return Ok((None, 0));
        }
        output.put(&buffer[..count])?;
    }
}

/// Returns how many characters are damaged: halves of surrogate pairs, and an odd last byte.
fn decode_utf16(
    mut input: impl Read,
    unit: fn([u8; 2]) -> u16,
    output: &mut Limited<'_>,
) -> Result<u64, DecodeError> {
    let mut damaged = 0;
    let mut bytes = Vec::new();
    let mut units: Vec<u16> = Vec::new();
    loop {
        let count = (&mut input).take(1 << 16).read_to_end(&mut bytes)?;
        let (pairs, _) = bytes.as_chunks::<2>();
        units.extend(pairs.iter().map(|&pair| unit(pair)));
        bytes.drain(..pairs.len() * 2);
        // The first half of a surrogate pair waits for the second, unless the input ends.
        let held = match units.last() {
            Some(0xd800..=0xdbff) if count > 0 => units.pop(),
            _ => None,
        };
        let mut replacement = || {
            damaged += 1;
            char::REPLACEMENT_CHARACTER
        };
        let mut text: String = char::decode_utf16(units.drain(..))
            .map(|character| character.unwrap_or_else(|_| replacement()))
            .collect();
        if count == 0 && !bytes.is_empty() {
            text.push(replacement());
        }
        output.put(text.as_bytes())?;
        units.extend(held);
        if count == 0 {
            return Ok(damaged);
        }
    }
}

impl Limited<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        self.total += bytes.len() as u64;
        if self.total > self.limit {
            return Err(DecodeError::TooLarge);
        }
        self.output.write_all(bytes).map_err(DecodeError::Output)?;
        (self.written)(self.total);
        Ok(())
    }
}

/// The first bytes of `input`, and all of it.
fn with_start<R: Read>(mut input: R) -> io::Result<(Vec<u8>, impl Read)> {
    let mut start = Vec::new();
    (&mut input).take(4).read_to_end(&mut start)?;
    let all = io::Cursor::new(start.clone()).chain(input);
    Ok((start, all))
}

fn read_some(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(input: &[u8]) -> io::Result<String> {
        let mut output = Vec::new();
        decode(input, 1 << 20, false, &mut output, &mut |_| {})
            .map_err(|error| io::Error::other(format!("{error:?}")))?;
        String::from_utf8(output).map_err(io::Error::other)
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(bytes)
            .collect()
    }

    #[test]
    fn decode_rejects_a_truncated_archive() {
        let whole = gzip(b"12ds44f5gacd52234\n");
        assert!(needs_decoding(&whole));
        assert!(decoded(&whole[..whole.len() - 9]).is_err());
    }

    /// Is interrupted before each read.
    struct Interrupted<'b>(&'b [u8], bool);

    impl Read for Interrupted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            self.0.read(buffer)
        }
    }

    #[test]
    fn decode_goes_on_after_an_interruption() {
        let mut output = Vec::new();
        let input = Interrupted(b"12ds44f5gacd52234\n", false);
        assert!(decode(input, 1 << 20, false, &mut output, &mut |_| {}).is_ok());
        assert_eq!(output, b"12ds44f5gacd52234\n");
    }

    #[test]
    fn utf16_surrogates_are_joined_between_chunks() {
        // With the mark, the first half is the last unit of the first chunk.
        let text = format!("{}😀{}", "a".repeat((1 << 15) - 2), "b".repeat(1 << 15));
        let encoded = utf16(&text, u16::to_le_bytes);
        let plain = decoded(&encoded).expect("utf-16");
        assert_eq!(plain.trim_start_matches('\u{feff}'), text);
        let half = decoded(&[UTF16_LITTLE, b"a\0\x3d\xd8"].concat()).expect("utf-16");
        assert!(half.ends_with("a\u{fffd}"), "{half:?}");
    }

    #[test]
    fn damaged_utf16_is_counted() {
        let damaged = |text: &[u8]| {
            let bytes = [UTF16_LITTLE, text].concat();
            let mut output = Vec::new();
            let decoded = decode(&*bytes, 1 << 20, false, &mut output, &mut |_| {});
            let text = String::from_utf8(output).expect("utf-8");
            (decoded.expect("utf-16").damaged, text)
        };
        assert_eq!(damaged(b"a\0b\0"), (0, "\u{feff}ab".to_owned()));
        let halves = damaged(b"\x3d\xd8a\0\x3d\xd8");
        assert_eq!(halves, (2, "\u{feff}\u{fffd}a\u{fffd}".to_owned()));
        let odd = damaged(b"a\0b");
        assert_eq!(odd, (1, "\u{feff}a\u{fffd}".to_owned()));
    }

    #[test]
    fn decode_accepts_text_up_to_the_limit() {
        let bytes = gzip(b"abcd");
        let decoded = |bytes: &[u8], limit, is_endless| {
            decode(bytes, limit, is_endless, &mut Vec::new(), &mut |_| {})
        };
        assert!(decoded(&bytes, 4, false).is_ok());
        assert!(matches!(
            decoded(&bytes, 3, false),
            Err(DecodeError::TooLarge)
        ));
        // A file has an end; a pipe may not.
        assert!(decoded(b"abcd", 3, false).is_ok());
        assert!(decoded(b"abcd", 4, true).is_ok());
        assert!(matches!(
            decoded(b"abcd", 3, true),
            Err(DecodeError::TooLarge)
        ));
    }

    proptest! {
        #[test]
        fn decode_round_trips_every_container(text in any::<String>(), repeats in 1_usize..400) {
            prop_assume!(!needs_decoding(text.as_bytes()) && !text.starts_with('\u{feff}'));
            let text = text.repeat(repeats);
            prop_assert_eq!(&decoded(text.as_bytes()).expect("plain"), &text);
            prop_assert_eq!(&decoded(&gzip(text.as_bytes())).expect("gzip"), &text);
            let zstd = zstd::encode_all(text.as_bytes(), 1).expect("zstd");
            prop_assert_eq!(&decoded(&zstd).expect("zstd"), &text);
            for encoded in [utf16(&text, u16::to_le_bytes), utf16(&text, u16::to_be_bytes)] {
                let plain = decoded(&encoded).expect("utf-16");
                prop_assert_eq!(plain.trim_start_matches('\u{feff}'), &text);
                let plain = decoded(&gzip(&encoded)).expect("gzip of utf-16");
                prop_assert_eq!(plain.trim_start_matches('\u{feff}'), &text);
            }
        }

        #[test]
        fn decode_never_panics(bytes in any::<Vec<u8>>()) {
            for magic in [GZIP, ZSTD, UTF16_LITTLE, UTF16_BIG] {
                let _ = decoded(&[magic, &bytes].concat());
            }
        }
    }
}
