//! The header fields and media types of MCP over HTTP: their names, and what may be in them.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};

/// Names the session, from the answer to `initialize` on.
pub const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");

/// The version of the protocol that was agreed on, from the answer to `initialize` on.
pub const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");

/// The last event that was received of a stream that is to go on.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Media type of one message.
pub const JSON: &str = "application/json";

/// Media type of a stream of events.
pub const EVENT_STREAM: &str = "text/event-stream";

/// Longest session id that is accepted, in bytes.
pub const LONGEST_SESSION_ID: usize = 256;

/// What a body is, as far as MCP tells bodies apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// [`JSON`].
    Json,
    /// [`EVENT_STREAM`].
    EventStream,
    /// Anything else, or nothing.
    Other,
}

/// What the body is by its head's `Content-Type`; parameters such as `charset` are passed over.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> MediaType {
    let Some(value) = text(headers, &CONTENT_TYPE) else {
        return MediaType::Other;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(JSON) {
        MediaType::Json
    } else if essence.eq_ignore_ascii_case(EVENT_STREAM) {
        MediaType::EventStream
    } else {
        MediaType::Other
    }
}

/// True if `media_type` may be sent to whoever sent this head. A head without `Accept` takes anything.
///
/// The most specific range that matches decides, and weight 0 refuses, as in RFC 9110, section 12.5.1.
#[must_use]
pub fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let family = media_type.split('/').next().unwrap_or_default();
    let mut best: Option<(u8, bool)> = None;
    let mut any = false;
    for value in headers.get_all(ACCEPT) {
        any = true;
        for range in value.to_str().unwrap_or_default().split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let specific = if name.eq_ignore_ascii_case(media_type) {
                2
            } else if name
                .strip_suffix("/*")
                .is_some_and(|name| name.eq_ignore_ascii_case(family))
            {
                1
            } else if name == "*/*" {
                0
            } else {
                continue;
            };
            let wanted = !parts.any(is_weight_zero);
            if best.is_none_or(|(most, _)| specific > most) {
                best = Some((specific, wanted));
            }
        }
    }
    !any || best.is_some_and(|(_, wanted)| wanted)
}

fn is_weight_zero(parameter: &str) -> bool {
    let Some((name, weight)) = parameter.split_once('=') else {
        return false;
    };
    name.trim().eq_ignore_ascii_case("q") && weight.trim().parse() == Ok(0.0_f32)
}

/// The session that a head names, if its id is of visible ASCII characters, as MCP wants it, and not too long.
#[must_use]
pub fn session_id(headers: &HeaderMap) -> Option<&str> {
    text(headers, &SESSION_ID).filter(|id| {
        (1..=LONGEST_SESSION_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

/// The value of a field, if it is there once or more, and its first is text.
#[must_use]
pub fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn head(name: &HeaderName, value: &str) -> HeaderMap {
        let value = HeaderValue::from_str(value).expect("a value");
        HeaderMap::from_iter([(name.clone(), value)])
    }

    #[test]
    fn media_types_are_known_without_their_parameters() {
        for (value, expected) in [
            ("application/json", MediaType::Json),
            ("Application/JSON; charset=utf-8", MediaType::Json),
            ("text/event-stream;charset=utf-8", MediaType::EventStream),
            ("text/html", MediaType::Other),
            ("application/jsonl", MediaType::Other),
            ("", MediaType::Other),
        ] {
            assert_eq!(media_type(&head(&CONTENT_TYPE, value)), expected, "{value}");
        }
        assert_eq!(media_type(&HeaderMap::new()), MediaType::Other);
    }

    #[test]
    fn the_most_specific_range_decides_what_is_accepted() {
        for (value, json, events) in [
            ("application/json, text/event-stream", true, true),
            ("application/json", true, false),
            ("*/*", true, true),
            ("text/*;q=0.5", false, true),
            ("*/*, text/event-stream;q=0", true, false),
            ("*/*;q=0.0, application/json;q=0.001", true, false),
            ("", false, false),
        ] {
            let head = head(&ACCEPT, value);
            assert_eq!(accepts(&head, JSON), json, "{value}");
            assert_eq!(accepts(&head, EVENT_STREAM), events, "{value}");
        }
        assert!(accepts(&HeaderMap::new(), JSON));
    }

    #[test]
    fn a_session_id_is_visible_ascii_of_bounded_length() {
        assert_eq!(session_id(&head(&SESSION_ID, "a-1")), Some("a-1"));
        for wrong in ["", "a b", &"a".repeat(LONGEST_SESSION_ID + 1)] {
            assert_eq!(session_id(&head(&SESSION_ID, wrong)), None, "{wrong}");
        }
    }
}
