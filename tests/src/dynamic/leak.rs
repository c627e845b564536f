//! The descriptors that the macro would emit, made at run time and never freed.

use shadowcat_metrics::private as p;
use shadowcat_metrics_codegen::model::{
    Kind, LabelId, LabelValues, Measure, Metric, MetricId, Origin, OwnMetric, Registry, Unit,
};

use super::labels::{closed_values, series_labels};

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn leak_all<T>(values: impl IntoIterator<Item = T>) -> &'static [T] {
    Box::leak(values.into_iter().collect())
}

fn leak_text(text: &str) -> &'static str {
    Box::leak(text.into())
}

pub(super) fn schema(model: &Registry) -> &'static p::Schema {
    let mut open_labels = Vec::new();
    let mut labels = Vec::new();
    for label in &model.labels {
        let values = match &label.values {
            LabelValues::Closed(_) => p::Values::Closed(leak_all(
                closed_values(&label.values).into_iter().map(leak_text),
            )),
            LabelValues::Open { max, overflow } => p::Values::Open {
                index: position(open_labels.len()),
                max: *max,
                overflow: leak_text(overflow),
            },
        };
        let name = leak_text(&label.name);
        let former = leak_all(former_values(&label.values));
        let descriptor: &'static p::Label = leak(p::Label {
            name,
            values,
            former,
        });
        if matches!(descriptor.values, p::Values::Open { .. }) && label.origin == Origin::Schema {
            open_labels.push(descriptor);
        }
        labels.push(descriptor);
    }
    let mut first_page = 0;
    let mut former_families = Vec::new();
    let families = model.metrics.iter().map(|metric| {
        let labels_of = leak_all(series_labels(metric).iter().map(|label| labels[label.0]));
        let family = |name: &str| p::Family {
            name: leak_text(name),
            help: leak_text(&metric.help),
            kind: kind(model, metric, &labels),
            unit: unit(metric.unit),
            labels: labels_of,
            first_page,
            rejected_index: rejected_index(model, metric),
        };
        former_families.extend(metric.former.iter().map(|former| family(&former.name)));
        let family = family(&metric.exposed);
        first_page += pages(labels_of);
        family
    });
    let families = leak_all(families);
    let own = |own| {
        let mut metrics = model.own_metrics.iter();
        metrics
            .find(|(metric, _)| *metric == own)
            .map(|(_, id)| position(id.0))
    };
    leak(p::Schema {
        namespace: leak_text(&model.namespace),
        families,
        former_families: leak_all(former_families),
        open_labels: leak_all(open_labels),
        overflow_family: own(OwnMetric::LabelOverflow),
        rejected_family: own(OwnMetric::RejectedValues),
    })
}

fn former_values(values: &LabelValues) -> Vec<p::Former> {
    let values = match values {
        LabelValues::Closed(values) => values.as_slice(),
        LabelValues::Open { .. } => &[],
    };
    let former = (0..).zip(values).filter_map(|(position, value)| {
        let value = leak_text(&value.former.as_ref()?.name);
        Some(p::Former { position, value })
    });
    former.collect()
}

fn position(index: usize) -> u32 {
    u32::try_from(index).expect("a schema has few of anything")
}

fn pages(labels: &[&p::Label]) -> u32 {
    let slots = labels.iter().map(|label| match label.values {
        p::Values::Closed(_) => 1,
        p::Values::Open { max, .. } => max + 1,
    });
    slots.product()
}

fn rejected_index(model: &Registry, metric: &Metric) -> Option<u32> {
    let mut own = model.own_metrics.iter();
    let (_, family) = own.find(|(own, _)| *own == OwnMetric::RejectedValues)?;
    let LabelId(label) = model.metrics[family.0].labels[0];
    let mut names = closed_values(&model.labels[label].values).into_iter();
    names.position(|name| name == metric.exposed).map(position)
}

fn kind(model: &Registry, metric: &Metric, labels: &[&'static p::Label]) -> p::Kind {
    let positions = |metrics: &[MetricId]| leak_all(metrics.iter().map(|id| position(id.0)));
    match &metric.kind {
        Kind::Counter { callback: false } => p::Kind::Counter,
        Kind::Counter { callback: true } => p::Kind::CallbackCounter,
        Kind::Gauge { callback: false } => p::Kind::Gauge,
        Kind::Gauge { callback: true } => p::Kind::CallbackGauge,
        Kind::UpDownCounter => p::Kind::UpDownCounter,
        Kind::Histogram { buckets } => p::Kind::Histogram(leak(self::buckets(
            &model.bucket_sets[buckets.0].bounds,
            metric.unit,
        ))),
        Kind::State { states } => p::Kind::State(labels[states.0]),
        Kind::Info => {
            let facts = metric.labels[metric.group_labels..].iter();
            p::Kind::Info(leak_all(
                facts.map(|label| leak_text(&model.labels[label.0].name)),
            ))
        }
        Kind::Ratio {
            numerator,
            denominator,
        } => p::Kind::Ratio {
            numerator: positions(numerator),
            denominator: positions(denominator),
        },
    }
}

/// A table has its number of bounds in its type.
macro_rules! table {
    ($bounds:expr, $constructor:ident, $($count:literal)*) => {
        match $bounds.len() {
            $($count => {
                let bounds: [f64; $count] = $bounds.try_into().expect("the length is matched");
                p::Buckets::new(leak(p::BucketTable::$constructor(bounds)))
            })*
            count => unreachable!("random schemas have no histograms with {count} bounds"),
        }
    };
}

fn buckets(bounds: &[f64], unit: Unit) -> p::Buckets {
    match unit.measure() {
        Measure::Duration => table!(bounds, nanoseconds, 1 2 3 4 5 6 7 8),
        Measure::Size => table!(bounds, integers, 1 2 3 4 5 6 7 8),
        Measure::Number | Measure::Float => table!(bounds, floats, 1 2 3 4 5 6 7 8),
    }
}

fn unit(unit: Unit) -> p::Unit {
    match unit {
        Unit::None => p::Unit::None,
        Unit::Seconds => p::Unit::Seconds,
        Unit::Bytes => p::Unit::Bytes,
        Unit::Ratio => p::Unit::Ratio,
        Unit::Celsius => p::Unit::Celsius,
        Unit::Meters => p::Unit::Meters,
        Unit::Volts => p::Unit::Volts,
        Unit::Amperes => p::Unit::Amperes,
        Unit::Joules => p::Unit::Joules,
        Unit::Watts => p::Unit::Watts,
        Unit::Grams => p::Unit::Grams,
        Unit::Hertz => p::Unit::Hertz,
    }
}
