//! The first line of a list of our own: of which tenant it is, and whether it is complete.

use jiff::Timestamp;
use serde::Deserialize;

use super::Reader;
use crate::list::devices::build::ListStamp;
use crate::list::error::ListError;
use crate::list::report::problem::ListNotice;

/// The key that marks a list of our own.
pub(super) const OUR_KEY: &[u8] = b"offboard_list";
/// The newest supported format of our own lists.
const OUR_FORMAT: u64 = 1;

/// The first line of a list of our own.
#[derive(Debug, Deserialize)]
struct Header {
    offboard_list: u64,
    tenant: Option<Box<str>>,
    account: Option<Box<str>>,
    fetched_at: Option<Timestamp>,
    #[serde(default)]
    complete: bool,
    /// How many devices follow; none from earlier versions.
    devices: Option<u64>,
}

impl Reader<'_, '_> {
    /// Reads the line, which the next `length` bytes are. `first`: nothing was read before it.
    pub(super) fn header(&mut self, length: usize, first: bool) -> Result<(), ListError> {
        if !first {
            return Err(ListError::SecondList {
                name: self.window.name().into(),
                line: self.window.line(),
            });
        }
        let bytes = self.window.bytes().get(..length).unwrap_or_default();
        let Ok(header) = serde_json::from_slice::<Header>(bytes) else {
            return Err(self.window.syntax(
                0,
                "this header of a fetched list can't be read: fetch it again",
            ));
        };
        if header.offboard_list != OUR_FORMAT {
            return Err(ListError::NewerFormat {
                name: self.window.name().into(),
                version: header.offboard_list,
            });
        }
        if !header.complete {
            self.builder.notices.push(ListNotice::Incomplete);
        }
        self.builder.stamp = Some(ListStamp {
            tenant: header.tenant,
            account: header.account,
            fetched_at: header.fetched_at,
        });
        self.expected = header.devices;
        self.window.consume(length);
        Ok(())
    }

    /// A list that was cut is as incomplete as one whose fetch was.
    pub(super) fn check_length(&mut self) {
        let read = self.builder.rows();
        let is_cut = self.expected.is_some_and(|expected| expected != read);
        if is_cut && !self.builder.notices.contains(&ListNotice::Incomplete) {
            self.builder.notices.push(ListNotice::Incomplete);
        }
    }
}
