//! Compares host names with and without a domain, and recognises default names, which many machines have.

/// Names that a system or an image gives to every machine.
const DEFAULT_NAMES: [&str; 28] = [
    "localhost",
    "desktop",
    "laptop",
    "notebook",
    "computer",
    "machine",
    "client",
    "device",
    "host",
    "hostname",
    "pc",
    "win",
    "windows",
    "workstation",
    "server",
    "mac",
    "macbook",
    "macbook-air",
    "macbook-pro",
    "imac",
    "mac-mini",
    "iphone",
    "ipad",
    "android",
    "ubuntu",
    "debian",
    "linux",
    "raspberrypi",
];

/// True for a name, without its domain, that a system or an image gives to every machine.
pub fn is_default_name(name: &str) -> bool {
    // Apple's default names have spaces where host names have hyphens.
    let name = name.trim().replace([' ', '_'], "-");
    let mut names = DEFAULT_NAMES.iter();
    names.any(|default| name.eq_ignore_ascii_case(default))
}

/// True if two host names can belong to one machine: equal ignoring case, or equal apart from a
/// domain that only one of them has.
pub fn same_host(one: &str, other: &str) -> bool {
    if has_domain(one) == has_domain(other) {
        same_name(one, other)
    } else {
        same_short_name(one, other)
    }
}

/// True if the names are equal apart from their domains.
pub(in crate::list) fn same_short_name(one: &str, other: &str) -> bool {
    same_name(short_name(one), short_name(other))
}

/// True for a name with a domain; false for an IP address.
pub(in crate::list) fn has_domain(name: &str) -> bool {
    name.contains('.') && !name.starts_with(|first: char| first.is_ascii_digit())
}

/// The name without its domain.
pub fn short_name(name: &str) -> &str {
    match name.split_once('.') {
        Some((short, _)) if has_domain(name) => short,
        _ => name,
    }
}

/// True if the names are equal ignoring case.
pub(in crate::list) fn same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_names_are_recognised_in_any_case_and_with_spaces() {
        for name in [
            "DESKTOP",
            " client ",
            "MacBook Pro",
            "macbook_air",
            "raspberrypi",
        ] {
            assert!(is_default_name(name), "{name}");
        }
        for name in ["LT-1", "desktop-7", "", "-"] {
            assert!(!is_default_name(name), "{name}");
        }
    }

    #[test]
    fn addresses_have_no_short_names() {
        assert!(same_short_name("lt-1", "LT-1.corp.example"));
        assert!(!same_short_name("10.0.0.1", "10.0.0.2"));
        assert!(!same_host("10", "10.0.0.1"));
    }

    #[test]
    fn names_are_equal_ignoring_case_in_every_script() {
        assert!(same_name("lt-1", "LT-1") && same_name("büro-1", "BÜRO-1"));
        assert!(!same_name("büro-1", "buro-1"));
    }
}
