//! The pieces of a date that consist of several tokens.

use super::numbers::take_digits;

/// Half of the day in a twelve-hour clock.
#[derive(Clone, Copy)]
pub(super) enum Half {
    Morning,
    Afternoon,
}

/// What the character after a number says about it in Chinese, Japanese and Korean.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// Three numbers with the same separator.
#[derive(Clone, Copy)]
pub(super) struct Triple {
    pub numbers: [i16; 3],
    /// Their digits: 4, 1–2, 1–2 or 1–2, 1–2, 4 or 1–2, 1–2, 2.
    pub lengths: [usize; 3],
}

impl Unit {
    /// `None` if the character isn't a unit of time.
    pub(super) fn new(c: char) -> Option<Self> {
        Some(match c {
            '年' | '년' => Self::Year,
            '月' | '월' => Self::Month,
            '日' | '号' | '號' | '일' => Self::Day,
            '時' | '时' | '點' | '点' | '시' => Self::Hour,
            '分' | '분' => Self::Minute,
            '秒' | '초' => Self::Second,
            _ => return None,
        })
    }
}

impl Triple {
    /// Reads `2026-10-12`, `12/10/26` or `12. 10. 2026` at the start of the text.
    pub(super) fn take(text: &str) -> Option<(Self, &str)> {
        let (first, rest) = take_digits(text);
        let separator = rest
            .chars()
            .next()
            .filter(|c| matches!(c, '/' | '.' | '-'))?;
        let next = |rest| after_separator(rest, separator).map(take_digits);
        let (second, rest) = next(rest)?;
        let (third, rest) = next(rest)?;
        let lengths = [first.len(), second.len(), third.len()];
        if !matches!(lengths, [4, 1 | 2, 1 | 2] | [1 | 2, 1 | 2, 2 | 4]) {
            return None;
        }
        let numbers = [
            first.parse().ok()?,
            second.parse().ok()?,
            third.parse().ok()?,
        ];
        // Korean dates end with the separator.
        let rest = if separator == '.' {
            rest.strip_prefix('.').unwrap_or(rest)
        } else {
            rest
        };
        Some((Self { numbers, lengths }, rest))
    }
}

fn after_separator(text: &str, separator: char) -> Option<&str> {
    let rest = text.strip_prefix(separator)?;
    Some(if separator == '.' {
        rest.trim_start()
    } else {
        rest
    })
}

/// Reads the rest of `8:59`, `8:59:30.123`, `8h30` or `08.59.30`, after the hour.
pub(super) fn take_clock<'t>(hour: &str, rest: &'t str) -> Option<([i8; 3], &'t str)> {
    let separator = rest.chars().next()?;
    let two_digits = |text: &'t str| Some(take_digits(text)).filter(|(d, _)| d.len() == 2);
    let (minute, rest) = two_digits(rest.strip_prefix(separator)?)?;
    let (second, rest) = match rest.strip_prefix(separator).and_then(two_digits) {
        // SQL Server separates milliseconds with a colon.
        Some((second, rest)) => match rest.strip_prefix(['.', ',', ':']).map(take_digits) {
            Some((fraction, rest)) if !fraction.is_empty() => (second, rest),
            _ => (second, rest),
        },
        None => ("0", rest),
    };
    // A leap second counts as the one before, as in ISO notation.
    let second: i8 = second.parse().ok()?;
    let second = if second == 60 { 59 } else { second };
    Some(([hour.parse().ok()?, minute.parse().ok()?, second], rest))
}

/// Reads `am`, `a.m.`, `p. m.` or `午後` at the start of the text.
pub(super) fn take_half(text: &str) -> Option<(Half, &str)> {
    for (name, half) in [
        ("午前", Half::Morning),
        ("上午", Half::Morning),
        ("오전", Half::Morning),
        ("午後", Half::Afternoon),
        ("下午", Half::Afternoon),
        ("오후", Half::Afternoon),
    ] {
        if let Some(rest) = text.strip_prefix(name) {
            return Some((half, rest));
        }
    }
    let (half, rest) = match text.strip_prefix('a') {
        Some(rest) => (Half::Morning, rest),
        None => (Half::Afternoon, text.strip_prefix('p')?),
    };
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let rest = rest.trim_start().strip_prefix('m')?;
    if rest.starts_with(char::is_alphanumeric) {
        return None;
    }
    Some((half, rest.strip_prefix('.').unwrap_or(rest)))
}

/// Splits the text before the first character that isn't of the class.
pub(super) fn split_after(text: &str, class: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !class(c)).unwrap_or(text.len());
    text.split_at(end)
}
