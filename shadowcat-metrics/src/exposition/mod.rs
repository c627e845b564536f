//! Exposes a registry's values to scrapers, as text ([`Registry::encode`]) or as protobuf ([`Registry::encode_protobuf`]).
//!
//! A page has the values of one moment, family by family in the order of the schema. Metadata, bounds and the names of
//! samples are in the descriptors, so nothing is kept between scrapes.
//!
//! - A family without samples (no open label value yet, no callback, no facts) is omitted with its metadata.
//! - A ratio with a zero denominator is `NaN`: the series exists, and any arithmetic with it gives `NaN`.
//! - A state that was never set is 0 for each of the states.
//! - Series have the same names and labels, with the same spelling, in every format.

mod format;
mod lines;
pub(crate) mod number;
mod protobuf;
mod text;
pub(crate) mod values;
pub(crate) mod wire;

pub use format::Format;
pub use protobuf::PROTOBUF_CONTENT_TYPE;

use crate::registry::Registry;
use lines::Lines;
use text::Text;

impl Registry {
    /// Returns all values in a text format.
    ///
    /// Callbacks are called first, on this thread. During the scrape, creating and dropping open label values waits; recording
    /// does not.
    ///
    /// ```
    /// # shadowcat_metrics::metrics!("tests/shop.toml");
    /// # fn main() {
    /// # use shadowcat_metrics::Format;
    /// # let metrics = Metrics::new();
    /// metrics.cart().added(labels::Shelf::Food).inc();
    /// let page = metrics.encode(Format::PrometheusText);
    /// assert!(page.contains("shop_cart_added_total{shelf=\"food\"} 1
    /// "));
    /// # }
    /// ```
    #[must_use]
    pub fn encode(&self, format: Format) -> String {
        let mut page = Vec::new();
        self.encode_into(format, &mut page);
        into_string(page)
    }

    /// Like [`Registry::encode`], but replaces the contents of a buffer. A reused buffer is allocated only once, not at every
    /// scrape.
    ///
    /// ```
    /// # shadowcat_metrics::metrics!("tests/shop.toml");
    /// # fn main() {
    /// # use shadowcat_metrics::Format;
    /// # let metrics = Metrics::new();
    /// let mut page = Vec::new();
    /// metrics.encode_into(Format::OpenMetrics, &mut page);
    /// assert!(page.ends_with(b"# EOF
    /// "));
    /// # }
    /// ```
    pub fn encode_into(&self, format: Format, page: &mut Vec<u8>) {
        let created_lines = self.store().is_some_and(|store| store.created_lines);
        self.encode_text_into(format, created_lines, page);
    }

    /// Like [`Registry::encode_into`], with or without the `_created` lines of OpenMetrics.
    pub(crate) fn encode_text_into(&self, format: Format, created_lines: bool, page: &mut Vec<u8>) {
        let mut out = Text::over(std::mem::take(page));
        if let Some(mut reader) = self.reader() {
            let mut lines = Lines::new(out, format, created_lines);
            for family in self.schema().exposed() {
                lines.push_family(family, reader.slabs(family));
            }
            out = lines.finish();
        }
        match format {
            Format::PrometheusText => {}
            Format::OpenMetrics => out.push(b"# EOF\n"),
        }
        *page = out.finish();
    }
}

/// Returns a text page as a string. It is valid UTF-8, because it consists of `str`s and ASCII.
pub(crate) fn into_string(page: Vec<u8>) -> String {
    String::from_utf8(page)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
