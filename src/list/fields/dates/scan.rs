//! Reads dates piece by piece: numbers, names, the time of day and the zone in any sequence.

use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};

use super::numbers::{from_compact, take_digits, take_offset};
use super::pieces::{Half, Triple, Unit, split_after, take_clock, take_half};
use super::{Date, calendar_date, expand_year, words};

/// Three numbers whose order isn't known.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    pub values: [i16; 3],
    /// The year has two digits.
    pub short_year: bool,
    /// The first number may be the year.
    pub allows_year_first: bool,
}

/// The pieces that have been read. Each of them may occur once.
#[derive(Default)]
struct Scan<'t> {
    rest: &'t str,
    open: Option<Numbers>,
    year: Option<i16>,
    month: Option<i16>,
    day: Option<i16>,
    clock: Option<[i8; 3]>,
    half: Option<Half>,
    zone: Option<TimeZone>,
    weekday: Option<()>,
    /// The zone is a numeric offset, so names beside it only explain it.
    has_offset: bool,
    /// `mar` is March, and Tuesday in French, Italian and Spanish.
    month_may_be_weekday: bool,
    /// A preposition announces the time of day.
    needs_clock: bool,
}

/// Reads a text that [`words::fold`] has prepared.
pub(super) fn parse(text: &str) -> Option<Date> {
    let mut scan = Scan {
        rest: text,
        ..Scan::default()
    };
    while let Some(c) = scan.rest.chars().next() {
        scan.read(c, scan.rest.len() == text.len())?;
    }
    scan.finish()
}

/// Fills a piece, which fails if it is there already.
fn fill<T>(piece: &mut Option<T>, value: T) -> Option<()> {
    if piece.is_some() {
        return None;
    }
    *piece = Some(value);
    Some(())
}

impl<'t> Scan<'t> {
    fn read(&mut self, c: char, is_first: bool) -> Option<()> {
        match c {
            '0'..='9' => self.read_number(),
            '(' if self.has_offset => {
                self.rest = self.rest.split_once(')')?.1;
                Some(())
            }
            ' ' | ',' | '(' | ')' => self.skip(c),
            '[' => {
                let (name, rest) = self.rest.get(1..)?.split_once(']')?;
                self.rest = rest;
                self.read_zone_name(name)
            }
            // `12/10/2026 - 08:00`
            '-' if self.clock.is_none() && self.has_date() && self.rest.starts_with("- ") => {
                self.skip(c)
            }
            '+' | '-' => self.read_offset(),
            _ => self.read_word(is_first),
        }
    }

    fn skip(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }

    /// Skips the separator between the parts of a date with a month name (`13-oct-2026`), if what
    /// follows it belongs to the date.
    fn skip_separator(&mut self, belongs: impl Fn(&str) -> bool) {
        let rest = self.rest.strip_prefix('.').unwrap_or(self.rest);
        self.rest = match rest.strip_prefix(['-', '/']) {
            Some(after) if !self.has_date() && belongs(after) => after,
            _ => rest,
        };
    }

    fn has_date(&self) -> bool {
        let named = self.year.is_some() && self.month.is_some() && self.day.is_some();
        named || self.open.is_some()
    }

    fn read_number(&mut self) -> Option<()> {
        let (digits, rest) = take_digits(self.rest);
        if digits.len() <= 2 && self.clock.is_none() && self.read_clock(digits, rest).is_some() {
            return Some(());
        }
        if let Some(unit) = rest.chars().next()
            && let Some(piece) = Unit::new(unit)
        {
            self.rest = rest.strip_prefix(unit)?;
            return self.read_unit(digits, piece);
        }
        if let Some((triple, rest)) = Triple::take(self.rest) {
            self.rest = rest;
            return self.read_triple(triple);
        }
        self.rest = rest;
        let value: i64 = digits.parse().ok()?;
        let short = i16::try_from(value).ok();
        match digits.len() {
            1 | 2 if self.day.is_none() => {
                self.skip_ordinal();
                fill(&mut self.day, short?)?;
            }
            2 => fill(&mut self.year, expand_year(short?))?,
            4 => fill(&mut self.year, short?)?,
            8 => {
                from_compact(value, 0)?;
                fill(&mut self.year, i16::try_from(value / 10_000).ok()?)?;
                fill(&mut self.month, i16::try_from(value / 100 % 100).ok()?)?;
                fill(&mut self.day, i16::try_from(value % 100).ok()?)?;
            }
            _ => return None,
        }
        self.skip_separator(|after| {
            after.starts_with(char::is_alphabetic) || take_digits(after).0.len() == 4
        });
        // FIX writes `20261012-08:00:00`, web servers write `12/Oct/2026:08:00:00`.
        if self.has_date()
            && self.clock.is_none()
            && let Some(after) = self.rest.strip_prefix([':', '-'])
            && after.get(2..3) == Some(":")
        {
            self.rest = after;
        }
        Some(())
    }

