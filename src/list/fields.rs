//! What headers and cells mean: the fields, the columns that are read as them, and the values in their cells.

pub(in crate::list) mod cells;
pub(in crate::list) mod column;
pub(in crate::list) mod damaged_identifier;
pub(in crate::list) mod dates;
pub(in crate::list) mod field;
pub(in crate::list) mod headers;
pub(in crate::list) mod hostname;
pub(in crate::list) mod missing_values;
pub(in crate::list) mod recognise;
pub(in crate::list) mod seconds;
pub(in crate::list) mod values;
