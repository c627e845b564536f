//! Sum labels: an enum for each, whose variants carry the labels that depend on them, and the `match` by which a recorder
//! finds the part of a metric.

use std::fmt::Write as _;

use super::labels::non_exhaustive;
use super::{Context, docs, label_type, sum_type};
use crate::model::{Argument, LabelId, LabelValue, Registry, Sum, SumId};

/// Emits the enum of a sum label.
pub(super) fn emit(context: &Context<'_>, id: SumId) -> String {
    let registry = context.registry;
    let sum = &registry.sums[id.0];
    let name = sum_type(sum);
    let doc = docs::sum_label(registry, sum);
    let (lifetime, anonymous) = if borrows(registry, Argument::Sum(id)) {
        ("<'a>", "<'_>")
    } else {
        ("", "")
    };
    let of = registry.labels[sum.of.0].closed_values();
    let (mut variants, mut arms) = (String::new(), String::new());
    for (number, place) in variant_order(sum).into_iter().enumerate() {
        let (value, items) = (&of[place], &sum.with[place]);
        let variant = &value.variant;
        let doc = docs::sum_variant(registry, value, items);
        let mark = context.deprecated_value(sum.of, place, value);
        let mut types = Vec::new();
        for item in items {
            types.push(argument_type(registry, *item, "'a"));
        }
        let fields = fields(&types);
        let _ = writeln!(variants, "{doc}{mark}{variant}{fields},");
        let fields = if items.is_empty() { "" } else { "{ .. }" };
        let _ = writeln!(arms, "Self::{variant} {fields} => {number},");
    }
    let has_positions = sum.variants().iter().any(|(values, _)| values.len() > 1);
    let index = if has_positions {
        format!(
            "#[allow(deprecated)]
            impl {name} {anonymous} {{
                /// Returns the variant's position in the declaration, which costs nothing to compute.
                #[inline]
                pub(super) const fn index(self) -> u32 {{
                    match self {{
                        {arms}
                    }}
                }}
            }}
            "
        )
    } else {
        String::new()
    };
    let non_exhaustive = non_exhaustive(context.label(sum.of));
    format!(
        "{doc}
        #[derive(Clone, Copy, Debug)]
        {non_exhaustive}
        pub enum {name} {lifetime} {{
            {variants}
        }}

        {index}
        "
    )
}

/// Returns the type of a variant's field, or of a parameter of a recorder, in the module `labels`.
pub(super) fn argument_type(registry: &Registry, argument: Argument, lifetime: &str) -> String {
    let borrows = borrows(registry, argument);
    match argument {
        Argument::Label(id) => {
            let ty = label_type(&registry.labels[id.0]);
            if borrows {
                format!("&{lifetime} {ty}")
            } else {
                ty
            }
        }
        Argument::Sum(id) => {
            let ty = sum_type(&registry.sums[id.0]);
            if borrows {
                format!("{ty}<{lifetime}>")
            } else {
                ty
            }
        }
    }
}

/// Returns the fields of a variant in parentheses, if it has some.
fn fields(fields: &[String]) -> String {
    match fields {
        [] => String::new(),
        fields => format!("({})", fields.join(", ")),
    }
}

/// Returns the positions of the values in the order of the enum's variants: first those without extra labels, then those of
/// each part together. So the part of a variant is a range of its discriminant, and the position in the part a difference.
fn variant_order(sum: &Sum) -> Vec<usize> {
    let (mut plain, mut others) = (Vec::new(), Vec::new());
    for (values, items) in sum.variants() {
        let list = if items.is_empty() {
            &mut plain
        } else {
            &mut others
        };
        list.extend(values);
    }
    plain.append(&mut others);
    plain
}

/// Returns whether an argument borrows the value of an open label.
pub(super) fn borrows(registry: &Registry, argument: Argument) -> bool {
    let labels = registry.item_labels(argument);
    labels.iter().any(|id| registry.is_open(*id))
}

