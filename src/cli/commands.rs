//! The subcommands, a file each, and what the program does without one (`ui`, `demo`).

pub(in crate::cli) mod approve;
pub(in crate::cli) mod backup;
pub(in crate::cli) mod completions;
pub(in crate::cli) mod demo;
pub(in crate::cli) mod doctor;
pub(in crate::cli) mod explain;
pub(in crate::cli) mod fetch;
pub(in crate::cli) mod forget;
pub(in crate::cli) mod hold;
pub(in crate::cli) mod init;
pub(in crate::cli) mod inspect;
pub(in crate::cli) mod man;
pub(in crate::cli) mod overview;
pub(in crate::cli) mod plan;
pub(in crate::cli) mod profiles;
pub(in crate::cli) mod run;
pub(in crate::cli) mod runs;
pub(in crate::cli) mod simulate;
pub(in crate::cli) mod ui;
pub(in crate::cli) mod verify;
