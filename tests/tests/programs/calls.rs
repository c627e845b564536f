//! Writes a function that calls every recorder method of a schema and reads the records back.

use std::fmt::Write as _;

use shadowcat_metrics_codegen::model::{
    Argument, Kind, Label, LabelId, LabelValues, Metric, Origin, Registry, SumId, Unit,
};
use shadowcat_metrics_codegen::name::pascal_case;

/// Returns the source of `pub fn drive() -> [String; 2]`, which returns the pages in both formats.
pub(crate) fn drive(model: &Registry) -> String {
    let mut calls = String::new();
    let mut reads = String::new();
    for label in model.labels.iter().filter(|label| is_open(label)) {
        let _ = writeln!(calls, "let _label_{0} = metrics.{0}(\"a {0}\");", label.key);
    }
    for (index, group) in model.groups.iter().enumerate() {
        if group.origin == Origin::Library {
            continue;
        }
        let name = &group.name;
        let of_group = |purpose| argument_lists(model, group.arguments(), &group.optional, purpose);
        let bound = of_group(Purpose::Record)
            .into_iter()
            .zip(of_group(Purpose::Read));
        for (recorded, read) in bound {
            let _ = writeln!(calls, "let group_{name} = metrics.{name}({recorded});");
            let _ = writeln!(reads, "let group_{name} = snapshot.{name}({read});");
            for metric in model
                .metrics
                .iter()
                .filter(|metric| metric.group.0 == index)
            {
                let own = |purpose| {
                    argument_lists(model, metric.own_arguments(), &metric.optional, purpose)
                };
                let (recorded, read) = (own(Purpose::Record), own(Purpose::Read));
                for (recorded, read) in recorded.into_iter().zip(read) {
                    let expected = match record(model, metric) {
                        Some((call, expected)) => {
                            let _ =
                                writeln!(calls, "group_{name}.{}({recorded}){call};", metric.key);
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

/// Returns the arguments of a method, for each combination of the variants of its sum labels.
fn argument_lists(
    model: &Registry,
    arguments: Vec<Argument>,
    optional: &[LabelId],
    purpose: Purpose,
) -> Vec<String> {
    let mut argument_lists = vec![Vec::new()];
    for argument in arguments {
        let choices = match argument {
            Argument::Label(id) => vec![value(model, id, optional.contains(&id), purpose)],
            Argument::Sum(sum) => variants(model, sum),
        };
        argument_lists = combined(&argument_lists, &choices);
    }
    argument_lists
        .iter()
        .map(|arguments| arguments.join(", "))
        .collect()
}

/// Returns each variant of a sum label. Recorders and snapshots take the same.
fn variants(model: &Registry, sum: SumId) -> Vec<String> {
    let sum = &model.sums[sum.0];
    let ty = pascal_case(&sum.name);
    let values = model.labels[sum.of.0].closed_values().iter();
    let variants = values.zip(&sum.with).flat_map(|(value, items)| {
        let fields = items.iter().fold(vec![Vec::new()], |argument_lists, item| {
            let choices = match item {
                Argument::Label(id) => vec![self::value(model, *id, false, Purpose::Record)],
                Argument::Sum(sum) => variants(model, *sum),
            };
            combined(&argument_lists, &choices)
        });
        let variant = format!("labels::{ty}::{}", value.variant);
        fields.into_iter().map(move |fields| {
            if fields.is_empty() {
                variant.clone()
            } else {
                format!("{variant}({})", fields.join(", "))
            }
        })
    });
    variants.collect()
}

fn combined(argument_lists: &[Vec<String>], choices: &[String]) -> Vec<Vec<String>> {
    let longer = |way: &Vec<String>| {
        let choices = choices.iter();
        let longer = choices.map(|choice| [way.as_slice(), std::slice::from_ref(choice)].concat());
        longer.collect::<Vec<_>>()
    };
    argument_lists.iter().flat_map(longer).collect()
}

fn value(model: &Registry, id: LabelId, is_optional: bool, purpose: Purpose) -> String {
    let label = &model.labels[id.0];
    let value = match (&label.values, purpose) {
        (LabelValues::Closed(values), _) => {
            let last = values.last().expect("a closed label has values");
            format!("labels::{}::{}", pascal_case(&label.key), last.variant)
        }
        (LabelValues::Open { .. }, Purpose::Record) => format!("&_label_{}", label.key),
        (LabelValues::Open { .. }, Purpose::Read) => format!("\"a {}\"", label.key),
    };
    if is_optional {
        format!("Some({value})")
    } else {
        value
    }
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
            let state = value(model, *states, false, Purpose::Record);
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
