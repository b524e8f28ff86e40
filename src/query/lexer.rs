//! From text to tokens: parentheses, keywords, words, phrases, and fields with their values.
//!
//! What a value has to look like is up to its field; here it is only cut out.

use winnow::combinator::{alt, delimited, dispatch, opt, peek, preceded, repeat};
use winnow::prelude::*;
use winnow::stream::{Location, Stream};
use winnow::token::{any, none_of, one_of, take_while};

use super::error::Mistake;
use super::expression::Comparison;
use super::input::Input;
use super::mac::MacDigits;
use super::subject::Subject;
use crate::text;

/// The characters that end a field's name.
const OPERATORS: [char; 4] = [':', '=', '<', '>'];

/// A token, and the byte at which it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub at: usize,
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

/// A field, how it is asked, and the value.
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

/// What stands between a field and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `:`
    Colon,
    /// `=`, `<` …
    Compare(Comparison),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// `a,"b c"`: at least one, none of them empty.
    Items(Vec<Item<'a>>),
    /// What stands between two slashes.
    Pattern(&'a str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item<'a> {
    pub at: usize,
    pub text: &'a str,
    pub quoted: bool,
    /// Written with an `@` in front: the header of a column.
    pub header: bool,
}

/// Cuts all of `text`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Mistake> {
    let mut input = Input::new(text);
    let mut tokens = Vec::new();
    loop {
        spaces(&mut input)?;
        if input.is_empty() {
            return Ok(tokens);
        }
        let at = input.current_token_start();
        let kind = token(&mut input)?;
        tokens.push(Token { at, kind });
    }
}

fn token<'a>(input: &mut Input<'a>) -> Result<Kind<'a>, Mistake> {
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

fn minus<'a>(input: &mut Input<'a>) -> Result<Kind<'a>, Mistake> {
    let at = input.current_token_start();
    any.parse_next(input)?;
    match input.peek_token() {
        Some(next) if !next.is_whitespace() => Ok(Kind::Not),
        _ => Err(
            Mistake::new(at, "'-' leaves out what follows it, and nothing does")
                .hint("to look for a '-', quote it"),
        ),
    }
}

fn word<'a>(input: &mut Input<'a>) -> Result<Kind<'a>, Mistake> {
    let start = input.checkpoint();
    let at = input.current_token_start();
    let run = take_while(1.., is_bare).parse_next(input)?;
    // An address has colons too, and no field's name before them.
    if run.contains(OPERATORS) && MacDigits::in_word(run).is_none() {
        input.reset(&start);
        return field(input).map(Kind::Field);
    }
    boundary(input)?;
    checked(run, at)?;
    match run {
        or if or.eq_ignore_ascii_case("or") => Ok(Kind::Or),
        not if not.eq_ignore_ascii_case("not") => Ok(Kind::Not),
        and if and.eq_ignore_ascii_case("and") => {
            Err(Mistake::new(at, "there is no 'and': a space joins terms")
                .hint("to look for the word, quote it"))
        }
        word => Ok(Kind::Word(word)),
    }
}

/// `@"Its Header":text`, or a word that begins with an `@`.
fn column<'a>(input: &mut Input<'a>) -> Result<Kind<'a>, Mistake> {
    let start = input.checkpoint();
    let at = input.current_token_start();
    any.parse_next(input)?;
    let header = if input.peek_token() == Some('"') {
        quoted(input)?
    } else {
        let name = |character| is_bare(character) && !OPERATORS.contains(&character);
        let header = take_while(0.., name).parse_next(input)?;
        if !input
            .peek_token()
            .is_some_and(|next| OPERATORS.contains(&next))
        {
            input.reset(&start);
            return word(input);
        }
        header
    };
    if header.trim().is_empty() {
        return Err(
            Mistake::new(at, "a header is missing here").hint("as in @\"Primary user UPN\":text")
        );
    }
    if !input
        .peek_token()
        .is_some_and(|next| OPERATORS.contains(&next))
    {
        return Err(
            Mistake::new(input.current_token_start(), "a column is asked with : or =")
                .hint(format!("as in @\"{header}\":text or @\"{header}\":none")),
        );
    }
    term(input, Subject::Column, header, "@\"…\"").map(Kind::Field)
}

fn field<'a>(input: &mut Input<'a>) -> Result<FieldTerm<'a>, Mistake> {
    let at = input.current_token_start();
    let name = take_while(0.., |character| !OPERATORS.contains(&character)).parse_next(input)?;
    let subject = Subject::parse(name, at)?;
    term(input, subject, "", name)
}

