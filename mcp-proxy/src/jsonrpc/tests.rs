//! Messages that come back as they went in, and what is none.

use super::*;

fn round_trip(text: &str) -> String {
    let mut bytes = Vec::new();
    Message::parse(text.as_bytes())
        .expect("a message")
        .write_to(&mut bytes);
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn messages_come_back_as_they_went_in() {
    for text in [
        r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":"a\"b","method":"x","params":{"n":1.50,"big":123456789012345678901234567890}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
        r#"{"jsonrpc":"2.0","id":-3,"result":{"a":[1, 2,  3]}}"#,
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}"#,
    ] {
        assert_eq!(round_trip(text), text);
    }
}

#[test]
fn ids_that_differ_in_type_differ() {
    let number: Id = serde_json::from_str("1").expect("an id");
    let string: Id = serde_json::from_str("\"1\"").expect("an id");
    assert_ne!(number, string);
}

#[test]
fn what_is_no_message_is_told_apart() {
    for (text, code) in [
        ("", code::PARSE_ERROR),
        ("hello", code::PARSE_ERROR),
        ("{", code::PARSE_ERROR),
        ("[]", code::INVALID_REQUEST),
        ("{}", code::INVALID_REQUEST),
        (r#"{"id":1,"method":"ping"}"#, code::INVALID_REQUEST),
        (
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            code::INVALID_REQUEST,
        ),
        (
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            code::INVALID_REQUEST,
        ),
        (r#"{"jsonrpc":"2.0","id":1}"#, code::INVALID_REQUEST),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#,
            code::INVALID_REQUEST,
        ),
        (
            r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#,
            code::INVALID_REQUEST,
        ),
    ] {
        let malformed = Message::parse(text.as_bytes()).expect_err(text);
        assert_eq!(malformed.code, code, "{text}: {}", malformed.reason);
    }
    assert!(Message::parse(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}").is_err());
}

#[test]
fn the_id_is_found_in_what_is_left_of_a_message() {
    let id = |text: &str| salvage_id(text.as_bytes()).map(|id| id.to_string());
    assert_eq!(
        id(r#"{"jsonrpc":"2.0","id":7,"result":{"text":"aaaa"#),
        Some("7".to_owned())
    );
    assert_eq!(
        id(r#"{"jsonrpc":"2.0","result":{"id":8,"text":"aaaa"#),
        None
    );
    assert_eq!(id(r#"{"id":"x"}"#), Some("\"x\"".to_owned()));
    assert_eq!(id("garbage"), None);
    assert_eq!(id("[1]"), None);
}

#[test]
fn a_cancellation_names_its_request() {
    let cancelled = Notification::new(
        "notifications/cancelled",
        &serde_json::json!({ "requestId": "r" }),
    );
    assert_eq!(
        cancelled.cancelled_request(),
        Some(Id::String("r".to_owned()))
    );
    let progress = Notification::new(
        "notifications/progress",
        &serde_json::json!({ "requestId": "r" }),
    );
    assert_eq!(progress.cancelled_request(), None);
}

#[test]
fn a_message_that_came_on_several_lines_leaves_on_one() {
    let message =
        Message::parse(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\r\n  \"a\": \"b\\nc\"\n}\n}");
    let mut line = Vec::new();
    message.expect("a message").write_to(&mut line);
    let line = String::from_utf8(line).expect("text");
    assert_eq!(
        line,
        r#"{"jsonrpc":"2.0","id":1,"result":{    "a": "b\nc" }}"#
    );
}
