//! What each fault of the network does to a Delete Devices call: a scripted server on loopback
//! misbehaves byte by byte, and the call's classification is looked at.

#![expect(clippy::expect_used, reason = "a test that panics has failed")]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use offboard::action::Action;
use offboard::api::{Client, Settings};
use offboard::device::{Identifier, IdentifierKind};
use offboard::engine::classify::{
    CallReport, CallResult, Element, NotSent, classify, classify_silence,
};
use offboard::outcome::Doubt;
use offboard::secret::Secret;

/// Searched for in everything that a call leads to.
const CANARY: &str = "canary-4c7e-token/+=";
const TIMEOUT: Duration = Duration::from_millis(600);

/// A server that reads one request whole and then does as the script says.
struct Server {
    address: SocketAddr,
    requests: mpsc::Receiver<String>,
}

fn server(script: impl Fn(&mut TcpStream) + Send + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (sender, requests) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let request = read_request(&mut stream);
            if sender.send(request).is_err() {
                return;
            }
            script(&mut stream);
        }
    });
    Server { address, requests }
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0) {
        request.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0_usize);
    let mut body = vec![0; length];
    // A script that resets the connection may not want the body.
    let _ = stream.read_exact(&mut body);
    request.extend(body);
    String::from_utf8_lossy(&request).into_owned()
}

fn settings(address: SocketAddr) -> Settings {
    Settings {
        base_url: format!("http://{address}").parse().expect("a URL"),
        proxy: None,
        ca_file: None,
        connect_timeout: Duration::from_secs(2),
        request_timeout: TIMEOUT,
        read_only: false,
    }
}

/// Sends two devices and classifies what comes.
fn call(settings: Settings) -> CallReport {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let client = Client::new(settings).expect("a client");
    let identifiers =
        ["h1", "h2"].map(|text| Identifier::parse(IdentifierKind::Hwid, text).expect("a hwid"));
    let prepared = client
        .prepare_delete(Action::Remove, &identifiers)
        .expect("not read-only");
    let token = Secret::new(CANARY.to_owned());
    let report = match runtime.block_on(client.delete(&token, &prepared)) {
        Ok(answer) => classify(2, &answer),
        Err(silence) => classify_silence(silence),
    };
    let told = format!("{report:?}");
    assert!(!told.contains("canary"), "the secret shows: {told}");
    report
}

fn answered_with(script: impl Fn(&mut TcpStream) + Send + 'static) -> CallReport {
    call(settings(server(script).address))
}

