//! Several registries on one page, such as those of a program and of its libraries.

use std::collections::HashSet;
use std::path::Path;
use std::{fmt, io};

use crate::exposition::{Format, into_string};
use crate::registry::Registry;
use crate::schema::Family;
use crate::textfile::write_page;

/// The last line of an OpenMetrics page.
const END: &[u8] = b"# EOF\n";

/// Registries of several schemas that are exposed as one page.
///
/// ```
/// # mod shop { shadowcat_metrics::metrics!("tests/shop.toml"); }
/// # mod pool { shadowcat_metrics::metrics!("tests/growing_labels.toml"); }
/// # use shadowcat_metrics::{Format, NameClash, Registries};
/// # fn main() -> Result<(), NameClash> {
/// # let metrics = shop::Metrics::new();
/// # let pool_metrics = pool::Metrics::new();
/// let registries = Registries::new(&metrics).also(&pool_metrics)?;
/// let page = registries.encode(Format::OpenMetrics);
/// assert!(page.starts_with(metrics.encode(Format::OpenMetrics).trim_end_matches("# EOF\n")));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Registries {
    all: Vec<Registry>,
}

/// Two registries of one page or push have a metric with the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameClash {
    name: &'static str,
}

impl NameClash {
    /// Returns the name: the exposed one on a page, the one in OpenTelemetry in a push.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl NameClash {
    /// Checks that another registry has none of the names of some registries.
    pub(crate) fn check(
        registries: &[Registry],
        other: &Registry,
        names: fn(&Family) -> Vec<&'static str>,
    ) -> Result<(), Self> {
        let mut taken = HashSet::new();
        for registry in registries {
            taken.extend(registry.schema().exposed().flat_map(names));
        }
        let mut names = other.schema().exposed().flat_map(names);
        match names.find(|name| taken.contains(name)) {
            Some(name) => Err(Self { name }),
            None => Ok(()),
        }
    }
}

impl fmt::Display for NameClash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "two registries have the metric `{}`", self.name)
    }
}

impl std::error::Error for NameClash {}

impl Registries {
    /// Starts with one registry.
    #[must_use]
    pub fn new(registry: &Registry) -> Self {
        Self {
            all: vec![registry.clone()],
        }
    }

    /// Adds another registry. Its families come after those of earlier registries.
    ///
    /// # Errors
    ///
    /// If a registry of the page has a family or a sample with the same name: a page cannot have a name twice.
    pub fn also(mut self, registry: &Registry) -> Result<Self, NameClash> {
        NameClash::check(&self.all, registry, Family::names)?;
        self.all.push(registry.clone());
        Ok(self)
    }

    /// Returns all values in a text format, like [`Registry::encode`].
    #[must_use]
    pub fn encode(&self, format: Format) -> String {
        let mut page = Vec::new();
        self.encode_into(format, &mut page);
        into_string(page)
    }

    /// Like [`Registries::encode`], but replaces the contents of a buffer.
    pub fn encode_into(&self, format: Format, page: &mut Vec<u8>) {
        let encode = |registry: &Registry, page: &mut Vec<u8>| registry.encode_into(format, page);
        self.join(encode, Some(format), page, &mut Vec::new());
    }

    /// Returns all values in protobuf, like [`Registry::encode_protobuf`].
    #[must_use]
    pub fn encode_protobuf(&self) -> Vec<u8> {
        let mut page = Vec::new();
        self.join(
            Registry::encode_protobuf_into,
            None,
            &mut page,
            &mut Vec::new(),
        );
        page
    }

    /// Writes all values into a file for `node_exporter`'s textfile collector, like [`Registry::write_textfile`].
    ///
    /// # Errors
    ///
    /// Those of [`Registry::write_textfile`].
    pub fn write_textfile(&self, path: impl AsRef<Path>) -> io::Result<()> {
        write_page(path.as_ref(), |page| {
            self.encode_into(Format::PrometheusText, page);
        })
    }

    /// Replaces the contents of a buffer with the pages of all registries. `encode` writes the page of one of them, in a text
    /// format if there is one. Another buffer is used for parts of the page.
    pub(crate) fn join(
        &self,
        encode: impl Fn(&Registry, &mut Vec<u8>),
        format: Option<Format>,
        page: &mut Vec<u8>,
        part: &mut Vec<u8>,
    ) {
        let [first, others @ ..] = &*self.all else {
            return;
        };
        encode(first, page);
        for other in others {
            encode(other, part);
            if format == Some(Format::OpenMetrics) {
                page.truncate(page.len().saturating_sub(END.len()));
            }
            page.extend_from_slice(part);
        }
    }
}
