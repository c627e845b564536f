//! One group to be read back: its snapshot struct with a method a metric, and the method that makes it.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, descriptors, docs, ident, label_type, layout, snapshot_type, unit_type};
use crate::model::{Group, Kind, Label, LabelId, LabelValues, Measure, Metric};

pub(super) fn emit(context: &Context<'_>, index: usize, group: &Group) -> TokenStream {
    let snapshot = snapshot_type(group);
    let doc = docs::snapshot(group);
    let methods = context
        .metrics_of(index)
        .map(|(position, metric)| read_method(context, position, metric));
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct #snapshot<'a> {
            binding: ::shadowcat_metrics::private::SnapshotBinding<'a>,
        }

        impl #snapshot<'_> {
            #(#methods)*
        }
    }
}

/// `Snapshot::buffer_pool(pool)`.
pub(super) fn constructor(context: &Context<'_>, group: &Group) -> TokenStream {
    let method = ident(&group.name);
    let snapshot = snapshot_type(group);
    let doc = docs::snapshot_constructor(group);
    let parameters = group.labels.iter().map(|id| parameter(context.label(*id)));
    let bound = group.labels.iter().map(|id| bind(context, *id));
    quote! {
        #doc
        #[must_use]
        pub fn #method(&self, #(#parameters),*) -> #snapshot<'_> {
            #snapshot { binding: self.0.bind()#(#bound)* }
        }
    }
}

fn read_method(context: &Context<'_>, position: usize, metric: &Metric) -> TokenStream {
    let private = quote!(::shadowcat_metrics::private);
    let unit = unit_type(metric.unit);
    let own: Vec<_> = layout::own_labels(metric).to_vec();
    let first_page = context.first_pages[position];
    let bound = own.iter().map(|id| bind(context, *id));
    let place = quote!(self.binding.at(#first_page)#(#bound)*);
    let (result, value) = match &metric.kind {
        Kind::Counter { callback: true } => {
            let value = value_type(metric);
            (
                quote!(::core::option::Option<#value>),
                quote!(#place.callback_counter::<#private::#unit>()),
            )
        }
        Kind::Counter { callback: false } => (
            value_type(metric),
            quote!(#place.counter::<#private::#unit>()),
        ),
        Kind::Gauge { callback: false } => (
            value_type(metric),
            quote!(#place.gauge::<#private::#unit>()),
        ),
        Kind::Gauge { callback: true } => {
            let value = value_type(metric);
            (
                quote!(::core::option::Option<#value>),
                quote!(#place.callback_gauge::<#private::#unit>()),
            )
        }
        Kind::UpDownCounter => (
            level_type(metric),
            quote!(#place.updown_counter::<#private::#unit>()),
        ),
        Kind::Histogram { .. } => (
            quote!(#private::HistogramValue<#private::#unit>),
            quote!(#place.histogram::<#private::#unit>()),
        ),
        Kind::State { states } => {
            let states = label_type(context.label(*states));
            (
                quote!(::core::option::Option<labels::#states>),
                quote!(#place.state::<labels::#states>()),
            )
        }
        Kind::Info => {
            let strings = quote!(::std::vec::Vec<::std::string::String>);
            (
                quote!(::core::option::Option<#strings>),
                quote!(#place.info()),
            )
        }
        Kind::Ratio { .. } => (quote!(::core::option::Option<f64>), quote!(#place.ratio())),
    };
    let method = ident(&metric.key);
    let doc = docs::read_method(metric);
    let parameters = own.iter().map(|id| parameter(context.label(*id)));
    quote! {
        #doc
        #[must_use]
        pub fn #method(&self, #(#parameters),*) -> #result {
            #value
        }
    }
}

/// What a counter adds up to, and what a gauge holds.
fn value_type(metric: &Metric) -> TokenStream {
    match (metric.unit.measure(), &metric.kind) {
        (Measure::Number, Kind::Counter { .. }) | (Measure::Size, _) => quote!(u64),
        (Measure::Duration, _) => quote!(::core::time::Duration),
        (Measure::Number | Measure::Float, _) => quote!(f64),
    }
}

/// What an up-down counter holds: it may be below zero.
fn level_type(metric: &Metric) -> TokenStream {
    match metric.unit.measure() {
        Measure::Number | Measure::Size => quote!(i64),
        Measure::Duration | Measure::Float => quote!(f64),
    }
}

fn parameter(label: &Label) -> TokenStream {
    let name = ident(&label.name);
    let ty = label_type(label);
    match label.values {
        LabelValues::Closed(_) => quote!(#name: labels::#ty),
        LabelValues::Open { .. } => quote!(#name: impl ::core::convert::AsRef<::std::ffi::OsStr>),
    }
}

fn bind(context: &Context<'_>, id: LabelId) -> TokenStream {
    let label = context.label(id);
    let name = ident(&label.name);
    match label.values {
        LabelValues::Closed(_) => quote!(.closed(#name)),
        LabelValues::Open { .. } => {
            let open_index = descriptors::open_index(context.registry, id);
            quote!(.open(#open_index, #name.as_ref()))
        }
    }
}