fn text(answer: &'static str) -> impl Fn(&mut TcpStream) + Send + 'static {
    move |stream| {
        let _ = stream.write_all(answer.as_bytes());
    }
}

fn http(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Closes with a reset instead of an end of file: unread input does that.
fn reset(stream: &TcpStream) {
    let _ = rustix::net::sockopt::set_socket_linger(stream, Some(Duration::ZERO));
}

fn doubt(doubt: Doubt) -> CallResult {
    CallResult::InDoubt(doubt)
}

#[test]
fn a_good_answer_is_read_and_the_request_is_the_published_one() {
    let good = http(
        "200 OK",
        "content-type: application/json\r\n",
        r#"{"result":[1,0]}"#,
    );
    let server = server(move |stream| {
        let _ = stream.write_all(good.as_bytes());
    });
    let report = call(settings(server.address));
    assert_eq!(
        report.result,
        CallResult::Answered(vec![Element::Deleted, Element::NotDeleted])
    );
    let request = server.requests.recv().expect("a request");
    assert!(request.starts_with(
        "POST /o/api/v2/devices/delete?access_token=canary-4c7e-token%2F%2B%3D HTTP/1.1\r\n"
    ));
    assert!(
        request.ends_with(r#"{"HWID_list":["h1","h2"],"opt":1}"#),
        "{request}"
    );
    let head = request.to_ascii_lowercase();
    assert!(head.contains("content-type: application/json"));
    assert!(
        !head.contains("referer") && !head.contains("accept-encoding"),
        "{head}"
    );
}

#[test]
fn a_refused_connection_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    assert!(matches!(
        call(settings(address)).result,
        CallResult::NotSent(NotSent::Unreachable(_))
    ));
}

#[test]
fn a_name_that_does_not_resolve_is_not_sent() {
    let mut settings = settings("127.0.0.1:1".parse().expect("an address"));
    settings.base_url = "https://tenant.invalid".parse().expect("a URL");
    settings.request_timeout = Duration::from_secs(5);
    assert!(matches!(
        call(settings).result,
        CallResult::NotSent(NotSent::Unreachable(_))
    ));
}

#[test]
fn a_connection_that_is_accepted_and_closed_is_in_doubt() {
    let ended = answered_with(|stream| {
        let _ = stream.shutdown(Shutdown::Both);
    });
    assert_eq!(ended.result, doubt(Doubt::NoAnswer));
    let reset = answered_with(|stream| reset(stream));
    assert_eq!(reset.result, doubt(Doubt::NoAnswer));
}

#[test]
fn an_answer_cut_at_any_byte_is_in_doubt() {
    let whole = http(
        "200 OK",
        "content-type: application/json\r\n",
        r#"{"result":[1,1]}"#,
    );
    for end in 0..whole.len() {
        let cut = whole[..end].to_owned();
        let report = answered_with(move |stream| {
            let _ = stream.write_all(cut.as_bytes());
        });
        assert!(
            matches!(report.result, CallResult::InDoubt(_)),
            "cut at {end}: {report:?}"
        );
    }
}

#[test]
fn a_refusal_whose_body_breaks_off_is_in_doubt() {
    let report = answered_with(text(
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 50\r\n\r\nhal",
    ));
    assert_eq!(report.result, doubt(Doubt::NoAnswer));
}

#[test]
fn silence_and_a_slow_drip_are_in_doubt_at_the_deadline() {
    let start = std::time::Instant::now();
    let hang = answered_with(|_| std::thread::sleep(TIMEOUT * 4));
    assert_eq!(hang.result, doubt(Doubt::NoAnswer));
    let drip = answered_with(|stream| {
        for byte in http("200 OK", "", r#"{"result":[1,1]}"#).bytes() {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(TIMEOUT / 8);
        }
    });
    assert_eq!(drip.result, doubt(Doubt::NoAnswer));
    assert!(start.elapsed() < TIMEOUT * 5);
}

#[test]
fn wrong_shapes_are_in_doubt() {
    for (body, expected) in [
        (r#"{"result":[1]}"#, Doubt::WrongLength),
        (r#"{"result":[1,1,1]}"#, Doubt::WrongLength),
        (r#"{"results":[1,1]}"#, Doubt::UnreadableAnswer),
        (r#"{"result":"11"}"#, Doubt::UnreadableAnswer),
        (
            r#"{"result":[1,1],"result":[0,0]}"#,
            Doubt::UnreadableAnswer,
        ),
        ("<html><title>Sign in</title></html>", Doubt::WebPage),
        ("", Doubt::UnreadableAnswer),
    ] {
        let answer = http("200 OK", "", body);
        let report = answered_with(move |stream| {
            let _ = stream.write_all(answer.as_bytes());
        });
        assert_eq!(report.result, doubt(expected), "{body}");
    }
}

#[test]
fn statuses_reach_the_classification() {
    for (status, expected) in [
        ("400 Bad Request", CallResult::Refused(400)),
        ("401 Unauthorized", CallResult::Refused(401)),
        ("404 Not Found", CallResult::Refused(404)),
        ("429 Too Many Requests", CallResult::Refused(429)),
        ("500 Internal Server Error", doubt(Doubt::ServerError)),
        ("503 Service Unavailable", doubt(Doubt::ServerError)),
        ("202 Accepted", doubt(Doubt::UnreadableAnswer)),
    ] {
        let answer = http(status, "x-ratelimit-remaining: 4\r\n", "words");
        let report = answered_with(move |stream| {
            let _ = stream.write_all(answer.as_bytes());
        });
        assert_eq!(report.result, expected, "{status}");
        assert_eq!(
            (report.words.as_str(), report.rate.remaining),
            ("words", Some(4))
        );
    }
}

#[test]
fn a_redirection_is_never_followed() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let elsewhere = server(text(
            "HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"result\":[1,1]}",
        ));
        let answer = http(
            status,
            &format!("location: http://{}/\r\n", elsewhere.address),
            "",
        );
        let report = answered_with(move |stream| {
            let _ = stream.write_all(answer.as_bytes());
        });
        assert_eq!(report.result, doubt(Doubt::Redirected));
        assert!(
            elsewhere.requests.try_recv().is_err(),
            "the other host saw the call"
        );
    }
}

#[test]
fn an_interim_response_is_not_an_answer() {
    let interim = answered_with(text(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"result\":[1,1]}",
    ));
    assert_eq!(
        interim.result,
        CallResult::Answered(vec![Element::Deleted; 2])
    );
    let only = answered_with(text("HTTP/1.1 103 Early Hints\r\n\r\n"));
    assert_eq!(only.result, doubt(Doubt::NoAnswer));
}

#[test]
fn a_huge_body_is_not_read_to_its_end() {
    let report = answered_with(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n");
        let chunk = vec![b' '; 1 << 16];
        while stream.write_all(&chunk).is_ok() {}
    });
    assert_eq!(report.result, doubt(Doubt::UnreadableAnswer));
}

#[test]
fn a_compressed_answer_is_not_unpacked() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 64 << 20]).expect("compressed");
    let bomb = bomb.finish().expect("compressed");
    let report = answered_with(move |stream| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            bomb.len()
        );
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.write_all(&bomb);
    });
    assert_eq!(report.result, doubt(Doubt::UnreadableAnswer));
}

