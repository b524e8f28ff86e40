//! From the terminal's bytes to commands: escape sequences, keys typed ahead, and bindings.

pub mod bindings;
pub mod commands;
pub mod dialog_keys;
pub mod escape_filter;
pub mod keymap;
pub mod parse;
pub mod typeahead;
