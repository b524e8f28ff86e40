//! Arguments that several commands take, and what completes or corrects them.

pub(in crate::cli) mod candidates;
pub(in crate::cli) mod dates;
pub(in crate::cli) mod ids;
pub(in crate::cli) mod output;
pub(in crate::cli) mod reading;
pub(in crate::cli) mod suggest;
