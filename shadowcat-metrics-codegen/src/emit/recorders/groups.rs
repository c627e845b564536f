//! Recording one group: its recorder struct with a method for each metric, and the method that creates it.

use super::descriptors::Values;
use super::uses::Use;
use super::{
    Context, descriptors, docs, label_type, list, recorder_type, statics, sums, unit_type,
};
use crate::model::{Argument, Group, Kind, Label, LabelId, LabelValues, Metric, MetricId, Part};

pub(super) fn emit(context: &Context<'_>, index: usize, group: &Group) -> String {
    let recorder = recorder_type(group);
    let doc = docs::recorder(context.registry, group);
    let part = part_field(context, index, "u32");
    let kept = kept(context, group).into_iter();
    let kept = list(kept.map(|Kept { field, ty, .. }| format!("{field}: {ty}")));
    let mut methods = String::new();
    for (index, metric) in context.metrics_of(index) {
        methods += &record_method(context, index, group, metric);
    }
    format!(
        "{doc}
        #[derive(Clone, Debug)]
        pub struct {recorder} {{
            binding: __rt::Binding,
            {part}
            {kept}
        }}

        impl {recorder} {{
            {methods}
        }}
        "
    )
}

/// `Metrics::buffer_pool(pool)`.
pub(super) fn recorder_constructor(context: &Context<'_>, index: usize, group: &Group) -> String {
    let method = &group.name;
    let recorder = recorder_type(group);
    let doc = docs::constructor(context.registry, group);
    let arguments = group.arguments();
    let is_optional =
        |id: LabelId| arguments.contains(&Argument::Label(id)) && group.optional.contains(&id);
    let parameters = parameters(context, &arguments, &group.optional, "");
    let allow_deprecated = sums::allow_deprecated(context, &arguments);
    let kept = kept(context, group);
    let parts = context.group_parts(index);
    let recorder_of = |part: usize, bound: &str| {
        // A handle may belong to another `Metrics`; recorders keep a handle from their own.
        let mut adopted = String::new();
        for label in &parts[part].labels {
            if context.registry.is_open(label.id) {
                adopted += &adopt(context.label(label.id), is_optional(label.id));
            }
        }
        let start = starting_families(context, index, part);
        let field = part_field(context, index, &part.to_string());
        let kept = kept.iter().map(|kept| {
            let value = kept.value(context, &parts[part]);
            format!("{}: {value}", kept.field)
        });
        let kept = list(kept);
        format!(
            "{adopted}
            {recorder} {{
                binding: __rt::Binding::new(&self.registry){bound}{start},
                {field}
                {kept}
            }}"
        )
    };
    let body = sums::places(context, &arguments, &recorder_of, &|id| {
        if is_optional(id) {
            bind_optional(context, id, ".as_ref()")
        } else {
            bind(context.label(id))
        }
    });
    format!(
        "{doc}
        {allow_deprecated}
        #[must_use]
        pub fn {method}(&self, {parameters}) -> {recorder} {{
            {body}
        }}
        "
    )
}

/// Returns the statement that makes a handle one of this registry.
fn adopt(label: &Label, is_optional: bool) -> String {
    let name = &label.key;
    let handle = label_type(label);
    if is_optional {
        format!(
            "let {name} = {name}.map(|value| labels::{handle}(value.0.in_registry(&self.registry)));"
        )
    } else {
        format!("let {name} = labels::{handle}({name}.0.in_registry(&self.registry));")
    }
}

/// Returns the field with the part of the group's labels, if they have several.
fn part_field(context: &Context<'_>, group: usize, part: &str) -> String {
    if context.group_parts(group).len() > 1 {
        format!("part: {part},")
    } else {
        String::new()
    }
}

/// A field that keeps slots of open labels from being reused while the recorder lives.
struct Kept {
    field: String,
    ty: String,
    argument: Argument,
    /// The open labels of the argument.
    open: Vec<LabelId>,
}

fn kept(context: &Context<'_>, group: &Group) -> Vec<Kept> {
    let registry = context.registry;
    let kept = |argument| {
        let labels = match argument {
            Argument::Label(id) => vec![id],
            Argument::Sum(sum) => registry.sum_labels(sum),
        };
        let open = labels.into_iter().filter(|id| registry.is_open(*id));
        let open: Vec<_> = open.collect();
        let ty = match argument {
            Argument::Label(id) => {
                let handle = label_type(context.label(id));
                if group.optional.contains(&id) {
                    format!("__rt::Option<labels::{handle}>")
                } else {
                    format!("labels::{handle}")
                }
            }
            Argument::Sum(_) => format!("[__rt::Option<__rt::OpenValue>; {}]", open.len()),
        };
        (!open.is_empty()).then(|| Kept {
            field: format!("_{}", registry.argument_name(argument)),
            ty,
            argument,
            open,
        })
    };
    group.arguments().into_iter().filter_map(kept).collect()
}

impl Kept {
    /// Returns the value of the field in a recorder with some part of the group's labels.
    fn value(&self, context: &Context<'_>, part: &Part) -> String {
        let name = |id: LabelId| &context.label(id).key;
        match self.argument {
            Argument::Label(id) => name(id).clone(),
            Argument::Sum(_) => {
                let values = self.open.iter().map(|id| {
                    if part.label(*id).is_some() {
                        format!("__rt::Some({}.0)", name(*id))
                    } else {
                        "__rt::None".to_owned()
                    }
                });
                format!("[{}]", list(values))
            }
        }
    }
}

