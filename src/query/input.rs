//! The text that the parsers read, with the place of each part.

use winnow::LocatingSlice;

/// A query, or what is left of it.
pub(super) type Input<'a> = LocatingSlice<&'a str>;
