//! The `offboard` binary: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    offboard::cli::run(std::env::args_os())
}
