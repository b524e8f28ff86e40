//! The parser: turns tokens into an expression. `not` binds tightest, then juxtaposition (and),
//! then `or`.

use super::error::SyntaxError;
use super::expression::{Expression, Term, Test};
use super::lexer::{Kind, Token, tokens};
use super::mac::MacDigits;
use super::needle::Needle;

/// The maximum nesting depth of parentheses and negations.
const DEPTH: usize = 64;

/// Parses all of `text`.
pub(super) fn parse(text: &str) -> Result<Expression, SyntaxError> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(Expression::All);
    }
    let mut parser = Parser {
        tokens: &tokens,
        end: text.len(),
    };
    let expression = parser.either(0)?;
    match parser.tokens {
        [] => Ok(expression),
        [token, ..] => Err(SyntaxError::new(token.at, "unmatched ')'")),
    }
}

struct Parser<'a, 't> {
    /// The remaining tokens.
    tokens: &'t [Token<'a>],
    /// The length of the text in bytes.
    end: usize,
}

impl<'a, 't> Parser<'a, 't> {
    fn peek(&self) -> Option<&'t Kind<'a>> {
        self.tokens.first().map(|token| &token.kind)
    }

    fn next(&mut self) -> Option<&'t Token<'a>> {
        let (token, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(token)
    }

    /// `a or b or c`.
    fn either(&mut self, depth: usize) -> Result<Expression, SyntaxError> {
        let mut parts = vec![self.all(depth)?];
        while self.peek() == Some(&Kind::Or) {
            self.next();
            parts.push(self.all(depth)?);
        }
        Ok(joined(parts, Expression::Or))
    }

    /// `a b c`.
    fn all(&mut self, depth: usize) -> Result<Expression, SyntaxError> {
        let mut parts = vec![self.one(depth)?];
        while !matches!(self.peek(), None | Some(Kind::Or | Kind::Close)) {
            parts.push(self.one(depth)?);
        }
        Ok(joined(parts, Expression::And))
    }

    /// A term, a negation or a parenthesised expression.
    fn one(&mut self, depth: usize) -> Result<Expression, SyntaxError> {
        let Some(token) = self.next() else {
            return Err(missing(self.end));
        };
        let test = match &token.kind {
            Kind::Open | Kind::Not if depth >= DEPTH => {
                return Err(SyntaxError::new(
                    token.at,
                    format!("more than {DEPTH} nested parentheses or negations"),
                ));
            }
            Kind::Open => return self.group(token.at, depth + 1),
            Kind::Not => return Ok(Expression::Not(Box::new(self.one(depth + 1)?))),
            Kind::Or | Kind::Close => return Err(missing(token.at)),
            Kind::Phrase("") => {
                return Err(SyntaxError::new(token.at, "empty phrase"));
            }
            Kind::Phrase(phrase) => Test::Anywhere {
                needle: Needle::new(phrase),
                mac: None,
            },
            Kind::Word(word) => Test::Anywhere {
                needle: Needle::new(word),
                mac: MacDigits::in_word(word),
            },
            Kind::Field(field) => field.test()?,
        };
        Ok(Expression::Term(Term { at: token.at, test }))
    }

    /// The rest of a group after the parenthesis at `open`.
    fn group(&mut self, open: usize, depth: usize) -> Result<Expression, SyntaxError> {
        let inner = self.either(depth)?;
        match self.next() {
            Some(_) => Ok(inner),
            None => Err(SyntaxError::new(open, "unclosed '('")),
        }
    }
}

fn missing(at: usize) -> SyntaxError {
    SyntaxError::new(at, "expected a term")
}

/// Joins the parts; a single part is returned as it is.
fn joined(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        join(parts)
    }
}
