//! What all kinds of workbooks have in common.

use super::rows::Next;

/// A sheet with cells.
pub(super) struct SheetName {
    /// As it is in the workbook.
    pub name: String,
    /// True when the workbook hides it.
    pub hidden: bool,
}

/// Gets the row and the column of a cell, both from 0, and its text.
pub(super) type EachCell<'a> = &'a mut dyn FnMut(u32, u32, &str) -> Next;
