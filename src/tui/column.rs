//! The columns that the table can show, and the order of its rows.

use std::borrow::Cow;
use std::sync::Arc;

use crate::list::Field;
use crate::text;

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    Outcome,
    /// A field of the list.
    Field(Field),
    /// A column of the list that is not read as a field, by its header: its place changes when the
    /// list is read again. Columns with the same header are one.
    Other(Arc<str>),
}

/// The columns that don't come from the list.
pub const COMPUTED: &[Column] = &[Column::Outcome];

/// An order of rows: by the first key, among equals by the next; at last in list order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    pub keys: Vec<SortKey>,
}

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// By this column; in list order without it.
    pub column: Option<Column>,
    /// In descending order.
    pub reversed: bool,
}

impl Sort {
    /// The place and the direction of a column among the keys.
    pub fn key(&self, column: &Column) -> Option<(usize, &SortKey)> {
        let mut keys = self.keys.iter().enumerate();
        keys.find(|(_, key)| key.column.as_ref() == Some(column))
    }

    /// Sorts by this column alone; in list order without one. The current order, chosen again, is
    /// reversed.
    pub fn choose(&mut self, column: Option<Column>) {
        let again = match (self.keys.as_slice(), &column) {
            ([], None) => true,
            ([key], column) => &key.column == column,
            _ => false,
        };
        if again {
            self.reverse();
        } else {
            self.keys.clear();
            self.keys.extend(column.map(|column| SortKey {
                column: Some(column),
                reversed: false,
            }));
        }
    }

    /// Sorts by this column too, among rows that are equal so far: ascending, then descending, then
    /// not.
    pub fn choose_further(&mut self, column: &Column) {
        self.keys.retain(|key| key.column.is_some());
        match self.key(column).map(|(at, key)| (at, key.reversed)) {
            None => self.keys.push(SortKey {
                column: Some(column.clone()),
                reversed: false,
            }),
            Some((_, true)) => self.keys.retain(|key| key.column.as_ref() != Some(column)),
            Some((at, false)) => {
                if let Some(key) = self.keys.get_mut(at) {
                    key.reversed = true;
                }
            }
        }
    }

    pub fn reverse(&mut self) {
        if self.keys.is_empty() {
            self.keys.push(SortKey {
                column: None,
                reversed: false,
            });
        }
        for key in &mut self.keys {
            key.reversed = !key.reversed;
        }
        self.keys.retain(|key| key.column.is_some() || key.reversed);
    }
}

impl Column {
    /// The column of this name, as the configuration has it: a field's, or a header behind an `@`.
    pub fn from_name(name: &str) -> Option<Self> {
        if let Some(header) = name.strip_prefix('@') {
            return Some(Self::Other(header.into()));
        }
        let mut computed = COMPUTED.iter();
        let computed = computed.find(|column| column.name() == name).cloned();
        computed.or_else(|| Field::from_name(name).map(Self::Field))
    }

    /// Its name, as the configuration has it. Not safe to show.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Outcome => Cow::Borrowed("outcome"),
            Self::Field(field) => Cow::Borrowed(field.name()),
            Self::Other(header) => Cow::Owned(format!("@{header}")),
        }
    }

    /// Its heading, safe to show.
    pub fn heading(&self) -> Cow<'_, str> {
        match self {
            Self::Outcome => Cow::Borrowed("outcome"),
            Self::Field(field) => Cow::Borrowed(field.heading()),
            Self::Other(header) if header.is_empty() => Cow::Borrowed("(no header)"),
            Self::Other(header) => crate::text::visible(header),
        }
    }

    /// The header of a column that is not read as a field; none of another column.
    pub fn header(&self) -> Option<&Arc<str>> {
        match self {
            Self::Other(header) => Some(header),
            _ => None,
        }
    }

    /// How it shares the width of the table with the others.
    pub(in crate::tui) fn sizing(&self) -> Sizing {
        let Self::Field(field) = self else {
            return match self {
                Self::Outcome => sizing(5, 13, 22, Shorten::End),
                _ => sizing(LAST, 6, 24, Shorten::End),
            };
        };
        match field {
            Field::Hostname => sizing(1, 8, 24, Shorten::End),
            Field::Seen => sizing(2, 9, 9, Shorten::End).right(),
            Field::Status => sizing(3, 10, 20, Shorten::Status),
            Field::Group => sizing(4, 8, 24, Shorten::End),
            Field::Hwid => sizing(6, 9, 40, Shorten::Middle),
            Field::Type => sizing(7, 7, 8, Shorten::End),
            Field::Os => sizing(8, 8, 22, Shorten::Os),
            Field::User => sizing(9, 8, 16, Shorten::End),
            Field::Mac => sizing(10, 11, 17, Shorten::Middle),
            Field::Enrolled => sizing(LAST, 9, 9, Shorten::End).right(),
            Field::Issues => sizing(LAST, 6, 8, Shorten::End).right(),
            Field::Agent => sizing(LAST, 8, 16, Shorten::End).right(),
            _ => sizing(LAST, 8, 24, Shorten::End),
        }
    }
}

