//! What reading found: notices, rows that can't be used and why, and the report of the whole.

pub(in crate::list) mod cause;
pub(in crate::list) mod inspect;
pub(in crate::list) mod problem;
