//! The descriptors as Rust: a static for each label and bucket table, and the `Schema` that refers to them.

use std::fmt::Display;

use super::descriptors::{Buckets, Descriptors, Family, Scale, Values};
use super::native::{Cells, Lookup};
use super::{Context, list, strings};
use crate::model::{LabelId, Origin};

pub(super) fn emit(context: &Context<'_>) -> String {
    let alias = context.runtime_alias();
    let Descriptors {
        namespace,
        labels,
        buckets,
        families,
        first_families: _,
        former_families,
        open_labels,
        overflow_family,
        rejected_family,
    } = &context.descriptors;
    let mut statics = String::new();
    for index in 0..labels.len() {
        statics += &label_descriptor(context, index);
    }
    for (index, buckets) in buckets.iter().enumerate() {
        statics += &buckets_descriptor(context, index, buckets);
    }
    let families = list(families.iter().map(|it| family(context, it)));
    let former = list(former_families.iter().map(|it| family(context, it)));
    let open = open_labels.iter().map(|id| label_static(context, *id));
    let open = list(open.map(|place| format!("&{place}")));
    let overflow = option(*overflow_family);
    let rejected = option(*rejected_family);
    format!(
        "#[doc(hidden)]
        mod __shadowcat_metrics {{
            {alias}
            {statics}

            pub(super) static SCHEMA: __rt::Schema = __rt::Schema {{
                namespace: {namespace:?},
                families: &[{families}],
                former_families: &[{former}],
                open_labels: &[{open}],
                overflow_family: {overflow},
                rejected_family: {rejected},
            }};
        }}
        "
    )
}

fn label_descriptor(context: &Context<'_>, index: usize) -> String {
    let label = &context.descriptors.labels[index];
    let place = label_use(context, index);
    let name = label.name;
    let otel_name = label.otel_name;
    let values = match &label.values {
        Values::Closed(values) => format!("Closed(&[{}])", strings(values)),
        Values::Open {
            index,
            max,
            overflow,
        } => format!("Open {{ index: {index}, max: {max}, overflow: {overflow:?} }}"),
    };
    let choices = label.choices();
    let optional = label.optional;
    let former = label.former.iter().map(|(position, value)| {
        format!("__rt::Former {{ position: {position}, value: {value:?} }}")
    });
    let former = list(former);
    format!(
        "static {place}: __rt::Label = __rt::Label {{
            name: {name:?},
            otel_name: {otel_name:?},
            values: __rt::Values::{values},
            choices: {choices},
            optional: {optional},
            former: &[{former}],
        }};
        "
    )
}

/// Returns the static of a label, given by its index in the descriptors.
fn label_use(context: &Context<'_>, index: usize) -> String {
    if index < context.registry.labels.len() {
        return label_static(context, LabelId(index));
    }
    let label = &context.descriptors.labels[index];
    let name = label.key.to_uppercase();
    if label.optional {
        format!("OPTIONAL_{name}")
    } else {
        format!("SOME_{name}_{index}")
    }
}

fn label_static(context: &Context<'_>, id: LabelId) -> String {
    let label = context.label(id);
    let name = label.key.to_uppercase();
    match label.origin {
        Origin::Schema => format!("LABEL_{name}"),
        Origin::Library => format!("OWN_LABEL_{name}"),
    }
}

fn family(context: &Context<'_>, family: &Family<'_>) -> String {
    let Family {
        metric,
        name,
        labels,
        continues,
        numerator: _,
        denominator: _,
        encoding,
        buckets: _,
        unit,
        otel_name,
        otel_unit,
        first_slab,
        slabs,
        series,
        rejected_index,
        text_metadata,
        open_metrics_metadata,
        created,
        exemplars,
    } = family;
    let help = &metric.help;
    let kind = kind(context, family);
    let labels = labels.iter().map(|index| label_use(context, *index));
    let labels = list(labels.map(|place| format!("&{place}")));
    let rejected_index = option(*rejected_index);
    let created = option(created.as_ref().map(|name| format!("{name:?}")));
    format!(
        "__rt::Family {{
            name: {name:?},
            help: {help:?},
            kind: __rt::Kind::{kind},
            encoding: __rt::Encoding::{encoding:?},
            unit: {unit:?},
            otel_name: {otel_name:?},
            otel_unit: {otel_unit:?},
            labels: &[{labels}],
            continues: {continues},
            first_slab: {first_slab},
            slabs: {slabs},
            series: {series},
            rejected_index: {rejected_index},
            text_metadata: {text_metadata:?},
            open_metrics_metadata: {open_metrics_metadata:?},
            created: {created},
            exemplars: {exemplars},
        }}"
    )
}

