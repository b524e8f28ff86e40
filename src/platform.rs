//! The operating system: clocks, commands, private files and directories, and the points where tests stop
//! a debug build.

pub mod clock;
pub mod command;
pub mod failpoint;
pub mod file;
pub mod panics;
pub mod state_dir;
pub(crate) mod system_file;
