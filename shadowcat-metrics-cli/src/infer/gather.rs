//! Turns families into drafts of metrics: kind, unit, labels and bounds. Adds notes on anything that a schema cannot express.

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics_codegen::model::Unit;
use shadowcat_metrics_codegen::sentence;
use shadowcat_metrics_conformance::page::{Family, Format, Page, Sample, Type};

use super::native::native;
use super::{Draft, DraftMetric, Series, series_labels};

/// Returns a draft of every family that can be a metric, and adds a note for every other family.
pub(super) fn gather(page: &Page, notes: &mut Vec<String>) -> Vec<DraftMetric> {
    let mut drafts = Vec::new();
    for (place, family) in page.families.iter().enumerate() {
        match draft(place, page, notes) {
            Ok(draft) => drafts.push(draft),
            Err(reason) => notes.push(format!("`{}` is left out: {reason}", family.name)),
        }
    }
    drafts
}

fn draft(place: usize, page: &Page, notes: &mut Vec<String>) -> Result<DraftMetric, String> {
    let family = &page.families[place];
    if !family.has_values() {
        return Err("the page has its metadata, but no series of it".to_owned());
    }
    let (kind, remark) = kind(family, page.format)?;
    let exposed = match kind {
        // In OpenMetrics, only the samples have the full name.
        "counter" | "info" => {
            let values = family.samples.iter().filter(|it| !family.is_created(it));
            values
                .map(|sample| &sample.name)
                .next()
                .unwrap_or(&family.name)
        }
        _ => &family.name,
    };
    let states = (kind == "state").then(|| family.name.clone());
    if let Some(remark) = remark {
        let remark = remark.trim_end_matches('.');
        notes.push(format!(
            "`{exposed}` becomes a {kind}: {}",
            lowercase_first(remark)
        ));
    }
    if kind == "state" && !has_set_states(family) {
        notes.push(format!(
            "`{exposed}` has series of which no state is 1; a program sets one"
        ));
    }
    let (labels, optional) = labels(family, kind, exposed, notes);
    let bounds = match kind {
        "histogram" => bounds(family, notes),
        _ => Vec::new(),
    };
    Ok(DraftMetric {
        family: place,
        exposed: exposed.clone(),
        group: String::new(),
        key: String::new(),
        kind,
        unit: unit(family, exposed, kind),
        unit_lost: None,
        labels: labels
            .into_iter()
            .filter(|label| states.as_ref() != Some(label))
            .collect(),
        optional,
        sums: Vec::new(),
        has_exemplars: family.has_exemplars && matches!(kind, "counter" | "histogram"),
        values: Vec::new(),
        native: native(family, &bounds, notes),
        bounds,
        buckets: String::new(),
        states,
        help: help(family),
        remark,
        allow: BTreeSet::new(),
    })
}

/// Returns a family's labels in the order of the page, and those that some of its series lack.
fn labels(
    family: &Family,
    kind: &str,
    exposed: &str,
    notes: &mut Vec<String>,
) -> (Vec<String>, BTreeSet<String>) {
    let mut labels: Vec<(&str, usize)> = Vec::new();
    for sample in series_labels(family, kind) {
        // A page in protobuf may have a label twice in one sample.
        let mut counted = BTreeSet::new();
        for (label, value) in sample {
            // Prometheus treats an empty value as a missing label.
            if value.is_empty() || !counted.insert(label) {
                continue;
            }
            match labels.iter_mut().find(|(known, _)| *known == label) {
                Some((_, samples)) => *samples += 1,
                None => labels.push((label, 1)),
            }
        }
    }
    let lacking = labels
        .iter()
        .filter(|(_, samples)| *samples < family.samples.len());
    let lacking: BTreeSet<_> = lacking.map(|(label, _)| (*label).to_owned()).collect();
    let labels = labels.iter().map(|(label, _)| (*label).to_owned());
    let labels: Vec<_> = labels.collect();
    if kind != "info" {
        return (labels, lacking);
    }
    for label in &lacking {
        notes.push(format!(
            "the label `{label}` is missing or empty on some series of `{exposed}`; in the schema, every series has it, because facts cannot be optional"
        ));
    }
    (labels, BTreeSet::new())
}

fn kind(family: &Family, format: Format) -> Result<(&'static str, Option<&'static str>), String> {
    // OpenMetrics has types for states and infos, and derives counters from their type.
    let is_by_name = format != Format::OpenMetrics;
    let is_info = || {
        let mut samples = family.samples.iter();
        family.name.ends_with("_info")
            && samples.all(|sample| is(sample.value, 1.0) && !sample.labels.is_empty())
            && has_one_set_of_labels(family)
    };
    let gauge_kind = || {
        if is_by_name && is_state(family) {
            "state"
        } else if is_by_name && is_info() {
            "info"
        } else {
            "gauge"
        }
    };
    Ok(match family.kind {
        Type::Counter => ("counter", None),
        Type::Histogram => ("histogram", None),
        Type::StateSet => ("state", None),
        Type::Info => ("info", None),
        Type::Gauge => (gauge_kind(), None),
        Type::Unknown => match gauge_kind() {
            "gauge" if is_by_name && family.name.ends_with("_total") => (
                "counter",
                Some("The page does not state its type; its name suggests a counter."),
            ),
            kind => (kind, Some("The page does not state its type.")),
        },
        Type::Summary => (
            "histogram",
            Some(
                "It was a summary. Queries compute quantiles from the histogram. The bounds are a guess.",
            ),
        ),
        Type::GaugeHistogram => {
            return Err("a schema has no histograms that go down".to_owned());
        }
    })
}

