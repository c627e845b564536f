//! The Rust output: typed recorders, label types, typed snapshots, and the descriptors that the runtime reads.
//!
//! The emitted code names only its own items and those of the runtime's hidden module `private`, as `__rt`. So it works
//! whatever the dependency is called, and a schema whose label is called `result` or `option` does no harm.

pub mod descriptors;
mod docs;
mod facade;
mod groups;
mod labels;
mod snapshots;
mod statics;
pub mod uses;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

use crate::model::{Deprecation, Group, Label, LabelId, Metric, Origin, Registry, Unit};
use crate::name;
use descriptors::Descriptors;
use uses::Marks;

/// Emits everything that `metrics!` expands to, except its dependency on the file. `runtime` is the path of the runtime
/// crate at the place of the call: `$crate` in a macro of that crate.
#[must_use]
pub fn emit_recorders(registry: &Registry, runtime: &TokenStream) -> TokenStream {
    emit(registry, runtime, None)
}

/// The path of the runtime crate where it is a direct dependency with its own name.
#[must_use]
pub fn runtime_by_name() -> TokenStream {
    quote!(::shadowcat_metrics)
}

/// The same, with a mark at all that a program records with, so that rustc warns where it is used.
///
/// The warnings are read back with [`Use::in_message`](uses::Use::in_message).
#[must_use]
pub fn emit_marked_recorders(
    registry: &Registry,
    runtime: &TokenStream,
    marks: &Marks,
) -> TokenStream {
    emit(registry, runtime, Some(marks))
}

fn emit(registry: &Registry, runtime: &TokenStream, marks: Option<&Marks>) -> TokenStream {
    let context = Context {
        registry,
        runtime,
        marks,
        descriptors: Descriptors::of(registry),
    };
    let statics = statics::emit(&context);
    let labels = labels::emit(&context);
    let facade = facade::emit(&context);
    let presence = context.presence();
    let groups = registry
        .groups
        .iter()
        .enumerate()
        .filter(|(_, group)| group.origin == Origin::Schema);
    let groups = groups.map(|(index, group)| {
        let recorder = groups::emit(&context, index, group);
        let snapshot = snapshots::emit(&context, index, group);
        quote!(#recorder #snapshot)
    });
    let alias = context.runtime_alias();
    quote! {
        #alias
        #statics
        #labels
        #facade
        #(#groups)*
        #presence
    }
}

/// What every part needs to know.
struct Context<'a> {
    registry: &'a Registry,
    /// The path of the runtime crate.
    runtime: &'a TokenStream,
    /// Set if uses are to be told.
    marks: Option<&'a Marks>,
    descriptors: Descriptors<'a>,
}

impl Context<'_> {
    /// The import of what the emitted code is made of. Each module has its own, so that the macro may be called in the body
    /// of a function as well.
    fn runtime_alias(&self) -> TokenStream {
        let runtime = self.runtime;
        quote!(use #runtime::private as __rt;)
    }

    fn label(&self, id: LabelId) -> &Label {
        &self.registry.labels[id.0]
    }

    /// The first page of a metric, by its position in the model.
    fn first_page(&self, metric: usize) -> Literal {
        integer(self.descriptors.families[metric].first_page)
    }

    /// The metrics of a group, with their positions in the model.
    fn metrics_of(&self, group: usize) -> impl Iterator<Item = (usize, &Metric)> {
        self.registry
            .metrics
            .iter()
            .enumerate()
            .filter(move |(_, metric)| metric.group.0 == group)
    }
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// A number as people write it, without its type.
fn integer(value: impl Into<u64>) -> Literal {
    Literal::u64_unsuffixed(value.into())
}

/// A position in a list of the schema.
fn position(index: usize) -> Literal {
    integer(u32::try_from(index).unwrap_or(u32::MAX))
}

/// `buffer_pool` -> `BufferPoolRecorder`.
fn recorder_type(group: &Group) -> Ident {
    format_ident!("{}Recorder", name::pascal_case(&group.name))
}

/// `buffer_pool` -> `BufferPoolSnapshot`.
fn snapshot_type(group: &Group) -> Ident {
    format_ident!("{}Snapshot", name::pascal_case(&group.name))
}

/// `transport` -> `Transport`, a type of the generated module `labels`.
fn label_type(label: &Label) -> Ident {
    ident(&name::pascal_case(&label.name))
}

/// The labels given in each call, next to those that the group has bound.
fn own_labels(metric: &Metric) -> &[LabelId] {
    &metric.series_labels()[metric.group_labels..]
}

/// The attribute that makes rustc warn where something is used; `name` names its replacement.
fn deprecated<R>(deprecation: &Deprecation<R>, name: impl Fn(&R) -> String) -> TokenStream {
    let since = deprecation
        .since
        .iter()
        .map(ToString::to_string)
        .map(|since| quote!(since = #since,));
    let note = docs::deprecation_note(deprecation, name);
    quote!(#[deprecated(#(#since)* note = #note)])
}

/// The marker type of a unit in the runtime.
fn unit_type(unit: Unit) -> Ident {
    match unit.name() {
        "" => ident("Dimensionless"),
        name => ident(&name::pascal_case(name)),
    }
}