    /// `12th`, `1er`, `1º`
    fn skip_ordinal(&mut self) {
        let suffix = ["st", "nd", "rd", "th", "er", "º", "ª", "°"]
            .into_iter()
            .find_map(|suffix| self.rest.strip_prefix(suffix))
            .filter(|rest| !rest.starts_with(char::is_alphabetic));
        self.rest = suffix.unwrap_or(self.rest);
    }

    /// Reads the time of day after its hour: `8:59`, `8h30`, and after a date Oracle's `08.59.30`
    /// and `8 pm`. Changes nothing if there is none.
    fn read_clock(&mut self, hour: &str, rest: &'t str) -> Option<()> {
        if self.has_date()
            && self.half.is_none()
            && let Some((half, rest)) = take_half(rest.trim_start())
        {
            self.clock = Some([hour.parse().ok()?, 0, 0]);
            self.half = Some(half);
            self.rest = rest;
            return Some(());
        }
        if rest.starts_with([':', 'h']) || (rest.starts_with('.') && self.has_date()) {
            let (clock, rest) = take_clock(hour, rest)?;
            self.clock = Some(clock);
            self.rest = rest;
            return Some(());
        }
        None
    }

    fn read_unit(&mut self, digits: &str, unit: Unit) -> Option<()> {
        let value: i16 = digits.parse().ok()?;
        match unit {
            Unit::Year if digits.len() == 4 => fill(&mut self.year, value),
            Unit::Year => None,
            Unit::Month => fill(&mut self.month, value),
            Unit::Day => fill(&mut self.day, value),
            Unit::Hour => fill(&mut self.clock, [value.try_into().ok()?, 0, 0]),
            Unit::Minute => {
                *self.clock.as_mut()?.get_mut(1)? = value.try_into().ok()?;
                Some(())
            }
            Unit::Second => {
                *self.clock.as_mut()?.get_mut(2)? = value.try_into().ok()?;
                Some(())
            }
        }
    }

    fn read_triple(&mut self, triple: Triple) -> Option<()> {
        let [first, second, third] = triple.numbers;
        if self.has_date() || self.day.is_some() || self.month.is_some() || self.year.is_some() {
            return None;
        }
        // Spreadsheets show the serial day 0 as 1900-01-00.
        let has_zero = triple.numbers.contains(&0);
        if has_zero && matches!(first + second + third, 0 | 1900 | 1901) {
            (self.year, self.month, self.day) = (Some(0), Some(0), Some(0));
            return Some(());
        }
        match triple.lengths {
            [4, ..] => {
                self.year = Some(first);
                self.month = Some(second);
                self.day = Some(third);
            }
            [length, _, year] => {
                self.open = Some(Numbers {
                    values: triple.numbers,
                    short_year: year == 2,
                    allows_year_first: year == 2 && length == 2,
                });
            }
        }
        Some(())
    }

    fn read_offset(&mut self) -> Option<()> {
        let is_expected = self.clock.is_some() || (self.rest.starts_with('+') && self.has_date());
        let (offset, rest) = take_offset(self.rest).filter(|_| is_expected)?;
        self.has_offset = true;
        self.rest = rest;
        fill(&mut self.zone, TimeZone::fixed(offset))
    }

