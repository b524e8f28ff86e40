//! What a field with its value asks, and what is wrong with one that makes no sense.

use regex::RegexBuilder;

use super::error::Mistake;
use super::expression::{Comparison, MacTest, Pattern, Test, TextTest};
use super::key::Key;
use super::lexer::{FieldTerm, Item, Operator, Value};
use super::mac::MacDigits;
use super::needle::Needle;
use super::state::State;
use super::subject::Subject;
use super::value::{self, AgeError};
use crate::list::Field;
use crate::text;

impl FieldTerm<'_> {
    /// What it asks.
    pub fn test(&self) -> Result<Test, Mistake> {
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

    fn text(&self, key: Key) -> Result<Test, Mistake> {
        let to_test: fn(Needle) -> TextTest = match self.operator {
            Operator::Colon => TextTest::Contains,
            Operator::Compare(Comparison::Equal) => TextTest::Equals,
            Operator::Compare(_) => return Err(self.not_comparable(&key)),
        };
        let wanted = match &self.value {
            Value::Pattern(source) => vec![TextTest::Matches(self.pattern(source)?)],
            Value::Items(items) => items
                .iter()
                .map(|item| {
                    if self.is_none(item) {
                        TextTest::Missing
                    } else {
                        to_test(Needle::new(item.text))
                    }
                })
                .collect(),
        };
        Ok(Test::Text(key, wanted))
    }

    fn mac(&self) -> Result<Test, Mistake> {
        let whole = match self.operator {
            Operator::Colon => false,
            Operator::Compare(Comparison::Equal) => true,
            Operator::Compare(_) => return Err(self.not_comparable(&Key::Field(Field::Mac))),
        };
        let items = match &self.value {
            Value::Pattern(source) => {
                return Ok(Test::Mac(vec![MacTest::Matches(self.pattern(source)?)]));
            }
            Value::Items(items) => items,
        };
        let tests = items.iter().map(|item| {
            if self.is_none(item) {
                return Ok(MacTest::Missing);
            }
            let digits = MacDigits::in_value(item.text);
            let digits = digits.filter(|digits| !whole || digits.is_whole());
            digits.map(MacTest::Contains).ok_or_else(|| {
                let what = if whole {
                    "no MAC address"
                } else {
                    "no part of a MAC address"
                };
                Mistake::new(item.at, format!("'{}' is {what}", shown(item)))
                    .hint("as in mac=00:0c:29:cd:c7:b2 or mac:29:cd")
            })
        });
        tests.collect::<Result<_, _>>().map(Test::Mac)
    }

    fn issues(&self) -> Result<Test, Mistake> {
        let item = self.only_item("a whole number, as in issues>5")?;
        if self.is_none(item) {
            return Ok(Test::Missing(Field::Issues));
        }
        match value::number(item.text) {
            Some(number) => Ok(Test::Issues(self.comparison(), number)),
            None => Err(
                Mistake::new(item.at, format!("'{}' is no whole number", shown(item)))
                    .hint("as in issues>5"),
            ),
        }
    }

    fn date(&self, field: Field) -> Result<Test, Mistake> {
        let name = field.name();
        let item = self.only_item("a day, as in seen>=2026-01-31")?;
        if self.is_none(item) {
            return Ok(Test::Missing(field));
        }
        if let Some(day) = value::day(item.text) {
            return Ok(Test::Date(field, self.comparison(), day));
        }
        if value::split_age(item.text).is_some() && field == Field::Seen {
            return Err(
                Mistake::new(item.at, "seen is compared with a day, not an age")
                    .hint("not seen for longer than that is unseen>90d"),
            );
        }
        Err(
            Mistake::new(item.at, format!("'{}' is no day", shown(item)))
                .hint(format!("as in {name}>=2026-01-31")),
        )
    }

    fn unseen(&self) -> Result<Test, Mistake> {
        let comparison = match self.operator {
            Operator::Compare(comparison) if comparison != Comparison::Equal => comparison,
            _ => {
                return Err(
                    Mistake::new(self.operator_at, "unseen is compared with < <= >= >")
                        .hint("as in unseen>90d; never seen is seen:none"),
                );
            }
        };
        let item = self.only_item("an age, as in unseen>90d")?;
        let unit_at = item.at + value::split_age(item.text).map_or(0, |(number, _)| number.len());
        let units = "units are min h d w mo y";
        value::age(item.text)
            .map(|seconds| Test::Unseen(comparison, seconds))
            .map_err(|error| match error {
                AgeError::NotAnAge if value::day(item.text).is_some() => {
                    Mistake::new(item.at, "unseen is compared with an age, not a day")
                        .hint("seen before that day is seen<2026-01-31")
                }
                AgeError::NotAnAge => Mistake::new(item.at, format!("'{}' is no age", shown(item)))
                    .hint("as in unseen>90d"),
                AgeError::NoUnit => Mistake::new(unit_at, "an age needs a unit").hint(units),
                AgeError::MinutesOrMonths => {
                    Mistake::new(unit_at, "'m' could be minutes or months").hint("write min or mo")
                }
                AgeError::UnknownUnit => Mistake::new(unit_at, "no such unit of time").hint(units),
                AgeError::TooLarge => Mistake::new(item.at, "this age is too large"),
            })
    }

    fn states(&self) -> Result<Test, Mistake> {
        let states = self.after_colon("is:marked")?.iter().map(|item| {
            State::from_name(item.text).ok_or_else(|| {
                let words = State::ALL.map(State::as_str).join(" ");
                Mistake::new(item.at, format!("unknown state '{}'", shown(item)))
                    .hint(format!("there are {words}"))
            })
        });
        states.collect::<Result<_, _>>().map(Test::Is)
    }

    /// The field after `dup:` or `stale:`.
    fn shared_field(&self) -> Result<Key, Mistake> {
        let name = match self.subject {
            Subject::Stale => "stale",
            _ => "dup",
        };
        let [item] = self.after_colon(&format!("{name}:hostname"))? else {
            return Err(Mistake::new(
                self.value_at,
                format!("{name} looks at one field"),
            ));
        };
        if item.header {
            return Ok(Key::Column(item.text.into()));
        }
        match Subject::parse(item.text, item.at)? {
            Subject::Field(Field::Issues | Field::Seen | Field::Enrolled) => Err(Mistake::new(
                item.at,
                format!("that two devices share their {} says nothing", item.text),
            )
            .hint(format!("as in {name}:hostname"))),
            Subject::Field(field) => Ok(Key::Field(field)),
            _ => Err(
                Mistake::new(item.at, format!("'{}' is no field", shown(item)))
                    .hint(format!("as in {name}:hostname")),
            ),
        }
    }

    fn after_colon(&self, example: &str) -> Result<&[Item<'_>], Mistake> {
        match (&self.value, self.operator) {
            (Value::Items(items), Operator::Colon) => Ok(items),
            (_, Operator::Compare(_)) => Err(Mistake::new(self.operator_at, "a ':' belongs here")
                .hint(format!("as in {example}"))),
            (Value::Pattern(_), _) => Err(Mistake::new(
                self.value_at,
                "no regular expression can stand here",
            )
            .hint(format!("as in {example}"))),
        }
    }

    /// The one value of a field that isn't a text; `wanted` says what it should be.
    fn only_item(&self, wanted: &str) -> Result<&Item<'_>, Mistake> {
        match &self.value {
            Value::Items(items) => match &items[..] {
                [item] => Ok(item),
                _ => Err(Mistake::new(
                    self.value_at,
                    format!("only one value can stand here: {wanted}"),
                )),
            },
            Value::Pattern(_) => Err(Mistake::new(
                self.value_at,
                format!("no regular expression can stand here: {wanted}"),
            )),
        }
    }

    /// `:` asks for the value itself where there is nothing to contain.
    fn comparison(&self) -> Comparison {
        match self.operator {
            Operator::Colon => Comparison::Equal,
            Operator::Compare(comparison) => comparison,
        }
    }

    fn is_none(&self, item: &Item<'_>) -> bool {
        self.operator == Operator::Colon && !item.quoted && item.text.eq_ignore_ascii_case("none")
    }

    fn not_comparable(&self, name: &Key) -> Mistake {
        let mut hint = format!("use {name}:text or {name}=text");
        if let Key::Column(_) = name {
            hint.push_str("; days are compared of seen and enrolled, which --column can assign");
        }
        Mistake::new(self.operator_at, format!("{name} is text and has no order")).hint(hint)
    }

    fn pattern(&self, source: &str) -> Result<Pattern, Mistake> {
        RegexBuilder::new(source)
            .case_insensitive(true)
            .build()
            .map(Pattern)
            .map_err(|error| self.regex_mistake(source, &error))
    }

    fn regex_mistake(&self, source: &str, error: &regex::Error) -> Mistake {
        if matches!(error, regex::Error::CompiledTooBig(_)) {
            return Mistake::new(self.value_at, "this regular expression is too large");
        }
        // The crate draws the expression, a line with a ^ under the mistake, and says what it is
        // after `error: `; it has no other way to ask for either.
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
        // The first slash comes before the expression.
        Mistake::new(
            self.value_at + 1 + inside,
            format!("regular expression: {}", text::clip(reason.trim(), 120)),
        )
    }
}

/// A value as it may stand in a message.
fn shown<'a>(item: &Item<'a>) -> std::borrow::Cow<'a, str> {
    text::clip(item.text, 24)
}
