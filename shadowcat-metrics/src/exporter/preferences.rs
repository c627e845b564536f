//! Parsing of `Accept` and `Accept-Encoding`: lists of names with parameters and weights, as in RFC 9110,
//! section 12.
//!
//! Clients deviate from the RFC, and a rejected scrape is a lost scrape. A weight may therefore be any decimal
//! number, and a name with an unreadable weight counts as one without a weight.

use axum::http::{HeaderMap, HeaderName};

/// One name in a list, and its weight.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Preference<'h> {
    /// A media range or a content coding.
    pub(super) name: &'h str,
    /// The text after the name, including the weight.
    parameters: &'h str,
    /// The weight (`q`) in millionths.
    pub(super) weight: u32,
}

/// The weight of a name without one.
pub(super) const FULL_WEIGHT: u32 = 1_000_000;

impl<'h> Preference<'h> {
    /// Returns `None` if there is no name.
    fn parse(text: &'h str) -> Option<Self> {
        let name = split_unquoted(text, b';').next()?.trim();
        let mut preference = Self {
            name,
            parameters: text.split_once(';').map_or("", |(_, rest)| rest),
            weight: FULL_WEIGHT,
        };
        if let Some(weight) = preference.parameter("q") {
            preference.weight = parse_weight(weight).unwrap_or(FULL_WEIGHT);
        }
        (!name.is_empty()).then_some(preference)
    }

    /// Returns the value of a parameter, without quotes.
    pub(super) fn parameter(&self, name: &str) -> Option<&'h str> {
        split_unquoted(self.parameters, b';')
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(found, _)| found.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().trim_matches('"'))
    }
}

/// Returns the values of all headers with one name as text, without headers that are not ASCII.
pub(super) fn values(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .map(str::to_owned)
        .collect()
}

/// Returns the preferences in a header, in its order, without invalid ones.
pub(super) fn preferences(header: &str) -> impl Iterator<Item = Preference<'_>> {
    split_unquoted(header, b',').filter_map(Preference::parse)
}

/// Parses any decimal number, and limits it to 1. Returns `None` for anything else.
fn parse_weight(text: &str) -> Option<u32> {
    let is_decimal = text.bytes().any(|byte| byte.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let weight: f64 = text.parse().ok().filter(|_| is_decimal)?;
    // Rounded up, so that only an exact zero refuses the name.
    let millionths = (weight.min(1.0) * f64::from(FULL_WEIGHT)).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is from 0 to a million"
    )]
    let millionths = millionths as u32;
    Some(millionths)
}

/// Splits at a separator, except inside a quoted string.
fn split_unquoted(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |character: char| {
        let is_quote = character == '"' && !escaped;
        escaped = quoted && character == '\\' && !escaped;
        quoted ^= is_quote;
        character == char::from(separator) && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(header: &str) -> Vec<(&str, u32)> {
        let preferences = preferences(header);
        preferences
            .map(|found| (found.name, found.weight))
            .collect()
    }

    #[test]
    fn weights() {
        let cases = [
            ("1", Some(1_000_000)),
            ("1.000", Some(1_000_000)),
            ("0", Some(0)),
            ("0.", Some(0)),
            ("0.5", Some(500_000)),
            ("0.75", Some(750_000)),
            ("0.123", Some(123_000)),
            ("0.1234", Some(123_400)),
            (".2", Some(200_000)),
            ("00.5", Some(500_000)),
            ("0.00000000001", Some(1)),
            ("1.001", Some(1_000_000)),
            ("2", Some(1_000_000)),
            ("99999999999999999999", Some(1_000_000)),
            ("-1", None),
            ("+1", None),
            ("", None),
            (".", None),
            ("1.2.3", None),
            ("1e3", None),
            ("0.x", None),
            ("NaN", None),
            ("inf", None),
        ];
        for (text, weight) in cases {
            assert_eq!(parse_weight(text), weight, "{text:?}");
        }
    }

    #[test]
    fn lists() {
        assert_eq!(
            parsed("gzip, br;q=0.5,*;q=0"),
            [("gzip", FULL_WEIGHT), ("br", 500_000), ("*", 0)]
        );
        assert_eq!(parsed(" a/b ; q=0.2 ;x=1 ,,"), [("a/b", 200_000)]);
        assert_eq!(
            parsed("a;q=2, b;q=, c;q=high, d"),
            ["a", "b", "c", "d"].map(|name| (name, FULL_WEIGHT))
        );
        assert_eq!(parsed(""), []);
        assert_eq!(parsed(";;,;q=1"), []);
    }

    #[test]
    fn quotes_hide_separators() {
        let found: Vec<_> = preferences(r#"a/b;x="1,2;q=0\",;";version="1.0.0", c"#).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].parameter("version"), Some("1.0.0"));
        assert_eq!(found[0].weight, FULL_WEIGHT);
        assert_eq!(found[1].name, "c");
        assert_eq!(parsed(r#"a;x="never closed, b"#), [("a", FULL_WEIGHT)]);
    }

    #[test]
    fn parameters_are_named_in_any_case() {
        let found = preferences("a; Version = 1 ;Q=0.5").next().expect("one");
        assert_eq!(
            (found.parameter("version"), found.weight),
            (Some("1"), 500_000)
        );
    }
}