/// Returns whether all samples have the same labels. Prometheus treats an empty value as a missing label.
fn has_one_set_of_labels(family: &Family) -> bool {
    let sets = family.samples.iter().map(|sample| {
        let labels = sample.labels.iter().filter(|(_, value)| !value.is_empty());
        labels
            .map(|(name, _)| name.as_str())
            .collect::<BTreeSet<_>>()
    });
    sets.collect::<BTreeSet<_>>().len() <= 1
}

/// Compares exactly: such values are written, not computed.
fn is(value: f64, other: f64) -> bool {
    value.total_cmp(&other).is_eq()
}

/// Returns the labels of a sample, except one.
fn labels_without<'s>(sample: &'s Sample, except: &str) -> Series<'s> {
    let labels = sample.labels.iter().filter(|(name, _)| name != except);
    labels
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// Returns a state set's values by state, for each combination of the other labels.
fn states(family: &Family) -> Option<Vec<BTreeMap<&str, f64>>> {
    let mut states: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for sample in &family.samples {
        let state = sample
            .label(&family.name)
            .filter(|state| !state.is_empty())?;
        let states = states.entry(labels_without(sample, &family.name));
        states.or_default().insert(state, sample.value);
    }
    Some(states.into_values().collect())
}

/// Returns whether a gauge is a state set: each combination of the other labels has all states, and at most one of them is 1.
fn is_state(family: &Family) -> bool {
    let Some(states) = states(family) else {
        return false;
    };
    let names: BTreeSet<_> = states.iter().flat_map(BTreeMap::keys).collect();
    names.len() > 1
        && states.iter().all(|states| {
            let set = states.values().filter(|value| is(**value, 1.0)).count();
            let unset = states.values().filter(|value| is(**value, 0.0)).count();
            states.len() == names.len() && set <= 1 && set + unset == states.len()
        })
}

fn has_set_states(family: &Family) -> bool {
    let states = states(family).unwrap_or_default();
    states
        .iter()
        .all(|states| states.values().any(|value| is(*value, 1.0)))
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
        .all(|sample| sample.value.is_nan() || (0.0..=1.0).contains(&sample.value));
    // A value over 1 cannot be a ratio. A ratio with a zero denominator is NaN.
    if unit == Unit::Ratio && !shares {
        Unit::None
    } else {
        unit
    }
}

fn bounds(family: &Family, notes: &mut Vec<String>) -> Vec<f64> {
    let mut series: BTreeMap<Series<'_>, BTreeSet<&str>> = BTreeMap::new();
    let mut bounds = BTreeSet::new();
    for sample in &family.samples {
        let Some(bound) = sample.label("le") else {
            continue;
        };
        let series = series.entry(labels_without(sample, "le"));
        series.or_default().insert(bound);
        bounds.insert(bound);
    }
    if series.values().any(|own| own.len() != bounds.len()) {
        let name = &family.name;
        notes.push(format!(
            "the series of `{name}` have different buckets; the schema has all of them"
        ));
    }
    let bounds = bounds.iter().filter_map(|bound| bound.parse::<f64>().ok());
    let mut bounds: Vec<_> = bounds.filter(|bound| bound.is_finite()).collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    if bounds.is_empty() {
        if family.kind == Type::Histogram {
            notes.push(format!(
                "`{}` has no bucket but `+Inf`; the bounds are a guess",
                family.name
            ));
        }
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

/// Removes the metrics that the library itself exposes.
pub(super) fn leave_out_own(metrics: &mut Vec<DraftMetric>, namespace: &str) {
    let own = [
        "metrics_label_overflow_total",
        "metrics_rejected_values_total",
    ];
    metrics.retain(|metric| {
        let name = metric.exposed.strip_prefix(namespace);
        let name = name.and_then(|name| name.strip_prefix('_'));
        !name.is_some_and(|name| own.contains(&name))
    });
}

/// Adds a note for each difference between the page's metadata and that of the schema's metrics.
pub(super) fn note_differences(draft: &mut Draft, page: &Page) {
    let mut helps = 0;
    for metric in &draft.metrics {
        let family = &page.families[metric.family];
        helps += usize::from(metric.help != family.help);
        let has_unit = !family.unit.is_empty() && page.format != Format::Text;
        if has_unit && family.unit != metric.unit.name() && metric.unit_lost.is_none() {
            let unit = &family.unit;
            let name = &metric.exposed;
            let is_known = Unit::NAMED.iter().any(|known| known.name() == unit);
            let reason = match &*family.unit {
                "ratio" => "it has values outside of 0 to 1",
                _ if is_known => "its kind has no unit",
                _ => "the language lacks it",
            };
            draft
                .notes
                .push(format!("`{name}` loses its unit `{unit}`: {reason}"));
        }
        if let Some(reason) = &metric.unit_lost {
            draft
                .notes
                .push(format!("`{}` loses its unit: {reason}", metric.exposed));
        }
    }
    for label in draft.labels.iter().filter(|label| label.has_no_reserve) {
        let is_used = draft
            .metrics
            .iter()
            .any(|metric| metric.labels.contains(&label.name));
        if is_used && !label.closed {
            draft.notes.push(format!(
                "the open label `{}` allows only the {} on the page, because more would exceed the series budget",
                label.called,
                sentence::count(label.seen.len(), "value")
            ));
        }
    }
    if helps > 0 {
        draft.notes.push(format!(
            "the help of {helps} of {} was missing, or not a sentence with a period",
            sentence::count(draft.metrics.len(), "metric")
        ));
    }
}

fn lowercase_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}
