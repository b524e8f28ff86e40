//! A key that doesn't exist, or a value of the wrong type, in the words of someone who edits the file.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// The message about an error of deserialisation: `message` is the parser's, at `span` of `text`.
pub(super) fn message(message: &str, span: Option<Range<usize>>, text: &str) -> String {
    let unknown = message
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split('`').next());
    // A secret in the file is not a mistyped key.
    match unknown {
        Some("client_secret") => return secret("client_secret_file"),
        Some("token" | "access_token") => return secret("token_file"),
        _ => {}
    }
    let key = span.and_then(|span| key_of(text, span.start));
    let wrong_type = message
        .strip_prefix("invalid type: ")
        .and_then(|types| types.split_once(", expected "));
    match (wrong_type, key) {
        (Some((found, expected)), Some(key)) => {
            format!(
                "{key} must be {}, not {}",
                kind(expected),
                found_kind(found)
            )
        }
        (None, Some(key)) if unknown.is_none() => format!("{key}: {message}"),
        _ => message.to_owned(),
    }
}

fn secret(file: &str) -> String {
    format!("a secret is never in the configuration: use {file}")
}

/// A type that serde expects, in plain words.
fn kind(expected: &str) -> &str {
    match expected {
        "a string" | "path string" => "a text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list in brackets",
        "u32" | "u64" | "usize" => "a whole number",
        "f64" => "a number",
        other if other.starts_with("struct ") || other == "a map" => "a section",
        other => other,
    }
}

/// A value that serde found, without Rust's words for its type.
fn found_kind(found: &str) -> String {
    let kinds = [
        ("string ", "the text "),
        ("integer ", "the number "),
        ("floating point ", "the number "),
        ("boolean ", ""),
    ];
    let known = kinds
        .iter()
        .find_map(|(kind, words)| Some((*words, found.strip_prefix(kind)?)));
    match (known, found) {
        (Some((words, value)), _) => format!("{words}{}", value.replace('`', "")),
        (None, "sequence") => "a list".to_owned(),
        (None, "map") => "a section".to_owned(),
        (None, other) => other.to_owned(),
    }
}

/// The innermost key whose value is at this byte of a text that is valid TOML.
fn key_of(text: &str, offset: usize) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    key_in(table.get_ref(), offset)
}

fn key_in(table: &DeTable<'_>, offset: usize) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let inner = match value.get_ref() {
            DeValue::Table(table) => key_in(table, offset),
            _ => None,
        };
        let here = || value.span().contains(&offset);
        inner.or_else(|| here().then(|| crate::text::visible(key.get_ref()).into_owned()))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn value_of_the_wrong_type_names_its_key_and_what_is_allowed() {
        for (text, expected) in [
            (
                "[limits]\nmax_devices = \"many\"\n",
                "c:2: max_devices must be a whole number, not the text \"many\"",
            ),
            (
                "[limits]\nmax_share = true\n",
                "c:2: max_share must be a number, not true",
            ),
            (
                "[ui]\nbell = 1\n",
                "c:2: bell must be true or false, not the number 1",
            ),
            (
                "[run]\non_finish = [\n  \"notify\",\n  7,\n]\n",
                "c:4: on_finish must be a text in quotes, not the number 7",
            ),
            (
                "[profiles.\"a b\"]\nbase_url = [\"https://a.example\"]\n",
                "c:2: base_url must be a text in quotes, not a list",
            ),
            (
                "limits = 5\n",
                "c:1: limits must be a section, not the number 5",
            ),
            (
                "[run]\non_doubt = \"later\"\n",
                "c:2: on_doubt: unknown variant `later`, expected `resend-once` or `hold`",
            ),
        ] {
            let error = Config::parse(text, Path::new("c")).expect_err("wrong");
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn unknown_key_is_named_once_with_those_that_there_are() {
        let error = Config::parse("[run]\nlicenses = true\n", Path::new("c"));
        let error = error.expect_err("unknown").to_string();
        assert!(
            error.starts_with("c:2: unknown field `licenses`, expected one of `on_doubt`"),
            "{error}"
        );
    }
}
