//! The lexer: splits a query into parentheses, keywords, words, phrases, and fields with their
//! values.
//!
//! Values are not interpreted here; the form depends on the field ([`super::term`]).

use winnow::combinator::{alt, delimited, dispatch, opt, peek, preceded, repeat};
use winnow::prelude::*;
use winnow::stream::{Location, Stream};
use winnow::token::{any, none_of, one_of, take_while};

use super::error::SyntaxError;
use super::expression::Comparison;
use super::input::Input;
use super::literal::{check_bare, check_wildcards};
use super::mac::MacDigits;
use super::subject::Subject;

/// The characters that end a field name.
const OPERATORS: [char; 4] = [':', '=', '<', '>'];

/// A token and the byte offsets of its beginning and end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub at: usize,
    pub end: usize,
    pub kind: Kind<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    Open,
    Close,
    Or,
    Not,
    Word(&'a str),
    Phrase(&'a str),
    Field(FieldTerm<'a>),
}

/// A field with its operator and value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FieldTerm<'a> {
    pub subject: Subject,
    /// The header of [`Subject::Column`].
    pub header: &'a str,
    pub operator: Operator,
    pub operator_at: usize,
    pub value: Value<'a>,
    pub value_at: usize,
}

/// The operator between a field and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `:`
    Colon,
    /// `=`, `<` …
    Compare(Comparison),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// `a,"b c"`: at least one item, none empty.
    Items(Vec<Item<'a>>),
    /// The text between two slashes.
    Pattern(&'a str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item<'a> {
    pub at: usize,
    pub text: &'a str,
    pub quoted: bool,
    /// True for `@"…"`, the header of a column.
    pub header: bool,
}

impl Token<'_> {
    /// The source of the term, one for each of its values; none for parentheses and keywords.
    /// `text` is the whole query.
    pub fn parts(&self, text: &str) -> Vec<String> {
        let source = |range| text.get(range).unwrap_or_default();
        match &self.kind {
            Kind::Open | Kind::Close | Kind::Or | Kind::Not => Vec::new(),
            Kind::Field(
                term @ FieldTerm {
                    value: Value::Items(items),
                    value_at,
                    ..
                },
            ) => {
                let begin = source(self.at..*value_at);
                items
                    .iter()
                    .zip(term.ends(self.end))
                    .map(|(item, end)| format!("{begin}{}", source(item.at..end)))
                    .collect()
            }
            Kind::Word(_) | Kind::Phrase(_) | Kind::Field(_) => {
                vec![source(self.at..self.end).to_owned()]
            }
        }
    }
}

impl FieldTerm<'_> {
    /// The byte offsets at which its values end, of a term that ends at `end`.
    pub fn ends(&self, end: usize) -> impl Iterator<Item = usize> {
        let items = match &self.value {
            Value::Items(items) => items.as_slice(),
            Value::Pattern(_) => &[],
        };
        let ends = items.iter().skip(1).map(|next| next.at - 1);
        ends.chain([end])
    }
}

/// Splits all of `text`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, SyntaxError> {
    Ok(tokens_until(text, |_| false)?.0)
}

/// Splits `text` up to a token at which `is_end` accepts the rest of it, and returns where that is.
pub(super) fn tokens_until(
    text: &str,
    is_end: impl Fn(&str) -> bool,
) -> Result<(Vec<Token<'_>>, usize), SyntaxError> {
    let mut input = Input::new(text);
    let mut tokens = Vec::new();
    loop {
        spaces(&mut input)?;
        let at = input.current_token_start();
        if input.is_empty() || is_end(text.get(at..).unwrap_or_default()) {
            return Ok((tokens, at));
        }
        let kind = token(&mut input)?;
        let end = input.current_token_start();
        tokens.push(Token { at, end, kind });
    }
}

fn token<'a>(input: &mut Input<'a>) -> Result<Kind<'a>, SyntaxError> {
    dispatch! {peek(any);
        '(' => any.value(Kind::Open),
        ')' => any.value(Kind::Close),
        '-' => minus,
        '"' => (quoted, boundary).map(|(text, ())| Kind::Phrase(text)),
        '@' => column,
        _ => word,
    }
    .parse_next(input)
}

fn minus<'a>(input: &mut Input<'a>) -> Result<Kind<'a>, SyntaxError> {
    let at = input.current_token_start();
    any.parse_next(input)?;
    match input.peek_token() {
        Some(next) if !next.is_whitespace() => Ok(Kind::Not),
        _ => {
            Err(SyntaxError::new(at, "expected a term after '-'")
                .hint("quote it to search for '-'"))
        }
    }
}

fn word<'a>(input: &mut Input<'a>) -> Result<Kind<'a>, SyntaxError> {
    let start = input.checkpoint();
    let at = input.current_token_start();
    let run = take_while(1.., is_bare).parse_next(input)?;
    // A MAC address contains colons too, but no field name.
    if run.contains(OPERATORS) && MacDigits::in_word(run).is_none() {
        input.reset(&start);
        return field(input).map(Kind::Field);
    }
    boundary(input)?;
    check_bare(run, at, None)?;
    match run {
        or if or.eq_ignore_ascii_case("or") => Ok(Kind::Or),
        not if not.eq_ignore_ascii_case("not") => Ok(Kind::Not),
        and if and.eq_ignore_ascii_case("and") => Err(SyntaxError::new(
            at,
            "unexpected 'and': separate terms with a space",
        )
        .hint("quote it to search for the word")),
        word => Ok(Kind::Word(word)),
    }
}

