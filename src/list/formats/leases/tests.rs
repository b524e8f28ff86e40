use super::*;
use proptest::prelude::*;

const DHCPD: &str = r#"# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;
server-duid "\000\001{;}\"\353";
failover peer "x" state {
  my state normal at 4 2026/10/12 08:00:00;
}
lease 10.0.0.5 {
  starts 4 2026/10/12 08:00:00;
  ends 4 2026/10/12 20:00:00;
  tstp 4 2026/10/12 20:00:00;
  cltt 4 2026/10/12 08:30:00;
  binding state active;
  next binding state free;
  rewind binding state free;
  hardware ethernet 3c:52:82:55:66:15;
  uid "\001<R\202Uf}\025;#";
  set vendor-class-identifier = "MSFT 5.0";
  on expiry {
    binding state wrong;
  }
  client-hostname "LT-1"; # a laptop
}
lease 10.0.0.6 {
  starts epoch 1791806400; # Mon Oct 12
lease 10.0.0.7 {
  starts 4 2026/10/12 08:00:00;
  ends never;
  client-hostname "B\303\274ro";
}
"#;

fn read(text: &str) -> Vec<Lease> {
    let mut reader = LeaseReader::default();
    let mut leases = Vec::new();
    for mut line in text.lines() {
        while let Some((lease, end)) = reader.line(line) {
            leases.push(lease);
            line = &line[end..];
        }
    }
    leases
}

fn own(text: &str) -> String {
    text.to_owned()
}

#[test]
fn dhcpd_leases_are_read() {
    let first = Lease {
        ip: "10.0.0.5".to_owned(),
        mac: Some(own("3c:52:82:55:66:15")),
        hostname: Some(own("LT-1")),
        seen: Some(own("2026/10/12 08:30:00")),
        ends: Some(own("2026/10/12 20:00:00")),
        state: Some(own("active")),
    };
    let second = Lease {
        ip: "10.0.0.7".to_owned(),
        hostname: Some(own("Büro")),
        seen: Some(own("2026/10/12 08:00:00")),
        ..Lease::default()
    };
    assert_eq!(read(DHCPD), [first, second]);
}

#[test]
fn dhcpd_leases_on_one_line_are_all_returned() {
    let leases =
        read("lease 10.0.0.5 { starts epoch 1791806400; } lease 10.0.0.6 { binding state free; }");
    let found: Vec<_> = leases
        .iter()
        .map(|lease| {
            (
                lease.ip.as_str(),
                lease.seen.as_deref(),
                lease.state.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("10.0.0.5", Some("1791806400"), None),
            ("10.0.0.6", None, Some("free"))
        ]
    );
}

#[test]
fn dhcpd_leases_are_distinguished_from_other_text() {
    assert!(looks_like_leases(&DHCPD.lines().collect::<Vec<_>>()));
    let others = [
        "",
        "We lease 10.0.0.5 { to you }\nstarts now;",
        "subnet 10.0.0.0 netmask 255.255.255.0 {\n  range 10.0.0.5 10.0.0.9;\n}",
        "lease {\n  interface \"eth0\";\n  fixed-address 10.0.0.5;\n}",
        "lease 10.0.0.5 {\nis the start of a block\nas you can see\nends there;",
        "[main]\nname = a;\n",
    ];
    for text in others {
        assert!(
            !looks_like_leases(&text.lines().collect::<Vec<_>>()),
            "{text}"
        );
    }
}

#[test]
fn abandoned_address_has_no_machine() {
    let lease = read("lease 10.0.0.9 {\n  abandoned;\n}\n");
    assert_eq!(lease[0].state.as_deref(), Some("abandoned"));
}

#[test]
fn only_a_lease_of_an_address_is_a_lease() {
    for opening in ["pool 10.0.0.5", "lease x"] {
        let text = format!(
            "{opening} {{\n  starts 4 2026/10/12 08:00:00;\n  hardware ethernet 3c:52:82:55:66:15;\n}}\n"
        );
        assert_eq!(read(&text), [], "{opening}");
        assert!(
            !looks_like_leases(&text.lines().collect::<Vec<_>>()),
            "{opening}"
        );
    }
}

#[test]
fn line_that_is_too_long_has_no_lease() {
    let read = |line: &str| LeaseReader::default().line(line);
    let longest = ["lease 10.0.0.5 {}", &" ".repeat(LONGEST_LINE - 17)].concat();
    assert!(read(&longest).is_some() && read(&format!("{longest} ")).is_none());
}

#[test]
fn date_of_a_lease_has_a_day_and_a_time() {
    assert!(date(&["4", "2026/10/12", "08:00:00"]).is_some());
    for time in [
        ["4", "today", "08:00:00"],
        ["4", "2026/10/12", "noon"],
        ["4", "", "08:00:00"],
    ] {
        assert_eq!(date(&time), None, "{time:?}");
    }
}

#[test]
fn dnsmasq_expiry_has_at_most_twelve_digits() {
    let lease = |expiry: &str| dnsmasq(&format!("{expiry} 3c:52:82:55:66:15 10.0.0.5 LT-1 *"));
    assert!(lease("179180640000").is_some());
    assert!(lease("1791806400000").is_none());
}

#[test]
fn dnsmasq_leases_are_read() {
    let lease = Lease {
        ip: "10.0.0.5".to_owned(),
        mac: Some(own("3c:52:82:55:66:15")),
        ..Lease::default()
    };
    let cases = [
        (
            "1791806400 3c:52:82:55:66:15 10.0.0.5 LT-1 01:3c:52:82:55:66:15",
            Some(("LT-1", "1791806400")),
        ),
        ("0 3c:52:82:55:66:15 10.0.0.5 * *", None),
    ];
    for (line, fields) in cases {
        let (hostname, ends) = (
            fields.map(|(name, _)| name.to_owned()),
            fields.map(|(_, ends)| ends.to_owned()),
        );
        assert_eq!(
            dnsmasq(line),
            Some(Lease {
                hostname,
                ends,
                ..lease.clone()
            })
        );
    }
    let six = dnsmasq("1791806400 T12345678 fd00::5 LT-1 00:01:00:01").expect("a lease");
    assert_eq!((six.mac, six.hostname), (None, Some(own("LT-1"))));
}

#[test]
fn dnsmasq_leases_are_distinguished_from_other_text() {
    let lease = "1791806400 3c:52:82:55:66:15 10.0.0.5 LT-1 *";
    assert!(looks_like_dnsmasq(&[lease, "", "duid 00:01:00:01:2a"]));
    assert!(!looks_like_dnsmasq(&[lease, "and some prose"]));
    assert!(!looks_like_dnsmasq(&["", "duid 00:01"]));
    for line in [
        "",
        "1791806400 12345 10.0.0.5 LT-1 *",
        "1791806400 3c:52:82:55:66:15 10.0.0.5 LT-1",
        "x 3c:52:82:55:66:15 10.0.0.5 a *",
    ] {
        assert_eq!(dnsmasq(line), None, "{line}");
    }
}

#[test]
fn lease_has_its_address_without_a_zone() {
    let leases = read("lease fe80::1%eth0 {\n  hardware ethernet 3c:52:82:55:66:15;\n}");
    let addresses: Vec<&str> = leases.iter().map(|lease| lease.ip.as_str()).collect();
    assert_eq!(addresses, ["fe80::1"]);
}

proptest! {
    #[test]
    fn leases_never_panic(text in any::<String>(), grammar in "(lease 10.0.0.5|\\{|\\}|;|\"|\\\\|ä|#|\n| |ends 4 1/2 3:4|7){0,40}") {
        for text in [text, grammar] {
            read(&text);
            let lines: Vec<&str> = text.lines().collect();
            looks_like_leases(&lines);
            looks_like_dnsmasq(&lines);
        }
    }

    #[test]
    fn dhcpd_names_round_trip(name in "[ -~]{1,20}", address in any::<[u8; 4]>()) {
        let ip = std::net::Ipv4Addr::from(address).to_string();
        let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
        let leases = read(&format!("lease {ip} {{\n  uid \"}};\";\n  client-hostname \"{escaped}\";\n}}"));
        prop_assert_eq!(leases, [Lease { ip, hostname: Some(name), ..Lease::default() }]);
    }
}
