//! From rows to devices: rows are merged, stored compactly and identified.

pub(in crate::list) mod build;
pub(in crate::list) mod case;
pub(in crate::list) mod compare;
pub(in crate::list) mod device;
pub(in crate::list) mod draft;
pub(in crate::list) mod hwid_index;
pub(in crate::list) mod identify;
pub(in crate::list) mod ids;
pub(in crate::list) mod intern;
pub(in crate::list) mod reconcile;
pub(in crate::list) mod store;
