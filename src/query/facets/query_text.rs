//! Writes the query that selects the rows of a facet's values.
//!
//! Each term is parsed again and compared with the test that it has to be, so that quoting can't
//! change its meaning.

use super::dictionary::Dictionary;
use super::form::Form;
use crate::query::expression::{Expression, Test, TextTest};
use crate::query::needle::{ExactTexts, Needle, same};
use crate::query::normal::normal;
use crate::query::{AgeBand, Key, Query};
use crate::text;

/// With more values than this, `=` is written without a search for values that `:` would match too.
const MAX_COMPARED: usize = 1024;

/// The query that selects the rows with one of `values`; `None` if it can't be written.
pub fn any_of(key: &Key, form: Form, dictionary: &Dictionary, values: &[usize]) -> Option<String> {
    let writer = Writer {
        key,
        form,
        dictionary,
    };
    match values {
        [] => None,
        [value] => writer.single(*value),
        _ => {
            let together = || {
                writer
                    .together(values, ':')
                    .or_else(|| writer.together(values, '='))
            };
            if let Some(together) = together() {
                return Some(together);
            }
            let parts: Option<Vec<String>> =
                values.iter().map(|&value| writer.single(value)).collect();
            Some(format!("({})", parts?.join(" or ")))
        }
    }
}

struct Writer<'a> {
    key: &'a Key,
    form: Form,
    dictionary: &'a Dictionary,
}

impl Writer<'_> {
    /// The query of one value.
    fn single(&self, value: usize) -> Option<String> {
        let name = self.name();
        if self.dictionary.is_missing(value) {
            return Some(format!("{name}:none"));
        }
        let shown = self.dictionary.text(value)?;
        match self.form {
            Form::Ages => AgeBand::KNOWN
                .get(value)
                .map(|band| band.query().to_owned()),
            Form::Macs | Form::Numbers => Some(format!("{name}={shown}")),
            Form::Years => {
                let year: i32 = shown.parse().ok()?;
                let next = year + 1;
                Some(format!("{name}>={year:04}-01-01 {name}<{next:04}-01-01"))
            }
            Form::Texts => [':', '=']
                .into_iter()
                .find_map(|operator| {
                    Some(format!("{name}{operator}{}", self.item(value, operator)?))
                })
                .or_else(|| self.pattern(value)),
            Form::Undecided => None,
        }
    }

    /// One term for several values, which all have to be written after the same operator.
    fn together(&self, values: &[usize], operator: char) -> Option<String> {
        let items = values.iter().map(|&value| match self.form {
            _ if self.dictionary.is_missing(value) => (operator == ':').then(|| "none".to_owned()),
            Form::Texts => self.item(value, operator),
            Form::Macs => Some(self.dictionary.text(value)?.to_owned()),
            _ => None,
        });
        let items: Vec<String> = items.collect::<Option<_>>()?;
        Some(format!("{}{operator}{}", self.name(), items.join(",")))
    }

    /// The text of a value as it is written after the operator, if that selects its rows only.
    fn item(&self, value: usize, operator: char) -> Option<String> {
        let original = self.dictionary.text(value)?;
        let written = readable(original);
        let needle = Needle::new(&written);
        let test = if operator == ':' {
            let texts = self.dictionary.texts();
            if texts.len() > MAX_COMPARED {
                return None;
            }
            let mut others = texts.enumerate().filter(|(other, _)| *other != value);
            if others.any(|(_, other)| needle.is_in(other)) {
                return None;
            }
            TextTest::Contains(needle)
        } else {
            TextTest::Equals(ExactTexts::of([written.as_str()]))
        };
        let expected = Test::Text(self.key.clone(), vec![test]);
        [written.clone(), format!("\"{written}\"")]
            .into_iter()
            .find(|item| parses_to(&format!("{}{operator}{item}", self.name()), &expected))
    }

    /// A regular expression of all spellings, for a text that can't be quoted.
    fn pattern(&self, value: usize) -> Option<String> {
        let mut spellings: Vec<String> = Vec::new();
        for spelling in self.dictionary.spellings(value) {
            let spelling = normal(spelling).into_owned();
            if !spellings.contains(&spelling) {
                spellings.push(spelling);
            }
        }
        let escaped = |text: &String| regex::escape(text).replace('/', "\\/");
        // Of normal ASCII text, only the case of letters can differ. Other letters have more forms
        // than a regular expression without regard to case knows, and some fewer.
        let first = spellings.first()?;
        let body = if spellings.iter().all(|text| text.is_ascii()) {
            escaped(first)
        } else {
            let all: Vec<String> = spellings.iter().map(escaped).collect();
            format!("(?-i:{})", all.join("|"))
        };
        let query = format!("{}:/^{body}$/", self.name());
        Query::parse(&query).is_ok().then_some(query)
    }

    fn name(&self) -> String {
        match self.key {
            Key::Field(field) => field.name().to_owned(),
            // Not `Display`, which clips a long header.
            Key::Column(header) => format!("@\"{header}\""),
        }
    }
}

/// A spelling without invisible characters, if it has the same meaning.
fn readable(original: &str) -> String {
    if text::visible(original) != original {
        let normal = normal(original).into_owned();
        if !normal.is_empty() && same(&normal, original) {
            return normal;
        }
    }
    original.to_owned()
}

fn parses_to(query: &str, expected: &Test) -> bool {
    Query::parse(query).is_ok_and(|query| match &query.expression {
        Expression::Term(term) => term.test == *expected,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::MAX_COMPARED;
    use crate::list::{DeviceList, Field};
    use crate::query::Key;
    use crate::query::facets::Facet;

    fn facet(field: Field, values: &[&str]) -> Facet {
        let rows = (1..).zip(values);
        let rows = rows.map(|(number, value)| {
            serde_json::json!({"hwid": format!("h{number}"), field.name(): value})
        });
        let text = rows.collect::<serde_json::Value>().to_string();
        let list = DeviceList::read_bytes("l.json", text.as_bytes()).expect("a list");
        Facet::of(&list, &Key::Field(field)).expect("a facet")
    }

    #[test]
    fn hidden_characters_are_left_out_and_others_kept() {
        for (value, query) in [
            ("zero\u{200b}width", "group:zerowidth"),
            ("Ｓales", "group:Ｓales"),
            ("a \u{a0}b", "group:\"a \u{a0}b\""),
        ] {
            assert_eq!(
                facet(Field::Group, &[value]).query(0).as_deref(),
                Some(query)
            );
        }
    }

    #[test]
    fn value_among_many_is_written_without_a_search_in_the_others() {
        for (count, query) in [
            (MAX_COMPARED, "group:v0000"),
            (MAX_COMPARED + 1, "group=v0000"),
        ] {
            let values: Vec<String> = (0..count).map(|number| format!("v{number:04}")).collect();
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let facet = facet(Field::Group, &values);
            assert_eq!(facet.query(0).as_deref(), Some(query));
        }
    }

    #[test]
    fn addresses_are_one_term() {
        let facet = facet(Field::Mac, &["3c:52:82:00:00:01", "3c:52:82:00:00:02"]);
        assert_eq!(
            facet.query_any(&[0, 1]).as_deref(),
            Some("mac:3c:52:82:00:00:01,3c:52:82:00:00:02")
        );
    }
}
