//! The Rust output: typed recorders, label types, typed snapshots, and the descriptors that the runtime reads.
//!
//! One file a part: `descriptors` the statics, `labels` the label types, `facade` `Metrics` and `Snapshot`,
//! `groups` a recorder for each group, `snapshots` what reads it back, `docs` their rustdoc, `layout` the page numbers,
//! `uses` the marks by which rustc tells what is recorded.
//!
//! The emitted code names only its own items and those of the runtime's hidden module `private`, as `__rt`. So it works
//! whatever the dependency is called, and a schema whose label is called `result` or `option` does no harm.

mod descriptors;
mod docs;
mod facade;
mod groups;
mod labels;
mod layout;
mod snapshots;
pub mod uses;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

use crate::model::{Group, Label, LabelId, Metric, Origin, Registry, Unit};
use crate::name;
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
        first_pages: layout::first_pages(registry),
    };
    let descriptors = descriptors::emit(&context);
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
        #descriptors
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
    /// By position in [`Registry::metrics`].
    first_pages: Vec<u32>,
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

/// The marker type of a unit in the runtime.
fn unit_type(unit: Unit) -> Ident {
    ident(match unit {
        Unit::None => "Dimensionless",
        Unit::Seconds => "Seconds",
        Unit::Bytes => "Bytes",
        Unit::Ratio => "Ratio",
        Unit::Celsius => "Celsius",
        Unit::Meters => "Meters",
        Unit::Volts => "Volts",
        Unit::Amperes => "Amperes",
        Unit::Joules => "Joules",
        Unit::Watts => "Watts",
        Unit::Grams => "Grams",
        Unit::Hertz => "Hertz",
    })
}
