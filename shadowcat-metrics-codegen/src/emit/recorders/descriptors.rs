//! The statics: labels, bucket tables and the `Schema` that the runtime reads. They hold names and bounds, no values.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::{Context, ident, integer, position};
use crate::model::{
    BucketSet, BucketSetId, Kind, Label, LabelId, LabelValues, Measure, Metric, MetricId, Origin,
    OwnMetric, Registry, Unit,
};

pub(super) fn emit(context: &Context<'_>) -> TokenStream {
    let registry = context.registry;
    let alias = context.runtime_alias();
    let labels = (0..registry.labels.len()).map(|index| label_descriptor(registry, LabelId(index)));
    let buckets = used_buckets(registry);
    let buckets = buckets
        .iter()
        .map(|(set, unit)| buckets_descriptor(registry, *set, *unit));
    let families = registry
        .metrics
        .iter()
        .enumerate()
        .map(|(index, metric)| family(context, index, metric, &metric.exposed));
    let former = registry
        .metrics
        .iter()
        .enumerate()
        .filter_map(|(index, metric)| {
            let former = metric.former.as_ref()?;
            Some(family(context, index, metric, &former.name))
        });
    let open = open_labels(registry).map(|id| label_static(&registry.labels[id.0]));
    let namespace = &registry.namespace;
    let overflow = option(own_family(registry, OwnMetric::LabelOverflow));
    let rejected = option(own_family(registry, OwnMetric::RejectedValues));
    quote! {
        #[doc(hidden)]
        mod __shadowcat_metrics {
            #alias

            #(#labels)*
            #(#buckets)*

            pub(super) static SCHEMA: __rt::Schema = __rt::Schema {
                namespace: #namespace,
                families: &[#(#families),*],
                former_families: &[#(#former),*],
                open_labels: &[#(&#open),*],
                overflow_family: #overflow,
                rejected_family: #rejected,
            };
        }
    }
}

fn label_descriptor(registry: &Registry, id: LabelId) -> TokenStream {
    let label = &registry.labels[id.0];
    let place = label_static(label);
    let name = &label.name;
    let values = match &label.values {
        LabelValues::Closed(values) => {
            let values = values.iter().map(|value| &value.value);
            quote!(Closed(&[#(#values),*]))
        }
        LabelValues::Open { max, overflow } => {
            let index = open_index(registry, id);
            let max = integer(*max);
            quote!(Open { index: #index, max: #max, overflow: #overflow })
        }
    };
    let former = former_values(label)
        .map(|(position, former)| quote!(__rt::Former { position: #position, value: #former }));
    quote! {
        static #place: __rt::Label = __rt::Label {
            name: #name,
            values: __rt::Values::#values,
            former: &[#(#former),*],
        };
    }
}

/// Former values that a label is still exposed with, by the position of what they are now.
fn former_values(label: &Label) -> impl Iterator<Item = (Literal, &str)> {
    let values = match &label.values {
        LabelValues::Closed(values) => values.as_slice(),
        LabelValues::Open { .. } => &[],
    };
    values.iter().enumerate().filter_map(|(index, value)| {
        let former = value.former.as_ref()?;
        Some((position(index), &*former.name))
    })
}

fn label_static(label: &Label) -> Ident {
    let name = label.name.to_uppercase();
    match label.origin {
        Origin::Schema => format_ident!("LABEL_{name}"),
        Origin::Library => format_ident!("OWN_LABEL_{name}"),
    }
}

/// A metric under one of its names: all of them read the same pages.
fn family(context: &Context<'_>, index: usize, metric: &Metric, name: &str) -> TokenStream {
    let registry = context.registry;
    let help = &metric.help;
    let kind = kind(registry, metric);
    let unit = unit_variant(metric.unit);
    let labels = metric
        .series_labels()
        .iter()
        .map(|id| label_static(context.label(*id)));
    let first_page = integer(context.first_pages[index]);
    let rejected_index = option(rejected_index(registry, metric));
    quote! {
        __rt::Family {
            name: #name,
            help: #help,
            kind: __rt::Kind::#kind,
            unit: __rt::Unit::#unit,
            labels: &[#(&#labels),*],
            first_page: #first_page,
            rejected_index: #rejected_index,
        }
    }
}

fn kind(registry: &Registry, metric: &Metric) -> TokenStream {
    match &metric.kind {
        Kind::Counter { callback: false } => quote!(Counter),
        Kind::Counter { callback: true } => quote!(CallbackCounter),
        Kind::Gauge { callback: false } => quote!(Gauge),
        Kind::Gauge { callback: true } => quote!(CallbackGauge),
        Kind::UpDownCounter => quote!(UpDownCounter),
        Kind::Histogram { buckets } => {
            let table = buckets_static(registry, *buckets, metric.unit);
            quote!(Histogram(&#table))
        }
        Kind::State { states } => {
            let states = label_static(&registry.labels[states.0]);
            quote!(State(&#states))
        }
        Kind::Info => {
            let facts = metric.facts().iter().map(|id| &registry.labels[id.0].name);
            quote!(Info(&[#(#facts),*]))
        }
        Kind::Ratio {
            numerator,
            denominator,
        } => {
            let numerator = positions(numerator);
            let denominator = positions(denominator);
            quote!(Ratio { numerator: &[#(#numerator),*], denominator: &[#(#denominator),*] })
        }
    }
}

fn positions(metrics: &[MetricId]) -> Vec<Literal> {
    metrics.iter().map(|id| position(id.0)).collect()
}

fn unit_variant(unit: Unit) -> Ident {
    if unit == Unit::None {
        ident("None")
    } else {
        super::unit_type(unit)
    }
}

fn own_family(registry: &Registry, own: OwnMetric) -> Option<Literal> {
    registry
        .own_metrics
        .iter()
        .find(|(kind, _)| *kind == own)
        .map(|(_, id)| position(id.0))
}

/// The metric's place among the values of the label of the family that counts rejected values.
fn rejected_index(registry: &Registry, metric: &Metric) -> Option<Literal> {
    let (_, family) = registry
        .own_metrics
        .iter()
        .find(|(kind, _)| *kind == OwnMetric::RejectedValues)?;
    let label = registry.metrics[family.0].labels.first()?;
    match &registry.labels[label.0].values {
        LabelValues::Closed(values) => values
            .iter()
            .position(|value| value.value == metric.exposed)
            .map(position),
        LabelValues::Open { .. } => None,
    }
}

fn option(value: Option<Literal>) -> TokenStream {
    value.map_or_else(|| quote!(__rt::None), |value| quote!(__rt::Some(#value)))
}

fn open_labels(registry: &Registry) -> impl Iterator<Item = LabelId> {
    let open = |label: &Label| match label.values {
        LabelValues::Open { .. } => label.origin == Origin::Schema,
        LabelValues::Closed(_) => false,
    };
    (0..registry.labels.len())
        .map(LabelId)
        .filter(move |id| open(&registry.labels[id.0]))
}

/// The label's place in the schema's `open_labels`.
pub(super) fn open_index(registry: &Registry, label: LabelId) -> Literal {
    position(open_labels(registry).take_while(|id| *id != label).count())
}

/// A bucket set serves metrics of several units, and each scale has its own table.
fn used_buckets(registry: &Registry) -> Vec<(BucketSetId, Unit)> {
    let mut seen = BTreeSet::new();
    let histograms = registry
        .metrics
        .iter()
        .filter_map(|metric| Some((metric.bucket_set()?, metric.unit)));
    histograms
        .filter(|(set, unit)| seen.insert(buckets_static(registry, *set, *unit)))
        .collect()
}

/// How a histogram's values become integers to compare: this is all that a table depends on beside its bounds.
#[derive(Clone, Copy)]
enum Scale {
    Nanoseconds,
    Integers,
    Floats,
}

fn scale(unit: Unit) -> Scale {
    match unit.measure() {
        Measure::Duration => Scale::Nanoseconds,
        Measure::Size => Scale::Integers,
        Measure::Number | Measure::Float => Scale::Floats,
    }
}

/// `BUCKETS_LATENCY_NANOSECONDS`; sets written inside a metric are told apart by number.
pub(super) fn buckets_static(registry: &Registry, set: BucketSetId, unit: Unit) -> Ident {
    let scale = match scale(unit) {
        Scale::Nanoseconds => "NANOSECONDS",
        Scale::Integers => "INTEGERS",
        Scale::Floats => "FLOATS",
    };
    match &registry.bucket_sets[set.0].name {
        Some(name) => format_ident!("BUCKETS_{}_{scale}", name.to_uppercase()),
        None => format_ident!("BUCKETS_{}_{scale}", set.0),
    }
}

fn buckets_descriptor(registry: &Registry, id: BucketSetId, unit: Unit) -> TokenStream {
    let BucketSet { bounds, .. } = &registry.bucket_sets[id.0];
    let bounds = bounds.iter().map(|bound| Literal::f64_unsuffixed(*bound));
    let place = buckets_static(registry, id, unit);
    let constructor = ident(match scale(unit) {
        Scale::Nanoseconds => "nanoseconds",
        Scale::Integers => "integers",
        Scale::Floats => "floats",
    });
    quote! {
        pub(super) static #place: __rt::Buckets =
            __rt::Buckets::new(const { &__rt::BucketTable::#constructor([#(#bounds),*]) });
    }
}
