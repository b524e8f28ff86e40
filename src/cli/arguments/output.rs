//! The values of `--output`.

use clap::ValueEnum;

/// Of a command that prints one text or one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TextOrJson {
    /// Text for people
    Text,
    /// JSON, whose fields the documentation describes
    Json,
}

/// Of a command that prints a text, or a line for each thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TextOrJsonl {
    /// For people
    Text,
    /// One JSON object per line
    Jsonl,
}
