//! Joins several values of one field into one text.
//!
//! A device can have several values of a field: from an array, a repeated key, two columns of one
//! field, or merged rows. All of them count for queries and protection; the first is shown.

/// Separates two values. [`add`] replaces it by a space within a value.
const SEPARATOR: char = '\0';
/// In longer texts, repeated values are not detected, so that reading takes linear time.
const LONGEST_SEARCHED: usize = 4096;

/// Appends `value`, unless it is already present.
pub(in crate::list) fn add(values: &mut String, value: &str) {
    if values.is_empty() {
        push(values, value);
    } else if values.len() > LONGEST_SEARCHED || all(values).all(|known| known != value) {
        values.push(SEPARATOR);
        push(values, value);
    }
}

/// Inserts `value` at the front, so that it is the shown one.
pub(in crate::list) fn add_first(values: &mut String, value: &str) {
    let mut others = std::mem::take(values);
    push(values, value);
    for other in all(&others) {
        add(values, other);
    }
    others.clear();
}

/// Adds all values of `others`.
pub(in crate::list) fn add_all(values: &mut String, others: &str) {
    for value in all(others) {
        add(values, value);
    }
}

/// The first value; empty if there is none.
pub(in crate::list) fn first(values: &str) -> &str {
    match memchr::memchr(0, values.as_bytes()) {
        Some(end) => values.get(..end).unwrap_or_default(),
        None => values,
    }
}

/// All values; none for an empty text.
pub(in crate::list) fn all(values: &str) -> impl Iterator<Item = &str> {
    values.split(SEPARATOR).filter(|value| !value.is_empty())
}

fn push(values: &mut String, value: &str) {
    if value.contains(SEPARATOR) {
        values.push_str(&value.replace(SEPARATOR, " "));
    } else {
        values.push_str(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn add_keeps_each_value_once() {
        let mut values = String::new();
        for value in ["Sales", "Domain controllers", "Sales"] {
            add(&mut values, value);
        }
        add_first(&mut values, "Head office");
        assert_eq!(first(&values), "Head office");
        let all: Vec<_> = all(&values).collect();
        assert_eq!(all, ["Head office", "Sales", "Domain controllers"]);
        assert_eq!(first(""), "");
        for (length, count) in [(LONGEST_SEARCHED, 1), (LONGEST_SEARCHED + 1, 2)] {
            let value = "x".repeat(length);
            let mut values = value.clone();
            add(&mut values, &value);
            assert_eq!(super::all(&values).count(), count);
        }
    }

    proptest! {
        #[test]
        fn all_returns_every_added_value(given in proptest::collection::vec("[a-c\0]{1,3}", 0..6)) {
            let mut values = String::new();
            for value in &given {
                add(&mut values, value);
            }
            for value in given {
                let value = value.replace('\0', " ");
                prop_assert!(all(&values).any(|kept| kept == value));
            }
        }

        #[test]
        fn add_preserves_order(given in proptest::collection::vec("[a-c]{1,2}", 1..9), first_last: bool) {
            let mut values = String::new();
            let mut expected: Vec<&str> = Vec::new();
            for value in &given {
                if first_last {
                    add_first(&mut values, value);
                    expected.retain(|kept| kept != value);
                    expected.insert(0, value);
                } else {
                    add(&mut values, value);
                    if !expected.contains(&value.as_str()) {
                        expected.push(value);
                    }
                }
            }
            prop_assert_eq!(first(&values), expected[0]);
            prop_assert_eq!(all(&values).collect::<Vec<_>>(), expected);
            let before = values.clone();
            add_all(&mut values, &before);
            prop_assert_eq!(values, before);
        }
    }
}