    fn read_zone_name(&mut self, name: &str) -> Option<()> {
        let zone = TimeZone::get(name).ok()?;
        if self.has_offset {
            return Some(());
        }
        fill(&mut self.zone, zone)
    }

    fn read_word(&mut self, is_first: bool) -> Option<()> {
        if let Some((half, rest)) = take_half(self.rest) {
            self.rest = rest;
            return fill(&mut self.half, half);
        }
        let (word, rest) = split_after(self.rest, char::is_alphabetic);
        let month = words::month(word);
        if month.is_none() && (rest.starts_with('/') || rest.starts_with('_')) {
            let (name, rest) = split_after(self.rest, |c| {
                c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '+' | '-')
            });
            self.rest = rest;
            return self.read_zone_name(name);
        }
        self.rest = rest;
        let is_t = word == "t" && rest.starts_with(|c: char| c.is_ascii_digit());
        if is_t && self.has_date() && self.clock.is_none() {
            return Some(());
        }
        if let Some(month) = month {
            return self.read_month(month, words::is_weekday(word));
        }
        if let Some(minutes) = words::zone_minutes(word) {
            let is_utc = matches!(word, "utc" | "gmt");
            return self.read_zone(minutes, is_utc);
        }
        // In other places a short name could be a time zone: `pt` is Pacific time and a Friday.
        if words::is_weekday(word) && (is_first || word.len() > 2) {
            self.rest = self.rest.strip_prefix("-feira").unwrap_or(self.rest);
            self.rest = self.rest.strip_prefix('.').unwrap_or(self.rest);
            return fill(&mut self.weekday, ());
        }
        match word {
            "uhr" => self.clock.map(|_| ()),
            _ if words::joins_date(word) => Some(()),
            _ if words::precedes_clock(word) && self.clock.is_none() => {
                self.needs_clock = true;
                self.rest = self.rest.strip_prefix('.').unwrap_or(self.rest);
                Some(())
            }
            _ => (self.has_offset && words::is_ambiguous_zone(word)).then_some(()),
        }
    }

    fn read_month(&mut self, month: i16, may_be_weekday: bool) -> Option<()> {
        if self.month.is_some() {
            // `mar. 13 oct. 2026`: the first name was the day of the week.
            self.weekday.is_none().then_some(())?;
            self.month_may_be_weekday.then_some(())?;
            self.weekday = Some(());
        }
        self.month_may_be_weekday = may_be_weekday && self.weekday.is_none();
        self.month = Some(month);
        self.skip_separator(|after| after.starts_with(|c: char| c.is_ascii_digit()));
        Some(())
    }

    fn read_zone(&mut self, minutes: i32, is_utc: bool) -> Option<()> {
        if self.has_offset {
            return Some(());
        }
        // `GMT+0200` is two hours ahead.
        if is_utc && let Some((offset, rest)) = take_offset(self.rest.trim_start()) {
            self.has_offset = true;
            self.rest = rest;
            return fill(&mut self.zone, TimeZone::fixed(offset));
        }
        let offset = Offset::from_seconds(minutes * 60).ok()?;
        fill(&mut self.zone, TimeZone::fixed(offset))
    }

    fn finish(self) -> Option<Date> {
        if self.clock.is_none() && (self.needs_clock || self.half.is_some()) {
            return None;
        }
        let [hour, minute, second] = self.clock.unwrap_or_default();
        let hour = match self.half {
            None => hour,
            Some(_) if hour > 12 => return None,
            Some(Half::Morning) => hour % 12,
            Some(Half::Afternoon) => hour % 12 + 12,
        };
        let time = Time::new(hour, minute, second, 0).ok()?;
        let zone = self.zone.unwrap_or(TimeZone::UTC);
        if let Some(numbers) = self.open {
            let alone = self.year.is_none() && self.month.is_none() && self.day.is_none();
            return alone.then(|| Date::from_numbers(numbers, time, &zone));
        }
        if (self.year?, self.month?, self.day?) == (0, 0, 0) {
            return Some(Date::Nothing);
        }
        let day = calendar_date(self.year?, self.month?, self.day?)?;
        Some(Date::from_civil(day.to_datetime(time), &zone))
    }
}
