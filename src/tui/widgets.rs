//! Parts that several screens and dialogs draw.

pub mod footer;
pub mod header;
pub mod layout;
pub mod panel;
pub mod path_field;
pub mod theme;
