//! From text to an expression: winnow cuts words and parentheses, a descent over them builds the
//! tree and knows the column of each mistake.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use winnow::combinator::{alt, opt};
use winnow::error::ContextError;
use winnow::prelude::*;

use super::lexer::{Kind, Piece, Token, error, tokens};
use super::{Comparison, Expression, Needle, QueryError, Term};
use crate::device::MacAddress;
use crate::list::Field;

/// How deep parentheses and negations may nest.
const DEPTH: usize = 64;

pub(super) fn parse(text: &str) -> Result<Expression, QueryError> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(Expression::All);
    }
    let mut parser = Descent {
        text,
        tokens: &tokens,
        next: 0,
    };
    let expression = parser.either(0)?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => Err(error(text, token.at, "this ) closes nothing")),
    }
}

struct Descent<'a, 't> {
    text: &'a str,
    tokens: &'t [Token<'a>],
    next: usize,
}

impl<'a, 't> Descent<'a, 't> {
    fn peek(&self) -> Option<&'t Token<'a>> {
        self.tokens.get(self.next)
    }

    fn fail<T>(&self, at: usize, message: impl Into<String>) -> Result<T, QueryError> {
        Err(error(self.text, at, message))
    }

    fn is_keyword(token: &Token<'_>, keyword: &str) -> bool {
        matches!(&token.kind, Kind::Word(pieces)
            if matches!(pieces[..], [Piece::Bare(word)] if word.eq_ignore_ascii_case(keyword)))
    }

    /// `a or b or c`.
    fn either(&mut self, depth: usize) -> Result<Expression, QueryError> {
        let mut parts = vec![self.all(depth)?];
        while let Some(token) = self.peek() {
            if !Self::is_keyword(token, "or") {
                break;
            }
            self.next += 1;
            parts.push(self.all(depth)?);
        }
        Ok(single_or(parts, Expression::Or))
    }

    /// `a b c`.
    fn all(&mut self, depth: usize) -> Result<Expression, QueryError> {
        let mut parts = Vec::new();
        while let Some(token) = self.peek() {
            if token.kind == Kind::Close || Self::is_keyword(token, "or") {
                break;
            }
            parts.push(self.unary(depth)?);
        }
        if parts.is_empty() {
            let at = self.peek().map_or(self.text.len(), |token| token.at);
            return self.fail(at, "something to look for is missing here");
        }
        Ok(single_or(parts, Expression::And))
    }

    fn unary(&mut self, depth: usize) -> Result<Expression, QueryError> {
        let Some(token) = self.peek() else {
            return self.fail(self.text.len(), "something to look for is missing here");
        };
        if depth >= DEPTH {
            return self.fail(token.at, "nested too deep");
        }
        self.next += 1;
        match &token.kind {
            Kind::Minus => Ok(Expression::Not(Box::new(self.unary(depth + 1)?))),
            Kind::Word(_) if Self::is_keyword(token, "not") => {
                Ok(Expression::Not(Box::new(self.unary(depth + 1)?)))
            }
            Kind::Open => {
                let inner = self.either(depth + 1)?;
                match self.peek() {
                    Some(Token {
                        kind: Kind::Close, ..
                    }) => {
                        self.next += 1;
                        Ok(inner)
                    }
                    _ => self.fail(token.at, "this ( is never closed"),
                }
            }
            Kind::Close => self.fail(token.at, "this ) closes nothing"),
            Kind::Word(pieces) => self.term(token.at, pieces).map(Expression::Term),
        }
    }

