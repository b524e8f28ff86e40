//! From a file to its text: containers, encodings, and the copy of what can't be read twice.

pub(in crate::list) mod container;
pub(in crate::list) mod decode;
pub(in crate::list) mod mixed;
pub(in crate::list) mod source;
pub(in crate::list) mod spool;
