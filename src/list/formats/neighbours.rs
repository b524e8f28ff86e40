//! Reads the neighbour tables (IPv4 ARP, IPv6 ND) and MAC address tables that operating systems and switches print.

use std::net::IpAddr;

/// One entry of a neighbour table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour<'a> {
    /// The address without its zone (`%en0`); `None` in a switch's MAC address table.
    pub ip: Option<&'a str>,
    /// The hardware address as printed, but with two digits per byte (macOS omits leading zeros). May be broadcast, multicast or zero.
    pub mac: String,
    /// The host name that `arp -a` or `arp` has resolved.
    pub name: Option<&'a str>,
    /// The interface's name, its index (PowerShell) or the switch port.
    pub interface: Option<&'a str>,
    /// The hardware type or the entry's state, in the program's spelling and language.
    pub kind: Option<&'a str>,
}

/// What one line of a neighbour table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line<'a> {
    /// An address with its hardware address.
    Neighbour(Neighbour<'a>),
    /// Column titles, an interface's title or the rule below them.
    Heading,
    /// An address whose hardware address is not known.
    Incomplete,
    /// Anything else, blank lines included.
    Other,
}

const HEADINGS: [&str; 23] = [
    "Address HWtype HWaddress Flags Mask Iface",
    "Host Ethernet Address Netif Expire Flags",
    "Neighbor Linklayer Address Netif Expire St Flgs Prbs",
    "Neighbor Linklayer Address Netif Expire S Flags",
    "Internet Address Physical Address Type",
    "Internetadresse Physische Adresse Typ",
    "Internetadresse Physikal. Adresse Typ",
    "Adresse Internet Adresse physique Type",
    "Dirección de Internet Dirección física Tipo",
    "Indirizzo Internet Indirizzo fisico Tipo",
    "Endereço IP Endereço físico Tipo",
    "Internetadres Fysiek adres Type",
    "Adres internetowy Adres fizyczny Typ",
    "internetová adresa fyzická adresa typ",
    "インターネット アドレス 物理アドレス 種類",
    "Internet 地址 物理地址 类型",
    "인터넷 주소 물리적 주소 유형",
    "Protocol Address Age (min) Hardware Addr Type Interface",
    "Address Age MAC Address Interface",
    "Mac Address Table",
    "Vlan Mac Address Type Ports",
    "VLAN MAC Address Type age Secure NTFY Ports",
    "ifIndex IPAddress LinkLayerAddress State PolicyStore",
];

/// Classifies one line; every layout is recognised by its addresses, whatever the language of the text around them.
pub fn parse(line: &str) -> Line<'_> {
    let tokens: Vec<&str> = line.split_whitespace().take(20).collect();
    let Some((&first, rest)) = tokens.split_first() else {
        return Line::Other;
    };
    if is_heading(&tokens) {
        return Line::Heading;
    }
    let found = match (ip(first), rest) {
        (Some(ip), rest) => starts_with_ip(ip, rest),
        (None, rest) if first == "Internet" => cisco_arp(rest),
        (None, [address, _, hardware, rest @ ..]) if address.starts_with('(') => {
            bsd(first, address, hardware, rest)
        }
        (None, [index_or_mac, ..]) => starts_with_word(first, index_or_mac, rest),
        (None, []) => None,
    };
    found.unwrap_or(Line::Other)
}

/// Whether most lines that are not blank belong to a neighbour table and at least one is a neighbour.
pub fn looks_like_neighbours(first_lines: &[&str]) -> bool {
    let (mut neighbours, mut related, mut lines) = (0_usize, 0_usize, 0_usize);
    for line in first_lines.iter().filter(|line| !line.trim().is_empty()) {
        lines += 1;
        match parse(line) {
            Line::Neighbour(_) => neighbours += 1,
            Line::Heading | Line::Incomplete => related += 1,
            Line::Other => {}
        }
    }
    neighbours > 0 && (neighbours + related) * 2 > lines
}

