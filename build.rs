//! Puts the commit into the version of a release build: `0.1.0 (abc1234 2026-11-27)`. Without git or
//! its data, as in a tarball, the version stands alone. A debug build doesn't ask for the commit, so
//! that a commit never makes the tests compile anew.
//!
//! Also turns `src/list/fields/headers.toml` into tables, so that no start parses it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use normalise::normalise;

#[path = "src/list/fields/headers/normalise.rs"]
mod normalise;

const HEADERS: &str = "src/list/fields/headers.toml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={HEADERS}");
    println!("cargo::rerun-if-changed=src/list/fields/headers/normalise.rs");
    let tables = headers().map_err(|error| format!("{HEADERS}: {error}"))?;
    let directory = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&directory).join("headers.rs"), tables)?;
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

/// `headers.toml`. Names are ranked by their order, which a table keeps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Headers {
    fields: toml::Table,
    systems: Vec<System>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct System {
    name: String,
    #[serde(default)]
    own: bool,
    #[serde(default)]
    signatures: Vec<Vec<String>>,
    #[serde(default)]
    envelope: Vec<String>,
    #[serde(default)]
    foreign_ids: Vec<String>,
    #[serde(default)]
    columns: BTreeMap<String, String>,
}

/// The tables, all by normalised names: `ALIASES`, the key of a name's meaning and its rank; `SIGNATURES`,
/// the place of a system and the other names of a signature, by one of its names; `ENVELOPES`, the place
/// of the first system with this key; `SYSTEMS`.
fn headers() -> Result<String, Box<dyn Error>> {
    let file: Headers = toml::from_str(&std::fs::read_to_string(HEADERS)?)?;
    let mut aliases: BTreeMap<String, (&str, u16)> = BTreeMap::new();
    for (field, languages) in &file.fields {
        let mut ranks = 0..;
        for (language, names) in languages.as_table().ok_or("a field is no table")? {
            let names: Vec<String> = names.clone().try_into()?;
            for (name, rank) in names.iter().zip(&mut ranks) {
                let earlier = aliases.insert(normalise(name), (field, rank));
                if let Some((other, _)) = earlier.filter(|(other, _)| other != field) {
                    let place = format!("{field}.{language}");
                    return Err(format!("{place}: '{name}' is a name of {other} too").into());
                }
            }
        }
    }
    let mut signatures: BTreeMap<String, Vec<(usize, Vec<String>)>> = BTreeMap::new();
    let mut envelopes = BTreeMap::new();
    for (place, system) in file.systems.iter().enumerate() {
        for names in &system.signatures {
            let mut names = normalised(names);
            let first = names.pop().ok_or("a signature has no name")?;
            signatures.entry(first).or_default().push((place, names));
        }
        for key in normalised(&system.envelope) {
            envelopes.entry(key).or_insert(place);
        }
    }
    let signatures = signatures.iter().map(|(name, with_name)| {
        let with_name = with_name.iter();
        let with_name = with_name.map(|(place, others)| format!("({place}, &{others:?} as &[_])"));
        (
            name,
            format!("&[{}]", with_name.collect::<Vec<_>>().join(", ")),
        )
    });
    let aliases = aliases
        .iter()
        .map(|(name, alias)| (name, format!("{alias:?}")));
    let envelopes = envelopes
        .iter()
        .map(|(key, place)| (key, place.to_string()));
    let systems: String = file.systems.iter().map(System::to_rust).collect();
    Ok([
        table("ALIASES", "(&str, u16)", aliases),
        table("SIGNATURES", "&[(usize, &[&str])]", signatures),
        table("ENVELOPES", "usize", envelopes),
        format!("pub static SYSTEMS: &[System] = &[\n{systems}];\n"),
    ]
    .concat())
}

/// A static map from texts to values of this type, which are written as Rust code.
fn table<'a>(
    name: &str,
    kind: &str,
    entries: impl Iterator<Item = (&'a String, String)>,
) -> String {
    let mut map = phf_codegen::Map::new();
    for (key, value) in entries {
        map.entry(key, value);
    }
    format!(
        "pub static {name}: phf::Map<&str, {kind}> = {};\n",
        map.build()
    )
}

fn normalised(names: &[String]) -> Vec<String> {
    names.iter().map(|name| normalise(name)).collect()
}

impl System {
    fn to_rust(&self) -> String {
        let columns = self.columns.iter();
        let columns: Vec<_> = columns.map(|(name, key)| (normalise(name), key)).collect();
        format!(
            "System {{ name: {:?}, own: {}, foreign_ids: &{:?}, columns: &{columns:?} }},\n",
            self.name,
            self.own,
            normalised(&self.foreign_ids),
        )
    }
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
