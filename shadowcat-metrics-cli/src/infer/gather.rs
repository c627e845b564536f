//! From families to drafts of metrics: kind, unit, labels, bounds.

use std::collections::BTreeSet;

use shadowcat_metrics_codegen::model::Unit;
use shadowcat_metrics_codegen::sentence;

use super::DraftMetric;
use shadowcat_metrics_conformance::page::{Family, Page, Type};

/// A draft for every family that can be a metric; what cannot is noted. Without samples nobody knows a family's labels.
pub(super) fn gather(page: &Page, notes: &mut Vec<String>) -> Vec<DraftMetric> {
    page.families
        .iter()
        .filter(|family| !family.samples.is_empty())
        .filter_map(|family| match draft(family) {
            Ok(draft) => Some(draft),
            Err(why) => {
                notes.push(format!("`{}` is left out: {why}", family.name));
                None
            }
        })
        .collect()
}

fn draft(family: &Family) -> Result<DraftMetric, String> {
    let (kind, remark) = kind(family)?;
    let exposed = match kind {
        "counter" | "info" => {
            // In OpenMetrics the samples say the whole name.
            let mut names = family.samples.iter().map(|sample| &sample.name);
            names
                .find(|name| !name.ends_with("_created"))
                .unwrap_or(&family.name)
        }
        _ => &family.name,
    };
    let states = (kind == "state").then(|| family.name.clone());
    let mut labels = Vec::new();
    for (label, value) in family.samples.iter().flat_map(|sample| &sample.labels) {
        let bound = matches!(kind, "histogram") && (label == "le" || label == "quantile");
        // An empty value is as good as no label.
        if !bound && !value.is_empty() && !labels.contains(label) && states.as_ref() != Some(label)
        {
            labels.push(label.clone());
        }
    }
    Ok(DraftMetric {
        exposed: exposed.clone(),
        group: String::new(),
        key: String::new(),
        kind,
        unit: unit(family, exposed, kind),
        labels,
        bounds: if kind == "histogram" {
            bounds(family)
        } else {
            Vec::new()
        },
        states,
        help: help(family),
        remark,
        allow: BTreeSet::new(),
    })
}

fn kind(family: &Family) -> Result<(&'static str, Option<&'static str>), String> {
    let is_state = || {
        let samples = &mut family.samples.iter();
        samples.all(|sample| {
            let named = sample.labels.iter().any(|(label, _)| *label == family.name);
            named && (sample.value == 0.0 || is_one(sample.value))
        })
    };
    let is_info = || {
        let facts = family
            .samples
            .iter()
            .all(|sample| is_one(sample.value) && !sample.labels.is_empty());
        facts && family.name.ends_with("_info")
    };
    Ok(match family.kind {
        Type::Counter => ("counter", None),
        Type::Histogram => ("histogram", None),
        Type::StateSet => ("state", None),
        Type::Info => ("info", None),
        Type::Gauge | Type::Unknown if is_state() => ("state", None),
        Type::Gauge | Type::Unknown if is_info() => ("info", None),
        Type::Gauge => ("gauge", None),
        Type::Unknown if family.name.ends_with("_total") => (
            "counter",
            Some("The page does not say its type; by its name it is a counter."),
        ),
        Type::Unknown => ("gauge", Some("The page does not say its type.")),
        Type::Summary => (
            "histogram",
            Some(
                "It was a summary; a query gets the quantiles from a histogram. The bounds are a guess.",
            ),
        ),
        Type::GaugeHistogram => {
            return Err("there are no histograms here that go down".to_owned());
        }
    })
}

/// Such values are written, not computed.
fn is_one(value: f64) -> bool {
    value.to_bits() == 1.0_f64.to_bits()
}

fn unit(family: &Family, exposed: &str, kind: &str) -> Unit {
    if matches!(kind, "state" | "info") {
        return Unit::None;
    }
    let stem = exposed.strip_suffix("_total").unwrap_or(exposed);
    let last = stem.rsplit('_').next().unwrap_or_default();
    let named = Unit::NAMED
        .into_iter()
        .find(|unit| unit.name() == last || unit.name() == family.unit);
    let unit = named.unwrap_or(Unit::None);
    let shares = family
        .samples
        .iter()
        .all(|sample| (0.0..=1.0).contains(&sample.value));
    // What is called a ratio and is more than the whole cannot be recorded as one.
    if unit == Unit::Ratio && !shares {
        Unit::None
    } else {
        unit
    }
}

fn bounds(family: &Family) -> Vec<f64> {
    let mut bounds = Vec::new();
    for (label, value) in family.samples.iter().flat_map(|sample| &sample.labels) {
        if let Ok(bound) = value.parse::<f64>()
            && label == "le"
            && bound.is_finite()
            && !bounds.contains(&bound)
        {
            bounds.push(bound);
        }
    }
    bounds.sort_by(f64::total_cmp);
    if bounds.is_empty() {
        // A summary, or a histogram that was only counted.
        bounds = vec![0.001, 0.01, 0.1, 1.0, 10.0, 100.0];
        if unit(family, &family.name, "histogram") == Unit::Bytes {
            bounds = vec![64.0, 1024.0, 16_384.0, 262_144.0, 4_194_304.0];
        }
    }
    bounds
}

fn help(family: &Family) -> String {
    let help = family.help.split_whitespace().collect::<Vec<_>>().join(" ");
    match help.as_str() {
        "" => "Say what it measures.".to_owned(),
        help if sentence::ends(help) => help.to_owned(),
        help => format!("{help}."),
    }
}

/// Leaves out what the library exposes by itself.
pub(super) fn leave_out_own(metrics: &mut Vec<DraftMetric>, namespace: &str) {
    let own = [
        "metrics_label_overflow_total",
        "metrics_rejected_values_total",
    ];
    metrics.retain(|metric| {
        !own.iter()
            .any(|own| metric.exposed == format!("{namespace}_{own}"))
    });
}
