//! A scripted server on loopback that misbehaves byte by byte, and a call to it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use offboard::api::{Client, ClientSettings};
use offboard::domain::action::Action;
use offboard::domain::device::{Identifier, IdentifierKind};
use offboard::domain::outcome::Doubt;
use offboard::engine::response::{CallReport, CallResult, classify, classify_silence};
use offboard::secret::Secret;

/// Searched for in everything that a call leads to.
pub const CANARY: &str = "canary-4c7e-token/+=";
/// For calls that get an answer: longer than any machine takes, however busy.
pub const PATIENT: Duration = Duration::from_secs(20);
/// For calls that wait in vain.
pub const SHORT: Duration = Duration::from_millis(600);

/// A server that reads one request a connection and then does as the script says.
pub struct Server {
    pub address: SocketAddr,
    /// One for each connection, as far as it sent something.
    pub requests: mpsc::Receiver<String>,
}

pub fn server(script: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Server {
    let script = Arc::new(script);
    listen(move |stream| {
        let request = read_request(stream);
        (request, script.clone())
    })
}

/// What is done to a connection once its request was reported.
type Script<F> = (String, Arc<F>);

/// A server that reads with `read`, on a thread for each connection: a second one is noticed whatever
/// the first one does.
pub fn listen<F: Fn(&mut TcpStream) + Send + Sync + 'static>(
    read: impl Fn(&mut TcpStream) -> Script<F> + Send + Sync + 'static,
) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (sender, requests) = mpsc::channel();
    let read = Arc::new(read);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let (sender, read) = (sender.clone(), read.clone());
            std::thread::spawn(move || {
                let (request, script) = read(&mut stream);
                // The test may be over.
                let _ = sender.send(request);
                script(&mut stream);
            });
        }
    });
    Server { address, requests }
}

/// The head of a request.
pub fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn read_request(stream: &mut TcpStream) -> String {
    let head = read_head(stream);
    let length = head
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0_usize);
    let mut body = vec![0; length];
    // A script that resets the connection may not want the body.
    let _ = stream.read_exact(&mut body);
    head + &String::from_utf8_lossy(&body)
}

pub fn settings(address: SocketAddr) -> ClientSettings {
    ClientSettings {
        base_url: format!("http://{address}").parse().expect("a URL"),
        proxy: None,
        ca_file: None,
        connect_timeout: Duration::from_secs(10),
        request_timeout: PATIENT,
        read_only: false,
    }
}

/// As [`settings`], for a call that waits in vain.
pub fn impatient(address: SocketAddr) -> ClientSettings {
    ClientSettings {
        request_timeout: SHORT,
        ..settings(address)
    }
}

/// Sends two devices and classifies what comes.
pub fn call(settings: ClientSettings) -> CallReport {
    send(settings, &["h1".to_owned(), "h2".to_owned()])
}

/// Sends these devices and classifies what comes.
pub fn send(settings: ClientSettings, hwids: &[String]) -> CallReport {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let client = Client::new(settings).expect("a client");
    let identifiers: Vec<Identifier> = hwids
        .iter()
        .map(|text| Identifier::parse(IdentifierKind::Hwid, text).expect("a hwid"))
        .collect();
    let prepared = client
        .prepare_delete(Action::Remove, &identifiers)
        .expect("not read-only");
    let token = Secret::new(CANARY.to_owned());
    let report = match runtime.block_on(client.delete(&token, &prepared)) {
        Ok(answer) => classify(hwids.len(), &answer),
        Err(silence) => classify_silence(silence),
    };
    let printed = format!("{report:?}");
    assert!(!printed.contains("canary"), "the secret shows: {printed}");
    report
}

/// What a call to a server with this script leads to. It is one call, whatever comes of it.
pub fn answered_with(script: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> CallReport {
    once(script, settings)
}

/// The same, of a call that waits in vain.
pub fn waited_for(script: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> CallReport {
    once(script, impatient)
}

fn once(
    script: impl Fn(&mut TcpStream) + Send + Sync + 'static,
    settings: fn(SocketAddr) -> ClientSettings,
) -> CallReport {
    let server = server(script);
    let report = call(settings(server.address));
    is_called_once(&server);
    report
}

/// A second request, however quiet, would be a second deletion.
pub fn is_called_once(server: &Server) {
    // The connection was made; the thread that reads it may be slower than the call.
    let first = server.requests.recv_timeout(PATIENT);
    assert!(first.is_ok(), "one request");
    let second = server.requests.recv_timeout(Duration::from_millis(5));
    assert!(second.is_err(), "and no second one: {second:?}");
}

pub fn text(answer: &'static str) -> impl Fn(&mut TcpStream) + Send + Sync + 'static {
    move |stream| {
        let _ = stream.write_all(answer.as_bytes());
    }
}

pub fn http(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Closes with a reset instead of an end of file: unread input does that.
pub fn reset(stream: &TcpStream) {
    let _ = rustix::net::sockopt::set_socket_linger(stream, Some(Duration::ZERO));
}

pub fn doubt(doubt: Doubt) -> CallResult {
    CallResult::InDoubt(doubt)
}
