//! The `offboard` binary: parse, run, exit code.

fn main() {}
