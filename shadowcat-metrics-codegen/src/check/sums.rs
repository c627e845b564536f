//! Sum labels: `of` and `with` in `[labels]`.

use std::fmt::Write as _;

use super::Checker;
use super::labels::noun;
use crate::codes::{codes, errors};
use crate::language::MAX_PARTS;
use crate::model::{Argument, LabelId, LabelValues, Registry, Sum, SumId};
use crate::name;
use crate::parse::ast::{self, Spanned, ValueLabels};
use crate::source::Span;

codes! {
    table SUMS;

    SUM_OF = "SM0312" "sum-of-open-label": "`of` names a label that is not closed",
    "A sum label stands for a closed label and the extra labels that only some of its values have, like a Rust enum \
     with fields. The value of the label in `of` decides which extra labels a series has, so that label must have \
     `values`. `with` lists the extra labels of each value that has any.",
    example: r#"[labels.method]
help = "Method of the request."
- open = { max = 64 }
+ values = ["ping", "tools/call"]

[labels.tool]
help = "Tool that was called."
open = { max = 64 }

[labels.call]
help = "The call: its method and, if it has one, its tool."
of = "method"
with = { "tools/call" = ["tool"] }
"#;

    RECURSIVE_SUM = "SM0313" "recursive-sum": "a sum label that contains itself",
    "A sum label may contain other sum labels, but not itself, directly or through another one: otherwise its series \
     would have infinitely many labels.",
    example: r#"[labels.method]
help = "Method of the request."
values = ["ping", "tools/call"]

+ [labels.tool]
+ help = "Tool that was called."
+ open = { max = 64 }
+
[labels.call]
- help = "The call."
+ help = "The call: its method and, if it has one, its tool."
of = "method"
- with = { "tools/call" = ["call"] }
+ with = { "tools/call" = ["tool"] }
"#;

    MISPLACED_SUM = "SM0314" "misplaced-sum": "a sum label in place of a plain one",
    "List a sum label in the `labels` of a group or metric, or in `with` of another sum label. It cannot be a fact of an \
     info metric, be the `states` of a metric, or be optional.",
    example: r#"[labels.method]
help = "Method of the request."
values = ["ping", "tools/call"]

[labels.tool]
help = "Tool that was called."
open = { max = 64 }

[labels.call]
help = "The call: its method and, if it has one, its tool."
of = "method"
with = { "tools/call" = ["tool"] }

[groups.mcp]
help = "Requests over MCP."

[metrics.mcp.requests]
type = "counter"
- labels = [{ name = "call", optional = true }]
+ labels = ["call"]
help = "Requests answered."
"#;

    TOO_MANY_PARTS = "SM0315" "too-many-parts": "too many sets of labels",
    "The series of a metric with a sum label have different sets of labels. Values with the same extra labels share a \
     set. With several sum labels, each combination of their sets is a set of its own. The program has a descriptor for \
     each set, so a metric may have at most 100 sets.",
    example: r#"[labels]
v = { help = "First value.", values = ["a", "b", "c", "d"] }
w = { help = "Second value.", values = ["a", "b", "c", "d"] }
x = { help = "Third value.", values = ["a", "b", "c", "d"] }
y = { help = "Fourth value.", values = ["a", "b", "c", "d"] }
k = { help = "Further value.", open = { max = 1 } }
l = { help = "Further value.", open = { max = 1 } }
m = { help = "Further value.", open = { max = 1 } }
n = { help = "Further value.", open = { max = 1 } }
p = { help = "Further value.", open = { max = 1 } }
q = { help = "Further value.", open = { max = 1 } }
r = { help = "Further value.", open = { max = 1 } }
s = { help = "Further value.", open = { max = 1 } }
one = { help = "A value with its labels.", of = "v", with = { a = ["k"], b = ["l"], c = ["k", "l"] } }
two = { help = "A value with its labels.", of = "w", with = { a = ["m"], b = ["n"], c = ["m", "n"] } }
three = { help = "A value with its labels.", of = "x", with = { a = ["p"], b = ["q"], c = ["p", "q"] } }
four = { help = "A value with its labels.", of = "y", with = { a = ["r"], b = ["s"], c = ["r", "s"] } }

[groups.g]
help = "Requests."

[metrics.g.requests]
type = "counter"
- labels = ["one", "two", "three", "four"]
+ labels = ["one", "two", "three"]
help = "Requests answered."
+
+ [metrics.g.answers]
+ type = "counter"
+ labels = ["four"]
+ help = "Answers sent."
"#;
}

