//! An error of the configuration, with its place in the file.

use toml::Spanned;

/// An error, and at which byte of the file.
pub(super) struct ConfigProblem {
    pub(super) at: usize,
    pub(super) message: String,
}

pub(super) type Checked<T> = Result<T, ConfigProblem>;

/// The line, from 1, of the byte at `offset`.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    memchr::memchr_iter(b'\n', before).count() + 1
}

pub(super) fn refuse<T, S>(spanned: &Spanned<S>, message: impl Into<String>) -> Checked<T> {
    Err(ConfigProblem {
        at: spanned.span().start,
        message: message.into(),
    })
}
