//! The dialogs, one file each.

pub mod columns;
pub mod command_palette;
pub mod copy;
pub mod delete;
pub mod device_detail;
pub mod fetch;
pub mod help;
pub mod import;
pub mod restore_view;
pub mod save_file;
pub mod small;
pub mod token;
