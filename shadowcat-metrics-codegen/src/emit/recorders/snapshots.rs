//! Reading one group: its snapshot struct with a method for each metric, and the method that creates it.

use proc_macro2::TokenStream;
use quote::quote;

use super::descriptors::Values;
use super::{Context, docs, ident, integer, label_type, position, snapshot_type, sums, unit_type};
use crate::model::{Argument, Encoding, Group, Kind, Label, LabelId, LabelValues, Metric};

pub(super) fn emit(context: &Context<'_>, index: usize, group: &Group) -> TokenStream {
    let snapshot = snapshot_type(group);
    let doc = docs::snapshot(group);
    let part = (context.group_parts(index).len() > 1).then(|| quote!(part: u32,));
    let methods = context
        .metrics_of(index)
        .map(|(position, metric)| read_method(context, position, metric));
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct #snapshot<'a> {
            binding: __rt::SnapshotBinding<'a>,
            #part
        }

        impl #snapshot<'_> {
            #(#methods)*
        }
    }
}

/// `Snapshot::buffer_pool(pool)`.
pub(super) fn constructor(context: &Context<'_>, index: usize, group: &Group) -> TokenStream {
    let method = ident(&group.name);
    let snapshot = snapshot_type(group);
    let doc = docs::snapshot_constructor(group);
    let arguments = group.arguments();
    let is_optional = |id: LabelId| group.optional.contains(&id);
    let parameters = arguments.iter().map(|argument| match argument {
        Argument::Label(id) => parameter(context.label(*id), is_optional(*id)),
        Argument::Sum(sum) => sums::parameter(context.registry, *sum, &quote!('_)),
    });
    let has_parts = context.group_parts(index).len() > 1;
    let snapshot_of = |part: usize, bound: &TokenStream| {
        let part = position(part);
        let part = has_parts.then(|| quote!(, part: #part));
        quote!(#snapshot { binding: self.0.bind()#bound #part })
    };
    let body = sums::places(context, &arguments, &snapshot_of, &|id| {
        if arguments.contains(&Argument::Label(id)) {
            bind(context, id, is_optional(id))
        } else {
            bind_handle(context, id)
        }
    });
    let allow_deprecated = sums::allow_deprecated(context, &arguments);
    quote! {
        #doc
        #allow_deprecated
        #[must_use]
        pub fn #method(&self, #(#parameters),*) -> #snapshot<'_> {
            #body
        }
    }
}

fn read_method(context: &Context<'_>, index: usize, metric: &Metric) -> TokenStream {
    let unit = unit_type(metric.unit);
    let own = metric.own_arguments();
    let place = sums::places(
        context,
        &own,
        &|part, bound| {
            let first_page = context.first_page(index, part);
            quote!(self.binding.at(#first_page)#bound)
        },
        &|id| {
            if own.contains(&Argument::Label(id)) {
                bind(context, id, metric.is_optional(id))
            } else {
                bind_handle(context, id)
            }
        },
    );
    let value = value_type(metric);
    let of_unit = quote!(::<__rt::#unit>);
    let (result, read) = match &metric.kind {
        Kind::Counter { callback: false } => (value, quote!(counter #of_unit)),
        Kind::Counter { callback: true } => (
            quote!(__rt::Option<#value>),
            quote!(callback_counter #of_unit),
        ),
        Kind::Gauge { callback: false } => (value, quote!(gauge #of_unit)),
        Kind::Gauge { callback: true } => (
            quote!(__rt::Option<#value>),
            quote!(callback_gauge #of_unit),
        ),
        Kind::UpDownCounter => (value, quote!(updown_counter #of_unit)),
        Kind::Histogram { .. } => (
            quote!(__rt::HistogramValue<__rt::#unit>),
            quote!(histogram #of_unit),
        ),
        Kind::State { states } => {
            let states = label_type(context.label(*states));
            (
                quote!(__rt::Option<labels::#states>),
                quote!(state::<labels::#states>),
            )
        }
        Kind::Info => (quote!(__rt::Option<__rt::Vec<__rt::String>>), quote!(info)),
        Kind::Ratio { .. } => (quote!(__rt::Option<f64>), quote!(ratio)),
    };
    let method = ident(&metric.key);
    let doc = docs::read_method(metric);
    let parameters = own.iter().map(|argument| match argument {
        Argument::Label(id) => parameter(context.label(*id), metric.is_optional(*id)),
        Argument::Sum(sum) => sums::parameter(context.registry, *sum, &quote!('_)),
    });
    let allow_deprecated = sums::allow_deprecated(context, &own);
    quote! {
        #doc
        #allow_deprecated
        #[must_use]
        pub fn #method(&self, #(#parameters),*) -> #result {
            #place.#read()
        }
    }
}

/// Returns the type of one value.
fn value_type(metric: &Metric) -> TokenStream {
    match metric.encoding() {
        Encoding::Unsigned => quote!(u64),
        Encoding::Signed => quote!(i64),
        Encoding::Nanoseconds => quote!(__rt::Duration),
        Encoding::Float => quote!(f64),
    }
}

fn parameter(label: &Label, is_optional: bool) -> TokenStream {
    let name = ident(&label.name);
    let ty = label_type(label);
    match (&label.values, is_optional) {
        (LabelValues::Closed(_), false) => quote!(#name: labels::#ty),
        (LabelValues::Closed(_), true) => quote!(#name: __rt::Option<labels::#ty>),
        (LabelValues::Open { .. }, false) => quote!(#name: impl __rt::AsRef<__rt::OsStr>),
        // With a separate type parameter for each argument, rustc could not infer the type of `None`.
        (LabelValues::Open { .. }, true) => quote!(#name: __rt::Option<&str>),
    }
}

/// Binds a label that comes with a sum label: an open one as its handle.
fn bind_handle(context: &Context<'_>, id: LabelId) -> TokenStream {
    let label = &context.descriptors.labels[id.0];
    let name = ident(label.name);
    match &label.values {
        Values::Closed(_) => quote!(.closed(#name)),
        Values::Open { index, .. } => {
            let index = integer(*index);
            quote!(.open(#index, __rt::OsStr::new(#name.0.as_str())))
        }
    }
}

fn bind(context: &Context<'_>, id: LabelId, is_optional: bool) -> TokenStream {
    let label = &context.descriptors.labels[id.0];
    let name = ident(label.name);
    match (&label.values, is_optional) {
        (Values::Closed(_), false) => quote!(.closed(#name)),
        (Values::Closed(_), true) => quote!(.optional_closed(#name)),
        (Values::Open { index, .. }, false) => {
            let index = integer(*index);
            quote!(.open(#index, #name.as_ref()))
        }
        (Values::Open { index, .. }, true) => {
            let index = integer(*index);
            quote!(.optional_open(#index, #name.map(__rt::OsStr::new)))
        }
    }
}
