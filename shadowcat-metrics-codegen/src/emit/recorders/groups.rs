//! Recording one group: its recorder struct with a method for each metric, and the method that creates it.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::descriptors::{self, Values};
use super::uses::Use;
use super::{
    Context, docs, ident, integer, label_type, position, recorder_type, statics, sums, unit_type,
};
use crate::model::{Argument, Group, Kind, Label, LabelId, LabelValues, Metric, MetricId, Part};

pub(super) fn emit(context: &Context<'_>, index: usize, group: &Group) -> TokenStream {
    let recorder = recorder_type(group);
    let doc = docs::recorder(context.registry, group);
    let part = part_field(context, index, &quote!(u32));
    let kept = kept(context, group).into_iter().map(|kept| {
        let Kept { field, ty, .. } = kept;
        quote!(#field: #ty,)
    });
    let methods = context
        .metrics_of(index)
        .map(|(index, metric)| record_method(context, index, group, metric));
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct #recorder {
            binding: __rt::Binding,
            #part
            #(#kept)*
        }

        impl #recorder {
            #(#methods)*
        }
    }
}

/// `Metrics::buffer_pool(pool)`.
pub(super) fn recorder_constructor(
    context: &Context<'_>,
    index: usize,
    group: &Group,
) -> TokenStream {
    let method = ident(&group.name);
    let recorder = recorder_type(group);
    let doc = docs::constructor(context.registry, group);
    let arguments = group.arguments();
    let parameters = arguments.iter().map(|argument| match argument {
        Argument::Label(id) => {
            let is_optional = group.optional.contains(id);
            parameter(context.label(*id), is_optional, &quote!(&))
        }
        Argument::Sum(sum) => sums::parameter(context.registry, *sum, &quote!('_)),
    });
    let allow_deprecated = sums::allow_deprecated(context, &arguments);
    let kept = kept(context, group);
    let parts = context.group_parts(index);
    let recorder_of = |part: usize, bound: &TokenStream| {
        // A handle may belong to another `Metrics`; recorders keep a handle from their own.
        let open = parts[part].labels.iter().map(|label| label.id);
        let open = open.filter(|id| context.registry.is_open(*id));
        let adopted = open.map(|id| {
            let label = context.label(id);
            let name = ident(&label.name);
            let handle = label_type(label);
            if arguments.contains(&Argument::Label(id)) && group.optional.contains(&id) {
                quote! {
                    let #name = #name.map(|value| labels::#handle(value.0.in_registry(&self.registry)));
                }
            } else {
                quote!(let #name = labels::#handle(#name.0.in_registry(&self.registry));)
            }
        });
        let start = starting_families(context, index, part);
        let number = position(part);
        let field = part_field(context, index, &quote!(#number));
        let kept = kept.iter().map(|kept| {
            let (field, value) = (&kept.field, kept.value(context, &parts[part]));
            quote!(#field: #value,)
        });
        quote! {
            #(#adopted)*
            #recorder {
                binding: __rt::Binding::new(&self.registry)#bound #start,
                #field
                #(#kept)*
            }
        }
    };
    let body = sums::places(context, &arguments, &recorder_of, &|id| {
        if arguments.contains(&Argument::Label(id)) && group.optional.contains(&id) {
            bind_optional_of_group(context, id)
        } else {
            bind(context.label(id))
        }
    });
    quote! {
        #doc
        #allow_deprecated
        #[must_use]
        pub fn #method(&self, #(#parameters),*) -> #recorder {
            #body
        }
    }
}

/// Returns the field with the part of the group's labels, if they have several.
fn part_field(context: &Context<'_>, group: usize, part: &TokenStream) -> TokenStream {
    if context.group_parts(group).len() > 1 {
        quote!(part: #part,)
    } else {
        TokenStream::new()
    }
}

/// A field that keeps slots of open labels from being reused while the recorder lives.
struct Kept {
    field: proc_macro2::Ident,
    ty: TokenStream,
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
                    quote!(__rt::Option<labels::#handle>)
                } else {
                    quote!(labels::#handle)
                }
            }
            Argument::Sum(_) => {
                let count = position(open.len());
                quote!([__rt::Option<__rt::OpenValue>; #count])
            }
        };
        (!open.is_empty()).then(|| Kept {
            field: format_ident!("_{}", registry.argument_name(argument)),
            ty,
            argument,
            open,
        })
    };
    group.arguments().into_iter().filter_map(kept).collect()
}

impl Kept {
    /// Returns the value of the field in a recorder with some part of the group's labels.
    fn value(&self, context: &Context<'_>, part: &Part) -> TokenStream {
        let name = |id: LabelId| ident(&context.label(id).name);
        match self.argument {
            Argument::Label(id) => {
                let name = name(id);
                quote!(#name)
            }
            Argument::Sum(_) => {
                let values = self.open.iter().map(|id| {
                    let name = name(*id);
                    if part.label(*id).is_some() {
                        quote!(__rt::Some(#name.0))
                    } else {
                        quote!(__rt::None)
                    }
                });
                quote!([#(#values),*])
            }
        }
    }
}

/// Returns the call that starts the families at zero that have no open labels but those of the recorder.
fn starting_families(context: &Context<'_>, group: usize, part: usize) -> TokenStream {
    let parts = context.group_parts(group);
    let open = |part: &Part| {
        let labels = part.labels.iter();
        labels
            .filter(|label| context.registry.is_open(label.id))
            .count()
    };
    let bound = open(&parts[part]);
    if bound == 0 {
        return TokenStream::new();
    }
    let families = context.metrics_of(group).flat_map(|(index, metric)| {
        let all = context.registry.parts(metric);
        let own = all.len() / parts.len();
        let of_group = all.into_iter().enumerate().skip(part * own).take(own);
        let first = context.descriptors.first_families[index];
        let starting = of_group.filter(|(_, family)| open(family) == bound);
        starting
            .map(move |(place, _)| first + place)
            .collect::<Vec<_>>()
    });
    let families = families.map(position);
    quote!(.start(&[#(#families),*]))
}

fn record_method(
    context: &Context<'_>,
    index: usize,
    group: &Group,
    metric: &Metric,
) -> TokenStream {
    let unit = unit_type(metric.unit);
    let own = metric.own_arguments();
    // If an argument is an open label, the handle borrows both the recorder and the label value.
    let named = own
        .iter()
        .any(|argument| sums::borrows(context.registry, *argument));
    let (generics, receiver, lifetime, reference) = if named {
        (quote!(<'a>), quote!(&'a self), quote!('a), quote!(&'a))
    } else {
        (quote!(), quote!(&self), quote!('_), quote!(&))
    };
    let place = place(context, index, group, metric);
    let spec = metric.kind.spec();
    let handle = ident(spec.runtime);
    let (exemplars, new) = if metric.exemplars {
        (quote!(, __rt::WithExemplars), ident("with_exemplars"))
    } else {
        (quote!(), ident("new"))
    };
    let first = context.descriptors.first_families[index];
    let buckets = context.descriptors.families[first].buckets;
    let native = buckets.and_then(|buckets| statics::native_static(context, buckets));
    let further = match (&native, metric.exemplars) {
        (Some(_), true) => quote!(#exemplars, __rt::Native),
        (Some(_), false) => quote!(, __rt::NoExemplars, __rt::Native),
        (None, _) => exemplars,
    };
    let (type_parameter, buckets) = match &metric.kind {
        Kind::Counter { .. } | Kind::Gauge { .. } | Kind::UpDownCounter => {
            (quote!(__rt::#unit), None)
        }
        Kind::Histogram { .. } => {
            let table = buckets.map(|buckets| statics::buckets_static(context, buckets));
            let table = native.or(table);
            (
                quote!(__rt::#unit),
                Some(quote!(, &__shadowcat_metrics::#table)),
            )
        }
        Kind::State { states } => {
            let states = label_type(context.label(*states));
            (quote!(labels::#states), None)
        }
        Kind::Info => (position(metric.facts().len()).into_token_stream(), None),
        // A derived metric is computed at each scrape, so it has no method.
        Kind::Ratio { .. } => return TokenStream::new(),
    };
    let method = ident(&metric.key);
    let doc = docs::metric(context.registry, metric);
    // An item can have only one such attribute, and ordinary builds need the deprecation warning.
    let deprecated = if context.marks.is_some() {
        context.mark(Use::Metric(MetricId(index)))
    } else {
        let deprecation = metric.deprecated.as_ref();
        deprecation.map_or_else(TokenStream::new, |deprecation| {
            super::deprecated(deprecation, |id| docs::full_name(context.registry, *id))
        })
    };
    let parameters = own.iter().map(|argument| match argument {
        Argument::Label(id) => {
            let is_optional = metric.is_optional(*id);
            parameter(context.label(*id), is_optional, &reference)
        }
        Argument::Sum(sum) => sums::parameter(context.registry, *sum, &quote!('a)),
    });
    let allow_deprecated = sums::allow_deprecated(context, &own);
    quote! {
        #doc
        #deprecated
        #allow_deprecated
        #[inline]
        pub fn #method #generics(#receiver, #(#parameters),*) -> __rt::#handle<#lifetime, #type_parameter #further> {
            __rt::#handle::#new(#place #buckets)
        }
    }
}

/// Returns the place of a metric, given by its position in the model, with its own labels bound.
fn place(context: &Context<'_>, index: usize, group: &Group, metric: &Metric) -> TokenStream {
    let own = metric.own_arguments();
    let start = if group.labels.is_empty() {
        quote!(unlabeled)
    } else {
        quote!(at)
    };
    let is_sum = |argument: &Argument| match argument {
        Argument::Label(_) => false,
        Argument::Sum(_) => true,
    };
    let resolved = own.iter().any(is_sum).then(|| quote!(.resolved()));
    sums::places(
        context,
        &own,
        &|part, bound| {
            let first_page = context.first_page(index, part);
            quote!(self.binding.#start(#first_page)#bound #resolved)
        },
        &|id| {
            if metric.is_optional(id) && own.contains(&Argument::Label(id)) {
                bind_optional(context, id)
            } else {
                bind(context.label(id))
            }
        },
    )
}

fn parameter(label: &Label, is_optional: bool, reference: &TokenStream) -> TokenStream {
    let name = ident(&label.name);
    let ty = label_type(label);
    let ty = match label.values {
        LabelValues::Closed(_) => quote!(labels::#ty),
        LabelValues::Open { .. } => quote!(#reference labels::#ty),
    };
    if is_optional {
        quote!(#name: __rt::Option<#ty>)
    } else {
        quote!(#name: #ty)
    }
}

fn bind(label: &Label) -> TokenStream {
    let name = ident(&label.name);
    match label.values {
        LabelValues::Closed(_) => quote!(.closed(#name)),
        LabelValues::Open { .. } => quote!(.open(&#name.0)),
    }
}

fn bind_optional(context: &Context<'_>, id: LabelId) -> TokenStream {
    let label = &context.descriptors.labels[id.0];
    let name = ident(label.name);
    match label.values {
        Values::Closed(_) => quote!(.optional_closed(#name)),
        Values::Open { .. } => {
            let slots = optional_slots(label);
            quote!(.optional_open(#slots, #name.map(|value| &value.0)))
        }
    }
}

/// Like [`bind_optional`], for a label of the recorder, which owns its handle.
fn bind_optional_of_group(context: &Context<'_>, id: LabelId) -> TokenStream {
    let label = &context.descriptors.labels[id.0];
    let name = ident(label.name);
    match label.values {
        Values::Closed(_) => quote!(.optional_closed(#name)),
        Values::Open { .. } => {
            let slots = optional_slots(label);
            quote!(.optional_open(#slots, #name.as_ref().map(|value| &value.0)))
        }
    }
}

/// Returns the number of slots of an open label where it is optional.
fn optional_slots(label: &descriptors::Label<'_>) -> Literal {
    let optional = descriptors::Label {
        optional: true,
        ..label.clone()
    };
    integer(optional.choices())
}
