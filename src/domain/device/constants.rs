//! Identifiers that identify nothing: drivers, firmware and programs give them to every machine.

use super::{Hwid, MacAddress};

/// The fewest characters of a sequence or repetition.
const SHORTEST: usize = 8;
/// What is typed or printed in place of an identifier, in lower case, without signs and repeated.
const SEQUENCES: [&str; 4] = [
    "0123456789abcdef",
    "123456789abcdef0",
    "1234567890",
    "123456789",
];
/// UUIDs that boards are sold with, without signs.
const UUIDS: [&str; 5] = [
    "03000200040005000006000700080009",
    "00020003000400050006000700080009",
    "4c4c454400002010802080c04f202020",
    "1234567812345678123456789abcdef0",
    "12345678123456789012345678901234",
];

impl Hwid {
    /// True for a text that is written in place of a hardware ID: one or two characters repeated, the
    /// digits in their order, or a UUID that a board is sold with.
    pub fn is_known_constant(&self) -> bool {
        let is_sign = |byte: &u8| !byte.is_ascii_alphanumeric();
        let text = self.as_str().to_ascii_lowercase();
        let text: Vec<u8> = text.bytes().filter(|byte| !is_sign(byte)).collect();
        let repeats = |unit: &[u8]| text.iter().eq(unit.iter().cycle().take(text.len()));
        let is_repetition = (1..=2).any(|length| text.get(..length).is_some_and(repeats));
        let is_sequence = || SEQUENCES.iter().any(|unit| repeats(unit.as_bytes()));
        let is_uuid = || UUIDS.iter().any(|uuid| uuid.as_bytes() == text);
        text.len() >= SHORTEST && (is_repetition || is_sequence() || is_uuid())
    }
}

impl MacAddress {
    /// True for an address that VPN clients, dial-up, hypervisors and telephones give to every machine, or
    /// that somebody made up, so that it identifies no device.
    pub fn is_known_constant(self) -> bool {
        CONSTANT_ADDRESSES.contains(&self.0)
            || self.0.iter().all(|&octet| octet == self.0[0])
            // Docker derives 02:42:… from the container's IP address.
            || self.0[..2] == [0x02, 0x42]
            // VirtualBox host-only adapters.
            || self.0[..5] == [0x0a, 0x00, 0x27, 0x00, 0x00]
            // VMware's host-side virtual adapters, vmnet1 and up.
            || self.0[..5] == [0x00, 0x50, 0x56, 0xc0, 0x00]
    }
}

/// Addresses that the vendors' drivers hard-code, and those of examples.
const CONSTANT_ADDRESSES: [[u8; 6]; 16] = [
    [0x02, 0x00, 0x4c, 0x4f, 0x4f, 0x50], // Microsoft and Npcap loopback ("LOOP")
    [0x00, 0x05, 0x9a, 0x3c, 0x7a, 0x00], // Cisco AnyConnect
    [0x00, 0x05, 0x9a, 0x3c, 0x78, 0x00], // Cisco VPN client
    [0x02, 0x50, 0x41, 0x00, 0x00, 0x01], // Palo Alto GlobalProtect
    [0x02, 0x05, 0x85, 0x7f, 0xeb, 0x80], // Juniper and Pulse
    [0x00, 0x09, 0x0f, 0xfe, 0x00, 0x01], // Fortinet
    [0x00, 0x09, 0x0f, 0xaa, 0x00, 0x01], // Fortinet
    [0x00, 0x53, 0x45, 0x00, 0x00, 0x00], // WAN miniport, PPP
    [0x20, 0x41, 0x53, 0x59, 0x4e, 0xff], // WAN miniport, asynchronous (" ASYN")
    [0x50, 0x50, 0x54, 0x50, 0x30, 0x30], // WAN miniport, PPTP ("PPTP00")
    [0x52, 0x41, 0x53, 0x20, 0x41, 0x53], // WAN miniport, RAS ("RAS AS")
    [0x44, 0x45, 0x53, 0x54, 0x00, 0x00], // dial-up adapter ("DEST")
    [0x02, 0x1c, 0x42, 0x00, 0x00, 0x00], // Parallels shared network
    [0x02, 0x00, 0x00, 0x00, 0x00, 0x00], // what Android and iOS give to programs
    [0x00, 0x11, 0x22, 0x33, 0x44, 0x55], // examples
    [0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc], // examples
];
