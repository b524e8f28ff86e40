use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn numbers_round_trip(number in any::<u64>()) {
        let mut bytes = Vec::new();
        put_number(&mut bytes, number);
        let mut rest = bytes.as_slice();
        prop_assert_eq!(take_number(&mut rest), number);
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn store_returns_what_was_pushed(texts in proptest::collection::vec("[a-zé ]{0,9}", TEXT_FIELDS.len()), issues in any::<Option<u16>>(), offset in 0_u64..1 << 40) {
        let mut draft = Draft::default();
        for (slot, text) in texts.iter().enumerate() {
            draft.texts[slot].clone_from(text);
        }
        for (column, text) in (0_u64..).zip(&texts).filter(|(_, text)| !text.is_empty()) {
            draft.put_column(ColumnId::from_number(column), text);
        }
        draft.issues = issues.map(u32::from);
        draft.macs = vec!["00:0c:29:cd:c7:b2".parse().expect("a mac")];
        let mut store = Store::default();
        store.push(&Draft::default(), 0, 1).expect("room");
        let index = store.push(&draft, offset, 2).expect("room");
        store.push(&draft, offset, 3).expect("room");
        // Replaced, the first is at the arena's end; tidied, it is back in front.
        store.replace(0, &draft).expect("room");
        store.tidy();
        for index in [0, index] {
            let block = store.block(index);
            prop_assert_eq!(block.issues(), draft.issues);
            prop_assert_eq!(block.macs().collect::<Vec<_>>(), draft.macs.clone());
            for (field, text) in TEXT_FIELDS.into_iter().zip(&texts) {
                prop_assert_eq!(block.text(field), text);
            }
            let others: Vec<_> = block.others().map(|(_, text)| text).collect();
            let given: Vec<_> = texts.iter().filter(|text| !text.is_empty()).collect();
            prop_assert_eq!(others, given);
        }
        prop_assert_eq!(store.block(index).offset(), offset);
        prop_assert_eq!(store.line(index), 2);
    }
}

/// A device whose texts say which one it is.
fn numbered(number: usize, macs: u8) -> Draft {
    let mut draft = Draft::default();
    draft.texts[0] = format!("h{number}");
    draft.texts[FIRST_SHARED_SLOT] = format!("os{}", number % 3);
    draft.put_column(ColumnId::from_number(2), &format!("c{}", number % 4));
    let mac = |last| MacAddress::from_octets([0x3c, 0x52, 0x82, 0, 0, last]).expect("an address");
    draft.macs = (0..macs).map(mac).collect();
    draft.seen = Seconds(u32::try_from(number).expect("small") + 1);
    draft
}

proptest! {
    #[test]
    fn retain_preserves_order_and_content(
        devices in proptest::collection::vec((any::<bool>(), any::<bool>(), 0_u8..4), 1..40),
    ) {
        let mut store = Store::default();
        for (number, (_, _, macs)) in devices.iter().enumerate() {
            let index = store.push(&numbered(number, *macs), number as u64 * 7, number as u64 + 1).expect("room");
            prop_assert_eq!(index as usize, number);
        }
        for (number, (_, replaced, macs)) in devices.iter().enumerate() {
            if *replaced {
                let index = u32::try_from(number).expect("small");
                store.replace(index, &numbered(number, macs + 1)).expect("room");
            }
        }
        let keep: Vec<bool> = devices.iter().map(|(keep, ..)| *keep).collect();
        store.retain(&keep);
        store.tidy();
        let kept: Vec<usize> = (0..devices.len()).filter(|number| keep[*number]).collect();
        prop_assert_eq!(store.len(), kept.len());
        for (index, number) in (0..).zip(kept) {
            let (_, replaced, macs) = devices[number];
            let expected = numbered(number, macs + u8::from(replaced));
            let block = store.block(index);
            prop_assert_eq!(block.offset(), number as u64 * 7);
            prop_assert_eq!(store.line(index), number as u64 + 1);
            prop_assert_eq!(store.seen(index), expected.seen);
            prop_assert_eq!(block.macs().collect::<Vec<_>>(), expected.macs.clone());
            let texts: Vec<&str> = block.texts().map(|(_, text)| text).collect();
            prop_assert_eq!(texts, expected.texts.iter().map(String::as_str).collect::<Vec<_>>());
            let others: Vec<_> = block.others().map(|(column, text)| (column, text.to_owned())).collect();
            prop_assert_eq!(others, expected.others());
        }
    }
}

#[test]
fn space_of_replaced_and_removed_devices_is_used_again() {
    let store_of = |count| {
        let mut store = Store::default();
        for number in 0..count {
            store.push(&numbered(number, 1), 0, 1).expect("room");
        }
        store
    };
    let length = store_of(1).arena.len();
    // An eighth is not worth a copy of the rest.
    for (count, left) in [(8, 8), (7, 6)] {
        let mut removed = store_of(count);
        removed.retain(&[false]);
        let mut replaced = store_of(count - 1);
        replaced.replace(0, &numbered(0, 1)).expect("room");
        for mut store in [removed, replaced] {
            store.tidy();
            assert_eq!(store.arena.len(), left * length);
        }
    }
    let mut store = store_of(2);
    store.replace(1, &numbered(1, 1)).expect("room");
    assert_eq!(store.arena.len(), 2 * length, "the last one's");
}

#[test]
fn shared_text_and_absent_one_take_a_byte() {
    let long = |number: usize| {
        let mut draft = Draft::default();
        draft.texts[FIRST_SHARED_SLOT..].fill_with(|| format!("{number:099}"));
        draft
    };
    let mut store = Store::default();
    for draft in (0..100).map(long).chain([Draft::default(), long(0)]) {
        store.push(&draft, 0, 1).expect("room");
    }
    let length = |index| store.block(index).length();
    assert_eq!([length(100), length(101)], [length(0); 2]);
}
