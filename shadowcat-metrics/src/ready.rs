//! Ready-made groups: metrics of a shipped schema file, found in any registry by their names.

use std::error::Error;
use std::fmt;

use crate::place::{Binding, Place};
use crate::registry::Registry;
use crate::schema::{Encoding, MessageType, Storage};

/// The schema declares none of the metrics of a ready-made group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingGroup {
    file: &'static str,
}

impl fmt::Display for MissingGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file } = self;
        write!(
            f,
            "the schema has no metric of `schemas/{file}`: include that file"
        )
    }
}

impl Error for MissingGroup {}

/// Registers the callbacks of a group with the metrics that a schema declares.
pub(crate) struct Group<'r> {
    registry: &'r Registry,
    /// Has no labels bound, because no metric of a group has labels.
    binding: Binding,
    found: usize,
}

impl<'r> Group<'r> {
    pub(crate) fn of(registry: &'r Registry) -> Self {
        Self {
            registry,
            binding: Binding::new(registry),
            found: 0,
        }
    }

    /// Returns the callback gauge of this name, if the schema declares it with this encoding.
    pub(crate) fn gauge(&mut self, name: &str, encoding: Encoding) -> Option<Place<'_>> {
        self.place(name, encoding, MessageType::Gauge)
    }

    /// Returns the callback counter of this name, if the schema declares it with this encoding.
    pub(crate) fn counter(&mut self, name: &str, encoding: Encoding) -> Option<Place<'_>> {
        self.place(name, encoding, MessageType::Counter)
    }

    fn place(&mut self, name: &str, encoding: Encoding, message: MessageType) -> Option<Place<'_>> {
        let mut families = self.registry.schema().families.iter();
        let family = families.find(|family| {
            let spec = family.kind.spec();
            family.name == name
                && family.encoding == encoding
                && family.labels.is_empty()
                && (spec.storage, spec.message) == (Storage::Callback, message)
        })?;
        self.found += 1;
        Some(self.binding.at(family.first_slab))
    }

    /// Returns the name of a metric in the schema's namespace.
    #[cfg(any(feature = "otlp", feature = "tokio"))]
    pub(crate) fn in_namespace(&self, name: &str) -> String {
        match self.registry.schema().namespace {
            "" => name.to_owned(),
            namespace => format!("{namespace}_{name}"),
        }
    }

    /// # Errors
    ///
    /// If no metric was found.
    pub(crate) fn finish(self, file: &'static str) -> Result<(), MissingGroup> {
        if self.found == 0 {
            return Err(MissingGroup { file });
        }
        Ok(())
    }
}
