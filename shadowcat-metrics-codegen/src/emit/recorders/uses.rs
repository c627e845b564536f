//! Marks that make rustc report the uses of generated items, for `shadowcat-metrics unused`.
//!
//! Each item that a program records with is marked as deprecated, with a note that identifies it. rustc then
//! warns at every use, in this crate or another, under its own name or an alias. The note contains the item's
//! position in the model and the model's fingerprint.

use std::fmt;

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
    /// Parses the text that [`Marks::without_from_str`] wrote.
    #[must_use]
    pub fn read(text: &str, registry: &Registry) -> Self {
        let mut words = text.split_whitespace();
        let ours = words
            .next()
            .is_some_and(|word| is_fingerprint(word, registry));
        let labels = words.filter(|_| ours).filter_map(|word| word.parse().ok());
        Self {
            unparsed: labels.map(LabelId).collect(),
        }
    }

    /// Writes the list of labels without `FromStr`.
    #[must_use]
    pub fn without_from_str(
        labels: impl IntoIterator<Item = LabelId>,
        registry: &Registry,
    ) -> String {
        let labels = labels.into_iter().map(|label| format!(" {}", label.0));
        format!(
            "{:016x}{}",
            registry.fingerprint,
            labels.collect::<String>()
        )
    }
}

fn is_fingerprint(word: &str, registry: &Registry) -> bool {
    u64::from_str_radix(word, 16) == Ok(registry.fingerprint)
}

/// Prefix of every note. Nobody would write it by hand.
const MARK: &str = "shadowcat-metrics-use";

/// The content of rustc's message at a use.
struct Note {
    used: Use,
    fingerprint: u64,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK} {:016x} ", self.fingerprint)?;
        match self.used {
            Use::Schema => f.write_str("schema"),
            Use::Metric(metric) => write!(f, "metric {}", metric.0),
            Use::Value(label, value) => write!(f, "value {} {value}", label.0),
            Use::Values(label) => write!(f, "values {}", label.0),
        }
    }
}

impl Use {
    /// Parses one of rustc's messages. Returns `None` for other messages, and for marks of another schema.
    #[must_use]
    pub fn in_message(message: &str, registry: &Registry) -> Option<Self> {
        let (_, note) = message.split_once(MARK)?;
        let mut words = note.split_whitespace();
        if !is_fingerprint(words.next()?, registry) {
            return None;
        }
        let kind = words.next()?;
        let mut number = || words.next()?.parse::<usize>().ok();
        match kind {
            "schema" => Some(Self::Schema),
            "metric" => Some(Self::Metric(MetricId(number()?))),
            "value" => Some(Self::Value(LabelId(number()?), number()?)),
            "values" => Some(Self::Values(LabelId(number()?))),
            _ => None,
        }
    }
}

impl Context<'_> {
    /// Returns the attribute that marks an item, or nothing if uses are not reported.
    pub(super) fn mark(&self, used: Use) -> String {
        if self.marks.is_none() {
            return String::new();
        }
        let note = Note {
            used,
            fingerprint: self.registry.fingerprint,
        };
        format!("#[deprecated(note = \"{note}\")]\n")
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
