//! Protobuf pages: complete, truncated, and invalid.

use prost::Message as _;

use super::protobuf::message::{
    Bucket, Counter, Exemplar, Histogram, LabelPair, Metric, MetricFamily, Quantile, Span, Summary,
    Timestamp, Value,
};
use super::protobuf::read;
use super::*;

fn page(families: &[MetricFamily]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for family in families {
        bytes.extend(family.encode_length_delimited_to_vec());
    }
    bytes
}

fn family_of(kind: i32, metric: Metric) -> MetricFamily {
    MetricFamily {
        name: "a_seconds".to_owned(),
        help: "A.".to_owned(),
        kind,
        metrics: vec![metric],
        unit: "seconds".to_owned(),
    }
}

fn sample_texts(page: &Page) -> Vec<String> {
    let samples = page.families.iter().flat_map(|family| &family.samples);
    let sample_texts =
        samples.map(|sample| format!("{} {:?} {}", sample.name, sample.labels, sample.value));
    sample_texts.collect()
}

fn gauge(value: f64) -> Metric {
    Metric {
        gauge: Some(Value { value }),
        ..Metric::default()
    }
}

fn messages(page: &Page) -> Vec<&str> {
    let problems = page.problems.iter();
    problems.map(|problem| &*problem.message).collect()
}

