//! Maps errors of the HTTP library to whether anything was sent.

use std::error::Error as StdError;
use std::io;

use crate::engine::response::{NoAnswer, NotSent};

/// Maps an error of a request. Only an error that certainly came before the request is *not sent*: a
/// connection closed on accept looks like one closed after the request.
pub(super) fn no_answer(error: reqwest::Error) -> NoAnswer {
    let error = error.without_url();
    if !error.is_connect() && !error.is_builder() {
        return NoAnswer::Lost(innermost(&error));
    }
    if let Some(fault) = certificate_fault(&error) {
        return NoAnswer::NotSent(NotSent::Certificate(fault));
    }
    if chain(&error).any(|cause| cause.to_string().contains("proxy authorization required")) {
        return NoAnswer::NotSent(NotSent::ProxyLogin);
    }
    let is_plain = |cause: &(dyn StdError + 'static)| {
        matches!(
            tls_error(cause),
            Some(rustls::Error::InvalidMessage(
                rustls::InvalidMessage::InvalidContentType
            ))
        )
    };
    let message = if error.is_timeout() {
        "timed out while connecting".to_owned()
    } else if chain(&error).any(is_plain) {
        "the server doesn't answer in TLS there: check the scheme and the port".to_owned()
    } else {
        innermost(&error)
    };
    NoAnswer::NotSent(NotSent::Unreachable(message))
}

/// The last two causes, which name the remedy. None of them contains the URL.
fn innermost(error: &reqwest::Error) -> String {
    let causes: Vec<String> = chain(error)
        .skip(1)
        .map(ToString::to_string)
        .filter(|cause| !cause.starts_with("client error"))
        .collect();
    match causes.as_slice() {
        [] => error.to_string(),
        [.., before, last] if !before.contains(last.as_str()) => format!("{before}: {last}"),
        [.., last] => last.clone(),
    }
}

fn certificate_fault(error: &reqwest::Error) -> Option<String> {
    chain(error).find_map(|cause| match tls_error(cause)? {
        rustls::Error::InvalidCertificate(fault) => Some(describe(fault)),
        _ => None,
    })
}

/// The TLS error in `cause`. An I/O error hides what it wraps from `source()`, and one may wrap
/// another.
fn tls_error<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    match cause.downcast_ref::<io::Error>() {
        Some(error) => tls_error(error.get_ref()?),
        None => cause.downcast_ref(),
    }
}

/// Describes why rustls refuses a certificate.
fn describe(fault: &rustls::CertificateError) -> String {
    use rustls::CertificateError as Fault;
    match fault {
        Fault::UnknownIssuer => {
            "it was issued by an authority that this machine doesn't trust".to_owned()
        }
        Fault::Expired | Fault::ExpiredContext { .. } => "it has expired".to_owned(),
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => {
            "it is not valid yet (is this machine's clock right?)".to_owned()
        }
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            "it is for another host name".to_owned()
        }
        Fault::Revoked => "it was revoked".to_owned(),
        Fault::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "it is a CA's own certificate used for a server".to_owned()
        }
        other => format!("{other:?}"),
    }
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    std::iter::from_fn(move || {
        let cause = next?;
        next = cause.source();
        Some(cause)
    })
}
