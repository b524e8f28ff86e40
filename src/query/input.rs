//! The parser's input, which tracks byte offsets.

use winnow::LocatingSlice;

/// The rest of a query.
pub(super) type Input<'a> = LocatingSlice<&'a str>;