#[test]
fn values() {
    let metric = Metric {
        labels: vec![LabelPair {
            name: "x".to_owned(),
            value: "1".to_owned(),
        }],
        gauge: Some(Value { value: 0.5 }),
        ..Metric::default()
    };
    let page = read(&page(&[family_of(1, metric)]));
    let [family] = &*page.families else {
        panic!("{page:?}")
    };
    assert_eq!(
        (&*family.name, &*family.help, &*family.unit),
        ("a_seconds", "A.", "seconds")
    );
    assert_eq!(family.kind, Type::Gauge);
    assert_eq!(sample_texts(&page), [r#"a_seconds [("x", "1")] 0.5"#]);
}

#[test]
fn empty_messages_are_skipped() {
    let mut bytes = vec![0; 1000];
    bytes.extend(page(&[family_of(1, gauge(0.5))]));
    bytes.extend([0; 1000]);
    let page = read(&bytes);
    assert_eq!((page.families.len(), messages(&page).len()), (1, 0));
}

#[test]
fn histograms_and_summaries() {
    let histogram = |bounds: &[f64]| Histogram {
        count: 3,
        sum: 2.5,
        count_float: 0.0,
        buckets: bounds
            .iter()
            .map(|bound| Bucket {
                count: 2,
                bound: *bound,
                ..Bucket::default()
            })
            .collect(),
        ..Histogram::default()
    };
    let of = |histogram| Metric {
        histogram: Some(histogram),
        ..Metric::default()
    };
    let expected = [
        r#"a_seconds_bucket [("le", "1.0")] 2"#,
        r#"a_seconds_bucket [("le", "+Inf")] 3"#,
        "a_seconds_sum [] 2.5",
        "a_seconds_count [] 3",
    ];
    let without = page(&[family_of(4, of(histogram(&[1.0])))]);
    assert_eq!(sample_texts(&read(&without)), expected);
    let with = page(&[family_of(4, of(histogram(&[1.0, f64::INFINITY])))]);
    assert_eq!(sample_texts(&read(&with)).len(), 4);
    let summary = Summary {
        count: 3,
        sum: 2.5,
        quantiles: vec![Quantile {
            quantile: 0.5,
            value: 0.25,
        }],
    };
    let summary = Metric {
        summary: Some(summary),
        ..Metric::default()
    };
    let expected = [
        r#"a_seconds [("quantile", "0.5")] 0.25"#,
        "a_seconds_sum [] 2.5",
        "a_seconds_count [] 3",
    ];
    assert_eq!(
        sample_texts(&read(&page(&[family_of(2, summary)]))),
        expected
    );
}

#[test]
fn truncated_and_invalid_pages() {
    let whole = page(&[family_of(1, gauge(1.0)), family_of(1, gauge(1.0))]);
    assert_eq!(read(&whole).problems, []);
    for cut in 1..whole.len() {
        let page = read(&whole[..cut]);
        let at_a_message_s_end = cut == whole.len() / 2;
        assert_eq!(
            page.problems.is_empty(),
            at_a_message_s_end,
            "{cut}: {page:?}"
        );
    }
    let page = read(b"# TYPE a gauge\na 1\n");
    assert_eq!(page.problems.len(), 1, "{page:?}");
}

#[test]
fn a_metric_without_a_value_of_its_type_is_reported() {
    for (kind, word) in [
        (0, "counter"),
        (2, "summary"),
        (3, "unknown"),
        (4, "histogram"),
        (5, "gaugehistogram"),
    ] {
        let found = read(&page(&[
            family_of(1, gauge(1.0)),
            family_of(kind, gauge(1.0)),
        ]));
        let expected = format!(
            "message 2, metric 1: `a_seconds` is a {word} without a value of this type, which Prometheus reads as 0"
        );
        assert_eq!(messages(&found), [expected]);
        assert_eq!(found.refusal(), None);
    }
}

#[test]
fn pages_in_protobuf_are_detected() {
    let whole = page(&[family_of(1, gauge(1.0)), family_of(1, gauge(1.0))]);
    let is_protobuf = |bytes: &[u8]| Page::detect(bytes).format == Format::Protobuf;
    // Cut off after the name, or with a field of another type.
    let name = 1 + 2 + "a_seconds".len();
    for cut in name + 1..=whole.len() {
        assert!(is_protobuf(&whole[..cut]), "{cut}");
    }
    for at in 1..whole.len() {
        let mut changed = whole.clone();
        changed[at] = 0xff;
        let found = Page::detect(&changed);
        assert_eq!(found.format, Format::Protobuf, "{at}: {found:?}");
    }
    assert!(is_protobuf(b"\x02\x08\x01"));
    for text in [
        &b""[..],
        b"a 1\n",
        b"\n\na 1\n",
        b"# TYPE a gauge\na 1\n\0",
        b"\x1b[1ma 1\n",
        b"\0\0\0",
    ] {
        assert!(!is_protobuf(text), "{text:?}");
    }
}

fn exemplar(labels: &[(&str, &str)], value: f64, time: Option<(i64, i32)>) -> Exemplar {
    let labels = labels.iter().map(|(name, value)| LabelPair {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
    });
    Exemplar {
        labels: labels.collect(),
        value,
        time: time.map(|(seconds, nanos)| Timestamp { seconds, nanos }),
    }
}

#[test]
fn exemplars() {
    let now = Some((1_700_000_000, 5));
    let long = "x".repeat(127);
    for (exemplar, fault) in [
        (exemplar(&[("a", &long)], 1.0, now), None),
        (exemplar(&[], 1.0, None), None),
        (
            exemplar(&[("ab", &long)], 1.0, now),
            Some(
                "the labels of the exemplar have 129 characters: Prometheus drops an exemplar with more than 128",
            ),
        ),
        (
            exemplar(&[("a b", "1")], 1.0, now),
            Some("`a b` of the exemplar is not a label name"),
        ),
        (
            exemplar(&[("a", "1"), ("a", "1")], 1.0, now),
            Some("the label `a` appears twice in the exemplar"),
        ),
        (
            exemplar(&[], 1.0, Some((1 << 62, 0))),
            Some(
                "the exemplar's time 4611686018427388000 is not a Unix time in seconds before the year 10000",
            ),
        ),
        (
            exemplar(&[], 1.0, Some((1, -1))),
            Some("the exemplar's time NaN is not a Unix time in seconds before the year 10000"),
        ),
        (
            exemplar(&[], 2.5, now),
            Some("the exemplar's value 2.5 is above the bucket's bound 2"),
        ),
    ] {
        let bucket = Bucket {
            count: 1,
            bound: 2.0,
            exemplar: Some(exemplar.clone()),
            ..Bucket::default()
        };
        let histogram = Histogram {
            count: 1,
            buckets: vec![bucket],
            ..Histogram::default()
        };
        let counter = Counter {
            value: 1.0,
            exemplar: Some(exemplar),
        };
        let metric = Metric {
            histogram: Some(histogram),
            counter: Some(counter),
            ..Metric::default()
        };
        for kind in [0, 4] {
            let found = read(&page(&[family_of(kind, metric.clone())]));
            assert!(found.families[0].has_exemplars);
            let fault = fault.filter(|fault| kind == 4 || !fault.contains("bucket"));
            let expected =
                fault.map(|fault| format!("message 1, metric 1: {fault}, in `a_seconds`"));
            assert_eq!(messages(&found), Vec::from_iter(expected));
            assert_eq!(found.refusal(), None);
        }
    }
    let histogram = Histogram {
        exemplars: vec![exemplar(&[], 1.0, None)],
        ..Histogram::default()
    };
    let metric = Metric {
        histogram: Some(histogram),
        ..Metric::default()
    };
    let found = read(&page(&[family_of(4, metric)]));
    assert!(found.families[0].has_exemplars);
    let expected = "message 1, metric 1: an exemplar of native buckets has no time: Prometheus drops it, in `a_seconds`";
    assert_eq!(messages(&found), [expected]);
}

#[test]
fn native_buckets() {
    let histogram = |spans: &[(i32, u32)], deltas: &[i64]| Histogram {
        count: 9,
        schema: 3,
        zero_threshold: 0.001,
        zero_count: 2,
        positive_spans: spans
            .iter()
            .map(|(offset, length)| Span {
                offset: *offset,
                length: *length,
            })
            .collect(),
        positive_deltas: deltas.to_vec(),
        ..Histogram::default()
    };
    let read = |histogram| {
        let metric = Metric {
            histogram: Some(histogram),
            ..Metric::default()
        };
        read(&page(&[family_of(4, metric)]))
    };
    let found = read(histogram(&[(-7, 2), (3, 1)], &[3, -2, 2]));
    let [native] = &*found.families[0].native else {
        panic!("{found:?}")
    };
    assert_eq!(
        (native.schema, native.zero_count, native.counted),
        (3, 2.0, 7.0)
    );
    assert_eq!((native.count, native.zero_threshold), (9.0, 0.001));
    // The spans are the buckets -7, -6 and -2.
    assert_eq!(native.used, Some((-7, -2)));
    assert!(found.problems.is_empty(), "{found:?}");
    // The classic samples are there, too.
    assert!(sample_texts(&found).contains(&"a_seconds_count [] 9".to_owned()));
    let classic = read(Histogram::default());
    assert!(classic.families[0].native.is_empty());
}

/// Returns a histogram with native buckets and one observation.
fn native(spans: &[(i32, u32)], deltas: &[i64]) -> Histogram {
    let spans = spans.iter().map(|(offset, length)| Span {
        offset: *offset,
        length: *length,
    });
    Histogram {
        count: 1,
        zero_threshold: 0.001,
        positive_spans: spans.collect(),
        positive_deltas: deltas.to_vec(),
        ..Histogram::default()
    }
}

#[track_caller]
fn assert_broken(histogram: Histogram, refused: bool, fault: &str) {
    let metric = Metric {
        histogram: Some(histogram),
        ..Metric::default()
    };
    let bytes = page(&[family_of(4, metric)]);
    let found = read(&bytes);
    let expected = format!("message 1, metric 1: the histogram `a_seconds` is broken: {fault}");
    assert_eq!(messages(&found), [expected]);
    assert_eq!(found.refusal().is_some(), refused, "{fault}");
    assert_eq!(Page::detect(&bytes).format, Format::Protobuf);
}

#[test]
fn broken_spans_and_counts() {
    const HUGE: u32 = u32::MAX;
    const FEW: &str = "its spans have 2 native buckets, and there are 1 counts";
    const MANY: &str = "its spans have 8589934590 native buckets, and there are 1 counts";
    const NONE: &str = "its spans have 0 native buckets, and there are 1 counts";
    const TOO_LARGE: &str = "the count of a native bucket does not fit in 64 bits";
    const BACK: &str = "a span begins 3 native buckets before the end of the previous one";
    const FAR: &str = "the numbers of its native buckets end at 2147483648: 32 bits are too few";
    assert_broken(native(&[(0, 2)], &[1]), true, FEW);
    assert_broken(native(&[(0, HUGE), (0, HUGE)], &[1]), true, MANY);
    assert_broken(native(&[], &[1]), true, NONE);
    let negative = "a native bucket has -2 observations";
    assert_broken(native(&[(0, 2)], &[1, -3]), true, negative);
    assert_broken(native(&[(0, 2)], &[i64::MAX, 1]), true, TOO_LARGE);
    assert_broken(native(&[(5, 1), (-3, 1)], &[1, 0]), true, BACK);
    let far = native(&[(i32::MAX, 1), (i32::MAX, 1)], &[1, 0]);
    assert_broken(far, false, FAR);
}

#[test]
fn broken_fields_of_native_buckets() {
    let with = |refused, fault, change: fn(&mut Histogram)| {
        let mut histogram = native(&[(0, 1)], &[1]);
        change(&mut histogram);
        assert_broken(histogram, refused, fault);
    };
    with(false, "it has the schema 9, expected -4 to 8", |it| {
        it.schema = 9;
    });
    with(false, "it has the schema -5, expected -4 to 8", |it| {
        it.schema = -5;
    });
    with(false, "its bucket with zero ends at -1", |it| {
        it.zero_threshold = -1.0;
    });
    with(false, "its bucket with zero ends at NaN", |it| {
        it.zero_threshold = f64::NAN;
    });
    with(false, "-1 is not a number of observations", |it| {
        it.count_float = -1.0;
    });
    with(false, "a native bucket has NaN observations", |it| {
        it.count_float = 1.0;
        it.positive_counts = vec![f64::NAN];
    });
    // A histogram of floats has no differences.
    let missing = "its spans have 1 native buckets, and there are 0 counts";
    with(true, missing, |it| it.count_float = 1.0);
    with(true, missing, |it| {
        it.negative_spans = it.positive_spans.clone();
    });
}

#[test]
fn values_that_are_not_numbers_are_in_no_native_bucket() {
    let native = |sum, count| NativeBuckets {
        labels: Vec::new(),
        schema: 3,
        zero_threshold: 0.001,
        zero_count: 1.0,
        counted: 2.0,
        used: None,
        count,
        sum,
    };
    assert!(native(5.0, 3.0).adds_up() && native(f64::NAN, 4.0).adds_up());
    assert!(!native(5.0, 4.0).adds_up() && !native(f64::NAN, 2.0).adds_up());
}
