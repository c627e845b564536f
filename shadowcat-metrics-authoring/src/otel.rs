//! The names that a collector gives to OpenTelemetry's attributes in Prometheus.
//!
//! <https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/>

/// Returns the Prometheus label that a collector derives from an attribute's name.
#[must_use]
pub fn translated_label(otel: &str) -> String {
    let mut name = String::new();
    for c in otel.chars() {
        let c = if c.is_ascii_alphanumeric() { c } else { '_' };
        if c != '_' || !name.ends_with('_') {
            name.push(c);
        }
    }
    match name.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("key_{name}"),
        Some('_') => format!("key{name}"),
        Some(_) | None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_translated_as_a_collector_does() {
        for (otel, name) in [
            ("http.request.method", "http_request_method"),
            ("a--b", "a_b"),
            ("error_type", "error_type"),
            ("1st", "key_1st"),
            ("_x", "key_x"),
        ] {
            assert_eq!(translated_label(otel), name);
        }
    }
}
