//! Where a call goes and what for, for messages about connections.

use reqwest::Url;

/// `while fetching the inventory from HOST:PORT, through the proxy HOST:PORT`. Never a path, a query or
/// a login: those may hold secrets.
pub(super) fn describe(url: &Url, proxy: Option<&Url>) -> String {
    let path = url.path();
    let purpose = if path.ends_with("/oauth/token") {
        "getting a token from"
    } else if path.ends_with("/devices/delete") {
        "sending devices to"
    } else if path.contains("/api/v3.7/devices") {
        "fetching the inventory from"
    } else if path.ends_with("/account") {
        "reading the account's licences from"
    } else {
        "looking a device up at"
    };
    let through = proxy.map(|proxy| format!(", through the proxy {}", address(proxy)));
    format!(
        "while {purpose} {}{}",
        address(url),
        through.unwrap_or_default()
    )
}

fn address(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    // SOCKS proxies have a port of their own by custom.
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None if url.scheme().starts_with("socks") => format!("{host}:1080"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_names_purpose_host_port_and_proxy_and_no_secret() {
        let url = |text: &str| text.parse::<Url>().expect("a URL");
        for (call, proxy, expected) in [
            (
                "https://gears.opswat.com/o/api/v3.7/devices?access_token=canary",
                None,
                "while fetching the inventory from gears.opswat.com:443",
            ),
            (
                "http://127.0.0.1:8080/o/oauth/token",
                Some("http://ada:canary@proxy.corp:3128"),
                "while getting a token from 127.0.0.1:8080, through the proxy proxy.corp:3128",
            ),
            (
                "https://gears.opswat.com/o/api/v2/devices/delete?access_token=canary",
                Some("socks5h://proxy.corp"),
                "while sending devices to gears.opswat.com:443, through the proxy proxy.corp:1080",
            ),
            (
                "https://gears.opswat.com/o/api/v3.1/account?access_token=canary",
                None,
                "while reading the account's licences from gears.opswat.com:443",
            ),
            (
                "https://[::1]/o/api/v2.5/devices/canary?access_token=canary",
                None,
                "while looking a device up at [::1]:443",
            ),
        ] {
            let proxy = proxy.map(url);
            assert_eq!(describe(&url(call), proxy.as_ref()), expected);
        }
    }
}
