//! A bare text of identifiers, one a line: what is pasted into a ticket.

use super::build::{Builder, Place, too_large};
use super::columns::Meaning;
use super::error::ListError;
use super::problem::Notice;
use super::window::Window;
use crate::device::{IdentifierError, MacAddress};

/// Host names are at most this long in the directories of Windows.
const LONGEST_NETBIOS_NAME: usize = 15;

/// Reads all lines; each is a MAC address, if it looks like one, else a HWID.
pub(super) fn read(window: &mut Window<'_>, builder: &mut Builder) -> Result<(), ListError> {
    let mut lines = 0_u64;
    let mut names = 0_u64;
    while window.peek(0)?.is_some() {
        let length = window.line_length()?;
        let place = Place {
            offset: window.offset(),
            line: window.line(),
        };
        let line = String::from_utf8_lossy(window.bytes().get(..length).unwrap_or_default());
        let line = line.trim();
        if !line.is_empty() {
            lines += 1;
            names += u64::from(looks_like_hostname(line));
            let meaning = match MacAddress::parse(line) {
                Err(IdentifierError::NotAMac) => Meaning::Hwid,
                _ => Meaning::Mac,
            };
            builder.draft.put(meaning, line);
            builder.add(place).map_err(|_| too_large(window.name()))?;
        }
        window.consume(length);
    }
    if names * 2 > lines {
        builder.notices.push(Notice::LooksLikeHostnames);
    }
    Ok(())
}

/// `LT-4411`, `pc01.corp.example`; not a hexadecimal number or a UUID, however short.
fn looks_like_hostname(line: &str) -> bool {
    let label = line.split('.').next().unwrap_or(line);
    let characters = line
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    let hexadecimal = label
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let qualified = label.len() < line.len();
    characters
        && label.len() <= LONGEST_NETBIOS_NAME
        && label.bytes().any(|byte| byte.is_ascii_alphabetic())
        && (!hexadecimal || qualified)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_told_from_hardware_ids() {
        for name in ["LT-4411", "DESKTOP-AB12CD3", "pc01.corp.example", "srv_db1"] {
            assert!(looks_like_hostname(name), "{name}");
        }
        for hwid in [
            "12ds44f5gacd52234",
            "cd7323a67effe2ab53",
            "4c4c4544-0042-3510-8051",
            "deadbeef",
            "12345",
        ] {
            assert!(!looks_like_hostname(hwid), "{hwid}");
        }
    }
}
