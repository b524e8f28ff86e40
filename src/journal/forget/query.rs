//! Names in the query that selected the devices of a run.

use super::pseudonyms::Names;

/// Fields whose values name no person and no device.
const PLAIN: [&str; 17] = [
    "type", "status", "severity", "os", "group", "agent", "issues", "seen", "unseen", "enrolled",
    "source", "is", "dup", "stale", "hwid", "mac", "domain",
];
const OPERATORS: [&str; 3] = ["or", "not", "and"];

/// The query with a hash in place of each value that may be a name: of `user`, `hostname` and other such
/// fields, of other columns, and of words that are looked for everywhere.
pub(super) fn forgotten(query: &str, names: &Names<'_>) -> String {
    if query.starts_with("retry of run ") {
        return query.to_owned();
    }
    let mut after_option = false;
    let tokens = tokens(query).into_iter().map(|token| {
        let is_value = std::mem::replace(&mut after_option, token.starts_with("--"));
        if token.starts_with("--") {
            return token.to_owned();
        }
        if is_value {
            // A file or a number.
            return names.replaced(token);
        }
        let start = token.trim_start_matches(['(', '-']);
        let opening = token.get(..token.len() - start.len()).unwrap_or_default();
        let word = start.trim_end_matches(')');
        let closing = start.get(word.len()..).unwrap_or_default();
        format!("{opening}{}{closing}", term(word, names))
    });
    tokens.collect::<Vec<_>>().join(" ")
}

fn term(word: &str, names: &Names<'_>) -> String {
    if word.is_empty() || OPERATORS.contains(&word.to_lowercase().as_str()) {
        return word.to_owned();
    }
    let is_operator = |character: char| matches!(character, ':' | '=' | '<' | '>');
    let field_end = if word.starts_with("@\"") {
        word.get(2..)
            .and_then(|rest| rest.find('"'))
            .map(|at| at + 3)
    } else {
        word.find(is_operator)
    };
    let field = field_end.and_then(|at| word.get(..at));
    let Some(field) =
        field.filter(|field| !field.contains('"') && !field.is_empty() || field.starts_with('@'))
    else {
        return names.hash(word);
    };
    if PLAIN.contains(&field.to_lowercase().as_str()) {
        return word.to_owned();
    }
    let rest = word.get(field.len()..).unwrap_or_default();
    let value = rest.trim_start_matches(is_operator);
    let operator = rest.get(..rest.len() - value.len()).unwrap_or_default();
    let values: Vec<String> = value
        .split(',')
        .map(|value| match value {
            "none" => value.to_owned(),
            value => names.hash(value.trim_matches('"')),
        })
        .collect();
    format!("{field}{operator}{}", values.join(","))
}

/// The parts between spaces, which may be quoted.
fn tokens(query: &str) -> Vec<&str> {
    let mut is_quoted = false;
    query
        .split(move |character: char| {
            is_quoted ^= character == '"';
            !is_quoted && character.is_whitespace()
        })
        .filter(|token| !token.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::forget::key::Key;
    use crate::journal::forget::pseudonyms::Pseudonyms;

    #[test]
    fn names_in_a_query_are_replaced_and_the_rest_stays() {
        let pseudonyms = Pseudonyms::new(&Key([1; 32]));
        let names = Names::new(&pseudonyms, ["ada"]);
        let hash = |name: &str| pseudonyms.of(name);
        let cases = [
            (
                "unseen>90d type:laptop",
                "unseen>90d type:laptop".to_owned(),
            ),
            (
                "(user:ada,\"Grace H\" or -hostname=LT-1) is:repeated",
                format!(
                    "(user:{},{} or -hostname={}) is:repeated",
                    hash("ada"),
                    hash("grace h"),
                    hash("lt-1")
                ),
            ),
            ("joan", hash("joan")),
            ("\"Joan C\"", hash("\"joan c\"")),
            (
                "@\"Cost center\":4711",
                format!("@\"Cost center\":{}", hash("4711")),
            ),
            ("user:none --oldest 50", "user:none --oldest 50".to_owned()),
            ("--ids ada.txt", format!("--ids {}.txt", hash("ada"))),
            ("retry of run 7f7c30wr", "retry of run 7f7c30wr".to_owned()),
        ];
        for (query, expected) in cases {
            assert_eq!(forgotten(query, &names), expected, "{query}");
        }
    }
}
