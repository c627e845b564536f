//! The Rust output: typed recorders, label types, typed snapshots, and descriptors for the runtime.
//!
//! The emitted code names only its own items and those of the runtime's hidden module `private`, as `__rt`.
//! It therefore works under any name of the dependency, and with labels such as `result` or `option`.

pub mod descriptors;
mod docs;
mod facade;
mod groups;
mod labels;
pub mod native;
mod snapshots;
mod statics;
mod sums;
pub mod uses;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

use crate::model::{Deprecation, Group, Label, LabelId, Metric, Origin, Part, Registry, Sum, Unit};
use crate::name;
use descriptors::Descriptors;
use uses::Marks;

/// Emits everything that `metrics!` expands to, except for its dependency on the file. `runtime` is the path
/// of the runtime crate at the call: `$crate` in a macro of that crate.
#[must_use]
pub fn emit_recorders(registry: &Registry, runtime: &TokenStream) -> TokenStream {
    emit(registry, runtime, None)
}

/// Returns the path of the runtime crate as a direct dependency under its own name.
#[must_use]
pub fn runtime_by_name() -> TokenStream {
    quote!(::shadowcat_metrics)
}

/// Like [`emit_recorders`], with a mark on every item that a program records with, so that rustc warns at
/// each use.
///
/// [`Use::in_message`](uses::Use::in_message) reads these warnings.
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

/// The context that every part needs.
struct Context<'a> {
    registry: &'a Registry,
    /// The path of the runtime crate.
    runtime: &'a TokenStream,
    /// Set to make rustc report uses.
    marks: Option<&'a Marks>,
    descriptors: Descriptors<'a>,
}

impl Context<'_> {
    /// Returns the import of the runtime's items. Each module has a separate one, so that the macro also
    /// works in a function body.
    fn runtime_alias(&self) -> TokenStream {
        let runtime = self.runtime;
        quote!(use #runtime::private as __rt;)
    }

    fn label(&self, id: LabelId) -> &Label {
        &self.registry.labels[id.0]
    }

    /// Returns the first page of a metric, given by its position in the model, for a part of its own labels. If the labels of
    /// the group have several parts, the recorder knows which of them it has.
    fn first_page(&self, metric: usize, part: usize) -> TokenStream {
        let first = self.descriptors.first_families[metric];
        let of_group = self
            .group_parts(self.registry.metrics[metric].group.0)
            .len();
        let all = self.registry.parts(&self.registry.metrics[metric]).len();
        let pages = (0..of_group).map(|group_part| {
            let family = first + group_part * (all / of_group) + part;
            integer(self.descriptors.families[family].first_page)
        });
        let pages: Vec<_> = pages.collect();
        match pages.as_slice() {
            [] => TokenStream::new(),
            [page] => quote!(#page),
            [others @ .., last] => {
                let parts = (0..others.len()).map(position);
                quote!(match self.part { #(#parts => #others,)* _ => #last })
            }
        }
    }

    /// Returns the parts of a group's labels.
    fn group_parts(&self, group: usize) -> Vec<Part> {
        self.registry.group_parts(&self.registry.groups[group])
    }

    /// Returns the metrics of a group with their positions in the model.
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

/// Returns an integer literal without a type suffix.
fn integer(value: impl Into<u64>) -> Literal {
    Literal::u64_unsuffixed(value.into())
}

/// Returns the literal for an index in a list of the schema.
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

/// `call` -> `Call`, a type of the generated module `labels`.
fn sum_type(sum: &Sum) -> Ident {
    ident(&name::pascal_case(&sum.name))
}

/// Returns the attribute that makes rustc warn about uses. `name` returns the name of the replacement.
fn deprecated<R>(deprecation: &Deprecation<R>, name: impl Fn(&R) -> String) -> TokenStream {
    let since = deprecation
        .since
        .iter()
        .map(ToString::to_string)
        .map(|since| quote!(since = #since,));
    let note = docs::deprecation_note(deprecation, name);
    quote!(#[deprecated(#(#since)* note = #note)])
}

/// Returns the runtime's marker type of a unit.
fn unit_type(unit: Unit) -> Ident {
    match unit.name() {
        "" => ident("Dimensionless"),
        name => ident(&name::pascal_case(name)),
    }
}
