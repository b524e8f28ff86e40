//! Parts that several screens and dialogs draw.

pub mod age;
pub mod bar;
pub mod duration;
pub mod fact;
pub mod fetch_line;
pub mod footer;
pub mod header;
pub mod key_guard;
pub mod layout;
pub mod list_cursor;
pub mod match_offer;
pub mod menu;
pub mod panel;
pub mod run_bar;
pub mod sparkline;
pub mod tabs;
pub mod text_field;
pub mod theme;
pub mod time;
pub mod typed_count;
pub mod typing_pause;
pub mod underlined;
