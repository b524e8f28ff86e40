//! Tells what each field would recognise of a column's values, before the column is assigned to it.

use super::cells::{clean, identifier, looks_like_foreign_id};
use super::dates::Date;
use crate::domain::device::{Hwid, MacAddress};
use crate::list::{DeviceList, Field};

/// What each field would recognise of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// What the column is read as.
    pub field: Option<Field>,
    /// Its first different values.
    samples: Vec<String>,
}

impl Recognised {
    /// How many of how many samples `field` would recognise.
    pub fn of(&self, field: Field) -> (usize, usize) {
        let samples = self.samples.iter();
        let recognised = samples
            .filter(|sample| is_recognised(field, sample))
            .count();
        (recognised, self.samples.len())
    }
}

impl DeviceList {
    /// What each field would recognise of the columns with exactly this header.
    pub fn recognise(&self, header: &str) -> Recognised {
        let columns = self.columns.iter();
        let columns: Vec<_> = columns.filter(|column| column.header == header).collect();
        let samples = columns
            .iter()
            .flat_map(|column| column.samples.iter().cloned());
        Recognised {
            field: columns.first().and_then(|column| column.field()),
            samples: samples.collect(),
        }
    }

    /// The number of entries without an identifier, but with something that can be matched.
    pub fn unmatched(&self) -> usize {
        let problems = self.problems.iter();
        problems
            .filter(|(_, problem)| *problem == crate::list::Problem::Unmatched)
            .count()
    }
}

fn is_recognised(field: Field, sample: &str) -> bool {
    let value = clean(sample);
    match field {
        Field::Hwid => identifier(&value)
            .is_some_and(|text| !looks_like_foreign_id(text) && Hwid::parse(text).is_ok()),
        Field::Mac => {
            let mut parts = value.split([' ', ',', ';', '|', '/']);
            parts.any(|part| MacAddress::parse(part).is_ok())
        }
        Field::Seen | Field::Enrolled => matches!(Date::parse(&value), Date::At(_) | Date::Open(_)),
        Field::Issues => value.parse::<u32>().is_ok(),
        _ => !value.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognise_counts_the_samples_that_a_field_takes() {
        let list = DeviceList::read_bytes(
            "l.csv",
            b"hwid,Box,When\n\
              h1,00:0c:29:00:00:01,2026-11-20\n\
              h2,LT-2,yesterday\n\
              h3,7,2026-11-19\n",
        )
        .expect("a list");
        let of = |header: &str, field| list.recognise(header).of(field);
        assert_eq!(of("Box", Field::Mac), (1, 3));
        assert_eq!(of("Box", Field::Issues), (1, 3));
        assert_eq!(of("Box", Field::Hostname), (3, 3));
        assert_eq!(of("When", Field::Seen), (2, 3));
        assert_eq!(of("When", Field::Mac), (0, 3));
        assert_eq!(of("nothing", Field::Mac), (0, 0));
        assert_eq!(of("hwid", Field::Hwid), (3, 3));
        assert_eq!(list.recognise("hwid").field, Some(Field::Hwid));
        assert_eq!(list.recognise("Box").field, None);
    }

    #[test]
    fn recognise_takes_no_guid_for_a_hwid() {
        let text =
            b"hwid,Device GUID\nh1,0f8fad5b-d9cb-469f-a165-70867728950e\nh2,a b\nh3,a1b2c3\n";
        let list = DeviceList::read_bytes("l.csv", text).expect("a list");
        assert_eq!(list.recognise("Device GUID").of(Field::Hwid), (1, 3));
    }

    #[test]
    fn unmatched_counts_rows_that_have_a_name_only() {
        let text = b"hwid,hostname\nh1,LT-1\n,LT-2\na/1,LT-3\n,LT-4\n";
        let list = DeviceList::read_bytes("l.csv", text).expect("a list");
        assert_eq!(list.unmatched(), 2);
    }
}