/// `@"Its Header":text`, or a word that begins with `@`.
fn column<'a>(input: &mut Input<'a>) -> Result<Kind<'a>, SyntaxError> {
    let start = input.checkpoint();
    let at = input.current_token_start();
    any.parse_next(input)?;
    let is_quoted = input.peek_token() == Some('"');
    let header = if is_quoted {
        quoted(input)?
    } else {
        let name = |character| is_bare(character) && !OPERATORS.contains(&character);
        take_while(0.., name).parse_next(input)?
    };
    let next = input.peek_token();
    let has_operator = next.is_some_and(|next| OPERATORS.contains(&next));
    if !is_quoted && !has_operator {
        input.reset(&start);
        return word(input);
    }
    if header.trim().is_empty() {
        return Err(SyntaxError::new(at, "expected a column header")
            .hint("as in @\"Primary user UPN\":text"));
    }
    if !has_operator {
        return Err(SyntaxError::new(
            input.current_token_start(),
            "expected ':' or '=' after the column header",
        )
        .hint(format!("as in @\"{header}\":text or @\"{header}\":none")));
    }
    let name = format!("@\"{header}\"");
    term(input, Subject::Column, header, &name).map(Kind::Field)
}

fn field<'a>(input: &mut Input<'a>) -> Result<FieldTerm<'a>, SyntaxError> {
    let at = input.current_token_start();
    let name = take_while(0.., |character| !OPERATORS.contains(&character)).parse_next(input)?;
    let subject = Subject::parse(name, at)?;
    term(input, subject, "", &name.to_lowercase())
}

/// The operator and value after a field name.
fn term<'a>(
    input: &mut Input<'a>,
    subject: Subject,
    header: &'a str,
    name: &str,
) -> Result<FieldTerm<'a>, SyntaxError> {
    let operator_at = input.current_token_start();
    let operator = operator.parse_next(input)?;
    let value_at = input.current_token_start();
    let value = match input.peek_token() {
        Some('/') if operator == Operator::Colon => Value::Pattern(pattern(input)?),
        Some('=' | '<' | '>') if operator != Operator::Colon => {
            return Err(SyntaxError::new(value_at, "unknown operator")
                .hint("use = < <= > >=, or quote the value"));
        }
        _ => Value::Items(items(input, subject, name)?),
    };
    boundary(input)?;
    Ok(FieldTerm {
        subject,
        header,
        operator,
        operator_at,
        value,
        value_at,
    })
}

fn operator(input: &mut Input<'_>) -> Result<Operator, SyntaxError> {
    alt((
        ':'.value(Operator::Colon),
        "<=".value(Operator::Compare(Comparison::AtMost)),
        ">=".value(Operator::Compare(Comparison::AtLeast)),
        '<'.value(Operator::Compare(Comparison::Less)),
        '>'.value(Operator::Compare(Comparison::More)),
        '='.value(Operator::Compare(Comparison::Equal)),
    ))
    .parse_next(input)
}

fn items<'a>(
    input: &mut Input<'a>,
    subject: Subject,
    name: &str,
) -> Result<Vec<Item<'a>>, SyntaxError> {
    let mut items = Vec::new();
    loop {
        let at = input.current_token_start();
        let header = opt::<_, _, SyntaxError, _>(('@', peek('"'))).parse_next(input)?;
        let is_header = header.is_some();
        let is_quoted = input.peek_token() == Some('"');
        let named = Some((subject, name));
        let text = if is_quoted {
            let text = quoted(input)?;
            if !is_header {
                check_wildcards(text, at + 1, named)?;
            }
            text
        } else {
            let mut bare = take_while(0.., |character| is_bare(character) && character != ',');
            check_bare(bare.parse_next(input)?, at, named)?
        };
        if text.is_empty() {
            let hint = match subject {
                Subject::Is => "such as is:marked".to_owned(),
                Subject::Duplicate | Subject::Stale => format!("such as {name}:hostname"),
                _ => format!("use {name}:none for a missing value"),
            };
            return Err(SyntaxError::new(at, "expected a value").hint(hint));
        }
        items.push(Item {
            at,
            text,
            quoted: is_quoted,
            header: is_header,
        });
        if opt(one_of::<_, _, SyntaxError>(','))
            .parse_next(input)?
            .is_none()
        {
            return Ok(items);
        }
    }
}

fn pattern<'a>(input: &mut Input<'a>) -> Result<&'a str, SyntaxError> {
    let at = input.current_token_start();
    let character = alt((
        preceded('\\', any::<_, SyntaxError>).void(),
        none_of(['/', '\\']).void(),
    ));
    delimited('/', repeat::<_, _, (), _, _>(0.., character).take(), '/')
        .parse_next(input)
        .map_err(|_| {
            SyntaxError::new(at, "unclosed regular expression: expected '/'")
                .hint("quote a text that begins with '/'")
        })
}

fn quoted<'a>(input: &mut Input<'a>) -> Result<&'a str, SyntaxError> {
    let at = input.current_token_start();
    delimited('"', take_while(0.., |character| character != '"'), '"')
        .parse_next(input)
        .map_err(|_: SyntaxError| SyntaxError::new(at, "unclosed '\"'"))
}

/// Requires white space or `)` after a term, so that one term isn't read as two.
fn boundary(input: &mut Input<'_>) -> Result<(), SyntaxError> {
    match input.peek_token() {
        Some(next) if !next.is_whitespace() && next != ')' => Err(SyntaxError::new(
            input.current_token_start(),
            "expected a space",
        )
        .hint("quote a text that contains spaces or parentheses")),
        _ => Ok(()),
    }
}

fn spaces(input: &mut Input<'_>) -> Result<(), SyntaxError> {
    take_while(0.., char::is_whitespace)
        .void()
        .parse_next(input)
}

fn is_bare(character: char) -> bool {
    !character.is_whitespace() && !matches!(character, '"' | '(' | ')')
}
