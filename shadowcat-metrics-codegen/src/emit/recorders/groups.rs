//! One group: its recorder and its snapshot. Each is a struct that binds the group's labels, with a method for each metric.

use super::descriptors::Values;
use super::uses::Use;
use super::{Context, docs, label_type, recorder_type, snapshot_type, statics, sums, unit_type};
use crate::lint::metric_path;
use crate::model::{
    Argument, Encoding, Group, LabelId, LabelValues, Metric, MetricId, Part, PartLabel, Storage,
};

/// Whether generated code records values or reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Record,
    Read,
}

pub(super) fn emit(context: &Context<'_>, index: usize, group: &Group) -> String {
    let (recorder, snapshot) = (recorder_type(group), snapshot_type(group));
    let recorder_doc = docs::recorder(context.registry, group);
    let snapshot_doc = docs::snapshot(group);
    let mut labels = group.labels.clone();
    labels.retain(|id| context.registry.is_open(*id));
    let open = match labels.len() {
        0 => String::new(),
        open => format!("<{open}>"),
    };
    let part = match context.group_parts(index).len() {
        1 => "",
        _ => "part: u32,",
    };
    let (mut record, mut read) = (String::new(), String::new());
    for (index, metric) in context.metrics_of(index) {
        record += &record_method(context, index, group, metric);
        read += &read_method(context, index, metric);
    }
    format!(
        "{recorder_doc}
        #[derive(Clone, Debug)]
        pub struct {recorder} {{
            binding: __rt::Binding{open},
            {part}
        }}

        impl {recorder} {{
            {record}
        }}

        {snapshot_doc}
        #[derive(Clone, Debug)]
        pub struct {snapshot}<'a> {{
            binding: __rt::SnapshotBinding<'a>,
            {part}
        }}

        impl {snapshot}<'_> {{
            {read}
        }}
        "
    )
}

/// `Metrics::buffer_pool(pool)`, or `Snapshot::buffer_pool(pool)`.
pub(super) fn constructor(
    context: &Context<'_>,
    index: usize,
    group: &Group,
    access: Access,
) -> String {
    let (doc, ty, lifetime) = match access {
        Access::Record => {
            let doc = docs::constructor(context.registry, group);
            (doc, recorder_type(group), "")
        }
        Access::Read => (
            docs::snapshot_constructor(group),
            snapshot_type(group),
            "<'_>",
        ),
    };
    let method = Method {
        context,
        access,
        arguments: group.arguments(),
        optional: &group.optional,
        lifetime: "",
    };
    let has_parts = context.group_parts(index).len() > 1;
    let body = method.places(&|part, bound| {
        let binding = match access {
            Access::Record => {
                let start = starting_families(context, index, part);
                format!("__rt::Binding::new(&self.registry){bound}{start}")
            }
            Access::Read => format!("self.0.bind(){bound}"),
        };
        let part = if has_parts {
            format!(", part: {part}")
        } else {
            String::new()
        };
        format!("{ty} {{ binding: {binding}{part} }}")
    });
    let signature = method.signature(&group.name);
    format!(
        "{doc}
        #[must_use]
        {signature} -> {ty}{lifetime} {{
            {body}
        }}
        "
    )
}

/// Returns the call that starts the families at zero that have no open labels but those of the recorder.
fn starting_families(context: &Context<'_>, group: usize, part: usize) -> String {
    let parts = context.group_parts(group);
    let open = |part: &Part| {
        let is_open = |label: &&PartLabel| context.registry.is_open(label.id);
        part.labels.iter().filter(is_open).count()
    };
    let bound = open(&parts[part]);
    if bound == 0 {
        return String::new();
    }
    let mut starting = Vec::new();
    for (index, metric) in context.metrics_of(group) {
        let all = context.registry.parts(metric);
        let own = all.len() / parts.len();
        let first = context.descriptors.first_families[index];
        let first = first + part * own;
        for (place, family) in all[part * own..][..own].iter().enumerate() {
            if open(family) == bound {
                starting.push(first + place);
            }
        }
    }
    format!(".start(&{starting:?})")
}

