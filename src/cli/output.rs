//! `--output` of commands that print one text or one JSON document.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// Text for people
    Text,
    /// JSON, whose fields the documentation describes
    Json,
}
