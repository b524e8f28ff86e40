//! Puts the commit into the version of a release build: `0.1.0 (abc1234 2026-11-27)`. Without git or
//! its data, as in a tarball, the version stands alone. A debug build doesn't ask for the commit, so
//! that a commit never makes the tests compile anew.
//!
//! Also turns `src/list/headers.toml` into JSON, which takes a tenth of the time to parse at each start.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use serde_json::json;

const HEADERS: &str = "src/list/headers.toml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={HEADERS}");
    let json = headers().map_err(|error| format!("{HEADERS}: {error}"))?;
    let directory = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&directory).join("headers.json"), json)?;
    let package = env!("CARGO_PKG_VERSION");
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let version = if is_release {
        commit().map_or(package.to_owned(), |commit| format!("{package} ({commit})"))
    } else {
        format!("{package} (debug build)")
    };
    println!("cargo::rustc-env=OFFBOARD_VERSION={version}");
    Ok(())
}

/// The header names as `{"fields": [[FIELD, [NAME, …]], …], "systems": […]}`: a field's names in the
/// order of the file, without their languages.
fn headers() -> Result<String, Box<dyn Error>> {
    let mut file: toml::Table = toml::from_str(&std::fs::read_to_string(HEADERS)?)?;
    let fields = file.remove("fields").ok_or("there is no [fields]")?;
    let mut flat = Vec::new();
    for (field, languages) in fields.as_table().ok_or("`fields` is no table")? {
        let mut names = Vec::new();
        for (language, listed) in languages.as_table().ok_or("a field is no table")? {
            let listed = listed
                .as_array()
                .ok_or_else(|| format!("{field}.{language} is no array"))?;
            names.extend(listed);
        }
        flat.push(json!([field, names]));
    }
    let mut json = serde_json::to_value(file)?;
    json["fields"] = flat.into();
    Ok(json.to_string())
}

/// The abbreviated hash and the date of the commit, if this is the top of a git work tree: a tarball
/// that was unpacked inside of another project is not.
fn commit() -> Option<String> {
    let top = git(&["rev-parse", "--show-toplevel"])?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().ok()?;
    if Path::new(&top).canonicalize().ok()? != here {
        return None;
    }
    // The first changes with a checkout, the second with each commit. A path that doesn't exist would
    // run this script for every build.
    for name in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", name])?;
        if Path::new(&path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    git(&["show", "--no-patch", "--format=%h %cs", "HEAD"])
}

/// What git prints; nothing without git or if it fails.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}
