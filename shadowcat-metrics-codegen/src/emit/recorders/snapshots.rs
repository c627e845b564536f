//! Reading one group: its snapshot struct with a method for each metric, and the method that creates it.

use super::descriptors::Values;
use super::{Context, docs, label_type, list, snapshot_type, sums, unit_type};
use crate::model::{Argument, Encoding, Group, Kind, Label, LabelId, LabelValues, Metric};

pub(super) fn emit(context: &Context<'_>, index: usize, group: &Group) -> String {
    let snapshot = snapshot_type(group);
    let doc = docs::snapshot(group);
    let part = if context.group_parts(index).len() > 1 {
        "part: u32,"
    } else {
        ""
    };
    let mut methods = String::new();
    for (position, metric) in context.metrics_of(index) {
        methods += &read_method(context, position, metric);
    }
    format!(
        "{doc}
        #[derive(Clone, Debug)]
        pub struct {snapshot}<'a> {{
            binding: __rt::SnapshotBinding<'a>,
            {part}
        }}

        impl {snapshot}<'_> {{
            {methods}
        }}
        "
    )
}

/// `Snapshot::buffer_pool(pool)`.
pub(super) fn constructor(context: &Context<'_>, index: usize, group: &Group) -> String {
    let method = &group.name;
    let snapshot = snapshot_type(group);
    let doc = docs::snapshot_constructor(group);
    let arguments = group.arguments();
    let parameters = parameters(context, &arguments, &group.optional);
    let has_parts = context.group_parts(index).len() > 1;
    let snapshot_of = |part: usize, bound: &str| {
        let part = if has_parts {
            format!(", part: {part}")
        } else {
            String::new()
        };
        format!("{snapshot} {{ binding: self.0.bind(){bound}{part} }}")
    };
    let body = sums::places(context, &arguments, &snapshot_of, &|id| {
        if arguments.contains(&Argument::Label(id)) {
            bind(context, id, group.optional.contains(&id))
        } else {
            bind_handle(context, id)
        }
    });
    let allow_deprecated = sums::allow_deprecated(context, &arguments);
    format!(
        "{doc}
        {allow_deprecated}
        #[must_use]
        pub fn {method}(&self, {parameters}) -> {snapshot}<'_> {{
            {body}
        }}
        "
    )
}

fn read_method(context: &Context<'_>, index: usize, metric: &Metric) -> String {
    let unit = unit_type(metric.unit);
    let own = metric.own_arguments();
    let place = sums::places(
        context,
        &own,
        &|part, bound| {
            let first_page = context.first_page(index, part);
            format!("self.binding.at({first_page}){bound}")
        },
        &|id| {
            if own.contains(&Argument::Label(id)) {
                bind(context, id, metric.is_optional(id))
            } else {
                bind_handle(context, id)
            }
        },
    );
    let value = value_type(metric).to_owned();
    let optional = |value: &str| format!("__rt::Option<{value}>");
    let of_unit = |method: &str| format!("{method}::<__rt::{unit}>");
    let (result, read) = match &metric.kind {
        Kind::Counter { callback: false } => (value, of_unit("counter")),
        Kind::Counter { callback: true } => (optional(&value), of_unit("callback_counter")),
        Kind::Gauge { callback: false } => (value, of_unit("gauge")),
        Kind::Gauge { callback: true } => (optional(&value), of_unit("callback_gauge")),
        Kind::UpDownCounter => (value, of_unit("updown_counter")),
        Kind::Histogram { .. } => (
            format!("__rt::HistogramValue<__rt::{unit}>"),
            of_unit("histogram"),
        ),
        Kind::State { states } => {
            let states = format!("labels::{}", label_type(context.label(*states)));
            (optional(&states), format!("state::<{states}>"))
        }
        Kind::Info => (optional("__rt::Vec<__rt::String>"), "info".to_owned()),
        Kind::Ratio { .. } => (optional("f64"), "ratio".to_owned()),
    };
    let method = &metric.key;
    let doc = docs::read_method(metric);
    let parameters = parameters(context, &own, &metric.optional);
    let allow_deprecated = sums::allow_deprecated(context, &own);
    format!(
        "{doc}
        {allow_deprecated}
        #[must_use]
        pub fn {method}(&self, {parameters}) -> {result} {{
            {place}.{read}()
        }}
        "
    )
}

/// Returns the type of one value.
fn value_type(metric: &Metric) -> &'static str {
    match metric.encoding() {
        Encoding::Unsigned => "u64",
        Encoding::Signed => "i64",
        Encoding::Nanoseconds => "__rt::Duration",
        Encoding::Float => "f64",
    }
}

fn parameters(context: &Context<'_>, arguments: &[Argument], optional: &[LabelId]) -> String {
    let parameter = |argument: &Argument| match argument {
        Argument::Label(id) => parameter(context.label(*id), optional.contains(id)),
        Argument::Sum(sum) => sums::parameter(context.registry, *sum, "'_"),
    };
    list(arguments.iter().map(parameter))
}

fn parameter(label: &Label, is_optional: bool) -> String {
    let name = &label.key;
    let ty = label_type(label);
    match (&label.values, is_optional) {
        (LabelValues::Closed(_), false) => format!("{name}: labels::{ty}"),
        (LabelValues::Closed(_), true) => format!("{name}: __rt::Option<labels::{ty}>"),
        (LabelValues::Open { .. }, false) => format!("{name}: impl __rt::AsRef<__rt::OsStr>"),
        // With a separate type parameter for each argument, rustc could not infer the type of `None`.
        (LabelValues::Open { .. }, true) => format!("{name}: __rt::Option<&str>"),
    }
}

/// Binds a label that comes with a sum label: an open one as its handle.
fn bind_handle(context: &Context<'_>, id: LabelId) -> String {
    let label = &context.descriptors.labels[id.0];
    let name = label.key;
    match &label.values {
        Values::Closed(_) => format!(".closed({name})"),
        Values::Open { index, .. } => {
            format!(".open({index}, __rt::OsStr::new({name}.0.as_str()))")
        }
    }
}

fn bind(context: &Context<'_>, id: LabelId, is_optional: bool) -> String {
    let label = &context.descriptors.labels[id.0];
    let name = label.key;
    match (&label.values, is_optional) {
        (Values::Closed(_), false) => format!(".closed({name})"),
        (Values::Closed(_), true) => format!(".optional_closed({name})"),
        (Values::Open { index, .. }, false) => format!(".open({index}, {name}.as_ref())"),
        (Values::Open { index, .. }, true) => {
            format!(".optional_open({index}, {name}.map(__rt::OsStr::new))")
        }
    }
}
