//! Marks that make rustc report the uses of generated items, for `shadowcat-metrics unused`.
//!
//! Each item that a program records with is marked as deprecated, with a note that identifies it. rustc then
//! warns at every use, in this crate or another, under its own name or an alias. The note contains the item's
//! position in the model and the model's fingerprint.

use super::{Context, docs};
use crate::model::{Deprecation, LabelId, LabelValue, MetricId, Registry};

/// An item of the schema that a program uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// The schema as a whole, at the place where it is compiled.
    Schema,
    /// A recorder's method.
    Metric(MetricId),
    /// A value of a closed label, by its position in the list.
    Value(LabelId, usize),
    /// All values of a closed label, through `ALL` or `from_str`.
    Values(LabelId),
}

/// How to mark items.
#[derive(Debug, Default)]
pub struct Marks {
    /// Closed labels without `FromStr`. A call of `str::parse` cannot be marked; without the trait it does
    /// not compile.
    unparsed: Vec<LabelId>,
}

impl Marks {
    /// Parses the fingerprint of the schema and the positions of the labels. Marks of another schema are ignored.
    #[must_use]
    pub fn read(text: &str, registry: &Registry) -> Self {
        let mut words = text.split_whitespace();
        let mut unparsed = Vec::new();
        if words.next() == Some(&*fingerprint(registry)) {
            for word in words {
                unparsed.extend(word.parse().map(LabelId));
            }
        }
        Self { unparsed }
    }
}

/// Returns the fingerprint of a schema as marks contain it.
#[must_use]
pub fn fingerprint(registry: &Registry) -> String {
    format!("{:016x}", registry.fingerprint)
}

/// Prefix of every note, before the fingerprint and the item. Nobody would write it by hand.
pub const MARK: &str = "shadowcat-metrics-use";

impl Context<'_> {
    /// Returns the attribute that marks an item, or nothing if uses are not reported.
    pub(super) fn mark(&self, used: Use) -> String {
        if self.marks.is_none() {
            return String::new();
        }
        let item = match used {
            Use::Schema => "schema".to_owned(),
            Use::Metric(metric) => format!("metric {}", metric.0),
            Use::Value(label, value) => format!("value {} {value}", label.0),
            Use::Values(label) => format!("values {}", label.0),
        };
        let fingerprint = fingerprint(self.registry);
        format!("#[deprecated(note = \"{MARK} {fingerprint} {item}\")]\n")
    }

    /// Returns the attribute of an item that may be deprecated: its mark, if uses are reported, or the warning of ordinary
    /// builds. An item can have only one such attribute. `name` returns the name of the replacement.
    pub(super) fn deprecated<R>(
        &self,
        used: Use,
        deprecation: Option<&Deprecation<R>>,
        name: impl Fn(&R) -> String,
    ) -> String {
        match deprecation {
            Some(deprecation) if self.marks.is_none() => super::deprecated(deprecation, name),
            Some(_) | None => self.mark(used),
        }
    }

    /// Marks that this schema is compiled here.
    pub(super) fn presence(&self) -> String {
        if self.marks.is_none() {
            return String::new();
        }
        let mark = self.mark(Use::Schema);
        format!("const _: () = {{ {mark} const fn schema() {{}} schema() }};\n")
    }

    /// Returns an inherent `from_str`: calls by path prefer it to the trait's method, which cannot be marked.
    pub(super) fn marked_from_str(&self, id: LabelId, body: &str, error: &str) -> String {
        if self.marks.is_none() {
            return String::new();
        }
        let mark = self.mark(Use::Values(id));
        format!(
            "{mark}
            #[doc(hidden)]
            pub fn from_str(value: &str) -> __rt::Result<Self, {error}> {{
                {body}
            }}"
        )
    }

    /// Returns whether a label has `FromStr`.
    pub(super) fn is_parsed(&self, id: LabelId) -> bool {
        self.marks.is_none_or(|marks| !marks.unparsed.contains(&id))
    }

    /// Returns the mark or the deprecation of a variant, by its position in the list of values.
    pub(super) fn deprecated_value(&self, id: LabelId, index: usize, value: &LabelValue) -> String {
        let deprecation = value.deprecated.as_ref();
        self.deprecated(Use::Value(id, index), deprecation, String::clone)
    }
}

/// Returns the variants of a closed label, with their marks.
pub(super) fn variants(context: &Context<'_>, id: LabelId, values: &[LabelValue]) -> String {
    let mut code = String::new();
    for (index, value) in values.iter().enumerate() {
        code += &docs::label_value(value).to_string();
        code += &context.deprecated_value(id, index, value);
        code += &value.variant;
        code += ",\n";
    }
    code
}
