//! From text to rows: what shape a list has, and a reader for each shape.

pub(in crate::list) mod bare;
pub(in crate::list) mod cutter;
pub(in crate::list) mod delimited;
pub(in crate::list) mod fixed_width;
pub(in crate::list) mod footers;
pub(in crate::list) mod json;
pub(in crate::list) mod leases;
pub(in crate::list) mod neighbours;
pub(in crate::list) mod not_a_list;
pub(in crate::list) mod pipes;
pub(in crate::list) mod row;
pub(in crate::list) mod row_ends;
pub(in crate::list) mod shape;
pub(in crate::list) mod table;
pub(in crate::list) mod window;
pub(in crate::list) mod workbook;