/// The hardware address as printed with two digits per byte, if the text is one of six bytes: `:` or `-` between bytes, `.` or `-` between
/// groups of four digits.
pub(in crate::list) fn mac(text: &str) -> Option<String> {
    let hexadecimal = |group: &str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    let separator = text
        .chars()
        .find(|character| matches!(character, ':' | '-' | '.'))?;
    let groups = || text.split(separator);
    if text.len() > 17 || !groups().all(hexadecimal) {
        return None;
    }
    let all = |count: usize, length: usize| {
        groups().count() == count && groups().all(|group| group.len() == length)
    };
    if (separator != '.' && all(6, 2)) || (separator != ':' && all(3, 4)) {
        return Some(text.to_owned());
    }
    let short = separator == ':'
        && groups().count() == 6
        && groups().all(|group| matches!(group.len(), 1 | 2));
    short.then(|| {
        groups()
            .map(|group| format!("{group:0>2}"))
            .collect::<Vec<_>>()
            .join(":")
    })
}

/// The address without its zone.
pub(in crate::list) fn ip(text: &str) -> Option<&str> {
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    address.parse::<IpAddr>().is_ok().then_some(address)
}

fn neighbour<'a>(
    ip: Option<&'a str>,
    mac: String,
    interface: Option<&'a str>,
    kind: Option<&'a str>,
) -> Line<'a> {
    Line::Neighbour(Neighbour {
        ip,
        mac,
        name: None,
        interface,
        kind,
    })
}

fn is_incomplete(text: &str) -> bool {
    (text.starts_with('(') && text.ends_with(')'))
        || (text.starts_with('<') && text.ends_with('>'))
        || text.eq_ignore_ascii_case("incomplete")
}

fn is_heading(tokens: &[&str]) -> bool {
    if tokens.len() > 1
        && tokens
            .iter()
            .all(|token| token.len() > 1 && token.bytes().all(|byte| byte == b'-'))
    {
        return true;
    }
    // Windows: `Interface: 10.0.0.5 --- 0x5` and, from netsh, `Interface 5: Ethernet`.
    if let [_, .., address, "---", index] = tokens {
        return ip(address).is_some() && index.starts_with("0x");
    }
    if let ["Interface", index, _, ..] = tokens {
        return index.strip_suffix(':').is_some_and(is_number);
    }
    HEADINGS.iter().any(|heading| {
        let mut names = heading.split_whitespace();
        tokens.iter().all(|token| {
            names
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(token))
        }) && names.next().is_none()
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `-`, minutes, `00:01:23`, `19m59s` or `1d02h`.
fn is_age(text: &str) -> bool {
    let duration =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b':' | b'd' | b'h' | b'm' | b's' | b'w');
    text == "-"
        || (text.len() <= 16
            && text.starts_with(|first: char| first.is_ascii_digit())
            && text.bytes().all(duration))
}

fn is_word(text: &str) -> bool {
    text.chars().all(char::is_alphabetic)
}

fn is_hardware(text: &str) -> bool {
    [
        "ether",
        "ethernet",
        "loop",
        "infiniband",
        "ieee1394",
        "wlan",
    ]
    .contains(&text)
}

fn starts_with_ip<'a>(address: &'a str, rest: &[&'a str]) -> Option<Line<'a>> {
    let address = Some(address);
    match rest {
        ["dev" | "lladdr", ..] => ip_neigh(address, rest),
        // Linux `arp -n` and BSD `ndp`.
        [hardware, _, ..] if is_incomplete(hardware) => Some(Line::Incomplete),
        [kind, hardware, _, .., interface] if is_hardware(kind) => Some(neighbour(
            address,
            mac(hardware)?,
            Some(interface),
            Some(kind),
        )),
        // NX-OS and EOS `show ip arp`.
        [age, hardware, interface, ..] if is_age(age) => match mac(hardware) {
            Some(mac) => Some(neighbour(
                address,
                mac,
                Some(interface.trim_end_matches(',')),
                None,
            )),
            None => hardware
                .eq_ignore_ascii_case("incomplete")
                .then_some(Line::Incomplete),
        },
        // Windows `arp -a` in any language; netsh adds `(Router)`.
        [hardware, kind] | [hardware, kind, "(Router)"]
            if hardware.contains('-') && is_word(kind) =>
        {
            Some(neighbour(address, mac(hardware)?, None, Some(kind)))
        }
        // OpenBSD `arp` and BSD `ndp`.
        [hardware, interface, expire, ..]
            if is_age(expire) || ["permanent", "expired"].contains(expire) =>
        {
            Some(neighbour(address, mac(hardware)?, Some(interface), None))
        }
        _ => None,
    }
}

fn ip_neigh<'a>(address: Option<&'a str>, rest: &[&'a str]) -> Option<Line<'a>> {
    let after = |name: &str| {
        rest.iter()
            .skip_while(|token| **token != name)
            .nth(1)
            .copied()
    };
    let states = [
        "PERMANENT",
        "NOARP",
        "REACHABLE",
        "STALE",
        "NONE",
        "INCOMPLETE",
        "DELAY",
        "PROBE",
        "FAILED",
    ];
    let state = rest.last().copied().filter(|state| states.contains(state));
    match after("lladdr") {
        Some(hardware) => Some(neighbour(address, mac(hardware)?, after("dev"), state)),
        None => state.map(|_| Line::Incomplete),
    }
}

/// Cisco IOS `show ip arp`, behind `Internet`.
fn cisco_arp<'a>(rest: &[&'a str]) -> Option<Line<'a>> {
    let [address, age, hardware, kind, after @ ..] = rest else {
        return None;
    };
    let address = ip(address).filter(|_| is_age(age))?;
    match mac(hardware) {
        Some(mac) => Some(neighbour(
            Some(address),
            mac,
            after.first().copied(),
            Some(kind),
        )),
        None => is_incomplete(hardware).then_some(Line::Incomplete),
    }
}

