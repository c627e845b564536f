//! The descriptors as Rust: a static for each label and bucket table, and the `Schema` that refers to them.

use std::fmt::{self, Debug, Display};

use super::Context;
use super::descriptors::{Buckets, Family, Scale, Values};
use super::native::Cells;
use crate::model::{LabelId, Origin};

/// Code, to be written as it is.
struct Code(String);

impl Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes a struct of the runtime. The debug format of each value is its code.
macro_rules! literal {
    ($name:ident { $($field:ident: $value:expr,)* }) => {
        [
            concat!("__rt::", stringify!($name), " {"),
            $(&format!(concat!(stringify!($field), ": {:?}, "), $value),)*
            "}",
        ]
        .concat()
    };
}

fn slice(items: &dyn Debug) -> Code {
    Code(format!("&{items:?}"))
}

fn option(value: Option<impl Display>) -> Code {
    Code(match value {
        Some(value) => format!("__rt::Some({value})"),
        None => "__rt::None".to_owned(),
    })
}

pub(super) fn emit(context: &Context<'_>) -> String {
    let alias = context.runtime_alias();
    let descriptors = &context.descriptors;
    let mut statics = String::new();
    for index in 0..descriptors.labels.len() {
        statics += &label_descriptor(context, index);
    }
    for (index, buckets) in descriptors.buckets.iter().enumerate() {
        statics += &buckets_descriptor(context, index, buckets);
    }
    let families = |families: &[Family<'_>]| {
        let mut code = Vec::new();
        for it in families {
            code.push(Code(family(context, it)));
        }
        slice(&code)
    };
    let mut open = Vec::new();
    for id in &descriptors.open_labels {
        open.push(Code(format!("&{}", label_static(context, *id))));
    }
    let schema = literal!(Schema {
        namespace: descriptors.namespace,
        families: families(&descriptors.families),
        former_families: families(&descriptors.former_families),
        open_labels: slice(&open),
        overflow_family: option(descriptors.overflow_family),
        rejected_family: option(descriptors.rejected_family),
    });
    format!(
        "#[doc(hidden)]
        mod __shadowcat_metrics {{
            {alias}
            {statics}

            pub(super) static SCHEMA: __rt::Schema = {schema};
        }}
        "
    )
}

fn label_descriptor(context: &Context<'_>, index: usize) -> String {
    let label = &context.descriptors.labels[index];
    let place = label_use(context, index);
    let values = match &label.values {
        Values::Closed(values) => format!("Closed(&{values:?})"),
        Values::Open {
            index,
            max,
            overflow,
        } => format!("Open {{ index: {index}, max: {max}, overflow: {overflow:?} }}"),
    };
    let mut former = Vec::new();
    for (position, value) in &label.former {
        former.push(Code(literal!(Former {
            position: position,
            value: value,
        })));
    }
    let label = literal!(Label {
        name: label.name,
        otel_name: label.otel_name,
        values: Code(format!("__rt::Values::{values}")),
        choices: label.choices(),
        optional: label.optional,
        former: slice(&former),
    });
    format!("static {place}: __rt::Label = {label};\n")
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
    let mut labels = Vec::new();
    for index in &family.labels {
        labels.push(Code(format!("&{}", label_use(context, *index))));
    }
    literal!(Family {
        name: family.name,
        help: family.metric.help,
        kind: Code(format!("__rt::Kind::{}", kind(context, family))),
        encoding: Code(format!("__rt::Encoding::{:?}", family.metric.encoding())),
        unit: family.unit,
        otel_name: family.otel_name,
        otel_unit: family.metric.unit.ucum(),
        labels: slice(&labels),
        continues: family.continues,
        first_slab: family.first_slab,
        slabs: family.slabs,
        series: family.series,
        fixed: family.fixed,
        rejected_index: option(family.rejected_index),
        text_metadata: family.text_metadata,
        open_metrics_metadata: family.open_metrics_metadata,
        sample_names: slice(&family.sample_names),
        created: option(family.created.as_ref().map(|name| format!("{name:?}"))),
        exemplars: family.exemplars(),
    })
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
        let facts = context.registry.label_names(family.metric.facts());
        return format!("{variant}(&{facts:?})");
    }
    if spec.operands.is_some() {
        let (numerator, denominator) = (&family.numerator, &family.denominator);
        return format!("{variant} {{ numerator: &{numerator:?}, denominator: &{denominator:?} }}");
    }
    variant.to_owned()
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
    let (bounds, le) = (buckets.bounds, &buckets.le);
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
            const {{ &__rt::BucketTable::{constructor}({bounds:?}) }},
            &{le:?},
        ){with_native};
        "
    )
}

fn native_descriptor(place: &str, cells: &Cells) -> String {
    let native = literal!(Native {
        schema: cells.schema,
        zero_threshold: cells.zero_threshold,
        first: cells.first,
        keys: slice(&cells.keys),
        // One token instead of one for each byte.
        classic: Code(format!("b\"{}\"", cells.classic.escape_ascii())),
        native: slice(&cells.native),
        shift: cells.lookup.shift,
        base: cells.lookup.base,
        slots: slice(&cells.lookup.slots),
        widest: cells.lookup.widest,
    });
    format!("pub(super) static {place}: __rt::Native = {native};\n")
}