/// Returns the attribute of a method whose patterns name deprecated or marked variants.
pub(super) fn allow_deprecated(context: &Context<'_>, arguments: &[Argument]) -> &'static str {
    let registry = context.registry;
    let names_deprecated = |argument: &Argument| {
        let is_deprecated = |value: &LabelValue| value.deprecated.is_some();
        let has_deprecated = |id: &LabelId| {
            let values = registry.labels[id.0].closed_values();
            values.iter().any(is_deprecated)
        };
        let is_sum = matches!(argument, Argument::Sum(_));
        let labels = registry.item_labels(*argument);
        is_sum && (context.marks.is_some() || labels.iter().any(has_deprecated))
    };
    if arguments.iter().any(names_deprecated) {
        "#[allow(deprecated)]"
    } else {
        ""
    }
}

/// An arm of a `match` over some sum labels, or over the fields of a variant. There is one for each part, in their order.
#[derive(Clone, Default)]
struct Arm {
    /// One pattern for each. All variants are named, so that the compiler finds the part with few comparisons.
    patterns: Vec<String>,
    /// Binds the labels of the part.
    bound: String,
    /// Whether the last pattern's value is read from its variable.
    reads_value: bool,
}

/// Combines each arm with each of those of a further sum label or field.
fn combine(arms: &[Arm], further: &[Arm]) -> Vec<Arm> {
    let mut combined = Vec::new();
    for arm in arms {
        for next in further {
            combined.push(Arm {
                patterns: [arm.patterns.as_slice(), &next.patterns].concat(),
                bound: format!("{}{}", arm.bound, next.bound),
                reads_value: next.reads_value,
            });
        }
    }
    combined
}

/// Returns an expression for the arguments of a method. `at` returns it for a part, given the calls that bind its labels, and
/// `bind` the call that binds a label.
pub(super) fn places(
    context: &Context<'_>,
    own: &[Argument],
    at: &dyn Fn(usize, &str) -> String,
    bind: &dyn Fn(LabelId) -> String,
) -> String {
    let registry = context.registry;
    let mut names = Vec::new();
    let mut arms = vec![Arm::default()];
    for argument in own {
        match argument {
            Argument::Label(id) => {
                let call = bind(*id);
                for arm in &mut arms {
                    arm.bound += &call;
                }
            }
            Argument::Sum(id) => {
                names.push(registry.sums[id.0].name.clone());
                arms = combine(&arms, &sum_arms(registry, *id, bind));
            }
        }
    }
    if names.is_empty() {
        return at(0, &arms[0].bound);
    }
    // Parentheses around a single name would be a warning.
    let tuple = |names: &[String]| match names {
        [name] => name.clone(),
        names => format!("({})", names.join(", ")),
    };
    let mut code = format!("match {} {{\n", tuple(&names));
    for (part, arm) in arms.iter().enumerate() {
        let place = at(part, &arm.bound);
        let _ = writeln!(code, "{} => {{ {place} }}", tuple(&arm.patterns));
    }
    code + "}"
}

/// Returns the arms of a sum label whose value is in the variable of its name.
fn sum_arms(registry: &Registry, id: SumId, bind: &dyn Fn(LabelId) -> String) -> Vec<Arm> {
    let sum = &registry.sums[id.0];
    let (name, ty) = (&sum.name, sum_type(sum));
    let order = variant_order(sum);
    let mut arms = Vec::new();
    for (values, items) in sum.variants() {
        let start = order.iter().position(|place| *place == values[0]);
        let bound = match (values.len(), start) {
            (1, _) => String::new(),
            (count, Some(0) | None) => format!(".position({count}, {name}.index())"),
            (count, Some(start)) => {
                format!(".position({count}, {name}.index().wrapping_sub({start}))")
            }
        };
        let mut variant_arms = vec![Arm {
            bound,
            ..Arm::default()
        }];
        for item in items {
            variant_arms = combine(&variant_arms, &item_arms(registry, *item, bind));
        }
        for arm in variant_arms {
            let fields = fields(&arm.patterns);
            let mut variants = Vec::new();
            for value in &values {
                let variant = &registry.labels[sum.of.0].closed_values()[*value].variant;
                variants.push(format!("labels::{ty}::{variant}{fields}"));
            }
            arms.push(Arm {
                patterns: vec![variants.join(" | ")],
                bound: arm.bound,
                reads_value: values.len() > 1,
            });
        }
    }
    arms
}

/// Returns the arms of a variant's field, with the field in the variable of the label's name.
fn item_arms(registry: &Registry, item: Argument, bind: &dyn Fn(LabelId) -> String) -> Vec<Arm> {
    match item {
        Argument::Label(id) => vec![Arm {
            patterns: vec![registry.labels[id.0].key.clone()],
            bound: bind(id),
            ..Arm::default()
        }],
        Argument::Sum(sum) => {
            let name = &registry.sums[sum.0].name;
            let mut arms = sum_arms(registry, sum, bind);
            for arm in &mut arms {
                if arm.reads_value {
                    arm.patterns = vec![format!("{name} @ ({})", arm.patterns[0])];
                }
            }
            arms
        }
    }
}
