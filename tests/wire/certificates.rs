//! Certificates that nobody should trust, and one that its file makes trusted.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use offboard::engine::response::{CallResult, Element, NotSent};

use super::server::{call, http, listen, settings, text};

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
    let config = Arc::new(config);
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
    settings.ca_file = ca_file;
    call(settings).result
}

#[test]
fn certificate_that_nobody_trusts_is_not_sent() {
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
fn server_without_tls_is_named_as_such() {
    let refuse = Arc::new(text("HTTP/1.1 400 Bad Request\r\n\r\n"));
    let plain = listen(move |_| (String::new(), refuse.clone()));
    let result = tls_call(plain.address, None);
    assert!(
        matches!(&result, CallResult::NotSent(NotSent::Unreachable(said)) if said.contains("TLS")),
        "{result:?}"
    );
}

/// An authority, and the file that makes it trusted.
struct Authority {
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    directory: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut authority = rcgen::CertificateParams::new(vec![]).expect("parameters");
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let root = authority.self_signed(&key).expect("an authority");
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("corporate.pem"), root.pem()).expect("written");
        Self {
            issuer: rcgen::Issuer::new(authority, key),
            directory,
        }
    }

    fn file(&self) -> std::path::PathBuf {
        self.directory.path().join("corporate.pem")
    }

    /// A server for this name, with a certificate that `change` has changed.
    fn serve(&self, name: &str, change: impl Fn(&mut rcgen::CertificateParams)) -> SocketAddr {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut leaf = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        change(&mut leaf);
        let certificate = leaf.signed_by(&key, &self.issuer).expect("issued");
        tls_server(&certificate, &key)
    }
}

#[test]
fn corporate_authority_is_trusted_by_its_file() {
    let authority = Authority::new();
    let address = authority.serve("localhost", |_| {});
    let untrusted = tls_call(address, None);
    assert!(
        matches!(untrusted, CallResult::NotSent(NotSent::Certificate(_))),
        "{untrusted:?}"
    );
    let trusted = tls_call(address, Some(authority.file()));
    assert_eq!(
        trusted,
        CallResult::Answered(vec![Element::Deleted, Element::NotDeleted])
    );
}

#[test]
fn certificate_that_is_out_of_date_or_for_another_name_is_not_sent() {
    let authority = Authority::new();
    let expired = authority.serve("localhost", |leaf| {
        leaf.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    let early = authority.serve("localhost", |leaf| {
        leaf.not_before = rcgen::date_time_ymd(2999, 1, 1);
    });
    let other = authority.serve("elsewhere.example", |_| {});
    for (address, why) in [
        (expired, "expired"),
        (early, "not valid yet"),
        (other, "another host name"),
    ] {
        let result = tls_call(address, Some(authority.file()));
        assert!(
            matches!(&result, CallResult::NotSent(NotSent::Certificate(said)) if said.contains(why)),
            "{why}: {result:?}"
        );
    }
}
