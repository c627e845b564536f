//! Protobuf pages: complete, truncated, and invalid.

use prost::Message as _;

use super::protobuf::message::{
    Bucket, Exemplar, Histogram, LabelPair, Metric, MetricFamily, Quantile, Span, Summary, Value,
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

#[test]
fn values() {
    let metric = Metric {
        labels: vec![LabelPair {
            name: "x".to_owned(),
            value: "1".to_owned(),
        }],
        gauge: Some(Value {
            value: 0.5,
            exemplar: None,
        }),
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
fn exemplars_of_counters_buckets_and_native_histograms() {
    let of_counter = |exemplar| Metric {
        counter: Some(Value {
            value: 1.0,
            exemplar,
        }),
        ..Metric::default()
    };
    let of_histogram = |buckets, exemplars| Metric {
        histogram: Some(Histogram {
            buckets,
            exemplars,
            ..Histogram::default()
        }),
        ..Metric::default()
    };
    let bucket = |exemplar| {
        vec![Bucket {
            bound: 1.0,
            exemplar,
            ..Bucket::default()
        }]
    };
    for (kind, metric, expected) in [
        (0, of_counter(None), false),
        (0, of_counter(Some(Exemplar {})), true),
        (4, of_histogram(bucket(None), vec![]), false),
        (4, of_histogram(bucket(Some(Exemplar {})), vec![]), true),
        (4, of_histogram(vec![], vec![Exemplar {}]), true),
    ] {
        let page = read(&page(&[family_of(kind, metric)]));
        assert_eq!(page.families[0].has_exemplars, expected, "{page:?}");
    }
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
    let whole = page(&[
        family_of(1, Metric::default()),
        family_of(1, Metric::default()),
    ]);
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
    for (spans, deltas, fault) in [
        (
            &[(0, 2)][..],
            &[1][..],
            "its spans have 2 native buckets, and there are 1 counts",
        ),
        (&[(0, 2)], &[1, -3], "a native bucket has -2 observations"),
    ] {
        let found = read(histogram(spans, deltas));
        let message = format!("a histogram `a_seconds` is broken: {fault}");
        assert_eq!(
            found.refusal().map(|problem| &problem.message),
            Some(&message)
        );
    }
    let classic = read(Histogram::default());
    assert!(classic.families[0].native.is_empty());
}
