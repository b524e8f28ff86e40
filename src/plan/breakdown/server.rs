//! Recognises servers by their names, types and systems.

use crate::plan::PlannedDevice;

/// Parts of host names that servers have and workstations don't.
const WORDS: [&str; 18] = [
    "srv", "svr", "server", "dc", "adc", "sql", "db", "esx", "esxi", "nas", "hv", "hyperv",
    "vcenter", "exch", "exchange", "dns", "dhcp", "ldap",
];
/// Beginnings of such parts, as in `SRVX`.
const BEGINNINGS: [&str; 3] = ["srv", "svr", "sql"];
/// Names of systems that run on servers only.
const SYSTEMS: [&str; 3] = ["server", "esxi", "hyper-v"];

/// True if the device's type, system or host name is a server's.
pub(super) fn looks_like_a_server(device: &PlannedDevice, os: &str) -> bool {
    let os = os.to_ascii_lowercase();
    let kind = device.device_type.to_ascii_lowercase();
    kind.contains("server")
        || SYSTEMS.iter().any(|system| os.contains(system))
        || is_server_name(&device.hostname)
}

/// True if a part of the host name, without its domain, is a server's. Parts end where letters end.
fn is_server_name(hostname: &str) -> bool {
    let host = hostname.split('.').next().unwrap_or_default();
    let host = host.to_ascii_lowercase();
    let mut parts = host.split(|letter: char| !letter.is_alphabetic());
    parts.any(|part| {
        WORDS.contains(&part)
            || part.ends_with("server") && part != "observer"
            || BEGINNINGS.iter().any(|begin| part.starts_with(begin))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_names_are_told_from_those_of_workstations() {
        for name in [
            "SRV-DC-01",
            "srvx-2",
            "DC01",
            "sql2019.corp.example",
            "FILESERVER3",
            "esx-7",
        ] {
            assert!(is_server_name(name), "{name}");
        }
        for name in [
            "",
            "LT-4411",
            "DESKTOP-SR7V",
            "MAC-1029",
            "lt-1.srv.example",
            "dcosta-laptop",
            "WS-1290",
            "OBSERVER",
        ] {
            assert!(!is_server_name(name), "{name}");
        }
    }
}
