//! Names of metrics in the text formats.

use crate::model::{Kind, Storage, Unit};

/// Returns the name that a metric is exposed under without an exact name: `namespace_group_key`, then the unit, then `_total`
/// or `_info`. A suffix that the key ends with is not repeated.
#[must_use]
pub fn exposed_name(namespace: &str, group: &str, key: &str, kind: &Kind, unit: Unit) -> String {
    let mut parts = vec![namespace, group, key];
    parts.retain(|part| !part.is_empty());
    let mut name = parts.join("_");
    let last = kind.spec().suffix;
    // `cpu_total` in seconds becomes `cpu_seconds_total`: the unit comes before the kind's suffix.
    if let Some(stem) = name.strip_suffix(last) {
        name.truncate(stem.len());
    }
    if unit != Unit::None && !ends_with_word(&name, unit.name()) {
        name.push('_');
        name.push_str(unit.name());
    }
    name.push_str(last);
    name
}

/// Returns the family's name in OpenMetrics: without the suffix of its samples.
#[must_use]
pub fn open_metrics_family<'a>(exposed: &'a str, kind: &Kind) -> &'a str {
    match exposed.strip_suffix(kind.spec().suffix) {
        Some(family) if !family.is_empty() => family,
        Some(_) | None => exposed,
    }
}

/// Returns the name of the samples with creation times in OpenMetrics; `None` for kinds without them.
#[must_use]
pub fn created_name(exposed: &str, kind: &Kind) -> Option<String> {
    let spec = kind.spec();
    let family = open_metrics_family(exposed, kind);
    // A counter with an exact name without `_total` is `unknown` in OpenMetrics, and a callback's value was counted
    // elsewhere, so its start time is unknown.
    let has_suffix = spec.suffix.is_empty() || family != exposed;
    let has_created = has_suffix && spec.has_created && spec.storage != Storage::Callback;
    has_created.then(|| format!("{family}_created"))
}

/// Returns the names of the sample lines of a series, in the order of the lines.
#[must_use]
pub fn sample_names(exposed: &str, kind: &Kind) -> Vec<String> {
    let suffixes = kind.spec().sample_suffixes.iter();
    suffixes
        .map(|suffix| format!("{exposed}{suffix}"))
        .collect()
}

/// Returns every name that a family uses in either text format: its own, its OpenMetrics family's, and with suffixes.
#[must_use]
pub fn names_taken(exposed: &str, kind: &Kind) -> Vec<String> {
    let spec = kind.spec();
    let family = open_metrics_family(exposed, kind);
    let mut names = vec![exposed.to_owned()];
    let mut add = |name: String| {
        if !names.contains(&name) {
            names.push(name);
        }
    };
    add(family.to_owned());
    // An exact name may lack the suffix.
    add(format!("{family}{}", spec.suffix));
    sample_names(family, kind).into_iter().for_each(&mut add);
    if spec.has_created {
        add(format!("{family}_created"));
    }
    names
}

/// Returns the `le` of a bucket's upper bound in every format: like Go's `%g`, with `.0` after integers.
///
/// <https://prometheus.io/docs/specs/om/open_metrics_spec/#considerations-canonical-numbers>
#[must_use]
pub fn bucket_bound(bound: f64) -> String {
    if bound == f64::INFINITY {
        return "+Inf".to_owned();
    }
    // Converts -0 to 0.
    let bound = bound + 0.0;
    let scientific = format!("{bound:e}");
    let parts = scientific.split_once('e');
    match parts.and_then(|(digits, power)| Some((digits, power.parse::<i32>().ok()?))) {
        Some((digits, power)) if !(-4..6).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", power.unsigned_abs())
        }
        Some(_) | None => format!("{bound:?}"),
    }
}

/// Returns whether a name's last word, between underscores, is `word`.
#[must_use]
pub fn ends_with_word(name: &str, word: &str) -> bool {
    name.strip_suffix(word)
        .is_some_and(|stem| stem.is_empty() || stem.ends_with('_'))
}

/// Returns whether Prometheus accepts it as a metric name: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
#[must_use]
pub fn is_metric_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
}

/// Returns whether Prometheus accepts it as a label name: `[a-zA-Z_][a-zA-Z0-9_]*`.
#[must_use]
pub fn is_label_name(name: &str) -> bool {
    is_metric_name(name) && !name.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BucketSetId;

    const HISTOGRAM: Kind = Kind::Histogram {
        buckets: BucketSetId(0),
    };
    const COUNTER: Kind = Kind::Counter { callback: false };
    const GAUGE: Kind = Kind::Gauge { callback: false };

    #[test]
    fn exposed_names_have_each_suffix_once() {
        use Unit::{Bytes, None, Seconds};
        for (key, kind, unit, name) in [
            ("requests", COUNTER, None, "requests_total"),
            ("requests_total", COUNTER, None, "requests_total"),
            ("busy", COUNTER, Seconds, "busy_seconds_total"),
            ("busy_seconds", COUNTER, Seconds, "busy_seconds_total"),
            ("busy_total", COUNTER, Seconds, "busy_seconds_total"),
            ("busy_seconds_total", COUNTER, Seconds, "busy_seconds_total"),
            ("bytes", GAUGE, Bytes, "bytes"),
            ("megabytes", GAUGE, Bytes, "megabytes_bytes"),
            ("build", Kind::Info, None, "build_info"),
            ("build_info", Kind::Info, None, "build_info"),
            ("requests_total", GAUGE, None, "requests_total"),
        ] {
            let exposed = exposed_name("app", "http", key, &kind, unit);
            assert_eq!(exposed, format!("app_http_{name}"));
        }
    }

    #[test]
    fn families_reserve_all_their_names() {
        assert_eq!(
            names_taken("a_total", &COUNTER),
            ["a_total", "a", "a_created"]
        );
        assert_eq!(names_taken("a", &COUNTER), ["a", "a_total", "a_created"]);
        assert_eq!(names_taken("a_info", &Kind::Info), ["a_info", "a"]);
        assert_eq!(
            names_taken("a", &HISTOGRAM),
            ["a", "a_bucket", "a_sum", "a_count", "a_created"]
        );
        assert_eq!(names_taken("a", &GAUGE), ["a"]);
        assert_eq!(
            open_metrics_family("_total", &COUNTER),
            "_total",
            "nothing would be left"
        );
    }

    #[test]
    fn bounds_are_canonical() {
        for (bound, text) in [
            (0.0, "0.0"),
            (-0.0, "0.0"),
            (0.001, "0.001"),
            (0.1, "0.1"),
            (0.1024, "0.1024"),
            (1.0, "1.0"),
            (1.7, "1.7"),
            (10.0, "10.0"),
            (1e-10, "1e-10"),
            (1e-9, "1e-09"),
            (0.000_05, "5e-05"),
            (0.000_1, "0.0001"),
            (65_536.0, "65536.0"),
            (100_000.0, "100000.0"),
            (1e6, "1e+06"),
            (1_048_576.0, "1.048576e+06"),
            (1e10, "1e+10"),
            (1e100, "1e+100"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(bucket_bound(bound), text);
        }
    }
}
