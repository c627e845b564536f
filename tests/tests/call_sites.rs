//! Programs that must compile, and the behavior that they rely on.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use shadowcat_metrics::{Format, Registry};
use shadowcat_metrics_tests::everything::{self, ClosedRecorder, Metrics, OpenRecorder, labels};
use shadowcat_metrics_tests::sequence;

mod empty {
    shadowcat_metrics::metrics!("call_sites/empty.toml");
}

/// A module that hides every standard name that generated code needs.
#[no_implicit_prelude]
mod hostile {
    #![allow(dead_code, reason = "they are only in the way")]

    struct Result;
    struct Option;
    struct Vec;
    struct String;
    struct Duration;
    struct Ok;
    struct Some;
    trait Default {}
    trait Clone {}
    trait Into {}
    mod std {}
    mod core {}
    mod shadowcat_metrics {}

    ::shadowcat_metrics::metrics!("call_sites/hostile.toml");
}

#[test]
fn a_schema_may_be_empty() {
    let metrics = empty::Metrics::new();
    assert_eq!(metrics.encode(Format::PrometheusText), "");
    assert_eq!(metrics.encode(Format::OpenMetrics), "# EOF\n");
}

#[test]
fn schema_names_do_not_collide_with_other_names() {
    use hostile::labels;
    assert_eq!(labels::Registry::ALL.last(), Some(&labels::Registry::ALL_));
    let metrics = hostile::Metrics::new();
    let (string, binding) = (metrics.string("a"), metrics.binding("b"));
    let recorder = metrics.std(labels::Result::Self_, &string);
    recorder
        .new(labels::Option::None, &binding, labels::Registry::P)
        .add(3);
    recorder.binding().set(labels::Registry::Snapshot);
    recorder.vec().set(["labels", "some"]);
    recorder.at().start_timer().discard();
    let group = metrics.labels();
    let guard = group.drop().track();
    let snapshot = metrics.snapshot();
    drop(guard);
    let read = snapshot.std(labels::Result::Self_, "a");
    let count = read.new(labels::Option::None, "b", labels::Registry::P);
    assert_eq!(count, 3);
    assert_eq!(read.binding(), Some(labels::Registry::Snapshot));
    assert_eq!(
        read.vec(),
        Some(vec!["labels".to_owned(), "some".to_owned()])
    );
    assert_eq!(read.at().count(), 0);
    assert_eq!(snapshot.labels().drop(), 1);
    assert_eq!(metrics.snapshot().labels().drop(), 0);
}

#[test]
fn recorders_can_be_stored_anywhere() {
    fn keeps<T: Clone + Send + Sync + std::fmt::Debug + 'static>() {}
    keeps::<Metrics>();
    keeps::<ClosedRecorder>();
    keeps::<OpenRecorder>();
    keeps::<labels::Server>();
    keeps::<labels::Status>();
    keeps::<everything::Snapshot>();
}

#[test]
fn closed_labels_are_enums() {
    let strings: Vec<_> = labels::Method::ALL.map(labels::Method::as_str).into();
    assert_eq!(strings, ["tools/list", "tools/call", "other"]);
    for method in labels::Method::ALL {
        assert_eq!(labels::Method::from_str(method.as_str()), Ok(method));
    }
    assert_eq!(format!("{:>6}|", labels::Status::_2xx), "   2xx|");
    let unknown = labels::Status::from_str("3xx").unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "\"3xx\" is not a value of the label `status`"
    );
    assert_eq!(unknown.value(), "3xx");
    assert_eq!(BTreeSet::from(labels::Status::ALL).len(), 3);
}

#[test]
fn an_enum_of_the_program_is_mapped_exhaustively() {
    #[derive(Clone, Copy)]
    enum Reply {
        Done,
        Denied,
        Broken,
    }
    impl From<Reply> for labels::Status {
        fn from(reply: Reply) -> Self {
            match reply {
                Reply::Done => Self::_2xx,
                Reply::Denied => Self::_4xx,
                Reply::Broken => Self::_5xx,
            }
        }
    }
    let metrics = Metrics::new();
    let recorder = metrics.closed(labels::Method::Other);
    for reply in [Reply::Done, Reply::Denied, Reply::Broken, Reply::Broken] {
        recorder.answers(reply.into()).inc();
    }
    let read = metrics.snapshot();
    let counts =
        labels::Status::ALL.map(|status| read.closed(labels::Method::Other).answers(status));
    assert_eq!(counts, [1, 1, 2]);
}

#[test]
fn a_disabled_registry_records_nothing() {
    let metrics = Metrics::disabled();
    let server = metrics.server("files");
    assert_eq!(server.as_str(), "files");
    metrics.open(&server).calls().inc();
    metrics.plain().events().add(7);
    let _track = metrics.plain().active().track_owned();
    let _callback = metrics.plain().threads().register(|| 1);
    metrics.units().wait().start_timer().stop();
    assert!(!metrics.is_enabled());
    assert_eq!(metrics.snapshot().plain().events(), 0);
    assert_eq!(metrics.encode(Format::PrometheusText), "");
    assert_eq!(metrics.encode(Format::OpenMetrics), "# EOF\n");
}

#[test]
fn registries_are_independent_and_clones_share() {
    let (one, other) = (Metrics::new(), Metrics::default());
    one.clone().plain().events().inc();
    assert_eq!(one.snapshot().plain().events(), 1);
    assert_eq!(other.snapshot().plain().events(), 0);
    let untyped: &Registry = &one;
    assert!(
        untyped
            .encode(Format::PrometheusText)
            .contains("all_plain_events_total 1\n")
    );
}

#[test]
#[expect(deprecated, reason = "a deprecated metric goes on to work")]
fn deprecated_metrics_still_record() {
    let metrics = Metrics::new();
    metrics.kept().old().inc();
    metrics.kept().older().set(2);
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.kept().old(), 1);
    assert_eq!(snapshot.kept().older().to_bits(), 2_f64.to_bits());
}

#[test]
fn series_of_open_labels_end_with_their_last_handle() {
    let recorded = sequence::record();
    let is_shown = |value: &str| {
        recorded
            .metrics
            .encode(Format::PrometheusText)
            .contains(value)
    };
    assert!(is_shown("tenant=\"acme\""));
    drop(recorded.tenants);
    assert!(!is_shown("tenant=\"acme\""));
    assert!(is_shown("server=\"files\""));
}
