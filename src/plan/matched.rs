//! The imported source of a plan's devices, for the record.

use serde::{Deserialize, Serialize};

use crate::import::ImportContent;

/// The file or text whose entries were matched with a plan's list. In this form a plan file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchedFrom {
    /// Its name, safe to show.
    pub name: String,
    /// SHA-256 of its text, in hexadecimal.
    pub hash: String,
}

impl MatchedFrom {
    /// The source of `content`.
    pub fn of(content: &ImportContent) -> Self {
        Self {
            name: content.name().to_owned(),
            hash: content.hash(),
        }
    }

    /// Joins several sources without duplicates: names and hashes in the same order. None for no source.
    pub fn together<'a>(sources: impl Iterator<Item = &'a Self>) -> Option<Self> {
        let mut known: Vec<&Self> = Vec::new();
        for source in sources {
            if !known.contains(&source) {
                known.push(source);
            }
        }
        let joined = |part: fn(&Self) -> &str| {
            let parts: Vec<&str> = known.iter().map(|source| part(source)).collect();
            parts.join(", ")
        };
        (!known.is_empty()).then(|| Self {
            name: joined(|source| &source.name),
            hash: joined(|source| &source.hash),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn together_joins_sources_without_duplicates() {
        let source = |name: &str, hash: &str| MatchedFrom {
            name: name.to_owned(),
            hash: hash.to_owned(),
        };
        let (a, b) = (source("a.csv", "11"), source("b.xlsx", "22"));
        let together = |sources: &[&MatchedFrom]| MatchedFrom::together(sources.iter().copied());
        assert_eq!(together(&[]), None);
        assert_eq!(together(&[&a, &a]), Some(a.clone()));
        assert_eq!(
            together(&[&b, &a, &b]),
            Some(source("b.xlsx, a.csv", "22, 11"))
        );
    }
}