/// Returns whether a label is written as a sum label.
pub(super) fn is_sum(label: &ast::Label) -> bool {
    !label.of.is_absent()
}

impl Checker<'_> {
    /// Checks the sum labels, each after those that it contains.
    pub(super) fn check_sums(&mut self, labels: &[ast::Label]) {
        let (mut waiting, mut names) = (Vec::new(), Vec::new());
        for label in labels.iter().filter(|label| is_sum(label)) {
            // Faulty sum labels are declared too, so that references to them are not reported.
            self.scope.labels.declare(&label.key.value, None);
            names.push(label.key.value.clone());
            waiting.push(label);
        }
        let mut open = names.clone();
        while !waiting.is_empty() {
            let mut rest = Vec::new();
            let mut ready = Vec::new();
            for label in &waiting {
                let is_open = |name: &&Spanned<String>| open.contains(&name.value);
                let contained = contained(label);
                let list = if contained.iter().any(is_open) {
                    &mut rest
                } else {
                    &mut ready
                };
                list.push(*label);
            }
            if ready.is_empty() {
                self.report_cycles(&rest);
                let names = rest.iter().map(|label| label.key.value.clone());
                self.scope.faulty.sums.extend(names);
                return;
            }
            for label in ready {
                let before = self.report.diagnostics().len();
                self.check_sum(label, &names);
                let sums = &mut self.scope.faulty.sums;
                let contains_faulty = |sums: &[String]| {
                    let mut contained = contained(label).into_iter();
                    contained.any(|name| sums.contains(&name.value))
                };
                if label.has_errors
                    || self.report.diagnostics().len() > before
                    || contains_faulty(sums)
                {
                    sums.push(label.key.value.clone());
                }
                open.retain(|name| *name != label.key.value);
            }
            waiting = rest;
        }
    }

    /// Reports each cycle of sum labels once. Those that only lead to a cycle are not at fault.
    fn report_cycles(&mut self, sums: &[&ast::Label]) {
        let mut reported: Vec<&str> = Vec::new();
        for sum in sums {
            // All sum labels that this one leads to.
            let mut reached: Vec<&str> = Vec::new();
            let mut next: Vec<&ast::Label> = vec![*sum];
            while let Some(from) = next.pop() {
                for name in contained(from) {
                    let inner = sums.iter().find(|sum| sum.key.value == name.value);
                    if let Some(inner) = inner.filter(|_| !reached.contains(&name.value.as_str())) {
                        reached.push(&name.value);
                        next.push(*inner);
                    }
                }
            }
            let name = sum.key.value.as_str();
            if !reached.contains(&name) || reported.contains(&name) {
                continue;
            }
            let mut through = String::new();
            for other in reached.iter().filter(|other| **other != name) {
                let word = if through.is_empty() { "through" } else { "and" };
                let _ = write!(through, " {word} `{other}`");
            }
            let message = format!("the sum label `{name}` contains itself{through}");
            self.error(RECURSIVE_SUM, sum.key.span, message)
                .label("expected a `with` that does not lead back to this label");
            reported.push(name);
            reported.extend(reached);
        }
    }

    fn check_sum(&mut self, label: &ast::Label, sums: &[String]) {
        let key = &label.key;
        let name = self.check_label_key(label, &LabelValues::Closed(Vec::new()));
        let rust_type = name::pascal_case(&name);
        let mut others = self.registry.sums.iter();
        if let Some(other) = others.find(|sum| name::pascal_case(&sum.name) == rust_type) {
            let (other, span) = (other.name.clone(), other.span);
            self.type_collision(key, &other, &format!("labels::{rust_type}"))
                .secondary(span, "the other label");
            return;
        }
        let help = self.check_help(&label.help, &noun(label), key.span);
        let notes = self.check_notes(&label.note, &label.annotations);
        self.check_label_keys(label, None);
        let Some(of) = self.check_of(label, sums) else {
            return;
        };
        let mut with = self.check_with(label, of);
        let parts = count_parts(&self.registry, &with);
        let id = self.registry.sums.len();
        let is_cut = |item: &Argument| match item {
            Argument::Label(_) => false,
            Argument::Sum(sum) => self.scope.cut_sums.contains(&sum.0),
        };
        // A sum label that contains one with too many parts is not reported, too.
        let contains_cut = with.iter().flatten().any(is_cut);
        let what = format!("the sum label `{name}`");
        if contains_cut || self.too_many_parts(parts, &what, key.span) {
            // Everything that follows from a sum label reads all of its parts.
            with.iter_mut().for_each(Vec::clear);
            self.scope.cut_sums.push(id);
        }
        self.scope.sums.insert(key.value.clone(), id);
        self.registry.sums.push(Sum {
            name,
            help,
            of,
            with,
            notes,
            allow: label.allow.items().to_vec(),
            span: key.span,
        });
    }

    /// Returns the closed label of a sum. `sums` are the names of all sum labels.
    fn check_of(&mut self, label: &ast::Label, sums: &[String]) -> Option<LabelId> {
        let given = label.of.given()?;
        let (name, span) = (&given.value, given.span);
        if sums.contains(name) {
            let (place, help) = ("the `of` of another sum label", "name a closed label");
            self.misplaced_sum(name, span, place, help);
            return None;
        }
        let id = self.resolve_label(name, span, None)?;
        if self.registry.is_open(id) {
            let open = self.registry.labels[id.0].span;
            self.error(SUM_OF, span, format!("`of` names the open label `{name}`"))
                .label("expected a closed label, one with `values`")
                .secondary(open, "the open label");
            return None;
        }
        Some(id)
    }

    fn check_with(&mut self, label: &ast::Label, of: LabelId) -> Vec<Vec<Argument>> {
        let (key, of_label) = (&label.key, self.registry.labels[of.0].clone());
        let values = of_label.closed_values();
        let mut with = vec![Vec::new(); values.len()];
        if label.with.is_absent() {
            let of = label.of.given().map_or(key.span, |given| given.key);
            let expected =
                "also write `with = { VALUE = [\"LABEL\"] }`, with the extra labels of each value";
            self.misplaced(label, "of", of, expected);
        }
        for ValueLabels { value, labels } in label.with.items() {
            let (name, span) = (&value.value, value.span);
            let position = self.find_value(&of_label.name, values, "with", name, span);
            let items = self.check_items(&key.value, of, labels);
            if let Some(position) = position {
                with[position] = items;
            }
        }
        with
    }

    fn check_items(&mut self, sum: &str, of: LabelId, labels: &[Spanned<String>]) -> Vec<Argument> {
        let mut items = Vec::new();
        let mut seen = vec![of];
        for name in labels {
            let item = if let Some(sum) = self.scope.sums.get(&name.value) {
                Argument::Sum(SumId(*sum))
            } else if let Some(label) = self.resolve_label(&name.value, name.span, None) {
                Argument::Label(label)
            } else {
                continue;
            };
            let ids = self.registry.item_labels(item);
            if let Some(twice) = ids.iter().find(|id| seen.contains(id)) {
                let twice = &self.registry.labels[twice.0].name;
                let message = format!("the sum label `{sum}` has the label `{twice}` twice");
                self.error(errors::DUPLICATE_LABEL, name.span, message)
                    .label("remove it: one series has each label once");
                continue;
            }
            seen.extend(ids);
            items.push(item);
        }
        items
    }

    /// Reports a number of sets of labels over the limit.
    pub(super) fn too_many_parts(&mut self, parts: usize, what: &str, span: Span) -> bool {
        if parts > MAX_PARTS {
            let message = format!("{what} has {parts} sets of labels");
            self.error(TOO_MANY_PARTS, span, message)
                .label(format!("expected at most {MAX_PARTS}"))
                .help("list fewer sum labels, or give more values the same extra labels");
        }
        parts > MAX_PARTS
    }

    /// Reports a sum label where only a plain label is allowed.
    pub(super) fn misplaced_sum(&mut self, name: &str, span: Span, place: &str, help: &str) {
        let message = format!("the sum label `{name}` cannot be {place}");
        self.error(MISPLACED_SUM, span, message)
            .label("expected a closed or open label")
            .help(help);
    }

    /// Returns the labels that a sum label adds to those in `taken`, or reports one that is already there.
    pub(super) fn labels_of_sum(
        &mut self,
        sum: SumId,
        name: &Spanned<String>,
        taken: &[LabelId],
        owner: &str,
    ) -> Option<Vec<LabelId>> {
        let labels = self.registry.sum_labels(sum);
        let Some(twice) = labels.iter().find(|id| taken.contains(id)) else {
            return Some(labels);
        };
        let (sum, twice) = (&name.value, &self.registry.labels[twice.0].name);
        let message =
            format!("the sum label `{sum}` adds the label `{twice}`, which {owner} already has");
        let label = format!("remove one of the two, or `{twice}` from the sum label");
        self.error(errors::DUPLICATE_LABEL, name.span, message)
            .label(label);
        None
    }

    /// Returns the labels of a sum label that only some of its series have.
    pub(super) fn conditional_labels(&self, sum: SumId) -> Vec<LabelId> {
        let parts = self.registry.sum_parts(sum);
        let mut labels = self.registry.sum_labels(sum);
        labels.retain(|id| parts.iter().any(|part| part.label(*id).is_none()));
        labels
    }
}

