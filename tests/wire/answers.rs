//! Answers, right and wrong, whole and broken.

use std::io::Write;

use offboard::domain::outcome::Doubt;
use offboard::engine::response::{CallResult, Element};

use super::server::{CANARY, answered_with, call, doubt, http, server, settings, text};

#[test]
fn good_answer_is_read_and_the_request_is_the_published_one() {
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
    assert!(server.requests.try_recv().is_err(), "one request");
}

#[test]
fn answer_cut_at_any_byte_is_in_doubt() {
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
fn refusal_whose_body_breaks_off_is_in_doubt() {
    let report = answered_with(text(
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 50\r\n\r\nhal",
    ));
    assert_eq!(report.result, doubt(Doubt::NoAnswer));
}

#[test]
fn answer_in_chunks_is_read_and_one_without_its_last_chunk_is_in_doubt() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
        transfer-encoding: chunked\r\n\r\n";
    let chunks = |chunks: &'static [&'static str]| {
        answered_with(move |stream| {
            let _ = stream.write_all(HEAD.as_bytes());
            for chunk in chunks {
                let _ = stream.write_all(format!("{:x}\r\n{chunk}\r\n", chunk.len()).as_bytes());
                let _ = stream.flush();
            }
        })
    };
    // A chunk of no bytes is the end.
    let whole = chunks(&["{\"resu", "lt\":[1", ",0]}", ""]);
    assert_eq!(
        whole.result,
        CallResult::Answered(vec![Element::Deleted, Element::NotDeleted])
    );
    // Whole as JSON, and yet not the whole answer.
    let cut = chunks(&["{\"resu", "lt\":[1,0]}"]);
    assert_eq!(cut.result, doubt(Doubt::NoAnswer));
    let nonsense = answered_with(|stream| {
        let _ = stream.write_all(HEAD.as_bytes());
        let _ = stream.write_all(b"zz\r\n{\"result\":[1,0]}\r\n0\r\n\r\n");
    });
    assert_eq!(nonsense.result, doubt(Doubt::NoAnswer));
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
            (report.message.as_str(), report.rate.remaining),
            ("words", Some(4))
        );
    }
}

#[test]
fn redirection_is_never_followed() {
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
fn interim_response_is_not_an_answer() {
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
fn huge_body_is_not_read_to_its_end() {
    let report = answered_with(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n");
        let chunk = vec![b' '; 1 << 16];
        while stream.write_all(&chunk).is_ok() {}
    });
    assert_eq!(report.result, doubt(Doubt::UnreadableAnswer));
}

#[test]
fn compressed_answer_is_not_unpacked() {
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
fn error_page_that_repeats_the_url_does_not_tell_the_token() {
    let report = answered_with(|stream| {
        let page = format!("no such page: ?access_token={CANARY} or canary-4c7e-token%2F%2B%3D");
        let _ = stream.write_all(http("404 Not Found", "", &page).as_bytes());
    });
    assert!(report.message.contains("[secret]"), "{}", report.message);
}
