//! `Metrics`, which creates recorders, and `Snapshot`, which reads values with the same types.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, docs, groups, ident, integer, label_type, snapshots};
use crate::model::{Label, LabelValues, Origin};

pub(super) fn emit(context: &Context<'_>) -> TokenStream {
    let metrics_doc = docs::metrics(context.registry);
    let fingerprint = integer(context.registry.fingerprint);
    let groups = context.registry.groups.iter().enumerate();
    let (recorders, snapshots): (Vec<_>, Vec<_>) = groups
        .filter(|(_, group)| group.origin == Origin::Schema)
        .map(|(index, group)| {
            (
                groups::recorder_constructor(context, index, group),
                snapshots::constructor(context, index, group),
            )
        })
        .unzip();
    let interners = context.registry.labels.iter().filter_map(interner);
    let mut open_index = 0_u64..;
    let interners = interners
        .map(|(label, name)| intern_method(label, name, open_index.next().unwrap_or(u64::MAX)));
    quote! {
        #metrics_doc
        #[derive(Clone, Debug)]
        pub struct Metrics {
            registry: __rt::Registry,
        }

        impl Metrics {
            /// Identifies this schema: the macro and a build script that read the same file get the same number.
            #[doc(hidden)]
            pub const FINGERPRINT: u64 = #fingerprint;

            /// Creates a registry with separate storage. Clones share it.
            #[must_use]
            pub fn new() -> Self {
                Self::with_options(<__rt::Options as __rt::Default>::default())
            }

            /// Creates a registry with separate storage and custom limits.
            #[must_use]
            pub fn with_options(options: __rt::Options) -> Self {
                Self {
                    registry: __rt::Registry::new(&__shadowcat_metrics::SCHEMA, options),
                }
            }

            /// Creates a registry that records nothing. Each call to a recorder then costs one branch.
            #[must_use]
            pub fn disabled() -> Self {
                Self {
                    registry: __rt::Registry::disabled(&__shadowcat_metrics::SCHEMA),
                }
            }

            /// Returns the untyped registry, which encodes and collects the values.
            #[must_use]
            pub const fn registry(&self) -> &__rt::Registry {
                &self.registry
            }

            /// Copies all current values, to read them with their types in tests and summaries.
            #[must_use]
            pub fn snapshot(&self) -> Snapshot {
                Snapshot(__rt::Snapshot::take(&self.registry))
            }

            #(#interners)*
            #(#recorders)*
        }

        impl __rt::Default for Metrics {
            fn default() -> Self {
                Self::new()
            }
        }

        impl __rt::Deref for Metrics {
            type Target = __rt::Registry;

            fn deref(&self) -> &Self::Target {
                &self.registry
            }
        }

        /// All values at one moment, created by [`Metrics::snapshot`].
        #[derive(Clone, Debug)]
        pub struct Snapshot(__rt::Snapshot);

        impl Snapshot {
            #(#snapshots)*
        }
    }
}

/// Returns an open label of the schema with its `max`, and `None` for other labels.
fn interner(label: &Label) -> Option<(&Label, u32)> {
    match label.values {
        LabelValues::Open { max, .. } if label.origin == Origin::Schema => Some((label, max)),
        LabelValues::Open { .. } | LabelValues::Closed(_) => None,
    }
}

fn intern_method(label: &Label, max: u32, open_index: u64) -> TokenStream {
    let open_index = integer(open_index);
    let name = ident(&label.name);
    let handle = label_type(label);
    let doc = docs::intern_method(label, max);
    quote! {
        #doc
        #[must_use]
        pub fn #name(&self, value: impl __rt::AsRef<__rt::OsStr>) -> labels::#handle {
            labels::#handle(self.registry.intern(#open_index, value.as_ref()))
        }
    }
}
