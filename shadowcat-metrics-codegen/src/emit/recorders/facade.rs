//! `Metrics`, which makes recorders, and `Snapshot`, which reads values back with the same types.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, docs, groups, ident, label_type, snapshots};
use crate::model::{Label, LabelValues, Origin};

pub(super) fn emit(context: &Context<'_>) -> TokenStream {
    let metrics_doc = docs::metrics(context.registry);
    let fingerprint = context.registry.fingerprint;
    let groups = context.registry.groups.iter().enumerate();
    let (recorders, snapshots): (Vec<_>, Vec<_>) = groups
        .filter(|(_, group)| group.origin == Origin::Schema)
        .map(|(index, group)| {
            (
                groups::recorder_constructor(context, index, group),
                snapshots::constructor(context, group),
            )
        })
        .unzip();
    let interners = context.registry.labels.iter().filter_map(interner);
    let mut open_index = 0_u32..;
    let interners = interners
        .map(|(label, name)| intern_method(label, name, open_index.next().unwrap_or(u32::MAX)));
    quote! {
        #metrics_doc
        #[derive(Clone, Debug)]
        pub struct Metrics {
            registry: ::shadowcat_metrics::private::Registry,
        }

        impl Metrics {
            /// Tells this schema from others: the macro and a build script that read the same file get the same number.
            #[doc(hidden)]
            pub const FINGERPRINT: u64 = #fingerprint;

            /// Makes a registry with storage of its own. Clones share it.
            #[must_use]
            pub fn new() -> Self {
                Self::with_options(<::shadowcat_metrics::private::Options as ::core::default::Default>::default())
            }

            /// Makes a registry with storage of its own, and other limits than the default ones.
            #[must_use]
            pub fn with_options(options: ::shadowcat_metrics::private::Options) -> Self {
                Self {
                    registry: ::shadowcat_metrics::private::Registry::new(&__shadowcat_metrics::SCHEMA, options),
                }
            }

            /// Makes a registry that records nothing; a call to a recorder then costs a branch.
            #[must_use]
            pub fn disabled() -> Self {
                Self {
                    registry: ::shadowcat_metrics::private::Registry::disabled(&__shadowcat_metrics::SCHEMA),
                }
            }

            /// Copies all values as they are now, to read them back with types; for tests and summaries.
            #[must_use]
            pub fn snapshot(&self) -> Snapshot {
                Snapshot(::shadowcat_metrics::private::Snapshot::take(&self.registry))
            }

            #(#interners)*
            #(#recorders)*
        }

        impl ::core::default::Default for Metrics {
            fn default() -> Self {
                Self::new()
            }
        }

        impl ::core::ops::Deref for Metrics {
            type Target = ::shadowcat_metrics::private::Registry;

            fn deref(&self) -> &Self::Target {
                &self.registry
            }
        }

        /// All values at one moment; made by [`Metrics::snapshot`].
        #[derive(Clone, Debug)]
        pub struct Snapshot(::shadowcat_metrics::private::Snapshot);

        impl Snapshot {
            #(#snapshots)*
        }
    }
}

/// Open labels, in the order of the schema's `open_labels`.
fn interner(label: &Label) -> Option<(&Label, u32)> {
    match label.values {
        LabelValues::Open { max, .. } if label.origin == Origin::Schema => Some((label, max)),
        LabelValues::Open { .. } | LabelValues::Closed(_) => None,
    }
}

fn intern_method(label: &Label, max: u32, open_index: u32) -> TokenStream {
    let name = ident(&label.name);
    let handle = label_type(label);
    let doc = docs::intern_method(label, max);
    quote! {
        #doc
        #[must_use]
        pub fn #name(&self, value: impl ::core::convert::AsRef<::std::ffi::OsStr>) -> labels::#handle {
            labels::#handle(self.registry.intern(#open_index, value.as_ref()))
        }
    }
}
