//! Libraries that are loaded before the C library and misbehave in its place.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

use super::workbench::{Output, Workbench};

/// The library of this name in `faults/`, built with the compiler that builds the tests.
pub fn library(bench: &Workbench, name: &str) -> PathBuf {
    let source = format!(
        "{}/tests/program/faults/{name}.rs",
        env!("CARGO_MANIFEST_DIR")
    );
    let library = bench.path(&format!("{name}.so"));
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let mut command = Command::new(compiler);
    command
        .args(["--edition", "2024", "--crate-type", "cdylib", "-o"])
        .arg(&library)
        .arg("-")
        .stdin(File::open(source).expect("the library's source"));
    let output = Output::of(command);
    output.exits(0);
    library
}
