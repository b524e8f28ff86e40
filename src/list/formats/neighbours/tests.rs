use super::*;
use proptest::prelude::*;

#[test]
fn parse_reads_every_layout() {
    // Each case: the line, then address, MAC, name, interface and kind, `-` for none.
    let cases = [
        (
            "? (192.168.1.1) at 3c:52:82:1:2:3 on en0 ifscope [ethernet]",
            "192.168.1.1 3c:52:82:01:02:03 - en0 ethernet",
        ),
        (
            "host.example (10.0.0.1) at 3c:52:82:55:66:15 [ether] on eth0",
            "10.0.0.1 3c:52:82:55:66:15 host.example eth0 ether",
        ),
        (
            "? (10.0.0.1) auf 3c:52:82:55:66:15 [ether] auf eth0",
            "10.0.0.1 3c:52:82:55:66:15 - eth0 ether",
        ),
        (
            "? (10.0.0.1) at 0:c:29:1:2:3 on em0 expires in 1200 seconds [ethernet]",
            "10.0.0.1 00:0c:29:01:02:03 - em0 ethernet",
        ),
        (
            "10.0.0.1                 ether   3c:52:82:55:66:15   C                     eth0",
            "10.0.0.1 3c:52:82:55:66:15 - eth0 ether",
        ),
        (
            "gateway                  ether   3c:52:82:55:66:15   C                     eth0",
            "- 3c:52:82:55:66:15 gateway eth0 ether",
        ),
        (
            "  10.0.0.1              3c-52-82-55-66-15     dynamic",
            "10.0.0.1 3c-52-82-55-66-15 - - dynamic",
        ),
        (
            "  10.0.0.1              3c-52-82-55-66-15     动态",
            "10.0.0.1 3c-52-82-55-66-15 - - 动态",
        ),
        (
            "fe80::1  3c-52-82-55-66-15  Stale (Router)",
            "fe80::1 3c-52-82-55-66-15 - - Stale",
        ),
        (
            "10.0.0.1 dev eth0 lladdr 3c:52:82:55:66:15 REACHABLE",
            "10.0.0.1 3c:52:82:55:66:15 - eth0 REACHABLE",
        ),
        (
            "fe80::1 dev eth0 lladdr 3c:52:82:55:66:15 router STALE",
            "fe80::1 3c:52:82:55:66:15 - eth0 STALE",
        ),
        (
            "Internet  10.0.0.1   5   0012.3456.789a  ARPA   Vlan10",
            "10.0.0.1 0012.3456.789a - Vlan10 ARPA",
        ),
        (
            "10.0.0.1  00:01:23  0012.3456.789a  Vlan10",
            "10.0.0.1 0012.3456.789a - Vlan10 -",
        ),
        (
            "  10    0012.3456.789a    DYNAMIC     Gi1/0/1",
            "- 0012.3456.789a - Gi1/0/1 DYNAMIC",
        ),
        (
            "* 10    0012.3456.789a   dynamic  0  F  F  Eth1/1",
            "- 0012.3456.789a - Eth1/1 dynamic",
        ),
        (
            " All    0100.0ccc.cccc    STATIC      CPU",
            "- 0100.0ccc.cccc - CPU STATIC",
        ),
        (
            "5   10.0.0.1   3C-52-82-55-66-15   Reachable   ActiveStore",
            "10.0.0.1 3C-52-82-55-66-15 - 5 Reachable",
        ),
        (
            "5   ff02::16   333300000016   Permanent   ActiveStore",
            "ff02::16 333300000016 - 5 Permanent",
        ),
        (
            "10.0.0.1   3c:52:82:55:66:15   em0   19m59s",
            "10.0.0.1 3c:52:82:55:66:15 - em0 -",
        ),
        (
            "fe80::1%en0   3c:52:82:1:2:3   en0 23h59m58s S R",
            "fe80::1 3c:52:82:01:02:03 - en0 -",
        ),
    ];
    for (line, expected) in cases {
        let Line::Neighbour(found) = parse(line) else {
            panic!("{line} is not a neighbour")
        };
        let fields = [
            found.ip,
            Some(&found.mac),
            found.name,
            found.interface,
            found.kind,
        ];
        assert_eq!(
            fields.map(|field| field.unwrap_or("-")).join(" "),
            expected,
            "{line}"
        );
    }
}

#[test]
fn parse_names_an_interface_only_if_there_is_one() {
    for (line, interface, kind) in [
        ("? (10.0.0.1) at 3c:52:82:1:2:3 permanent", None, None),
        (
            "? (10.0.0.1) at 3c:52:82:1:2:3 permanent published [ethernet]",
            None,
            Some("ethernet"),
        ),
    ] {
        let Line::Neighbour(found) = parse(line) else {
            panic!("{line} is not a neighbour")
        };
        assert_eq!((found.interface, found.kind), (interface, kind), "{line}");
    }
}

