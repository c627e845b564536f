//! The module `labels`: an enum for each closed label, a handle type for each open one.

use std::fmt::Write as _;

use super::uses::{self, Use};
use super::{Context, docs, label_type, sums};
use crate::model::{Label, LabelId, LabelValue, LabelValues, Origin, SumId};

pub(super) fn emit(context: &Context<'_>) -> String {
    let mut types = String::new();
    for (index, label) in context.registry.labels.iter().enumerate() {
        if label.origin == Origin::Schema {
            types += &match &label.values {
                LabelValues::Closed(values) => closed(context, LabelId(index), label, values),
                LabelValues::Open { max, overflow } => open(label, *max, overflow),
            };
        }
    }
    for index in 0..context.registry.sums.len() {
        types += &sums::emit(context, SumId(index));
    }
    let alias = if types.is_empty() {
        String::new()
    } else {
        context.runtime_alias()
    };
    format!(
        "/// Label values as types: a closed label is an enum, an open one a handle created by [`Metrics`](super::Metrics).
        pub mod labels {{
            {alias}
            {types}
        }}
        "
    )
}

fn closed(context: &Context<'_>, id: LabelId, label: &Label, values: &[LabelValue]) -> String {
    let name = label_type(label);
    let doc = docs::closed_label(label);
    let variants = uses::variants(context, id, values);
    let all_mark = context.mark(Use::Values(id));
    let allow_deprecated = allow_deprecated(values);
    let non_exhaustive = non_exhaustive(label);
    let (mut all, mut strings) = (String::new(), String::new());
    for LabelValue { variant, value, .. } in values {
        let _ = write!(all, "Self::{variant}, ");
        let _ = writeln!(strings, "Self::{variant} => {value:?},");
    }
    let body = parse(label, values);
    let error = match label.fallback {
        Some(_) => "__rt::Infallible",
        None => "__rt::UnknownLabelValue",
    };
    let from_str = context.marked_from_str(id, &body, error);
    let parse = if context.is_parsed(id) {
        // Not `Self::Err`, which would be a variant if there is a value `err`.
        format!(
            "{allow_deprecated}
            impl __rt::FromStr for {name} {{
                type Err = {error};

                fn from_str(value: &str) -> __rt::Result<Self, {error}> {{
                    {body}
                }}
            }}"
        )
    } else {
        String::new()
    };
    let count = values.len();
    // An array's type contains the number of values, so a new value would be a breaking change.
    let (all_type, all, reference) = if label.is_extensible {
        ("&'static [Self]".to_owned(), format!("&[{all}]"), "")
    } else {
        (format!("[Self; {count}]"), format!("[{all}]"), "&")
    };
    let text_impls = text_impls(&name);
    format!(
        "{doc}
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        {non_exhaustive}
        pub enum {name} {{
            {variants}
        }}

        {allow_deprecated}
        impl {name} {{
            /// Every value, in the order of the schema.
            {all_mark}
            pub const ALL: {all_type} = {all};

            /// Returns the exposed value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {{
                match self {{
                    {strings}
                }}
            }}

            {from_str}
        }}

        {text_impls}

        {parse}

        impl __rt::Sealed for {name} {{}}

        impl __rt::ClosedLabel for {name} {{
            const ALL: &'static [Self] = {reference} Self::ALL;

            #[inline]
            fn index(self) -> u32 {{
                self as u32
            }}
        }}
        "
    )
}

/// Returns the expression that parses `value`.
fn parse(label: &Label, values: &[LabelValue]) -> String {
    let mut arms = String::new();
    for (index, LabelValue { variant, value, .. }) in values.iter().enumerate() {
        // The fallback's own string needs no arm: every other string becomes the fallback.
        if label.fallback != Some(index) {
            let _ = writeln!(arms, "{value:?} => __rt::Ok(Self::{variant}),");
        }
    }
    let otherwise = match label.fallback_value() {
        Some(fallback) => format!("__rt::Ok(Self::{})", fallback.variant),
        None => format!(
            "__rt::Err(__rt::UnknownLabelValue::new({:?}, value))",
            label.name
        ),
    };
    format!("match value {{ {arms} _ => {otherwise}, }}")
}

/// Returns the implementations that label types have for their text.
fn text_impls(name: &str) -> String {
    format!(
        "impl __rt::fmt::Display for {name} {{
            fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {{
                f.pad(self.as_str())
            }}
        }}

        impl __rt::AsRef<str> for {name} {{
            fn as_ref(&self) -> &str {{
                self.as_str()
            }}
        }}"
    )
}

/// Returns the attribute of the enum of a label whose values may become more.
pub(super) fn non_exhaustive(label: &Label) -> &'static str {
    if label.is_extensible {
        "#[non_exhaustive]"
    } else {
        ""
    }
}

/// Generated code names all values, including deprecated ones.
fn allow_deprecated(values: &[LabelValue]) -> &'static str {
    if values.iter().any(|value| value.deprecated.is_some()) {
        "#[allow(deprecated)]"
    } else {
        ""
    }
}

fn open(label: &Label, max: u32, overflow: &str) -> String {
    let name = label_type(label);
    let doc = docs::open_label(label, max, overflow);
    let text_impls = text_impls(&name);
    // Snapshots read back recorded values, and accept any string of the platform.
    format!(
        "{doc}
        #[derive(Clone, Debug)]
        pub struct {name}(pub(super) __rt::OpenValue);

        impl {name} {{
            /// Returns the exposed value: truncated if it was too long, the overflow value if the label was full.
            #[must_use]
            pub fn as_str(&self) -> &str {{
                self.0.as_str()
            }}
        }}

        {text_impls}

        impl __rt::AsRef<__rt::OsStr> for {name} {{
            fn as_ref(&self) -> &__rt::OsStr {{
                __rt::AsRef::as_ref(self.as_str())
            }}
        }}
        "
    )
}
