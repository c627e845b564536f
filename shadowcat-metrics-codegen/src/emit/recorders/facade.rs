//! `Metrics`, which creates recorders, and `Snapshot`, which reads values with the same types.

use super::groups::{Access, constructor};
use super::{Context, docs, label_type};
use crate::model::{Label, LabelValues, Origin};

pub(super) fn emit(context: &Context<'_>) -> String {
    let metrics_doc = docs::metrics(context.registry);
    let fingerprint = context.registry.fingerprint;
    let mut interners = String::new();
    for (index, id) in context.descriptors.open_labels.iter().enumerate() {
        let label = context.label(*id);
        if let LabelValues::Open { max, .. } = label.values {
            interners += &intern_method(label, max, index);
        }
    }
    let (mut recorders, mut snapshots) = (String::new(), String::new());
    for (index, group) in context.registry.groups.iter().enumerate() {
        if group.origin == Origin::Schema {
            recorders += &constructor(context, index, group, Access::Record);
            snapshots += &constructor(context, index, group, Access::Read);
        }
    }
    format!(
        "{metrics_doc}
        #[derive(Clone, Debug)]
        pub struct Metrics {{
            registry: __rt::Registry,
        }}

        impl Metrics {{
            /// Identifies this schema: the macro and a build script that read the same file get the same number.
            #[doc(hidden)]
            pub const FINGERPRINT: u64 = {fingerprint};
            {METHODS}
            {interners}
            {recorders}
        }}

        {IMPLS}

        impl Snapshot {{
            {snapshots}
        }}
        "
    )
}

/// The methods that every `Metrics` has.
const METHODS: &str = "
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
";

/// The items around `Metrics` that do not depend on the schema.
const IMPLS: &str = "
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
";

fn intern_method(label: &Label, max: u32, open_index: usize) -> String {
    let name = &label.key;
    let handle = label_type(label);
    let doc = docs::intern_method(label, max);
    format!(
        "{doc}
        #[must_use]
        pub fn {name}(&self, value: impl __rt::AsRef<__rt::OsStr>) -> labels::{handle} {{
            labels::{handle}(self.registry.intern({open_index}, value.as_ref()))
        }}
        "
    )
}
