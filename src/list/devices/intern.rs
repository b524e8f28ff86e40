//! Stores each text that many devices share once.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// A column with more different texts repeats too rarely to be worth interning.
const MOST: usize = 16_384;

/// A bounded set of texts, each identified by a small number.
#[derive(Debug)]
pub(in crate::list) struct Interner {
    most: usize,
    text: String,
    ends: Vec<u32>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Default for Interner {
    fn default() -> Self {
        Self::with_room_for(MOST)
    }
}

impl Interner {
    /// An empty set for at most `most` texts.
    pub fn with_room_for(most: usize) -> Self {
        Self {
            most,
            text: String::new(),
            ends: Vec::new(),
            index: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// The number of `text`; `None` if it is new and the set is full.
    pub fn symbol(&mut self, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        let Self {
            text: pool, ends, ..
        } = self;
        let known = self
            .index
            .find(hash, |&symbol| slice(pool, ends, symbol) == text);
        if let Some(&symbol) = known {
            return Some(symbol);
        }
        if self.ends.len() >= self.most {
            return None;
        }
        let symbol = u32::try_from(self.ends.len()).ok()?;
        let end = u32::try_from(self.text.len() + text.len()).ok()?;
        self.text.push_str(text);
        self.ends.push(end);
        let Self {
            text: pool,
            ends,
            hasher,
            ..
        } = self;
        self.index.insert_unique(hash, symbol, |&other| {
            hasher.hash_one(slice(pool, ends, other))
        });
        Some(symbol)
    }

    /// The text whose number is `symbol`.
    pub fn text(&self, symbol: u32) -> &str {
        slice(&self.text, &self.ends, symbol)
    }
}

fn slice<'a>(pool: &'a str, ends: &[u32], symbol: u32) -> &'a str {
    let symbol = symbol as usize;
    let end = ends.get(symbol).map_or(0, |&end| end as usize);
    let start = match symbol {
        0 => 0,
        _ => ends.get(symbol - 1).map_or(0, |&end| end as usize),
    };
    pool.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn intern_returns_the_same_number() {
        let mut interner = Interner::default();
        let sales = interner.symbol("Sales").expect("room");
        let empty = interner.symbol("").expect("room");
        assert_eq!(interner.symbol("Sales"), Some(sales));
        assert_eq!(interner.text(sales), "Sales");
        assert_eq!(interner.text(empty), "");
    }

    #[test]
    fn full_interner_returns_known_texts() {
        let mut interner = Interner::default();
        for number in 0..MOST {
            assert!(interner.symbol(&number.to_string()).is_some());
        }
        assert_eq!(interner.symbol("one more"), None);
        assert_eq!(interner.symbol("7"), Some(7));
    }

    proptest! {
        #[test]
        fn text_inverts_intern(
            texts in proptest::collection::vec("[a-cé]{0,2}", 0..40),
            room in 0_usize..12,
        ) {
            let mut interner = Interner::with_room_for(room);
            let mut first: Vec<&str> = Vec::new();
            for text in &texts {
                let known = first.contains(&text.as_str());
                let symbol = interner.symbol(text);
                prop_assert_eq!(symbol.is_some(), known || first.len() < room);
                if let Some(symbol) = symbol {
                    prop_assert_eq!(interner.text(symbol), text);
                    if !known {
                        first.push(text);
                    }
                    prop_assert_eq!(first.get(symbol as usize), Some(&text.as_str()));
                }
            }
        }
    }
}