    fn term(&self, at: usize, pieces: &[Piece<'a>]) -> Result<Term, QueryError> {
        let Some(Piece::Bare(first)) = pieces.first() else {
            return self.anywhere(at, pieces);
        };
        let Some(split) = first.find([':', '=', '<', '>']) else {
            return self.anywhere(at, pieces);
        };
        let name = &first[..split];
        // A MAC and an IPv6 address have colons too, and no field's name before them.
        if looks_like_octets(first) || name.is_empty() {
            return self.anywhere(at, pieces);
        }
        let (operator, rest) = operator(&first[split..]);
        let value_at = at + first.len() - rest.len();
        let mut values = vec![Piece::Bare(rest)];
        values.extend_from_slice(&pieces[1..]);
        if name.eq_ignore_ascii_case("unseen") {
            return self.unseen(operator, &joined(&values), at + split, value_at);
        }
        let Some(field) = Field::from_name(&name.to_ascii_lowercase()) else {
            let known: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
            let name = crate::text::visible(name);
            return self.fail(
                at,
                format!("no field '{name}': there is {}, unseen", known.join(", ")),
            );
        };
        if joined(&values).is_empty() {
            return self.fail(
                value_at,
                format!("a value for {} is missing here", field.name()),
            );
        }
        let is_none =
            matches!(values[..], [Piece::Bare(word)] if word.eq_ignore_ascii_case("none"));
        match (operator, field) {
            (Operator::Contains, field) if is_none => Ok(Term::Missing(field)),
            (Operator::Contains, Field::Mac) => self.octets(&values, value_at),
            (operator, Field::Issues) => {
                let comparison = operator.comparison().unwrap_or(Comparison::Equal);
                match joined(&values).parse() {
                    Ok(number) => Ok(Term::Issues(comparison, number)),
                    Err(_) => self.fail(
                        value_at,
                        "issues is compared with a whole number, as in issues>5",
                    ),
                }
            }
            (operator, Field::Seen | Field::Enrolled) => {
                self.date(field, operator, &joined(&values), value_at)
            }
            (Operator::Contains, field) => Ok(Term::Contains(field, needles(&values))),
            (Operator::Compare(Comparison::Equal), field) => {
                Ok(Term::Equals(field, needles(&values)))
            }
            (Operator::Compare(_), field) => self.fail(
                at + split,
                format!("{} is text: use {0}:text or {0}=text", field.name()),
            ),
        }
    }

    fn anywhere(&self, at: usize, pieces: &[Piece<'a>]) -> Result<Term, QueryError> {
        let word = joined(pieces);
        if word.is_empty() {
            return self.fail(at, "an empty phrase matches nothing: leave it out");
        }
        let mac = octets(&word);
        Ok(Term::Anywhere {
            needle: Needle::new(&word),
            mac,
        })
    }

    fn octets(&self, values: &[Piece<'a>], at: usize) -> Result<Term, QueryError> {
        let mut all = Vec::new();
        for needle in needles(values) {
            match octets(&needle.lower) {
                Some(octets) => all.push(octets),
                None => {
                    return self.fail(
                        at,
                        "a MAC, or at least two hex pairs of one, as in mac:29:cd",
                    );
                }
            }
        }
        Ok(Term::Octets(all))
    }

    fn unseen(
        &self,
        operator: Operator,
        value: &str,
        at: usize,
        value_at: usize,
    ) -> Result<Term, QueryError> {
        let Some(comparison) = operator.comparison() else {
            return self.fail(at, "unseen is compared, as in unseen>90d");
        };
        let digits = value.len()
            - value
                .trim_start_matches(|character: char| character.is_ascii_digit())
                .len();
        let (number, unit) = value.split_at(digits);
        let seconds = match unit.to_ascii_lowercase().as_str() {
            "min" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 7 * 86_400,
            "mo" => 30 * 86_400,
            "y" => 365 * 86_400,
            "m" => {
                return self.fail(
                    value_at + digits,
                    "m could be minutes or months: write min or mo",
                );
            }
            _ => {
                return self.fail(
                    value_at,
                    "an age is a number and one of min h d w mo y, as in 90d",
                );
            }
        };
        match number
            .parse::<i64>()
            .ok()
            .and_then(|number| number.checked_mul(seconds))
        {
            Some(age) => Ok(Term::Unseen(comparison, age)),
            None => self.fail(
                value_at,
                "an age is a number and one of min h d w mo y, as in 90d",
            ),
        }
    }

    fn date(
        &self,
        field: Field,
        operator: Operator,
        value: &str,
        at: usize,
    ) -> Result<Term, QueryError> {
        let Ok(date) = value.parse::<Date>() else {
            let hint = if field == Field::Seen {
                "; for an age use unseen, as in unseen>90d"
            } else {
                ""
            };
            return self.fail(
                at,
                format!(
                    "{} is compared with a date, as in {0}>=2026-01-31{hint}",
                    field.name()
                ),
            );
        };
        let start = |date: Date| {
            date.to_zoned_datetime(TimeZone::UTC)
                .map(|zoned| zoned.timestamp().as_second())
        };
        match (start(date), date.tomorrow().and_then(start)) {
            (Ok(from), Ok(to)) => {
                let comparison = operator.comparison().unwrap_or(Comparison::Equal);
                Ok(Term::Date(field, comparison, (from, to)))
            }
            _ => self.fail(at, "this date is out of range"),
        }
    }
}

#[derive(Clone, Copy)]
enum Operator {
    Contains,
    Compare(Comparison),
}

impl Operator {
    fn comparison(self) -> Option<Comparison> {
        match self {
            Self::Contains => None,
            Self::Compare(comparison) => Some(comparison),
        }
    }
}

fn operator(text: &str) -> (Operator, &str) {
    let mut rest = text;
    let mut symbol = alt((
        ":".value(Operator::Contains),
        (alt(('<', '>')), opt('=')).map(|(side, equal)| {
            Operator::Compare(match (side, equal) {
                ('<', None) => Comparison::Less,
                ('<', Some(_)) => Comparison::AtMost,
                (_, None) => Comparison::More,
                (_, Some(_)) => Comparison::AtLeast,
            })
        }),
        "=".value(Operator::Compare(Comparison::Equal)),
    ));
    let parsed: Result<Operator, ContextError> = symbol.parse_next(&mut rest);
    (parsed.unwrap_or(Operator::Contains), rest)
}

fn single_or(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => Expression::All,
    }
}

fn joined(pieces: &[Piece<'_>]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Bare(text) | Piece::Quoted(text) => *text,
        })
        .collect()
}

/// `a,b` is two values; a comma in a quoted piece is only a comma.
fn needles(pieces: &[Piece<'_>]) -> Vec<Needle> {
    let mut values = vec![String::new()];
    for piece in pieces {
        match piece {
            Piece::Quoted(text) => extend_last(&mut values, text),
            Piece::Bare(text) => {
                for (index, part) in text.split(',').enumerate() {
                    if index > 0 {
                        values.push(String::new());
                    }
                    extend_last(&mut values, part);
                }
            }
        }
    }
    values
        .iter()
        .filter(|value| !value.is_empty())
        .map(|value| Needle::new(value))
        .collect()
}

fn extend_last(values: &mut [String], text: &str) {
    if let Some(last) = values.last_mut() {
        last.push_str(text);
    }
}

fn looks_like_octets(word: &str) -> bool {
    word.contains(':') && octets(word).is_some()
}

/// A whole MAC in any notation, or at least two hex pairs joined by `:` or `-`.
fn octets(word: &str) -> Option<Vec<u8>> {
    if let Ok(mac) = MacAddress::parse(word) {
        return Some(mac.octets().to_vec());
    }
    let separator = word
        .chars()
        .find(|&character| matches!(character, ':' | '-'))?;
    let octets: Vec<u8> = word
        .split(separator)
        .map(|pair| {
            if pair.len() == 2 {
                u8::from_str_radix(pair, 16).ok()
            } else {
                None
            }
        })
        .collect::<Option<_>>()?;
    (2..=6).contains(&octets.len()).then_some(octets)
}

impl Needle {
    fn new(text: &str) -> Self {
        Self {
            lower: text.to_lowercase(),
        }
    }
}