/// The operator and the value behind a field's name.
fn term<'a>(
    input: &mut Input<'a>,
    subject: Subject,
    header: &'a str,
    name: &str,
) -> Result<FieldTerm<'a>, Mistake> {
    let operator_at = input.current_token_start();
    let operator = operator.parse_next(input)?;
    let value_at = input.current_token_start();
    let value = match input.peek_token() {
        Some('/') if operator == Operator::Colon => Value::Pattern(pattern(input)?),
        Some('=' | '<' | '>') if operator != Operator::Colon => {
            return Err(Mistake::new(value_at, "there is no such comparison")
                .hint("there are = < <= >= >; quote a value that begins with one of them"));
        }
        _ => Value::Items(items(input, name)?),
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

fn operator(input: &mut Input<'_>) -> Result<Operator, Mistake> {
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

fn items<'a>(input: &mut Input<'a>, name: &str) -> Result<Vec<Item<'a>>, Mistake> {
    let mut items = Vec::new();
    loop {
        let at = input.current_token_start();
        let is_header = input.checkpoint();
        let is_header = {
            let found = opt::<_, _, Mistake, _>(('@', peek('"')))
                .parse_next(input)?
                .is_some();
            if !found {
                input.reset(&is_header);
            }
            found
        };
        let is_quoted = input.peek_token() == Some('"');
        let text = if is_quoted {
            quoted(input)?
        } else {
            let mut bare = take_while(0.., |character| is_bare(character) && character != ',');
            checked(bare.parse_next(input)?, at)?
        };
        if text.is_empty() {
            return Err(Mistake::new(at, "a value is missing here")
                .hint(format!("no value at all is {}:none", name.to_lowercase())));
        }
        items.push(Item {
            at,
            text,
            quoted: is_quoted,
            header: is_header,
        });
        if opt(one_of::<_, _, Mistake>(','))
            .parse_next(input)?
            .is_none()
        {
            return Ok(items);
        }
    }
}

fn pattern<'a>(input: &mut Input<'a>) -> Result<&'a str, Mistake> {
    let at = input.current_token_start();
    let character = alt((
        preceded('\\', any::<_, Mistake>).void(),
        none_of(['/', '\\']).void(),
    ));
    delimited('/', repeat::<_, _, (), _, _>(0.., character).take(), '/')
        .parse_next(input)
        .map_err(|_| {
            Mistake::new(at, "this regular expression has no / at its end")
                .hint("to look for a text that begins with a slash, quote it")
        })
}

fn quoted<'a>(input: &mut Input<'a>) -> Result<&'a str, Mistake> {
    let at = input.current_token_start();
    delimited('"', take_while(0.., |character| character != '"'), '"')
        .parse_next(input)
        .map_err(|_: Mistake| Mistake::new(at, "this \" has no partner"))
}

/// Refuses what other programs would read as a wildcard, and the quotes of word processors: neither
/// means here what its writer thinks.
fn checked(text: &str, at: usize) -> Result<&str, Mistake> {
    if let Some(star) = text.find('*') {
        let without = text.replace('*', "");
        let mistake = Mistake::new(at + star, "there are no wildcards");
        return Err(if without.is_empty() {
            mistake.hint("what has any value at all is -field:none")
        } else {
            mistake.hint(format!(
                "a text is found wherever it stands: write '{}', or quote a real *",
                text::clip(&without, 24)
            ))
        });
    }
    if let Some(quote) = text.find(['“', '”', '„', '«', '»', '‟']) {
        return Err(
            Mistake::new(at + quote, "this is the quote of a word processor")
                .hint("write straight quotes, as in group:\"Domain controllers\""),
        );
    }
    Ok(text)
}

/// What ends here has to be set apart from what follows, lest one term be read as two.
fn boundary(input: &mut Input<'_>) -> Result<(), Mistake> {
    match input.peek_token() {
        Some(next) if !next.is_whitespace() && next != ')' => Err(Mistake::new(
            input.current_token_start(),
            "a space is missing here",
        )
        .hint("a text with spaces or parentheses goes in quotes")),
        _ => Ok(()),
    }
}

fn spaces(input: &mut Input<'_>) -> Result<(), Mistake> {
    take_while(0.., char::is_whitespace)
        .void()
        .parse_next(input)
}

fn is_bare(character: char) -> bool {
    !character.is_whitespace() && !matches!(character, '"' | '(' | ')')
}
