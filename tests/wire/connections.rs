//! Connections that aren't made, break off, or hang.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use offboard::api::ClientSettings;
use offboard::domain::outcome::Doubt;
use offboard::engine::response::{CallResult, NotSent};

use super::server::{
    SHORT, answered_with, call, doubt, http, is_called_once, listen, read_head, reset, send,
    server, settings, text, waited_for,
};

#[test]
fn refused_connection_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let CallResult::NotSent(NotSent::Unreachable(said)) = call(settings(address)).result else {
        panic!("it was sent");
    };
    let place = format!("while sending devices to {address}: ");
    assert!(
        said.starts_with(&place) && said.contains("refused"),
        "{said}"
    );
}

#[test]
fn name_that_does_not_resolve_is_not_sent() {
    let mut settings = settings("127.0.0.1:1".parse().expect("an address"));
    settings.base_url = "https://tenant.invalid".parse().expect("a URL");
    settings.request_timeout = Duration::from_secs(5);
    assert!(matches!(
        call(settings).result,
        CallResult::NotSent(NotSent::Unreachable(_))
    ));
}

/// Nothing listens to the handshake: not TCP's, since the queue of connections is full, and not TLS's.
/// Either way the limit is the smaller of `connect_timeout` and half of `request_timeout`, and nothing was
/// sent.
#[test]
fn connection_that_is_never_made_is_not_sent_within_its_limit() {
    let full = TcpListener::bind("127.0.0.1:0").expect("a port");
    // The shortest queue there is, and more connections than it holds.
    rustix::net::listen(&full, 0).expect("a shorter queue");
    let full_address = full.local_addr().expect("an address");
    let queue: Vec<_> = (0..8)
        .map(|_| std::net::TcpStream::connect_timeout(&full_address, Duration::from_millis(50)))
        .collect();
    assert!(queue.iter().any(Result::is_err), "the queue is full");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent_address = silent.local_addr().expect("an address");
    for (url, what) in [
        (format!("http://{full_address}"), "TCP"),
        (
            format!("https://localhost:{}", silent_address.port()),
            "TLS",
        ),
    ] {
        for (connect, request) in [(400, 20_000), (20_000, 800)] {
            let begun = Instant::now();
            let report = call(ClientSettings {
                base_url: url.parse().expect("a URL"),
                connect_timeout: Duration::from_millis(connect),
                request_timeout: Duration::from_millis(request),
                ..settings(full_address)
            });
            let took = begun.elapsed();
            assert!(
                matches!(report.result, CallResult::NotSent(NotSent::Unreachable(_))),
                "{what}: {report:?}"
            );
            assert!(
                report.message.contains("timed out"),
                "{what}: {}",
                report.message
            );
            let limit = Duration::from_millis(400);
            assert!((limit..limit * 8).contains(&took), "{what}: {took:?}");
        }
    }
}

#[test]
fn connection_that_is_accepted_and_closed_is_in_doubt() {
    let ended = answered_with(|stream| {
        let _ = stream.shutdown(Shutdown::Both);
    });
    assert_eq!(ended.result, doubt(Doubt::NoAnswer));
    let reset = answered_with(|stream| reset(stream));
    assert_eq!(reset.result, doubt(Doubt::NoAnswer));
}

/// The server stops reading in the middle of a body that is larger than all buffers between, and
/// resets: some of it, or all, may have been taken.
#[test]
fn reset_during_the_upload_is_in_doubt() {
    let server = listen(|stream| {
        let head = read_head(stream);
        let mut some = [0; 10_000];
        let _ = stream.read_exact(&mut some);
        let script = Arc::new(|stream: &mut std::net::TcpStream| reset(stream));
        (head, script)
    });
    let hwids: Vec<String> = (0..80_000).map(|index| format!("{index:0>120}")).collect();
    let report = send(settings(server.address), &hwids);
    assert_eq!(report.result, doubt(Doubt::NoAnswer), "{}", report.message);
    is_called_once(&server);
}

#[test]
fn silence_and_a_slow_drip_are_in_doubt_at_the_deadline() {
    let begun = Instant::now();
    let hang = waited_for(|_| std::thread::sleep(SHORT * 4));
    assert_eq!(hang.result, doubt(Doubt::NoAnswer));
    let drip = waited_for(|stream| {
        for byte in http("200 OK", "", r#"{"result":[1,1]}"#).bytes() {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            std::thread::sleep(SHORT / 8);
        }
    });
    assert_eq!(drip.result, doubt(Doubt::NoAnswer));
    assert!(begun.elapsed() < SHORT * 5);
}

/// It is the whole answer, and it says that both were deleted; but by then nobody waits for it.
#[test]
fn answer_after_the_deadline_is_in_doubt() {
    let begun = Instant::now();
    let late = waited_for(|stream| {
        std::thread::sleep(SHORT * 2);
        let answer = http(
            "200 OK",
            "content-type: application/json\r\n",
            r#"{"result":[1,1]}"#,
        );
        let _ = stream.write_all(answer.as_bytes());
    });
    assert_eq!(late.result, doubt(Doubt::NoAnswer));
    assert!((SHORT..SHORT * 2).contains(&begun.elapsed()));
}

#[test]
fn proxy_that_asks_for_a_login_is_told_apart() {
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