/// The priority of columns that are shown only if the operator chooses them.
const LAST: u8 = 11;

/// How a column shares the width of the table with the others. Widths are in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Sizing {
    /// The lower, the sooner it is shown.
    pub priority: u8,
    /// With less it is not shown.
    pub min: u16,
    /// With more it is no easier to read.
    pub max: u16,
    /// Its text is right-aligned.
    pub right: bool,
    /// How a text that is too long is shortened.
    pub shorten: Shorten,
}

/// How a text that is too long is shortened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Shorten {
    /// At its end.
    End,
    /// In its middle: both ends distinguish identifiers.
    Middle,
    /// A long status by its short form.
    Status,
    /// The name of an operating system by shorter words.
    Os,
}

const fn sizing(priority: u8, min: u16, max: u16, shorten: Shorten) -> Sizing {
    Sizing {
        priority,
        min,
        max,
        right: false,
        shorten,
    }
}

impl Sizing {
    const fn right(mut self) -> Self {
        self.right = true;
        self
    }
}

impl Shorten {
    /// `text` in at most `width` cells, safe to show.
    pub(in crate::tui) fn apply(self, text: &str, width: usize) -> Cow<'_, str> {
        if text::width(text) > width {
            let shorter = match self {
                Self::End => None,
                Self::Middle => return text::clip_middle(text, width),
                Self::Status => short_status(text).map(Cow::Borrowed),
                Self::Os => Some(Cow::Owned(short_os(text, width))),
            };
            if let Some(shorter) = shorter {
                return Cow::Owned(text::clip(&shorter, width).into_owned());
            }
        }
        text::clip(text, width)
    }
}

/// The statuses whose first letters are not distinct.
fn short_status(status: &str) -> Option<&'static str> {
    match status {
        "out_of_license_usage" => Some("no license"),
        "non_compliant" => Some("non-compl."),
        _ => None,
    }
}

/// `Windows Server 2022` as `Win Server 22`, or as `WinSrv22` where that is too long still.
fn short_os(name: &str, width: usize) -> String {
    let steps: [&[(&str, &str)]; 2] = [
        &[("Microsoft ", ""), ("Windows", "Win"), (" 20", " ")],
        &[
            (" Server ", "Srv"),
            ("Enterprise", "Ent"),
            ("Professional", "Pro"),
        ],
    ];
    let mut short = name.to_owned();
    for step in steps {
        for (long, replacement) in step {
            short = short.replace(long, replacement);
        }
        if text::width(&short) <= width {
            break;
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shortened_as_their_column_says() {
        for (shorten, long, width, short) in [
            (Shorten::End, "Domain controllers", 10, "Domain co…"),
            (Shorten::Middle, "1c2167121e90387d", 9, "1c21…387d"),
            (Shorten::Middle, "1c:21:67:12:1e:90", 11, "1c:21…1e:90"),
            (Shorten::Status, "out_of_license_usage", 10, "no license"),
            (
                Shorten::Status,
                "out_of_license_usage",
                20,
                "out_of_license_usage",
            ),
            (Shorten::Status, "under_evaluation", 10, "under_eva…"),
            (Shorten::Os, "Windows Server 2022", 13, "Win Server 22"),
            (Shorten::Os, "Windows Server 2022", 8, "WinSrv22"),
            (
                Shorten::Os,
                "Windows Server 2022",
                19,
                "Windows Server 2022",
            ),
            (Shorten::Os, "Ubuntu 24.04", 8, "Ubuntu …"),
        ] {
            assert_eq!(shorten.apply(long, width), short, "{long} in {width}");
        }
    }
}
