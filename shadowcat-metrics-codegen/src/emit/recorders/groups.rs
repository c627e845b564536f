//! Recording one group: its recorder struct with a method for each metric, and the method that creates it.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use super::descriptors::{self, Values};
use super::uses::Use;
use super::{
    Context, docs, ident, integer, label_type, position, recorder_type, statics, sums, unit_type,
};
use crate::model::{
    Argument, Group, Kind, Label, LabelId, LabelValues, Metric, MetricId, Registry,
};

pub(super) fn emit(context: &Context<'_>, index: usize, group: &Group) -> TokenStream {
    let recorder = recorder_type(group);
    let doc = docs::recorder(context.registry, group);
    let kept = open_labels(context.registry, &group.labels).map(|(id, label)| {
        let field = kept_field(label);
        let handle = label_type(label);
        if group.optional.contains(&id) {
            quote!(#field: __rt::Option<labels::#handle>,)
        } else {
            quote!(#field: labels::#handle,)
        }
    });
    let methods = context
        .metrics_of(index)
        .map(|(index, metric)| record_method(context, index, group, metric));
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct #recorder {
            binding: __rt::Binding,
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
    let parameters = group.labels.iter().map(|id| {
        let is_optional = group.optional.contains(id);
        parameter(context.label(*id), is_optional, &quote!(&))
    });
    // A handle may belong to another `Metrics`; recorders keep a handle from their own.
    let adopted = open_labels(context.registry, &group.labels).map(|(id, label)| {
        let name = ident(&label.name);
        let handle = label_type(label);
        if group.optional.contains(&id) {
            quote! {
                let #name = #name.map(|value| labels::#handle(value.0.in_registry(&self.registry)));
            }
        } else {
            quote!(let #name = labels::#handle(#name.0.in_registry(&self.registry));)
        }
    });
    let families = families(context, index, group);
    let bound = group.labels.iter().map(|id| {
        if group.optional.contains(id) {
            bind_optional_of_group(context, *id)
        } else {
            bind(context.label(*id))
        }
    });
    let kept = open_labels(context.registry, &group.labels).map(|(_, label)| {
        let field = kept_field(label);
        let name = ident(&label.name);
        quote!(#field: #name,)
    });
    quote! {
        #doc
        #[must_use]
        pub fn #method(&self, #(#parameters),*) -> #recorder {
            #(#adopted)*
            #recorder {
                binding: __rt::Binding::new(&self.registry)#families #(#bound)*,
                #(#kept)*
            }
        }
    }
}

/// Tells a recorder with an open label which families start at zero with a new value. Only a contiguous range
/// can be given. If the group's metrics are not adjacent in the schema, all families with its labels start.
fn families(context: &Context<'_>, index: usize, group: &Group) -> TokenStream {
    let members: Vec<_> = context.metrics_of(index).map(|(index, _)| index).collect();
    let (Some(first), Some(last)) = (members.first(), members.last()) else {
        return TokenStream::new();
    };
    let stand_together = last - first + 1 == members.len();
    if !stand_together
        || open_labels(context.registry, &group.labels)
            .next()
            .is_none()
    {
        return TokenStream::new();
    }
    let first_families = &context.descriptors.first_families;
    let end = first_families.get(last + 1).copied();
    let end = end.unwrap_or(context.descriptors.families.len());
    let (first, end) = (position(first_families[*first]), position(end));
    quote!(.of(#first..#end))
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
    let (type_parameter, buckets) = match &metric.kind {
        Kind::Counter { .. } | Kind::Gauge { .. } | Kind::UpDownCounter => {
            (quote!(__rt::#unit), None)
        }
        Kind::Histogram { .. } => {
            let first = context.descriptors.first_families[index];
            let buckets = context.descriptors.families[first].buckets;
            let table = buckets.map(|buckets| statics::buckets_static(context, buckets));
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
        pub fn #method #generics(#receiver, #(#parameters),*) -> __rt::#handle<#lifetime, #type_parameter #exemplars> {
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
    sums::places(
        context,
        metric,
        &own,
        &|part, bound| {
            let first_page = context.first_page(index, part);
            quote!(self.binding.#start(#first_page)#bound)
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

fn is_open(label: &Label) -> bool {
    match label.values {
        LabelValues::Closed(_) => false,
        LabelValues::Open { .. } => true,
    }
}

fn open_labels<'a>(
    registry: &'a Registry,
    labels: &'a [LabelId],
) -> impl Iterator<Item = (LabelId, &'a Label)> {
    labels
        .iter()
        .map(|id| (*id, &registry.labels[id.0]))
        .filter(|(_, label)| is_open(label))
}

/// Keeps the value's slot from being reused while the recorder lives.
fn kept_field(label: &Label) -> proc_macro2::Ident {
    quote::format_ident!("_{}", label.name)
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
        Values::Open { index, .. } => {
            let (index, slots) = (integer(index), optional_slots(label));
            quote!(.optional_open(#index, #slots, #name.as_ref().map(|value| &value.0)))
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
