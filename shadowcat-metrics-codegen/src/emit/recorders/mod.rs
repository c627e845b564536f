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
mod statics;
mod sums;
pub mod uses;

use std::fmt::Write as _;

use crate::model::{Deprecation, Group, Label, LabelId, Metric, Origin, Part, Registry, Sum, Unit};
use crate::name;
use descriptors::Descriptors;
use uses::Marks;

/// Emits everything that `metrics!` expands to, except for its dependency on the file, as the text of Rust items. `runtime` is
/// the path of the runtime crate, such as `::shadowcat_metrics`. With `marks`, every item that a program records with has a mark,
/// so that rustc warns at each use.
///
/// The macro parses the text. Building it from tokens would double the macro's dependencies and take a quarter of the
/// time that this crate takes to build.
#[must_use]
pub fn emit_recorders(registry: &Registry, runtime: &str, marks: Option<&Marks>) -> String {
    let context = Context {
        registry,
        runtime,
        marks,
        descriptors: Descriptors::of(registry),
    };
    let mut code = [
        context.runtime_alias(),
        statics::emit(&context),
        labels::emit(&context),
        facade::emit(&context),
    ]
    .concat();
    for (index, group) in registry.groups.iter().enumerate() {
        if group.origin == Origin::Schema {
            code += &groups::emit(&context, index, group);
        }
    }
    code + &context.presence()
}

/// The context that every part needs.
struct Context<'a> {
    registry: &'a Registry,
    /// The path of the runtime crate.
    runtime: &'a str,
    /// Set to make rustc report uses.
    marks: Option<&'a Marks>,
    descriptors: Descriptors<'a>,
}

impl Context<'_> {
    /// Returns the import of the runtime's items. Each module has a separate one, so that the macro also
    /// works in a function body.
    fn runtime_alias(&self) -> String {
        format!("use {}::private as __rt;\n", self.runtime)
    }

    fn label(&self, id: LabelId) -> &Label {
        &self.registry.labels[id.0]
    }

    /// Returns the first slab of a metric, given by its position in the model, for a part of its own labels. If the labels of
    /// the group have several parts, the recorder knows which of them it has.
    fn first_slab(&self, metric: usize, part: usize) -> String {
        let first = self.descriptors.first_families[metric];
        let of_group = self
            .group_parts(self.registry.metrics[metric].group.0)
            .len();
        let all = self.registry.parts(&self.registry.metrics[metric]).len();
        let slab = |group_part: usize| {
            let family = first + group_part * (all / of_group) + part;
            self.descriptors.families[family].first_slab
        };
        let Some(last) = of_group.checked_sub(1) else {
            return String::new();
        };
        if last == 0 {
            return slab(0).to_string();
        }
        let mut code = "match self.part { ".to_owned();
        for group_part in 0..last {
            let _ = write!(code, "{group_part} => {}, ", slab(group_part));
        }
        let _ = write!(code, "_ => {} }}", slab(last));
        code
    }

    /// Returns the parts of a group's labels.
    fn group_parts(&self, group: usize) -> Vec<Part> {
        self.registry.group_parts(&self.registry.groups[group])
    }

    /// Returns the metrics of a group with their positions in the model.
    fn metrics_of(&self, group: usize) -> Vec<(usize, &Metric)> {
        let mut metrics = Vec::new();
        for (index, metric) in self.registry.metrics.iter().enumerate() {
            if metric.group.0 == group {
                metrics.push((index, metric));
            }
        }
        metrics
    }
}

/// `buffer_pool` -> `BufferPoolRecorder`.
fn recorder_type(group: &Group) -> String {
    name::pascal_case(&group.name) + "Recorder"
}

/// `buffer_pool` -> `BufferPoolSnapshot`.
fn snapshot_type(group: &Group) -> String {
    name::pascal_case(&group.name) + "Snapshot"
}

/// `transport` -> `Transport`, a type of the generated module `labels`.
fn label_type(label: &Label) -> String {
    name::pascal_case(&label.key)
}

/// `call` -> `Call`, a type of the generated module `labels`.
fn sum_type(sum: &Sum) -> String {
    name::pascal_case(&sum.name)
}

/// Returns the attribute that makes rustc warn about uses. `name` returns the name of the replacement.
fn deprecated<R>(deprecation: &Deprecation<R>, name: impl Fn(&R) -> String) -> String {
    let since = match &deprecation.since {
        Some(since) => format!("since = \"{since}\", "),
        None => String::new(),
    };
    let note = docs::deprecation_note(deprecation, name);
    format!("#[deprecated({since}note = {note:?})]\n")
}

/// Returns the runtime's marker type of a unit.
fn unit_type(unit: Unit) -> String {
    match unit.name() {
        "" => "Dimensionless".to_owned(),
        name => name::pascal_case(name),
    }
}