/// BSD, macOS and Linux `arp -a`: `name (address) at mac [type] on interface`; net-tools translates `at` and `on`.
fn bsd<'a>(
    name: &'a str,
    address: &'a str,
    hardware: &'a str,
    rest: &[&'a str],
) -> Option<Line<'a>> {
    let address = ip(address.strip_prefix('(')?.strip_suffix(')')?)?;
    let Some(mac) = mac(hardware) else {
        return is_incomplete(hardware).then_some(Line::Incomplete);
    };
    let kind = rest
        .iter()
        .find_map(|token| token.strip_prefix('[')?.strip_suffix(']'));
    let on = rest
        .iter()
        .skip_while(|token| **token != "on")
        .nth(1)
        .copied();
    let interface = on.or_else(|| {
        rest.last()
            .copied()
            .filter(|last| rest.len() >= 3 && !last.starts_with('['))
    });
    Some(Line::Neighbour(Neighbour {
        ip: Some(address),
        mac,
        name: Some(name).filter(|name| *name != "?"),
        interface,
        kind,
    }))
}

fn starts_with_word<'a>(first: &'a str, second: &'a str, rest: &[&'a str]) -> Option<Line<'a>> {
    if let (true, Some(address)) = (is_number(first), ip(second)) {
        return get_net_neighbor(first, address, rest.get(1..)?);
    }
    // Linux `arp` without `-n`, with a host name instead of the address.
    if let ([_, hardware, _, .., interface], true) = (rest, is_hardware(second)) {
        let mac = mac(hardware)?;
        return Some(Line::Neighbour(Neighbour {
            ip: None,
            mac,
            name: Some(first),
            interface: Some(interface),
            kind: Some(second),
        }));
    }
    // `show mac address-table`: VLAN, MAC, type, ports; NX-OS marks entries with `*`, `+` or `G` in front.
    let (vlan, entry) = if matches!(first, "*" | "+" | "G" | "C") {
        (second, rest.get(1..)?)
    } else {
        (first, rest)
    };
    let [hardware, kind, after @ ..] = entry else {
        return None;
    };
    let types = ["dynamic", "static", "secure", "self", "igmp"];
    let entry = (is_number(vlan) || matches!(vlan, "All" | "-" | "N/A"))
        && types.iter().any(|name| name.eq_ignore_ascii_case(kind));
    if !entry || !hardware.contains('.') {
        return None;
    }
    Some(neighbour(
        None,
        mac(hardware)?,
        after.last().copied(),
        Some(kind),
    ))
}

/// PowerShell's default table; multicast addresses are printed without separators by some versions.
fn get_net_neighbor<'a>(index: &'a str, address: &'a str, rest: &[&'a str]) -> Option<Line<'a>> {
    let (store, rest) = rest.split_last()?;
    let stored = matches!(*store, "ActiveStore" | "PersistentStore");
    match rest {
        [hardware, state] => {
            let bare =
                hardware.len() == 12 && hardware.bytes().all(|byte| byte.is_ascii_hexdigit());
            let mac = mac(hardware).or_else(|| bare.then(|| (*hardware).to_owned()))?;
            stored.then(|| neighbour(Some(address), mac, Some(index), Some(state)))
        }
        [_] => stored.then_some(Line::Incomplete),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
