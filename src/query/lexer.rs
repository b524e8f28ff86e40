//! Cutting a query into words and parentheses.

use winnow::LocatingSlice;
use winnow::ascii::multispace0;
use winnow::combinator::{alt, delimited, repeat};
use winnow::error::ContextError;
use winnow::prelude::*;
use winnow::stream::Location;
use winnow::token::take_while;

use super::QueryError;

type Input<'a> = LocatingSlice<&'a str>;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    /// In bytes.
    pub(super) at: usize,
    pub(super) kind: Kind<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    Open,
    Close,
    Minus,
    Word(Vec<Piece<'a>>),
}

/// A word is made of bare and quoted pieces: `group:"Domain controllers"` has one of each.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece<'a> {
    Bare(&'a str),
    Quoted(&'a str),
}

/// A mistake at this byte of the text.
pub(super) fn error(text: &str, at: usize, message: impl Into<String>) -> QueryError {
    let before = text.get(..at).unwrap_or(text);
    QueryError {
        column: before.chars().count() + 1,
        message: message.into(),
    }
}

/// Cuts a query into words and parentheses.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, QueryError> {
    let mut input = LocatingSlice::new(text);
    let mut tokens = Vec::new();
    loop {
        // Spaces can always be skipped.
        let _: Result<&str, ContextError> = multispace0.parse_next(&mut input);
        if input.is_empty() {
            return Ok(tokens);
        }
        let at = input.current_token_start();
        let kind = token
            .parse_next(&mut input)
            .map_err(|_: ContextError| error(text, at, "this \" has no partner"))?;
        tokens.push(Token { at, kind });
    }
}

fn token<'a>(input: &mut Input<'a>) -> Result<Kind<'a>, ContextError> {
    let piece = alt((
        delimited('"', take_while(0.., |character| character != '"'), '"').map(Piece::Quoted),
        take_while(1.., |character: char| {
            !character.is_whitespace() && !matches!(character, '"' | '(' | ')')
        })
        .map(Piece::Bare),
    ));
    alt((
        '('.value(Kind::Open),
        ')'.value(Kind::Close),
        '-'.value(Kind::Minus),
        repeat(1.., piece).map(Kind::Word),
    ))
    .parse_next(input)
}