/// Returns the call that starts the families at zero that have no open labels but those of the recorder.
fn starting_families(context: &Context<'_>, group: usize, part: usize) -> String {
    let parts = context.group_parts(group);
    let open = |part: &Part| {
        let labels = part.labels.iter();
        labels
            .filter(|label| context.registry.is_open(label.id))
            .count()
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
        for (place, family) in all.iter().enumerate().skip(part * own).take(own) {
            if open(family) == bound {
                starting.push(first + place);
            }
        }
    }
    format!(".start(&[{}])", list(starting))
}

fn record_method(context: &Context<'_>, index: usize, group: &Group, metric: &Metric) -> String {
    let unit = unit_type(metric.unit);
    let own = metric.own_arguments();
    // If an argument is an open label, the handle borrows both the recorder and the label value.
    let named = own
        .iter()
        .any(|argument| sums::borrows(context.registry, *argument));
    let (generics, receiver, lifetime) = if named {
        ("<'a>", "&'a self", "'a")
    } else {
        ("", "&self", "'_")
    };
    let place = place(context, index, group, metric);
    let first = context.descriptors.first_families[index];
    let buckets = context.descriptors.families[first].buckets;
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
    let type_parameter = match &metric.kind {
        Kind::Counter { .. }
        | Kind::Gauge { .. }
        | Kind::UpDownCounter
        | Kind::Histogram { .. } => {
            format!("__rt::{unit}")
        }
        Kind::State { states } => format!("labels::{}", label_type(context.label(*states))),
        Kind::Info => metric.facts().len().to_string(),
        // A derived metric is computed at each scrape, so it has no method.
        Kind::Ratio { .. } => return String::new(),
    };
    let table = native.or(buckets.map(|buckets| statics::buckets_static(context, buckets)));
    let buckets = match table {
        Some(table) => format!(", &__shadowcat_metrics::{table}"),
        None => String::new(),
    };
    let handle = metric.kind.spec().runtime;
    let method = &metric.key;
    let doc = docs::metric(context.registry, metric);
    let deprecated = context.deprecated(
        Use::Metric(MetricId(index)),
        metric.deprecated.as_ref(),
        |id| docs::full_name(context.registry, *id),
    );
    let parameters = parameters(
        context,
        &own,
        &metric.optional,
        if named { "'a" } else { "" },
    );
    let allow_deprecated = sums::allow_deprecated(context, &own);
    format!(
        "{doc}
        {deprecated}
        {allow_deprecated}
        #[inline]
        pub fn {method}{generics}({receiver}, {parameters})
            -> __rt::{handle}<{lifetime}, {type_parameter}{further}>
        {{
            __rt::{handle}::{new}({place}{buckets})
        }}
        "
    )
}

/// Returns the place of a metric, given by its position in the model, with its own labels bound.
fn place(context: &Context<'_>, index: usize, group: &Group, metric: &Metric) -> String {
    let own = metric.own_arguments();
    let start = if group.labels.is_empty() {
        "unlabeled"
    } else {
        "at"
    };
    let is_sum = |argument: &Argument| match argument {
        Argument::Label(_) => false,
        Argument::Sum(_) => true,
    };
    let resolved = if own.iter().any(is_sum) {
        ".resolved()"
    } else {
        ""
    };
    sums::places(
        context,
        &own,
        &|part, bound| {
            let first_page = context.first_page(index, part);
            format!("self.binding.{start}({first_page}){bound}{resolved}")
        },
        &|id| {
            if metric.is_optional(id) && own.contains(&Argument::Label(id)) {
                bind_optional(context, id, "")
            } else {
                bind(context.label(id))
            }
        },
    )
}

/// Returns the parameters for labels and sum labels. `lifetime` is that of handles, if it has a name.
fn parameters(
    context: &Context<'_>,
    arguments: &[Argument],
    optional: &[LabelId],
    lifetime: &str,
) -> String {
    let parameter = |argument: &Argument| match argument {
        Argument::Label(id) => parameter(context.label(*id), optional.contains(id), lifetime),
        Argument::Sum(sum) => {
            let lifetime = if lifetime.is_empty() { "'_" } else { lifetime };
            sums::parameter(context.registry, *sum, lifetime)
        }
    };
    list(arguments.iter().map(parameter))
}

fn parameter(label: &Label, is_optional: bool, lifetime: &str) -> String {
    let name = &label.key;
    let ty = label_type(label);
    let ty = match label.values {
        LabelValues::Closed(_) => format!("labels::{ty}"),
        LabelValues::Open { .. } => format!("&{lifetime} labels::{ty}"),
    };
    if is_optional {
        format!("{name}: __rt::Option<{ty}>")
    } else {
        format!("{name}: {ty}")
    }
}

fn bind(label: &Label) -> String {
    let name = &label.key;
    match label.values {
        LabelValues::Closed(_) => format!(".closed({name})"),
        LabelValues::Open { .. } => format!(".open(&{name}.0)"),
    }
}

/// Binds an optional label. A recorder owns the handles of its own labels, and so borrows them with `.as_ref()`.
fn bind_optional(context: &Context<'_>, id: LabelId, borrowed: &str) -> String {
    let label = &context.descriptors.labels[id.0];
    let name = label.key;
    match label.values {
        Values::Closed(_) => format!(".optional_closed({name})"),
        Values::Open { .. } => {
            let optional = descriptors::Label {
                optional: true,
                ..label.clone()
            };
            let slots = optional.choices();
            format!(".optional_open({slots}, {name}{borrowed}.map(|value| &value.0))")
        }
    }
}