fn record_method(context: &Context<'_>, index: usize, group: &Group, metric: &Metric) -> String {
    let registry = context.registry;
    let spec = metric.kind.spec();
    if spec.storage == Storage::Derived {
        // The value is computed at each scrape, so there is nothing to record.
        return String::new();
    }
    let arguments = metric.own_arguments();
    // If an argument is an open label, the handle borrows both the recorder and the label value.
    let borrows = |argument: &Argument| sums::borrows(registry, *argument);
    let lifetime = if arguments.iter().any(borrows) {
        "'a"
    } else {
        ""
    };
    let is_sum = |argument: &Argument| matches!(argument, Argument::Sum(_));
    let resolved = if arguments.iter().any(is_sum) {
        ".resolved()"
    } else {
        ""
    };
    let method = Method {
        context,
        access: Access::Record,
        arguments,
        optional: &metric.optional,
        lifetime,
    };
    let start = if group.labels.is_empty() {
        "unlabeled"
    } else {
        "at"
    };
    let first = context.descriptors.first_families[index];
    let family = &context.descriptors.families[first];
    let fixed = match family.fixed {
        0 => String::new(),
        fixed => format!(".fixed({fixed})"),
    };
    let place = method.places(&|part, bound| {
        let first_slab = context.first_slab(index, part);
        format!("self.binding.{start}({first_slab}){fixed}{bound}{resolved}")
    });
    let buckets = family.buckets;
    let native = buckets.and_then(|buckets| statics::native_static(context, buckets));
    let new = if metric.exemplars {
        "with_exemplars"
    } else {
        "new"
    };
    let further = match (&native, metric.exemplars) {
        (Some(_), true) => ", __rt::WithExemplars, __rt::Native",
        (Some(_), false) => ", __rt::NoExemplars, __rt::Native",
        (None, true) => ", __rt::WithExemplars",
        (None, false) => "",
    };
    let type_parameter = if let Some(states) = spec.states {
        format!("labels::{}", label_type(context.label(states)))
    } else if spec.has_facts {
        metric.facts().len().to_string()
    } else {
        format!("__rt::{}", unit_type(metric.unit))
    };
    let table = native.or(buckets.map(|buckets| statics::buckets_static(context, buckets)));
    let buckets = match table {
        Some(table) => format!(", &__shadowcat_metrics::{table}"),
        None => String::new(),
    };
    let handle = spec.runtime;
    let doc = docs::metric(registry, metric);
    let deprecated = context.deprecated(
        Use::Metric(MetricId(index)),
        metric.deprecated.as_ref(),
        |id| metric_path(registry, &registry.metrics[id.0]),
    );
    let signature = method.signature(&metric.key);
    let lifetime = method.lifetime_or_elided();
    format!(
        "{doc}
        {deprecated}
        #[inline]
        {signature} -> __rt::{handle}<{lifetime}, {type_parameter}{further}> {{
            __rt::{handle}::{new}({place}{buckets})
        }}
        "
    )
}

fn read_method(context: &Context<'_>, index: usize, metric: &Metric) -> String {
    let method = Method {
        context,
        access: Access::Read,
        arguments: metric.own_arguments(),
        optional: &metric.optional,
        lifetime: "",
    };
    let place = method.places(&|part, bound| {
        let first_slab = context.first_slab(index, part);
        format!("self.binding.at({first_slab}){bound}")
    });
    let (result, read) = value(context, metric);
    let doc = docs::read_method(metric);
    let signature = method.signature(&metric.key);
    format!(
        "{doc}
        #[must_use]
        {signature} -> {result} {{
            {place}.{read}()
        }}
        "
    )
}

/// Returns the type of a metric's values in snapshots, and the method that reads one.
fn value(context: &Context<'_>, metric: &Metric) -> (String, String) {
    let spec = metric.kind.spec();
    if let Some(states) = spec.states {
        let states = format!("labels::{}", label_type(context.label(states)));
        return (optional(&states), format!("state::<{states}>"));
    }
    if spec.buckets.is_some() {
        let unit = unit_type(metric.unit);
        return (
            format!("__rt::HistogramValue<__rt::{unit}>"),
            format!("histogram::<__rt::{unit}>"),
        );
    }
    let number = match metric.encoding() {
        Encoding::Unsigned => "u64",
        Encoding::Signed => "i64",
        Encoding::Nanoseconds => "__rt::Duration",
        Encoding::Float => "f64",
    };
    match spec.storage {
        Storage::PerThread | Storage::Shared => (number.to_owned(), format!("number::<{number}>")),
        Storage::Callback | Storage::Derived => {
            (optional(number), format!("optional_number::<{number}>"))
        }
        Storage::Text => (optional("__rt::Vec<__rt::String>"), "info".to_owned()),
    }
}

