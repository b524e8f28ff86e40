//! The terminal UI: a loop that hands what happens to the app as messages, performs the effects that
//! come out, and draws.
//!
//! ```text
//! event_loop     waits for keys, the runner, signals and time; draws
//! plain          the same as a dialogue of lines
//! app_host       hands messages to the app, and performs the effects that come out
//! update         App::update: the one place where state changes
//! dispatch       commands, and what dialogs ask for;  queued_keys, engine_updates, answers,
//!                holding, other_processes, rechecking, reload, run_comparison, startup, drawn, away
//! screens/       state, commands and drawing of each screen
//! dialogs/       one file per dialog: state, keys and drawing
//! widgets/       parts that several of them draw
//! context        what all of them share: the list, runs, settings, time, the status line
//! ```
//!
//! Imports run down this picture only.

pub mod answer;
mod answers;
pub mod app;
mod app_host;
mod availability;
pub mod away;
pub mod backend;
pub mod call_detail;
mod clipboard;
pub mod column;
mod component;
pub mod context;
pub mod dialogs;
mod dispatch;
mod drawn;
pub mod effect;
mod engine_updates;
pub mod error;
mod event_loop;
mod fetch_progress;
pub mod file_content;
#[cfg(any(test, debug_assertions, fuzzing))]
pub mod fuzzing;
mod holding;
mod holds_watch;
pub mod identity;
pub mod import_source;
mod indicators;
pub mod input;
pub mod job;
mod list_state;
pub mod message;
mod mouse;
pub mod open_runs;
pub mod opened_list;
mod other_processes;
mod overview;
pub mod plain;
mod queued_keys;
mod rechecking;
mod reload;
pub mod render;
mod request;
mod run_comparison;
pub mod run_end;
mod runs;
mod saved_filters;
pub mod saved_view;
pub mod screens;
mod shutdown;
mod startup;
mod terminal;
mod update;
pub mod verification;
pub mod widgets;

pub use app_host::{ExitReason, SessionParts};
pub use context::SessionConfig;
pub use event_loop::run;
pub use terminal::TuiError;
