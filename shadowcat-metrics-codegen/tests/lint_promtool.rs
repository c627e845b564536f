//! The lints that follow `promtool check metrics` agree with it. What promtool 2.42 says of each name was read off a
//! run of it, so a row is changed only after asking it again.

use shadowcat_metrics_codegen::{Source, compile};

/// The lints that stop the build for a metric exposed under an exact name.
fn denied(kind: &str, name: &str) -> Vec<&'static str> {
    let buckets = if kind == "histogram" {
        "buckets = [1, 2]\n"
    } else {
        ""
    };
    let schema = format!(
        "format = 1\nnamespace = \"ns\"\n\n[groups.x]\nhelp = \"Says enough.\"\n\n\
         [metrics.x.y]\ntype = \"{kind}\"\n{buckets}help = \"Says enough.\"\nname = \"{name}\"\n"
    );
    let outcome = compile(Source::new("metrics.toml", schema));
    let mut names: Vec<_> = outcome
        .report
        .errors()
        .map(|error| error.code.name())
        .collect();
    assert!(
        outcome
            .report
            .errors()
            .all(|error| error.code.id().starts_with("SM1")),
        "{:?}",
        outcome.report
    );
    names.dedup();
    names
}

#[test]
fn names_that_promtool_accepts() {
    for (kind, name) in [
        ("gauge", "a_x"),
        ("gauge", "d_x"),
        ("gauge", "counter_foo"),
        ("gauge", "x_thermometers"),
        ("gauge", "x_kelvin"),
        ("gauge", "x_Minutes"),
        ("gauge", "x_counters"),
        ("gauge", "x_bucket_size"),
        ("gauge", "x_hertz"),
        ("counter", "x_count_total"),
        ("counter", "x_bytes_total"),
        ("histogram", "x_seconds"),
        ("updown_counter", "x_totals"),
    ] {
        assert_eq!(denied(kind, name), [""; 0], "{kind} {name}");
    }
}

#[test]
fn names_that_promtool_refuses() {
    for (kind, name, lint) in [
        ("counter", "x_requests", "counter-without-total"),
        ("gauge", "x_total", "total-on-non-counter"),
        ("histogram", "x_total", "total-on-non-counter"),
        ("gauge", "x_bucket", "reserved-suffix"),
        ("gauge", "x_total_count", "reserved-suffix"),
        ("updown_counter", "x_sum", "reserved-suffix"),
        ("gauge", "x_gauge", "type-in-name"),
        ("gauge", "x_gauge_y", "type-in-name"),
        ("gauge", "x_GAUGE", "type-in-name"),
        ("histogram", "x_histogram_seconds", "type-in-name"),
        ("gauge", "milliseconds", "non-base-unit"),
        ("gauge", "ounces_foo", "non-base-unit"),
        ("gauge", "x_decabytes", "non-base-unit"),
        ("gauge", "x_pebibytes", "non-base-unit"),
        ("gauge", "x_kelvins", "non-base-unit"),
        ("gauge", "x_bits_y", "non-base-unit"),
        ("gauge", "d_m", "unit-abbreviation"),
        ("gauge", "x_d_foo", "unit-abbreviation"),
        ("gauge", "x_MS", "unit-abbreviation"),
        ("gauge", "x_minutesB", "camel-case"),
        ("gauge", "x:y", "colon-in-name"),
    ] {
        assert_eq!(denied(kind, name), [lint], "{kind} {name}");
    }
}

#[test]
fn one_name_may_trip_several() {
    assert_eq!(denied("gauge", "x_gaUge_gauge_ms_total").len(), 4);
}

#[test]
fn allowed_names_compile() {
    let schema = "format = 1\nnamespace = \"ns\"\n\n[defaults]\nallow = [\"counter-without-total\"]\n\n\
                  [groups.x]\nhelp = \"Says enough.\"\n\n\
                  [metrics.x.y]\ntype = \"counter\"\nhelp = \"Says enough.\"\nname = \"ns_requests\"\n";
    let outcome = compile(Source::new("metrics.toml", schema));
    assert_eq!(outcome.report.diagnostics(), []);
    assert_eq!(
        outcome
            .registry()
            .map(|registry| registry.metrics[0].exposed.as_str()),
        Some("ns_requests")
    );
}
