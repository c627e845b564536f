//! Numbers as text: the accepted forms, and the canonical form of a bucket bound.

/// Parses a number in decimal or scientific notation, `+Inf`, `-Inf` or `NaN`.
pub(super) fn parse(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ if is_real(text) => text.parse().ok(),
        _ => None,
    }
}

/// Returns whether a text has the form `-?DIGITS[.DIGITS][e[+-]DIGITS]`, which every parser of either format accepts.
fn is_real(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    is_digits(whole)
        && fraction.is_none_or(is_digits)
        && exponent
            .is_none_or(|exponent| is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the canonical form of a bucket bound in `OpenMetrics`: Go's `%g`, with `.0` appended to integers.
#[must_use]
pub fn canonical(bound: f64) -> String {
    if bound == f64::INFINITY {
        return "+Inf".to_owned();
    }
    // The shortest digits that parse to the same number, as `d.ddde±x`.
    let shortest = format!("{bound:e}");
    let Some((mantissa, exponent)) = shortest.split_once('e') else {
        return shortest;
    };
    let power: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&power) {
        let plain = format!("{bound}");
        return if plain.contains('.') {
            plain
        } else {
            plain + ".0"
        };
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", power.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_numbers_are_those_of_the_specification() {
        let expected = "0.0 0.001 0.002 0.01 0.1 0.9 0.95 0.99 0.999 1.0 1.7 10.0 1e-10 1e-09 1e-05 0.0001 0.1 1.0 \
                        100000.0 1e+06 1e+10 1.6777216e+07 +Inf";
        for text in expected.split_whitespace() {
            let number = parse(text).unwrap();
            assert_eq!(canonical(number), text);
        }
    }

    #[test]
    fn number_formats_that_only_some_readers_accept_are_refused() {
        for text in [
            "", "-", ".5", "5.", "1e", "1e+", "0x10", "1_000", "+1", "inf", "Inf", "nan", " 1",
            "1E5",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