#[test]
fn an_error_page_that_repeats_the_url_does_not_tell_the_token() {
    let report = answered_with(|stream| {
        let page = format!("no such page: ?access_token={CANARY} or canary-4c7e-token%2F%2B%3D");
        let _ = stream.write_all(http("404 Not Found", "", &page).as_bytes());
    });
    assert!(report.words.contains("[secret]"), "{}", report.words);
}

#[test]
fn a_proxy_that_asks_for_a_login_is_told_apart() {
    let through = |answer: &'static str| {
        let proxy = server(text(answer));
        let mut settings = settings(proxy.address);
        settings.base_url = "https://tenant.example".parse().expect("a URL");
        settings.proxy = Some(format!("http://{}", proxy.address).parse().expect("a URL"));
        let report = call(settings);
        let request = proxy.requests.recv().expect("a request");
        assert!(
            request.starts_with("CONNECT tenant.example:443 "),
            "{request}"
        );
        report.result
    };
    let login = through("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(login, CallResult::NotSent(NotSent::ProxyLogin));
    let failed = through("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    assert!(
        matches!(failed, CallResult::NotSent(NotSent::Unreachable(_))),
        "{failed:?}"
    );
}

/// A TLS server with a certificate that this authority issued; it answers one request a connection.
fn tls_server(certificate: &rcgen::Certificate, key: &rcgen::KeyPair) -> SocketAddr {
    use tokio_rustls::rustls;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = rustls::ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .expect("a server");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let config = std::sync::Arc::new(config);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let session = rustls::ServerConnection::new(config.clone()).expect("a session");
            let mut tls = rustls::StreamOwned::new(session, stream);
            let mut request = [0; 4096];
            if tls.read(&mut request).is_ok() {
                let good = http(
                    "200 OK",
                    "content-type: application/json\r\n",
                    r#"{"result":[1,0]}"#,
                );
                let _ = tls.write_all(good.as_bytes());
            }
        }
    });
    address
}

fn tls_call(address: SocketAddr, ca_file: Option<std::path::PathBuf>) -> CallResult {
    let mut settings = settings(address);
    settings.base_url = format!("https://localhost:{}", address.port())
        .parse()
        .expect("a URL");
    settings.request_timeout = Duration::from_secs(5);
    settings.ca_file = ca_file;
    call(settings).result
}

#[test]
fn a_certificate_that_nobody_trusts_is_not_sent() {
    let certified =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let address = tls_server(&certified.cert, &certified.signing_key);
    let result = tls_call(address, None);
    assert!(
        matches!(result, CallResult::NotSent(NotSent::Certificate(_))),
        "{result:?}"
    );
}

#[test]
fn a_corporate_authority_is_trusted_by_its_file() {
    let authority_key = rcgen::KeyPair::generate().expect("a key");
    let mut authority = rcgen::CertificateParams::new(vec![]).expect("parameters");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = authority.self_signed(&authority_key).expect("an authority");
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = leaf.signed_by(&key, &issuer).expect("issued");
    let address = tls_server(&certificate, &key);
    let directory = tempfile::tempdir().expect("a directory");
    let ca_file = directory.path().join("corporate.pem");
    std::fs::write(&ca_file, root.pem()).expect("written");
    let untrusted = tls_call(address, None);
    assert!(
        matches!(untrusted, CallResult::NotSent(NotSent::Certificate(_))),
        "{untrusted:?}"
    );
    let trusted = tls_call(address, Some(ca_file));
    assert_eq!(
        trusted,
        CallResult::Answered(vec![Element::Deleted, Element::NotDeleted])
    );
}
