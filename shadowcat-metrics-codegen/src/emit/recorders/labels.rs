//! The module `labels`: an enum for each closed label, a handle type for each open one.

use proc_macro2::TokenStream;
use quote::quote;

use super::uses::{self, Use};
use super::{Context, docs, ident, label_type, position, sums};
use crate::model::{Label, LabelId, LabelValue, LabelValues, Origin, SumId};

pub(super) fn emit(context: &Context<'_>) -> TokenStream {
    let labels = context
        .registry
        .labels
        .iter()
        .enumerate()
        .filter(|(_, label)| label.origin == Origin::Schema);
    let types = labels.map(|(index, label)| match &label.values {
        LabelValues::Closed(values) => closed(context, LabelId(index), label, values),
        LabelValues::Open { max, overflow } => open(label, *max, overflow),
    });
    let sums = (0..context.registry.sums.len()).map(|index| sums::emit(context, SumId(index)));
    let types: Vec<_> = types.chain(sums).collect();
    let alias = (!types.is_empty()).then(|| context.runtime_alias());
    quote! {
        /// Label values as types: a closed label is an enum, an open one a handle created by [`Metrics`](super::Metrics).
        pub mod labels {
            #alias
            #(#types)*
        }
    }
}

fn closed(context: &Context<'_>, id: LabelId, label: &Label, values: &[LabelValue]) -> TokenStream {
    let name = label_type(label);
    let doc = docs::closed_label(label);
    let label_name = &label.name;
    let variants: Vec<_> = values.iter().map(|value| ident(&value.variant)).collect();
    let marked_variants = uses::variants(context, id, values);
    let all_mark = context.mark(Use::Values(id));
    let strings: Vec<_> = values.iter().map(|value| &value.value).collect();
    let (error, otherwise) = match label.fallback_value() {
        Some(fallback) => {
            let fallback = ident(&fallback.variant);
            (quote!(__rt::Infallible), quote!(__rt::Ok(Self::#fallback)))
        }
        None => (
            quote!(__rt::UnknownLabelValue),
            quote!(__rt::Err(__rt::UnknownLabelValue::new(#label_name, value))),
        ),
    };
    // The fallback's own string needs no arm: every other string becomes the fallback.
    let parsed = (0..values.len()).filter(|index| label.fallback != Some(*index));
    let arms = parsed.map(|index| {
        let (string, variant) = (strings[index], &variants[index]);
        quote!(#string => __rt::Ok(Self::#variant),)
    });
    let body = quote! {
        match value {
            #(#arms)*
            _ => #otherwise,
        }
    };
    let allow_deprecated = allow_deprecated(values);
    let from_str = context.marked_from_str(id, &body, &error);
    let parse = context.is_parsed(id).then(|| {
        quote! {
            #allow_deprecated
            impl __rt::FromStr for #name {
                type Err = #error;

                // Not `Self::Err`, which would be a variant if there is a value `err`.
                fn from_str(value: &str) -> __rt::Result<Self, #error> {
                    #body
                }
            }
        }
    });
    let non_exhaustive = label.is_extensible.then(|| quote!(#[non_exhaustive]));
    // An array's type contains the number of values, so a new value would be a breaking change.
    let (all_type, all) = if label.is_extensible {
        (quote!(&'static [Self]), quote!(&[#(Self::#variants),*]))
    } else {
        let count = position(values.len());
        (quote!([Self; #count]), quote!([#(Self::#variants),*]))
    };
    let reference = (!label.is_extensible).then(|| quote!(&));
    quote! {
        #doc
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #non_exhaustive
        pub enum #name {
            #(#marked_variants)*
        }

        #allow_deprecated
        impl #name {
            /// Every value, in the order of the schema.
            #all_mark
            pub const ALL: #all_type = #all;

            /// Returns the exposed value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    #(Self::#variants => #strings,)*
                }
            }

            #from_str
        }

        impl __rt::fmt::Display for #name {
            fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl __rt::AsRef<str> for #name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        #parse

        impl __rt::Sealed for #name {}

        impl __rt::ClosedLabel for #name {
            const ALL: &'static [Self] = #reference Self::ALL;

            #[inline]
            fn index(self) -> u32 {
                self as u32
            }
        }
    }
}

/// Generated code names all values, including deprecated ones.
fn allow_deprecated(values: &[LabelValue]) -> Option<TokenStream> {
    let is_deprecated = values.iter().any(|value| value.deprecated.is_some());
    is_deprecated.then(|| quote!(#[allow(deprecated)]))
}

fn open(label: &Label, max: u32, overflow: &str) -> TokenStream {
    let name = label_type(label);
    let doc = docs::open_label(label, max, overflow);
    quote! {
        #doc
        #[derive(Clone, Debug)]
        pub struct #name(pub(super) __rt::OpenValue);

        impl #name {
            /// Returns the exposed value: truncated if it was too long, the overflow value if the label was full.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl __rt::fmt::Display for #name {
            fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl __rt::AsRef<str> for #name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        // For reading back recorded values: snapshots accept any string of the platform.
        impl __rt::AsRef<__rt::OsStr> for #name {
            fn as_ref(&self) -> &__rt::OsStr {
                __rt::AsRef::as_ref(self.as_str())
            }
        }
    }
}