/// Returns the number of sets of labels of a sum label, given the labels of its values. Saturates.
fn count_parts(registry: &Registry, with: &[Vec<Argument>]) -> usize {
    let mut parts = 0_usize;
    for (index, items) in with.iter().enumerate() {
        if with[..index].contains(items) {
            continue;
        }
        let mut of_items = 1_usize;
        for item in items {
            if let Argument::Sum(sum) = item {
                of_items = of_items.saturating_mul(registry.sum_parts(*sum).len());
            }
        }
        parts = parts.saturating_add(of_items);
    }
    parts
}

/// Returns the names in `with`.
fn contained(label: &ast::Label) -> Vec<&Spanned<String>> {
    let mut names = Vec::new();
    for entry in label.with.items() {
        names.extend(&entry.labels);
    }
    names
}

#[test]
fn rules_of_sums() {
    crate::testing::rules(
        r#"
        labels.s = { help = "S.", of = "mode", with = { on = ["host"] } } | x: counter, labels = ["s"] =>
        labels.s = { help = "S.", of = ^"host", with = { on = ["host"] } } => sum-of-open-label
        labels.s = { help = "S.", of = ^"nothing", with = { on = ["host"] } } => unknown-label
        labels.s = { help = "S.", of = "mode", with = { ^half = ["host"] } } => undeclared-label-value
        labels.s = { help = "S.", of = "mode", with = { on = [^"nothing"] } } => unknown-label
        labels.s = { help = "S.", of = "mode", with = { on = ["host", ^"mode"] } } => duplicate-label
        labels.s = { help = "S.", of = "mode", with = { on = ["host", ^"host"] } } => duplicate-label
        labels.s = { help = "S.", ^of = "mode" } => misplaced-label-key
        labels.^s = { help = "S.", ^with = { on = ["host"] } } => missing-key misplaced-label-key
        labels.s = { help = "S.", values = ["a"], ^with = { on = ["host"] } } => misplaced-label-key
        labels.s = { help = "S.", of = "mode", with = ^["host"] } => wrong-type
        labels.s = { help = "S.", of = "mode", with = { on = ["host"] }, ^values = ["a"] } => conflicting-keys
        labels.s = { help = "S.", of = "mode", with = { on = ["host"] }, ^stability = "stable" } => misplaced-label-key
        labels.^s = { help = "S.", of = "mode", with = { on = ["s"] } } => recursive-sum
        labels.^s = { help = "S.", of = "mode", with = { on = ["t"] } } | labels.t = { help = "T.", of = "mode", with = { on = ["s"] } } => recursive-sum
        labels.^s = { help = "S.", of = "mode", with = { on = ["s"] } } | labels.t = { help = "T.", of = "mode", with = { on = ["s"] } } => recursive-sum
        labels.s = { help = "S.", of = ^"s", with = { on = ["host"] } } => misplaced-sum
        labels.s = { help = "S.", of = ^"t", with = { on = ["host"] } } | labels.t = { help = "T.", of = "mode", with = { on = ["host"] } } => misplaced-sum
        labels.s = { help = "S.", of = "mode", with = {} } | x: counter, labels = ["s"] =>
        labels.s = { help = "S.", of = "mode", with = { on = ["host"] } } | groups.g = { help = "G.", labels = ["s"] } =>
        labels.s = { help = "S.", of = "mode", with = { on = ["host"] } } | groups.g = { help = "G.", labels = ["host", ^"s"] } => duplicate-label
        labels.s = { help = "S.", of = "mode", with = { on = ["host"] } } | groups.g = { help = "G.", labels = [{ name = ^"s", optional = true }] } => misplaced-sum
        labels.s = { help = "S.", of = "mode", with = { on = ["host"] } } | x: info, labels = [^"s"] => misplaced-sum
        labels.s = { help = "S.", of = "mode", with = { on = ["host"] } } | x: state, states = ^"s" => misplaced-sum
        labels.s = { help = "S.", of = "mode", with = { on = ["host"] } } | x: counter, labels = [{ name = ^"s", optional = true }] => misplaced-sum
        labels.s = { help = "S.", of = "mode", with = { on = ["host"] } } | x: counter, labels = ["host", ^"s"] => duplicate-label
        labels.s = { help = "S.", of = "mode", with = { on = ["host"] } } | web.x: counter, labels = [^"s"] => duplicate-label
    "#,
    );
}
