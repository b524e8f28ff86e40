use super::*;
use proptest::prelude::*;

fn answer(status: u16, body: &str) -> HttpAnswer {
    HttpAnswer::for_tests(status, Some("application/json"), body)
}

fn result(sent: usize, status: u16, body: &str) -> CallResult {
    classify(sent, &answer(status, body)).result
}

#[test]
fn classify_matches_a_readable_answer_with_each_device() {
    use Element::{Deleted, NotDeleted};
    let expected = CallResult::Answered(vec![NotDeleted, Deleted]);
    assert_eq!(result(2, 200, r#"{"result":[0,1]}"#), expected);
    assert_eq!(
        result(2, 200, r#"{"msg":"ok","result":[0, 1],"x":{}}"#),
        expected
    );
}

#[test]
fn elements_other_than_the_integers_0_and_1_are_unreadable() {
    let body = r#"{"result":[1,0,2,-1,1.0,"1",true,null,[1]]}"#;
    let CallResult::Answered(elements) = result(9, 200, body) else {
        panic!("answered");
    };
    assert_eq!(elements[0], Element::Deleted);
    assert_eq!(elements[1], Element::NotDeleted);
    assert!(
        elements[2..]
            .iter()
            .all(|&element| element == Element::Unreadable)
    );
}

#[test]
fn answer_of_the_wrong_length_is_in_doubt_as_a_whole() {
    for body in [
        r#"{"result":[]}"#,
        r#"{"result":[1]}"#,
        r#"{"result":[1,1,1]}"#,
    ] {
        assert_eq!(
            result(2, 200, body),
            CallResult::InDoubt(Doubt::WrongLength),
            "{body}"
        );
    }
}

#[test]
fn ambiguous_or_unreadable_answer_is_in_doubt() {
    let deep = format!(
        r#"{{"x":{}1{},"result":[1]}}"#,
        "[".repeat(500),
        "]".repeat(500)
    );
    for body in [
        "",
        "{}",
        "[1]",
        r#"{"result":1}"#,
        r#"{"result":[1]"#,
        r#"{"result":[1]} {"result":[0]}"#,
        r#"{"result":[1],"result":[0]}"#,
        r#"{"x":1,"x":2,"result":[1]}"#,
        deep.as_str(),
    ] {
        let expected = CallResult::InDoubt(Doubt::UnreadableAnswer);
        assert_eq!(result(1, 200, body), expected, "{body}");
    }
    let mut bytes = answer(200, "");
    bytes.body = Body::Whole(b"{\"result\":[1],\"msg\":\"\xff\"}".to_vec());
    assert_eq!(
        classify(1, &bytes).result,
        CallResult::InDoubt(Doubt::UnreadableAnswer)
    );
}

#[test]
fn web_page_with_status_200_is_recognized() {
    for body in ["<!DOCTYPE html><html>", "\u{feff}\n <html>"] {
        assert_eq!(result(1, 200, body), CallResult::InDoubt(Doubt::WebPage));
    }
}

#[test]
fn refusal_that_says_that_devices_were_deleted_is_in_doubt() {
    for body in [
        r#"{"result":[1]}"#,
        r#"{"result":1,"msg":"gone"}"#,
        r#"[{"data":{"result":[0,1]}}]"#,
        r#"{"result":[1],"result":[0]}"#,
        r#"{"data":{"result":[1],"result":[0]}}"#,
        r#"{"result":{"h1":1}}"#,
        r#"{"result":"[0,1]"}"#,
        r#"{"result":[0,1.0]}"#,
        r#"["h1",null,-2,{"result":[1]}]"#,
        r#"{"errors":["bad",{"Result":1}]}"#,
        r#"{"deleted":true}"#,
        r#"{"deleted":["h1"]}"#,
        r#"{"deleted":2}"#,
        r#"{"deleted":"2"}"#,
        r#"{"deleted":0.5}"#,
        "Device has been deleted",
    ] {
        let doubt = CallResult::InDoubt(Doubt::UnreadableAnswer);
        assert_eq!(result(1, 400, body), doubt, "{body}");
    }
    for body in [
        r#"{"deleted":0,"result":[],"code":1,"a":{"deleted":false},"b":[{"deleted":[]}]}"#,
        r#"{"deleted":-1,"result":[0,0.5,null,true,"h1"]}"#,
        r#"{"deleted":null,"code":"1"}"#,
        r#"{"result":[0]}"#,
        r#"{"result":[]}"#,
    ] {
        assert_eq!(result(1, 400, body), CallResult::Refused(400), "{body}");
    }
}

#[test]
fn statuses_are_classified_as_published() {
    for status in [400, 401, 403, 404, 405, 406, 413, 415, 418, 429] {
        assert_eq!(result(1, status, "no"), CallResult::Refused(status));
    }
    for status in [408, 500, 502, 503, 599] {
        assert_eq!(
            result(1, status, "no"),
            CallResult::InDoubt(Doubt::ServerError)
        );
    }
    for status in [301, 302, 307, 308] {
        assert_eq!(
            result(1, status, "no"),
            CallResult::InDoubt(Doubt::Redirected)
        );
    }
    for status in [201, 202, 204, 206, 600, 199] {
        let expected = CallResult::InDoubt(Doubt::UnreadableAnswer);
        assert_eq!(result(1, status, r#"{"result":[1]}"#), expected, "{status}");
    }
}

#[test]
fn incomplete_answer_is_in_doubt_whatever_its_status() {
    for status in [200, 400, 401, 429, 500] {
        let mut broken = answer(status, "");
        broken.body = Body::Broken;
        assert_eq!(
            classify(1, &broken).result,
            CallResult::InDoubt(Doubt::NoAnswer)
        );
        broken.body = Body::TooLarge;
        assert_eq!(
            classify(1, &broken).result,
            CallResult::InDoubt(Doubt::UnreadableAnswer)
        );
    }
}

#[test]
fn wrong_content_type_is_accepted_and_reported() {
    let mut plain = answer(200, r#"{"result":[1]}"#);
    plain.content_type = Some("text/plain".to_owned());
    let report = classify(1, &plain);
    assert!(report.odd_content_type);
    assert_eq!(report.result, CallResult::Answered(vec![Element::Deleted]));
    assert!(!classify(1, &answer(200, r#"{"result":[1]}"#)).odd_content_type);
    plain.encoding = Some("gzip".to_owned());
    assert_eq!(
        classify(1, &plain).result,
        CallResult::InDoubt(Doubt::UnreadableAnswer)
    );
}

#[test]
fn error_excerpt_is_clipped_and_safe_to_show() {
    let report = classify(1, &answer(400, &format!("\u{1b}[2J{}", "x".repeat(9000))));
    assert!(report.message.starts_with("\\u{1b}[2J"));
    assert!(report.message.len() < EXCERPT_LIMIT + 16);
    let report = classify(1, &answer(200, "[1]"));
    let expected = "expected an object with a result list";
    assert!(report.message.contains(expected), "{}", report.message);
    // A text in place of an object, which the error of the JSON library quotes; a blank letter.
    let quoted = format!("\"a\u{3164}b{}\"", "x".repeat(9000));
    let report = classify(1, &answer(200, &quoted));
    assert!(report.message.contains("a\\u{3164}b"));
    assert!(!text::is_deceptive_text(&report.message));
    assert!(report.message.len() < 2 * EXCERPT_LIMIT + 16);
}

proptest! {
    #[test]
    fn classify_survives_any_body_and_counts_its_elements(body in any::<Vec<u8>>(), sent in 0_usize..5) {
        let mut raw = answer(200, "");
        raw.body = Body::Whole(body);
        if let CallResult::Answered(elements) = classify(sent, &raw).result {
            prop_assert_eq!(elements.len(), sent);
        }
    }

    #[test]
    fn cut_answer_is_never_taken_for_whole(elements in prop::collection::vec(0_u8..=1, 1..60)) {
        let body = serde_json::json!({ "result": elements }).to_string();
        for end in 0..body.len() {
            let cut = result(elements.len(), 200, &body[..end]);
            prop_assert!(matches!(cut, CallResult::InDoubt(_)), "{:?}", &body[..end]);
        }
    }
}

#[test]
fn brief_excerpt_says_where_it_is_cut() {
    let brief = |length| brief_excerpt(&answer(500, ""), "x".repeat(length).as_bytes());
    assert_eq!(brief(0), "an empty answer");
    assert_eq!(brief(BRIEF_LIMIT), "x".repeat(BRIEF_LIMIT));
    let cut = format!("{}…", "x".repeat(BRIEF_LIMIT));
    assert_eq!(brief(BRIEF_LIMIT + 1), cut);
}

#[test]
fn redirection_or_page_is_recognized_without_a_readable_body() {
    let page = |body| HttpAnswer {
        content_type: Some("text/html".to_owned()),
        body,
        ..answer(200, "")
    };
    for body in [Body::Broken, Body::TooLarge] {
        let moved = HttpAnswer {
            body,
            ..answer(307, "")
        };
        let moved = classify(1, &moved).result;
        assert_eq!(moved, CallResult::InDoubt(Doubt::Redirected));
    }
    let compressed = HttpAnswer {
        encoding: Some("gzip".to_owned()),
        ..page(Body::Whole(vec![0x1f, 0x8b]))
    };
    for answer in [page(Body::Broken), page(Body::TooLarge), compressed] {
        let result = classify(1, &answer).result;
        assert_eq!(result, CallResult::InDoubt(Doubt::WebPage));
    }
}
