//! Writes a function that calls every recorder method of a schema and reads the records back.

use std::fmt::Write as _;

use shadowcat_metrics_codegen::model::{
    Kind, Label, LabelId, LabelValues, Metric, Origin, Registry, Unit,
};
use shadowcat_metrics_codegen::name::pascal_case;

/// Returns the source of `pub fn drive() -> [String; 2]`, which returns the pages in both formats.
pub(crate) fn drive(model: &Registry) -> String {
    let mut calls = String::new();
    let mut reads = String::new();
    for label in model.labels.iter().filter(|label| is_open(label)) {
        let _ = writeln!(
            calls,
            "let _label_{0} = metrics.{0}(\"a {0}\");",
            label.name
        );
    }
    for (index, group) in model.groups.iter().enumerate() {
        if group.origin == Origin::Library {
            continue;
        }
        let name = &group.name;
        let recorded = arguments(model, &group.labels, &group.optional, Purpose::Record);
        let read = arguments(model, &group.labels, &group.optional, Purpose::Read);
        let _ = writeln!(calls, "let group_{name} = metrics.{name}({recorded});");
        let _ = writeln!(reads, "let group_{name} = snapshot.{name}({read});");
        for metric in model
            .metrics
            .iter()
            .filter(|metric| metric.group.0 == index)
        {
            let own = &metric.series_labels()[metric.group_labels..];
            let read = arguments(model, own, &metric.optional, Purpose::Read);
            let expected = match record(model, metric) {
                Some((call, expected)) => {
                    let recorded = arguments(model, own, &metric.optional, Purpose::Record);
                    let _ = writeln!(calls, "group_{name}.{}({recorded}){call};", metric.key);
                    expected
                }
                None => "== Some(0.5)".to_owned(),
            };
            let _ = writeln!(
                reads,
                "assert!(group_{name}.{}({read}){expected});",
                metric.key
            );
        }
    }
    format!(
        "pub fn drive() -> [String; 2] {{\n\
         let metrics = Metrics::new();\n{calls}\
         let snapshot = metrics.snapshot();\n{reads}\
         [shadowcat_metrics::Format::PrometheusText, shadowcat_metrics::Format::OpenMetrics]\
         .map(|format| metrics.encode(format))\n}}\n"
    )
}

#[derive(Clone, Copy)]
enum Purpose {
    Record,
    Read,
}

fn is_open(label: &Label) -> bool {
    matches!(label.values, LabelValues::Open { .. })
}

fn arguments(
    model: &Registry,
    labels: &[LabelId],
    optional: &[LabelId],
    purpose: Purpose,
) -> String {
    let value = |label: &Label| match (&label.values, purpose) {
        (LabelValues::Closed(values), _) => {
            let last = values.last().expect("a closed label has values");
            format!("labels::{}::{}", pascal_case(&label.name), last.variant)
        }
        (LabelValues::Open { .. }, Purpose::Record) => format!("&_label_{}", label.name),
        (LabelValues::Open { .. }, Purpose::Read) => format!("\"a {}\"", label.name),
    };
    let argument = |id: &LabelId| {
        let value = value(&model.labels[id.0]);
        if optional.contains(id) {
            format!("Some({value})")
        } else {
            value
        }
    };
    labels.iter().map(argument).collect::<Vec<_>>().join(", ")
}

/// Returns the code after a method that records, and the code that checks the record. `None` for a ratio.
fn record(model: &Registry, metric: &Metric) -> Option<(String, String)> {
    const DURATION: &str = "::std::time::Duration::from_millis(1500)";
    let (call, expected) = match (&metric.kind, metric.unit) {
        (Kind::Ratio { .. }, _) => return None,
        (Kind::Counter { callback: false }, Unit::None) => (".inc()", "== 1"),
        (Kind::Counter { callback: false }, Unit::Bytes) => (".add(7_u8)", "== 7"),
        (Kind::Counter { callback: false }, Unit::Seconds) => (".add(DURATION)", "== DURATION"),
        (Kind::Gauge { callback: false }, Unit::None) => (".set(-3_i8)", "== -3.0"),
        (Kind::Gauge { callback: false }, Unit::Bytes) => (".set(7_usize)", "== 7"),
        (Kind::Gauge { callback: false }, Unit::Seconds) => (".set(DURATION)", "== DURATION"),
        (Kind::Gauge { callback: false }, _) => (".set(0.5)", "== 0.5"),
        (Kind::Counter { callback: false }, _) => (".add(0.5)", "== 0.5"),
        (Kind::Counter { callback: true }, Unit::None) => {
            (".register(|| 3).detach()", "== Some(3)")
        }
        (Kind::Counter { callback: true } | Kind::Gauge { callback: true }, Unit::Bytes) => {
            (".register(|| 7_u64).detach()", "== Some(7)")
        }
        (Kind::Counter { callback: true } | Kind::Gauge { callback: true }, Unit::Seconds) => {
            (".register(|| DURATION).detach()", "== Some(DURATION)")
        }
        (Kind::Gauge { callback: true }, Unit::None) => {
            (".register(|| 3).detach()", "== Some(3.0)")
        }
        (Kind::Counter { callback: true } | Kind::Gauge { callback: true }, _) => {
            (".register(|| 0.5).detach()", "== Some(0.5)")
        }
        (Kind::UpDownCounter, Unit::None) => (".sub(2)", "== -2"),
        (Kind::UpDownCounter, Unit::Bytes) => (".add(2_u32)", "== 2"),
        (Kind::UpDownCounter, _) => (".sub(0.5)", "== -0.5"),
        (Kind::Histogram { .. }, Unit::Bytes) => (".observe(7_u64)", ".sum() == 7"),
        (Kind::Histogram { .. }, Unit::Seconds) => (".observe(DURATION)", ".sum() == DURATION"),
        (Kind::Histogram { .. }, _) => (".observe(0.5)", ".count() == 1"),
        (Kind::State { states }, _) => {
            let state = arguments(model, &[*states], &[], Purpose::Record);
            return Some((format!(".set({state})"), format!("== Some({state})")));
        }
        (Kind::Info, _) => {
            let facts = metric.labels.len() - metric.group_labels;
            let facts = format!("{:?}", vec!["a \"fact\""; facts]);
            return Some((format!(".set({facts})"), format!(".unwrap() == {facts}")));
        }
    };
    let written = |text: &str| text.replace("DURATION", DURATION);
    Some((written(call), written(expected)))
}
