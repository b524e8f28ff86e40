//! All texts of one device, side by side and in lower case, for words that may be in any of them.
//!
//! One search through a hundred bytes takes half the time of eleven searches through ten, and
//! every further word of the query finds the texts laid out.

use super::needle::Needle;
use super::normal::{folded, is_plain};
use crate::list::{Device, DeviceId};

/// Stands between texts; UTF-8 has no such byte, so nothing is found across it.
const SEPARATOR: u8 = 0xff;

/// The texts of the device that was asked last. Its memory is used again for the next one.
#[derive(Default)]
pub(super) struct Haystack {
    of: Option<DeviceId>,
    texts: Vec<u8>,
}

impl Haystack {
    /// True if some text of `device` contains the needle.
    pub fn has(&mut self, device: &Device<'_>, needle: &Needle) -> bool {
        let Some(finder) = needle.ascii() else {
            return device.texts().any(|text| needle.is_in(text));
        };
        if self.of != Some(device.id()) {
            self.lay_out(device);
        }
        finder.find(&self.texts).is_some()
    }

    fn lay_out(&mut self, device: &Device<'_>) {
        self.of = Some(device.id());
        self.texts.clear();
        for text in device.texts() {
            if is_plain(text) {
                self.texts.extend_from_slice(text.as_bytes());
            } else {
                self.texts.extend_from_slice(folded(text).as_bytes());
            }
            self.texts.push(SEPARATOR);
        }
        self.texts.make_ascii_lowercase();
    }
}