/// Returns the variant of the runtime's `Kind`, with the data that the kind's row requires.
fn kind(context: &Context<'_>, family: &Family<'_>) -> String {
    let spec = family.metric.kind.spec();
    let variant = spec.runtime;
    if let Some(index) = family.buckets {
        return format!("{variant}(&{})", buckets_static(context, index));
    }
    if let Some(id) = spec.states {
        return format!("{variant}(&{})", label_static(context, id));
    }
    if spec.has_facts {
        let facts = family.metric.facts().iter();
        let facts: Vec<_> = facts.map(|id| &*context.label(*id).name).collect();
        return format!("{variant}(&[{}])", strings(&facts));
    }
    if spec.operands.is_some() {
        let numerator = list(&family.numerator);
        let denominator = list(&family.denominator);
        return format!("{variant} {{ numerator: &[{numerator}], denominator: &[{denominator}] }}");
    }
    variant.to_owned()
}

fn option(value: Option<impl Display>) -> String {
    match value {
        Some(value) => format!("__rt::Some({value})"),
        None => "__rt::None".to_owned(),
    }
}

/// Returns the name of the static with the bounds at a position: `BUCKETS_LATENCY_NANOSECONDS`. Inline sets
/// have a number, and so have sets with native buckets.
pub(super) fn buckets_static(context: &Context<'_>, index: usize) -> String {
    let buckets = &context.descriptors.buckets[index];
    let scale = constructor(buckets.scale).to_uppercase();
    let name = match &context.registry.bucket_sets[buckets.set.0].name {
        Some(name) => format!("BUCKETS_{}_{scale}", name.to_uppercase()),
        None => format!("BUCKETS_{}_{scale}", buckets.set.0),
    };
    match buckets.native {
        Some(_) => format!("{name}_{index}"),
        None => name,
    }
}

/// Returns the name of the static with the cells of native buckets at a position.
pub(super) fn native_static(context: &Context<'_>, index: usize) -> Option<String> {
    let has_native = context.descriptors.buckets[index].native.is_some();
    has_native.then(|| format!("NATIVE_{index}"))
}

const fn constructor(scale: Scale) -> &'static str {
    match scale {
        Scale::Nanoseconds => "nanoseconds",
        Scale::Integers => "integers",
        Scale::Floats => "floats",
    }
}

fn buckets_descriptor(context: &Context<'_>, index: usize, buckets: &Buckets<'_>) -> String {
    let bounds = list(buckets.bounds.iter().map(|bound| format!("{bound:?}")));
    let le = list(buckets.le.iter().map(|le| format!("{le:?}")));
    let place = buckets_static(context, index);
    let constructor = constructor(buckets.scale);
    let (cells, with_native) = match (&buckets.native, native_static(context, index)) {
        (Some((_, cells)), Some(native)) => (
            native_descriptor(&native, cells),
            format!(".with_native(&{native})"),
        ),
        _ => (String::new(), String::new()),
    };
    format!(
        "{cells}
        pub(super) static {place}: __rt::Buckets = __rt::Buckets::new(
            const {{ &__rt::BucketTable::{constructor}([{bounds}]) }},
            &[{le}],
        ){with_native};
        "
    )
}

fn native_descriptor(place: &str, cells: &Cells) -> String {
    let Cells {
        schema,
        zero_threshold,
        first,
        keys,
        classic,
        native,
        lookup,
    } = cells;
    let Lookup {
        shift,
        base,
        slots,
        widest,
    } = lookup;
    let (keys, native, slots) = (list(keys), list(native), list(slots));
    // One token instead of one for each byte.
    let classic = classic.escape_ascii();
    format!(
        "pub(super) static {place}: __rt::Native = __rt::Native {{
            schema: {schema},
            zero_threshold: {zero_threshold:?},
            first: {first},
            keys: &[{keys}],
            classic: b\"{classic}\",
            native: &[{native}],
            shift: {shift},
            base: {base},
            slots: &[{slots}],
            widest: {widest},
        }};
        "
    )
}
