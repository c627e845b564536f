//! Choice of format and compression for a request.

use std::cmp::Reverse;

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING};

use super::preferences::{Preference, preferences, values};
use crate::exposition::{Format, PROTOBUF_CONTENT_TYPE};

/// The encoding of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One of the text formats.
    Text(Format),
    /// Length-delimited messages.
    Protobuf,
}

/// A possible encoding, with its name in headers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) form: Form,
    pub(super) content_type: &'static str,
    media_type: &'static str,
    /// Parameters that distinguish it from other encodings with the same media type.
    parameters: &'static [(&'static str, &'static str)],
}

/// All encodings, with the default first. Protobuf is last, so clients only get it if they ask for it.
const OFFERS: [Offer; 4] = [
    Offer {
        form: Form::Text(Format::PrometheusText),
        content_type: Format::PrometheusText.content_type(),
        media_type: "text/plain",
        parameters: &[("version", "0.0.4")],
    },
    Offer {
        form: Form::Text(Format::OpenMetrics),
        content_type: Format::OpenMetrics.content_type(),
        media_type: "application/openmetrics-text",
        parameters: &[("version", "1.0.0")],
    },
    // The draft of OpenMetrics, whose readers can parse 1.0.0.
    Offer {
        form: Form::Text(Format::OpenMetrics),
        content_type: "application/openmetrics-text; version=0.0.1; charset=utf-8",
        media_type: "application/openmetrics-text",
        parameters: &[("version", "0.0.1")],
    },
    Offer {
        form: Form::Protobuf,
        content_type: PROTOBUF_CONTENT_TYPE,
        media_type: "application/vnd.google.protobuf",
        parameters: &[
            ("proto", "io.prometheus.client.MetricFamily"),
            ("encoding", "delimited"),
        ],
    },
];

/// How specifically a media range matches an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    Anything,
    Type,
    Subtype,
    Parameters,
}

/// Returns the offer that a request's `Accept` headers prefer: by weight, then by specificity, then by order.
/// Falls back to Prometheus text if they accept no offer: the client may be able to read it, and a refusal would
/// lose the scrape.
pub(super) fn offer(headers: &HeaderMap) -> &'static Offer {
    let headers = values(headers, &ACCEPT);
    let ranges: Vec<_> = headers
        .iter()
        .flat_map(|header| preferences(header))
        .collect();
    let ranked = OFFERS.iter().enumerate().filter_map(|(preference, offer)| {
        // The most specific range decides about an offer.
        let matches = ranges.iter().enumerate().filter_map(|(position, range)| {
            Some((precision(range, offer)?, Reverse(position), range.weight))
        });
        let (precision, position, weight) = matches.max()?;
        (weight > 0).then_some(((weight, precision, position, Reverse(preference)), offer))
    });
    let best = ranked.max_by_key(|(rank, _)| *rank);
    best.map_or(&OFFERS[0], |(_, offer)| offer)
}

/// Returns `None` if the range does not match the offer. Parameters that do not distinguish offers
/// (`charset`, `escaping`) are ignored.
fn precision(range: &Preference<'_>, offer: &Offer) -> Option<Precision> {
    let (offered_type, _) = offer.media_type.split_once('/')?;
    // Some clients write `*` for `*/*`.
    let (wanted_type, wanted_subtype) = match range.name {
        "*" => ("*", "*"),
        name => name.split_once('/')?,
    };
    if (wanted_type, wanted_subtype) == ("*", "*") {
        Some(Precision::Anything)
    } else if wanted_subtype == "*" {
        wanted_type
            .eq_ignore_ascii_case(offered_type)
            .then_some(Precision::Type)
    } else if range.name.eq_ignore_ascii_case(offer.media_type) {
        let named = |(name, offered): &(&str, &'static str)| {
            range.parameter(name).map(|wanted| wanted == *offered)
        };
        let mut named = offer.parameters.iter().filter_map(named).peekable();
        match named.peek() {
            None => Some(Precision::Subtype),
            Some(_) => named
                .all(|matches| matches)
                .then_some(Precision::Parameters),
        }
    } else {
        None
    }
}