fn optional(value: &str) -> String {
    format!("__rt::Option<{value}>")
}

/// A method that takes labels and sum labels.
struct Method<'c> {
    context: &'c Context<'c>,
    access: Access,
    arguments: Vec<Argument>,
    /// The labels that series may lack.
    optional: &'c [LabelId],
    /// The lifetime of the receiver and the label values, if it has a name.
    lifetime: &'static str,
}

impl Method<'_> {
    /// Returns the method up to its result.
    fn signature(&self, name: &str) -> String {
        let Self { context, .. } = self;
        let allow_deprecated = sums::allow_deprecated(context, &self.arguments);
        let mut parameters = String::new();
        for argument in &self.arguments {
            parameters += ", ";
            parameters += &self.parameter(*argument);
        }
        let (generics, receiver) = match self.lifetime {
            "" => (String::new(), "&self".to_owned()),
            lifetime => (format!("<{lifetime}>"), format!("&{lifetime} self")),
        };
        format!("{allow_deprecated} pub fn {name}{generics}({receiver}{parameters})")
    }

    fn lifetime_or_elided(&self) -> &'static str {
        if self.lifetime.is_empty() {
            "'_"
        } else {
            self.lifetime
        }
    }

    fn parameter(&self, argument: Argument) -> String {
        let Self { context, .. } = self;
        let id = match argument {
            Argument::Label(id) => id,
            Argument::Sum(sum) => {
                let name = &context.registry.sums[sum.0].name;
                let ty = sums::argument_type(context.registry, argument, self.lifetime_or_elided());
                return format!("{name}: labels::{ty}");
            }
        };
        let label = context.label(id);
        let (name, handle) = (&label.key, label_type(label));
        let is_optional = self.is_optional(id);
        let ty = match (&label.values, self.access) {
            (LabelValues::Closed(_), _) => format!("labels::{handle}"),
            (LabelValues::Open { .. }, Access::Record) => {
                format!("&{} labels::{handle}", self.lifetime)
            }
            // With a separate type parameter for each argument, rustc could not infer the type of `None`.
            (LabelValues::Open { .. }, Access::Read) if is_optional => "&str".to_owned(),
            (LabelValues::Open { .. }, Access::Read) => "impl __rt::AsRef<__rt::OsStr>".to_owned(),
        };
        if is_optional {
            format!("{name}: __rt::Option<{ty}>")
        } else {
            format!("{name}: {ty}")
        }
    }

    /// Returns an expression for the arguments. `at` returns it for a part, given the calls that bind its labels.
    fn places(&self, at: &dyn Fn(usize, &str) -> String) -> String {
        sums::places(self.context, &self.arguments, at, &|id| self.bind(id))
    }

    fn bind(&self, id: LabelId) -> String {
        let label = &self.context.descriptors.labels[id.0];
        let name = label.key;
        match (&label.values, self.access, self.is_optional(id)) {
            (Values::Closed(_), _, false) => format!(".closed({name})"),
            (Values::Closed(_), _, true) => format!(".optional_closed({name})"),
            (Values::Open { .. }, Access::Record, false) => format!(".open(&{name}.0)"),
            (Values::Open { .. }, Access::Record, true) => {
                let slots = label.choices().saturating_add(1);
                format!(".optional_open({slots}, {name}.map(|value| &value.0))")
            }
            (Values::Open { index, .. }, Access::Read, false) => {
                format!(".open({index}, {name}.as_ref())")
            }
            (Values::Open { index, .. }, Access::Read, true) => {
                format!(".optional_open({index}, {name}.map(__rt::OsStr::new))")
            }
        }
    }

    /// Returns whether a label is an argument that may be `None`. A sum label always has its labels.
    fn is_optional(&self, id: LabelId) -> bool {
        self.optional.contains(&id) && self.arguments.contains(&Argument::Label(id))
    }
}