#[test]
fn parse_recognises_headings_and_incomplete_entries() {
    let headings = [
        "Interface: 10.0.0.5 --- 0x5",
        "Schnittstelle: 10.0.0.5 --- 0xb",
        "接口: 10.0.0.5 --- 0xb",
        "Interface : 10.0.0.5 --- 0x5",
        "Interface 4294967295: Ethernet",
        "  Internetadresse       Physische Adresse     Typ",
        "Address                  HWtype  HWaddress           Flags Mask            Iface",
        "Vlan    Mac Address       Type        Ports",
        "----    -----------       --------    -----",
    ];
    assert!(headings.iter().all(|line| parse(line) == Line::Heading));
    let incomplete = [
        "? (10.0.0.3) at (incomplete) on en0 ifscope [ethernet]",
        "? (10.0.0.3) at <incomplete> on eth0",
        "10.0.0.3                         (incomplete)                              eth0",
        "10.0.0.9 dev eth0  FAILED",
        "Internet  10.0.0.9   0   Incomplete   ARPA",
        "5  10.0.0.9  Unreachable  ActiveStore",
    ];
    assert!(
        incomplete
            .iter()
            .all(|line| parse(line) == Line::Incomplete)
    );
}

#[test]
fn parse_rejects_other_text() {
    let lines = [
        "",
        "10.0.0.1",
        "10.0.0.1 3c:52:82:55:66:15",
        "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.5",
        "10.0.0.5 dev eth0 scope link",
        "10.0.0.5 - - [12/Oct/2026:08:00:00 +0000] \"GET / HTTP/1.1\" 200 12",
        "See (10.0.0.1) at the end of the list",
        "Oct 12 08:00:00 gw dhcpd: DHCPACK on 10.0.0.5 to 3c:52:82:55:66:15 via eth0",
        "10.0.0.1,3c-52-82-55-66-15,dynamic",
        "5 10.0.0.1 and more",
        "10 0012.3456.789a laptops",
        "10.0.0.1 3c-52-82-55-66 dynamic",
        "10.0.0.1 3-52-82-1-2-3 dynamic",
        "10.0.0.1 3c-52-82-55-66-15 12",
        "10.0.0.1 3c:52:82:55:66:15 dynamic",
        "10.0.0.1 3c:52:82:55:66:15 em0 soon",
        "10.0.0.1 wh 0012.3456.789a Vlan10",
        "10.0.0.1 (see the note",
        "10.0.0.1 <see the note",
        "10.0.0.1 see) note",
        "? (10.0.0.1) at zz:52:82:55:66:15 on en0",
        "? (10.0.0.1) at 3c:52 on en0",
        "5 ff02::16 3333 Permanent ActiveStore",
        "5 ff02::16 3333000000zz Permanent ActiveStore",
        "-----",
        "- -",
        "Address",
        "Seats: A4 --- 0x5",
        "Desk: 10.0.0.5 --- here",
        "Interface x: Ethernet",
        "Interface : Ethernet",
        "Interface 12345678901: Ethernet",
    ];
    for line in lines {
        assert_eq!(parse(line), Line::Other, "{line}");
    }
}

#[test]
fn looks_like_neighbours_needs_most_lines() {
    assert!(looks_like_neighbours(&[
        "",
        "Interface: 10.0.0.5 --- 0x5",
        "  10.0.0.1   3c-52-82-55-66-15  dynamic"
    ]));
    assert!(!looks_like_neighbours(&[
        "Hi,",
        "this is the gateway:",
        "10.0.0.1   3c-52-82-55-66-15  dynamic",
        "Bye"
    ]));
    assert!(!looks_like_neighbours(&[
        "The gateway:",
        "10.0.0.1   3c-52-82-55-66-15  dynamic"
    ]));
    assert!(!looks_like_neighbours(&[
        "---- ----",
        "10.0.0.9 dev eth0 FAILED"
    ]));
    assert!(!looks_like_neighbours(&[]));
}

proptest! {
    #[test]
    fn parse_never_panics(line in any::<String>(), tokens in prop::collection::vec(prop::sample::select(vec![
        "?", "(10.0.0.1)", "10.0.0.1", "at", "3c:52:82:1:2:3", "dev", "lladdr", "on", "[ether]", "Internet", "5", "ether", "0012.3456.789a", "---", "ActiveStore", "*",
    ]), 0..9)) {
        parse(&line);
        parse(&tokens.join(" "));
        mac(&line);
    }

    #[test]
    fn parse_reads_printed_addresses(bytes in any::<[u8; 6]>(), address in any::<[u8; 4]>(), short: bool) {
        let print = |byte: &u8| if short { format!("{byte:x}") } else { format!("{byte:02x}") };
        let address = std::net::Ipv4Addr::from(address).to_string();
        let line = format!("? ({address}) at {} on en0 [ethernet]", bytes.iter().map(print).collect::<Vec<_>>().join(":"));
        let Line::Neighbour(found) = parse(&line) else { panic!("{line}") };
        prop_assert_eq!(found.mac, bytes.map(|byte| format!("{byte:02x}")).join(":"));
        prop_assert_eq!(found.ip, Some(address.as_str()));
    }
}
