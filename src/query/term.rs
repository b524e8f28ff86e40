//! Interprets a field with its operator and value.

use regex::RegexBuilder;

use super::error::SyntaxError;
use super::expression::{Comparison, MacTest, Pattern, Test, TextTest};
use super::key::Key;
use super::lexer::{FieldTerm, Item, Operator, Value};
use super::mac::MacDigits;
use super::needle::{ExactTexts, Needle};
use super::state::State;
use super::subject::Subject;
use super::value::{self, AgeError};
use crate::list::Field;
use crate::text;

impl FieldTerm<'_> {
    /// Converts the term to a test.
    pub fn test(&self) -> Result<Test, SyntaxError> {
        match self.subject {
            Subject::Unseen => self.unseen(),
            Subject::Is => self.states(),
            Subject::Duplicate => self.shared_field().map(Test::Duplicate),
            Subject::Stale => self.shared_field().map(Test::Stale),
            Subject::Field(Field::Mac) => self.mac(),
            Subject::Field(Field::Issues) => self.issues(),
            Subject::Field(field @ (Field::Seen | Field::Enrolled)) => self.date(field),
            Subject::Field(field) => self.text(Key::Field(field)),
            Subject::Column => self.text(Key::Column(self.header.into())),
        }
    }

    /// True if the operator asks for a whole value. An error for one that compares numbers and dates.
    fn is_whole(&self, key: &Key) -> Result<bool, SyntaxError> {
        match self.operator {
            Operator::Colon => Ok(false),
            Operator::Compare(Comparison::Equal) => Ok(true),
            Operator::Compare(_) => Err(self.not_comparable(key)),
        }
    }

    fn text(&self, key: Key) -> Result<Test, SyntaxError> {
        let is_whole = self.is_whole(&key)?;
        let tests = match &self.value {
            Value::Pattern(source) => vec![TextTest::Matches(self.pattern(source)?)],
            Value::Items(items) => {
                let (missing, given): (Vec<&Item>, Vec<&Item>) =
                    items.iter().partition(|item| self.is_none(item));
                let values = given.iter().map(|item| item.text);
                let mut tests: Vec<TextTest> = if is_whole {
                    vec![TextTest::Equals(ExactTexts::of(values))]
                } else {
                    values
                        .map(|text| TextTest::Contains(Needle::new(text)))
                        .collect()
                };
                if !missing.is_empty() {
                    tests.push(TextTest::Missing);
                }
                tests
            }
        };
        Ok(Test::Text(key, tests))
    }

    fn mac(&self) -> Result<Test, SyntaxError> {
        let whole = self.is_whole(&Key::Field(Field::Mac))?;
        let items = match &self.value {
            Value::Pattern(source) => {
                return Ok(Test::Mac(vec![MacTest::Matches(self.pattern(source)?)]));
            }
            Value::Items(items) => items,
        };
        let (mut tests, mut addresses) = (Vec::new(), Vec::new());
        for item in items {
            if self.is_none(item) {
                tests.push(MacTest::Missing);
                continue;
            }
            let digits = MacDigits::in_value(item.text);
            let digits = digits.filter(|digits| !whole || digits.is_whole());
            let digits = digits.ok_or_else(|| {
                let expected = if whole {
                    "not a MAC address"
                } else {
                    "not part of a MAC address"
                };
                SyntaxError::new(item.at, format!("'{}' is {expected}", shown(item)))
                    .hint("as in mac=00:0c:29:cd:c7:b2 or mac:29:cd")
            })?;
            match digits.address() {
                Some(address) => addresses.push(address),
                None => tests.push(MacTest::Contains(digits)),
            }
        }
        if !addresses.is_empty() {
            addresses.sort_unstable();
            tests.push(MacTest::OneOf(addresses));
        }
        Ok(Test::Mac(tests))
    }

    fn issues(&self) -> Result<Test, SyntaxError> {
        let item = self.only_item("a whole number, as in issues>5")?;
        if self.is_none(item) {
            return Ok(Test::Missing(Field::Issues));
        }
        match value::number(item.text) {
            Some(number) => Ok(Test::Issues(self.comparison(), number)),
            None => Err(SyntaxError::new(
                item.at,
                format!("'{}' is not a whole number", shown(item)),
            )
            .hint("as in issues>5")),
        }
    }

    fn date(&self, field: Field) -> Result<Test, SyntaxError> {
        let name = field.name();
        let item = self.only_item("a day, as in seen>=2026-01-31")?;
        if self.is_none(item) {
            return Ok(Test::Missing(field));
        }
        if let Some(day) = value::day(item.text) {
            return Ok(Test::Date(field, self.comparison(), day));
        }
        if value::split_age(item.text).is_some() && field == Field::Seen {
            return Err(SyntaxError::new(item.at, "seen takes a day, not an age")
                .hint("as in seen<2026-01-31, or unseen>90d"));
        }
        Err(
            SyntaxError::new(item.at, format!("'{}' is not a day", shown(item)))
                .hint(format!("as in {name}>=2026-01-31")),
        )
    }

    fn unseen(&self) -> Result<Test, SyntaxError> {
        let comparison = match self.operator {
            Operator::Compare(comparison) if comparison != Comparison::Equal => comparison,
            _ => {
                return Err(SyntaxError::new(
                    self.operator_at,
                    "unseen is compared with < <= >= >",
                )
                .hint("as in unseen>90d; use seen:none for devices never seen"));
            }
        };
        let item = self.only_item("an age, as in unseen>90d")?;
        let unit_at = item.at + value::split_age(item.text).map_or(0, |(number, _)| number.len());
        let units = "units are min h d w mo y";
        value::age(item.text)
            .map(|seconds| Test::Unseen(comparison, seconds))
            .map_err(|error| match error {
                AgeError::NotAnAge if value::day(item.text).is_some() => {
                    SyntaxError::new(item.at, "unseen takes an age, not a day")
                        .hint("as in unseen>90d, or seen<2026-01-31")
                }
                AgeError::NotAnAge => {
                    SyntaxError::new(item.at, format!("'{}' is not an age", shown(item)))
                        .hint("as in unseen>90d")
                }
                AgeError::NoUnit => SyntaxError::new(unit_at, "an age needs a unit").hint(units),
                AgeError::MinutesOrMonths => {
                    SyntaxError::new(unit_at, "'m' could be minutes or months")
                        .hint("write min or mo")
                }
                AgeError::UnknownUnit => {
                    SyntaxError::new(unit_at, "unknown unit of time").hint(units)
                }
                AgeError::TooLarge => SyntaxError::new(item.at, "this age is too large"),
            })
    }

    fn states(&self) -> Result<Test, SyntaxError> {
        let states = self.after_colon("is:marked")?.iter().map(|item| {
            State::from_name(item.text).ok_or_else(|| {
                let names = State::ALL.map(State::as_str).join(" ");
                SyntaxError::new(item.at, format!("unknown state '{}'", shown(item)))
                    .hint(format!("use {names}"))
            })
        });
        states.collect::<Result<_, _>>().map(Test::Is)
    }

    /// The field after `dup:` or `stale:`.
    fn shared_field(&self) -> Result<Key, SyntaxError> {
        let name = match self.subject {
            Subject::Stale => "stale",
            _ => "dup",
        };
        let [item] = self.after_colon(&format!("{name}:hostname"))? else {
            return Err(SyntaxError::new(
                self.value_at,
                format!("{name} takes one field"),
            ));
        };
        if item.header {
            return Ok(Key::Column(item.text.into()));
        }
        match Subject::parse(item.text, item.at)? {
            Subject::Field(Field::Issues | Field::Seen | Field::Enrolled) => Err(SyntaxError::new(
                item.at,
                format!("{name} does not support {}", item.text),
            )
            .hint(format!("as in {name}:hostname"))),
            Subject::Field(field) => Ok(Key::Field(field)),
            _ => Err(
                SyntaxError::new(item.at, format!("'{}' is not a field", shown(item)))
                    .hint(format!("as in {name}:hostname")),
            ),
        }
    }

    fn after_colon(&self, example: &str) -> Result<&[Item<'_>], SyntaxError> {
        match (&self.value, self.operator) {
            (Value::Items(items), Operator::Colon) => Ok(items),
            (_, Operator::Compare(_)) => {
                Err(SyntaxError::new(self.operator_at, "expected ':'")
                    .hint(format!("as in {example}")))
            }
            (Value::Pattern(_), _) => Err(SyntaxError::new(
                self.value_at,
                "a regular expression is not allowed here",
            )
            .hint(format!("as in {example}"))),
        }
    }

    /// The single value of a field that isn't a text; `expected` describes it for errors.
    fn only_item(&self, expected: &str) -> Result<&Item<'_>, SyntaxError> {
        match &self.value {
            Value::Items(items) => match &items[..] {
                [item] => Ok(item),
                _ => Err(SyntaxError::new(
                    self.value_at,
                    format!("expected one value: {expected}"),
                )),
            },
            Value::Pattern(_) => Err(SyntaxError::new(
                self.value_at,
                format!("a regular expression is not allowed here: use {expected}"),
            )),
        }
    }

    /// `:` means equality for values that aren't texts.
    fn comparison(&self) -> Comparison {
        match self.operator {
            Operator::Colon => Comparison::Equal,
            Operator::Compare(comparison) => comparison,
        }
    }

    pub fn is_none(&self, item: &Item<'_>) -> bool {
        self.operator == Operator::Colon && !item.quoted && item.text.eq_ignore_ascii_case("none")
    }

    fn not_comparable(&self, name: &Key) -> SyntaxError {
        let mut hint = format!("use {name}:text or {name}=text");
        if let Key::Column(_) = name {
            hint.push_str("; only seen and enrolled compare days: assign one with --column");
        }
        SyntaxError::new(
            self.operator_at,
            format!("{name} is a text and can't be compared"),
        )
        .hint(hint)
    }

    fn pattern(&self, source: &str) -> Result<Pattern, SyntaxError> {
        RegexBuilder::new(source)
            .case_insensitive(true)
            .build()
            .map(Pattern)
            .map_err(|error| self.regex_error(source, &error))
    }

    fn regex_error(&self, source: &str, error: &regex::Error) -> SyntaxError {
        if matches!(error, regex::Error::CompiledTooBig(_)) {
            return SyntaxError::new(self.value_at, "this regular expression is too large");
        }
        // The crate only offers a drawing: the expression, a line with ^ under the error, and the
        // reason after `error: `.
        let drawing = error.to_string();
        let reason = drawing.rsplit("error: ").next().unwrap_or_default();
        let caret = drawing
            .lines()
            .filter(|_| !source.contains('\n'))
            .find(|line| line.contains('^') && line.trim_matches([' ', '^']).is_empty())
            .and_then(|line| line.find('^')?.checked_sub(4));
        let inside = caret.map_or(0, |column| {
            let byte = source.char_indices().nth(column);
            byte.map_or(source.len(), |(byte, _)| byte)
        });
        // Skip the opening slash.
        SyntaxError::new(
            self.value_at + 1 + inside,
            format!("regular expression: {}", text::clip(reason.trim(), 120)),
        )
    }
}

/// A value clipped for a message.
fn shown<'a>(item: &Item<'a>) -> std::borrow::Cow<'a, str> {
    text::clip(item.text, 24)
}
