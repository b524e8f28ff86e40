//! Devices whose HWIDs differ only in case, which may be one device written by two systems.

use std::hash::{BuildHasher, Hasher};

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::store::Store;
use crate::list::fields::field::Field;
use crate::list::report::problem::ListNotice;

/// The notice about such devices, if there are any.
pub(in crate::list) fn notice(store: &Store) -> Option<ListNotice> {
    let hwids = || {
        (0..)
            .take(store.len())
            .map(|index| (index, hwid(store, index)))
    };
    // Most lists are written in one case, and need no index.
    let has = |is: fn(&u8) -> bool| hwids().any(|(_, hwid)| hwid.bytes().any(|byte| is(&byte)));
    if !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_lowercase) {
        return None;
    }
    let hasher = DefaultHashBuilder::default();
    let hash = |hwid: &str| {
        let mut hasher = hasher.build_hasher();
        hwid.bytes()
            .for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
        hasher.finish()
    };
    let mut first_by_hwid: HashTable<(u32, bool)> = HashTable::new();
    let mut count = 0;
    let mut example = None;
    for (index, own) in hwids().filter(|(_, hwid)| !hwid.is_empty()) {
        let entry = first_by_hwid.entry(
            hash(own),
            |(first, _)| hwid(store, *first).eq_ignore_ascii_case(own),
            |(first, _)| hash(hwid(store, *first)),
        );
        match entry {
            Entry::Vacant(vacant) => {
                vacant.insert((index, false));
            }
            Entry::Occupied(mut known) => {
                let (first, has_others) = known.get_mut();
                // Rows that contradict each other have the very same HWID.
                if hwid(store, *first) == own {
                    continue;
                }
                count += 1 + u64::from(!*has_others);
                *has_others = true;
                example.get_or_insert((store.line(*first), store.line(index)));
            }
        }
    }
    let (first, second) = example?;
    Some(ListNotice::HwidsDifferInCase {
        count,
        first,
        second,
    })
}

fn hwid(store: &Store, index: u32) -> &str {
    store.block(index).text(Field::Hwid)
}

#[cfg(test)]
mod tests {
    use crate::list::DeviceList;

    fn notices(text: &str) -> Vec<String> {
        let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
        list.notices().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn notice_counts_hwids_that_differ_only_in_case() {
        assert_eq!(
            notices("hwid,hostname\nab12,a\ncd34,b\nAB12,c\nAb12,d\nCD34,e\n"),
            [
                "5 devices have a HWID that differs only in case from another's (lines 2 and 4): \
                 check whether they are one device"
            ]
        );
        assert!(notices("hwid,hostname\nAB12,a\nAB12,a\nCD34,b\nef56,c\n").is_empty());
        assert!(notices("hwid,hostname\nAB12,a\nAB12,b\nef56,c\n").is_empty());
    }
}
