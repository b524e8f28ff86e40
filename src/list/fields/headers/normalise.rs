//! The form in which names are compared. The build script uses it too: it needs no other module.

use unicode_normalization::UnicodeNormalization;

/// A name for comparison: in compatibility form, case-folded, with letters and digits only. Digits at
/// the end number a device's adapters or users; the caller handles them.
pub fn normalise(name: &str) -> String {
    if name.is_ascii() {
        let bytes = name.bytes().filter(u8::is_ascii_alphanumeric);
        return bytes
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
    }
    // Lower case before the marks are composed: ẗ has no capital letter to compose.
    let lower = name
        .chars()
        .flat_map(char::to_lowercase)
        .nfkc()
        .flat_map(char::to_lowercase);
    // Composed last: marks that were apart before may be adjacent now.
    lower
        .filter(|character| character.is_alphanumeric())
        .nfkc()
        .collect()
}