/// Returns whether a request's `Accept-Encoding` headers prefer gzip to no compression, or accept both
/// equally.
pub(super) fn wants_gzip(headers: &HeaderMap) -> bool {
    let headers = values(headers, &ACCEPT_ENCODING);
    let codings: Vec<_> = headers
        .iter()
        .flat_map(|header| preferences(header))
        .collect();
    let weight = |names: &[&str]| {
        let mut named = codings.iter().filter(|coding| {
            names
                .iter()
                .any(|name| coding.name.eq_ignore_ascii_case(name))
        });
        named.next().map(|coding| coding.weight)
    };
    let gzip = weight(&["gzip", "x-gzip"])
        .or_else(|| weight(&["*"]))
        .unwrap_or(0);
    gzip > 0 && gzip >= weight(&["identity"]).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    // Headers that these clients send, as recorded.
    const PROMETHEUS_2_42: &str = "application/openmetrics-text;version=1.0.0,\
        application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    const PROMETHEUS_2_42_NATIVE_HISTOGRAMS: &str = "application/vnd.google.protobuf;\
        proto=io.prometheus.client.MetricFamily;encoding=delimited,\
        application/openmetrics-text;version=1.0.0;q=0.8,\
        application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    const PROMETHEUS_2_53: &str = "application/openmetrics-text;version=1.0.0;q=0.5,\
        application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    const PROMETHEUS_3_5: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
        application/openmetrics-text;version=0.0.1;q=0.5,\
        text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    const PROMETHEUS_3_UNDERSCORES: &str = "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,\
        application/openmetrics-text;version=0.0.1;q=0.5,\
        text/plain;version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    const PROMETHEUS_3_5_NATIVE_HISTOGRAMS: &str = "application/vnd.google.protobuf;\
        proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,\
        application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
        application/openmetrics-text;version=0.0.1;q=0.4,\
        text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
    // The receiver is Prometheus's own scraper, here with four formats to rank.
    const OPENTELEMETRY_COLLECTOR: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
        application/openmetrics-text;version=0.0.1;q=0.4,\
        text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
    const VICTORIA_METRICS: &str = "text/plain;version=0.0.4;q=1,*/*;q=0.1";
    const TELEGRAF: &str = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;\
        encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    const IMAGE_OF_BROWSER: &str = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8";
    const OLD_JDK: &str = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";
    const JDK_17: &str = "text/html, image/gif, image/jpeg, */*; q=0.2";
    const CURL: &str = "*/*";

    const TEXT: (Form, &str) = (Form::Text(Format::PrometheusText), "0.0.4");
    const OPEN_METRICS: (Form, &str) = (Form::Text(Format::OpenMetrics), "1.0.0");
    const DRAFT: (Form, &str) = (Form::Text(Format::OpenMetrics), "0.0.1");
    const PROTOBUF: (Form, &str) = (Form::Protobuf, "io.prometheus.client.MetricFamily");

    fn headers(name: &HeaderName, values: &[&[u8]]) -> HeaderMap {
        let value = |value: &&[u8]| HeaderValue::from_bytes(value).expect("a header value");
        values
            .iter()
            .map(|bytes| (name.clone(), value(bytes)))
            .collect()
    }

    fn offered(accept: &[&[u8]]) -> (Form, &'static str) {
        let offer = offer(&headers(&ACCEPT, accept));
        (offer.form, offer.parameters[0].1)
    }

    #[test]
    fn formats() {
        let cases = [
            (PROMETHEUS_2_42, OPEN_METRICS),
            (PROMETHEUS_2_42_NATIVE_HISTOGRAMS, PROTOBUF),
            (PROMETHEUS_2_53, OPEN_METRICS),
            (PROMETHEUS_3_5, OPEN_METRICS),
            (PROMETHEUS_3_UNDERSCORES, OPEN_METRICS),
            (PROMETHEUS_3_5_NATIVE_HISTOGRAMS, PROTOBUF),
            (OPENTELEMETRY_COLLECTOR, OPEN_METRICS),
            (VICTORIA_METRICS, TEXT),
            (TELEGRAF, PROTOBUF),
            (BROWSER, TEXT),
            (IMAGE_OF_BROWSER, TEXT),
            (OLD_JDK, TEXT),
            (JDK_17, TEXT),
            (CURL, TEXT),
            ("*", TEXT),
            ("*;q=0.5, application/openmetrics-text;q=.7", OPEN_METRICS),
            (
                "text/plain;q=0.1, application/openmetrics-text;q=0.10001",
                OPEN_METRICS,
            ),
            (
                "text/plain;q=0.5, application/openmetrics-text;q=high",
                OPEN_METRICS,
            ),
            ("", TEXT),
            ("  ", TEXT),
            ("text/*", TEXT),
            ("application/*", OPEN_METRICS),
            ("text/plain", TEXT),
            ("TEXT/Plain; Charset=utf-8", TEXT),
            ("text/plain;version=0.0.4", TEXT),
            ("text/plain;version=\"0.0.4\"", TEXT),
            ("text/plain;version=1.0.0", TEXT),
            ("text/plain;version=1.0.0, */*;q=0.1", TEXT),
            ("application/openmetrics-text", OPEN_METRICS),
            ("application/openmetrics-text;version=1.0.0", OPEN_METRICS),
            ("application/openmetrics-text;version=0.0.1", DRAFT),
            ("application/openmetrics-text;version=2.0.0", TEXT),
            (
                "application/openmetrics-text;version=2.0.0, text/plain;q=0.1",
                TEXT,
            ),
            ("application/openmetrics-text, text/plain", OPEN_METRICS),
            ("text/plain, application/openmetrics-text", TEXT),
            ("text/plain;q=0.5, application/openmetrics-text;q=0.4", TEXT),
            ("text/plain;q=0, */*", OPEN_METRICS),
            ("application/openmetrics-text;q=0, */*", TEXT),
            (
                "application/openmetrics-text;version=1.0.0;q=0, application/*",
                DRAFT,
            ),
            ("*/*;q=0", TEXT),
            ("*/*;q=0, text/plain;q=0.001", TEXT),
            ("application/vnd.google.protobuf", PROTOBUF),
            (
                "application/vnd.google.protobuf;encoding=delimited",
                PROTOBUF,
            ),
            ("application/vnd.google.protobuf;encoding=text", TEXT),
            (
                "application/vnd.google.protobuf;proto=other;encoding=delimited, */*;q=0.1",
                TEXT,
            ),
            ("application/openmetrics-text;q=0, application/*", PROTOBUF),
            ("application/json", TEXT),
            ("image/png, text/html", TEXT),
            ("nonsense", TEXT),
            ("text/plain;q=7", TEXT),
            ("*/plain", TEXT),
        ];
        for (accept, expected) in cases {
            assert_eq!(offered(&[accept.as_bytes()]), expected, "{accept}");
        }
    }

    #[test]
    fn versions_from_1_0_on_are_answered_with_an_escaping_scheme() {
        for offer in &OFFERS {
            let escaping = offer.content_type.contains("; escaping=underscores");
            let version = offer.parameters[0];
            assert_eq!(escaping, version == ("version", "1.0.0"), "{offer:?}");
        }
    }

    #[test]
    fn formats_of_several_headers_or_none() {
        assert_eq!(offered(&[]), TEXT);
        assert_eq!(
            offered(&[b"text/plain;q=0.5", b"application/openmetrics-text"]),
            OPEN_METRICS
        );
        assert_eq!(
            offered(&[b"\xff\xfe", b"application/openmetrics-text"]),
            OPEN_METRICS
        );
        assert_eq!(offered(&[b"\xff\xfe"]), TEXT);
    }

    #[test]
    fn codings() {
        let cases = [
            ("gzip", true),
            ("GZIP", true),
            ("x-gzip", true),
            ("gzip, deflate, br", true),
            ("br;q=1, gzip;q=0.1", true),
            ("*", true),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("*;q=0", false),
            ("identity", false),
            ("identity, gzip;q=0.5", false),
            ("identity;q=0.5, gzip", true),
            ("identity;q=0, gzip;q=0", false),
            ("br", false),
            ("", false),
        ];
        for (accept, expected) in cases {
            let headers = headers(&ACCEPT_ENCODING, &[accept.as_bytes()]);
            assert_eq!(wants_gzip(&headers), expected, "{accept}");
        }
        assert!(!wants_gzip(&HeaderMap::new()));
    }
}
