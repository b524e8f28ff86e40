//! The values of `--output`.

use clap::ValueEnum;

/// Of a command that prints one text or one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TextOrJson {
    /// Human-readable text
    Text,
    /// JSON, whose fields the documentation describes
    Json,
}

/// Of a command that prints a text, or a line for each thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TextOrJsonl {
    /// Human-readable text
    Text,
    /// One JSON object per line
    Jsonl,
}
