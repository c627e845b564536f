//! Creates the descriptors at run time that the macro would emit. They are never freed.

use shadowcat_metrics::private as p;
use shadowcat_metrics_codegen::emit::recorders::descriptors::{
    Buckets, Descriptors, Family, Scale, Values,
};
use shadowcat_metrics_codegen::emit::recorders::native::Cells;
use shadowcat_metrics_codegen::model::{Encoding, Kind, LabelId, Registry};

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn leak_all<T>(values: impl IntoIterator<Item = T>) -> &'static [T] {
    Box::leak(values.into_iter().collect())
}

fn leak_text(text: &str) -> &'static str {
    Box::leak(text.into())
}

/// The data that families refer to.
struct Leaked {
    labels: Vec<&'static p::Label>,
    buckets: Vec<&'static p::Buckets>,
}

pub(super) fn schema(model: &Registry) -> &'static p::Schema {
    let descriptors = Descriptors::of(model);
    let labels = descriptors.labels.iter().map(|label| {
        let former = label.former.iter().map(|(position, value)| p::Former {
            position: *position,
            value: leak_text(value),
        });
        let values = match &label.values {
            Values::Closed(values) => {
                p::Values::Closed(leak_all(values.iter().map(|value| leak_text(value))))
            }
            Values::Open {
                index,
                max,
                overflow,
            } => p::Values::Open {
                index: *index,
                max: *max,
                overflow: leak_text(overflow),
            },
        };
        leak(p::Label {
            name: leak_text(label.name),
            otel_name: leak_text(label.otel_name),
            values,
            choices: label.choices(),
            optional: label.optional,
            former: leak_all(former),
        })
    });
    let leaked = Leaked {
        labels: labels.collect(),
        buckets: descriptors.buckets.iter().map(buckets).collect(),
    };
    let families =
        |families: &[Family<'_>]| leak_all(families.iter().map(|it| leaked.family(model, it)));
    leak(p::Schema {
        namespace: leak_text(descriptors.namespace),
        families: families(&descriptors.families),
        former_families: families(&descriptors.former_families),
        open_labels: leak_all(descriptors.open_labels.iter().map(|id| leaked.label(*id))),
        overflow_family: descriptors.overflow_family,
        rejected_family: descriptors.rejected_family,
    })
}

impl Leaked {
    fn label(&self, id: LabelId) -> &'static p::Label {
        self.labels[id.0]
    }

    fn family(&self, model: &Registry, family: &Family<'_>) -> p::Family {
        let labels = family.labels.iter();
        p::Family {
            name: leak_text(family.name),
            help: leak_text(&family.metric.help),
            kind: self.kind(model, family),
            encoding: match family.metric.encoding() {
                Encoding::Unsigned => p::Encoding::Unsigned,
                Encoding::Signed => p::Encoding::Signed,
                Encoding::Nanoseconds => p::Encoding::Nanoseconds,
                Encoding::Float => p::Encoding::Float,
            },
            unit: family.unit,
            otel_name: leak_text(&family.otel_name),
            otel_unit: family.metric.unit.ucum(),
            labels: leak_all(labels.map(|index| self.labels[*index])),
            continues: family.continues,
            first_slab: family.first_slab,
            slabs: family.slabs,
            series: family.series as usize,
            fixed: family.fixed,
            rejected_index: family.rejected_index,
            text_metadata: leak_text(&family.text_metadata),
            open_metrics_metadata: leak_text(&family.open_metrics_metadata),
            sample_names: leak_all(family.sample_names.iter().map(|name| leak_text(name))),
            created: family.created.as_deref().map(leak_text),
            exemplars: family.exemplars(),
        }
    }

    fn kind(&self, model: &Registry, family: &Family<'_>) -> p::Kind {
        match &family.metric.kind {
            Kind::Counter { callback: false } => p::Kind::Counter,
            Kind::Counter { callback: true } => p::Kind::CallbackCounter,
            Kind::Gauge { callback: false } => p::Kind::Gauge,
            Kind::Gauge { callback: true } => p::Kind::CallbackGauge,
            Kind::UpDownCounter => p::Kind::UpDownCounter,
            Kind::Histogram { .. } => {
                p::Kind::Histogram(self.buckets[family.buckets.expect("a histogram has bounds")])
            }
            Kind::State { states } => p::Kind::State(self.label(*states)),
            Kind::Info => {
                let facts = family.metric.facts().iter();
                let names = facts.map(|fact| leak_text(&model.labels[fact.0].name));
                p::Kind::Info(leak_all(names))
            }
            Kind::Ratio { .. } => p::Kind::Ratio {
                numerator: leak_all(family.numerator.iter().copied()),
                denominator: leak_all(family.denominator.iter().copied()),
            },
        }
    }
}

/// The number of bounds is part of a table's type.
macro_rules! table {
    ($buckets:expr, $constructor:ident, $($count:literal)*) => {
        match $buckets.bounds.len() {
            $($count => {
                let bounds: [f64; $count] =
                    $buckets.bounds.try_into().expect("the length is matched");
                let le = leak_all($buckets.le.iter().map(|le| leak_text(le)));
                let made = p::Buckets::new(leak(p::BucketTable::$constructor(bounds)), le);
                let native = $buckets.native.as_ref().map(|(_, cells)| native(cells));
                leak(native.map_or(made, |native| made.with_native(native)))
            })*
            count => unreachable!("random schemas have no histograms with {count} bounds"),
        }
    };
}

fn buckets(buckets: &Buckets<'_>) -> &'static p::Buckets {
    match buckets.scale {
        Scale::Nanoseconds => table!(buckets, nanoseconds, 1 2 3 4 5 6 7 8),
        Scale::Integers => table!(buckets, integers, 1 2 3 4 5 6 7 8),
        Scale::Floats => table!(buckets, floats, 1 2 3 4 5 6 7 8),
    }
}

fn native(cells: &Cells) -> &'static p::Native {
    leak(p::Native {
        schema: cells.schema,
        zero_threshold: cells.zero_threshold,
        first: cells.first,
        keys: leak_all(cells.keys.iter().copied()),
        classic: leak_all(cells.classic.iter().copied()),
        native: leak_all(cells.native.iter().copied()),
        shift: cells.lookup.shift,
        base: cells.lookup.base,
        slots: leak_all(cells.lookup.slots.iter().copied()),
        widest: cells.lookup.widest,
    })
}
