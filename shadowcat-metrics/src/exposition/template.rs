//! The text of a page's sample lines without their values: made once, then copied at every scrape.

use super::Format;
use super::number;
use super::sample::push_sample;
use super::text::{PADDING, Text};
use crate::read::Page;
use crate::schema::SeriesSamples;

/// All that stands between the values of a page: in front of each a piece, which ends with `name{label="value"} `.
#[derive(Debug, Default)]
pub(super) struct Template {
    /// The pieces one after the other, then the lines behind the last value, then padding.
    text: Vec<u8>,
    /// Where each piece ends.
    ends: Vec<usize>,
}

/// The lines of a template that are still to be written.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t [u8],
    ends: std::slice::Iter<'t, usize>,
    /// Where the next piece starts.
    start: usize,
}

impl Template {
    /// Writes down all that is known of a page's lines. Of an info that is nothing: facts may change at any time.
    pub(super) fn of(page: &Page<'_>, format: Format) -> Self {
        let family = page.family;
        let created = match format {
            Format::PrometheusText => None,
            Format::OpenMetrics => family.created,
        };
        let mut template = Self::default();
        for series in 0..page.series() {
            template.push_series(page, series);
            if let Some(name) = created {
                // No value follows, so this becomes the front of the next piece.
                push_sample(&mut template.text, (name, ""), page.labels(series), None);
                let time = number::timestamp(page.created);
                template.text.extend(time.bytes().chain([b'\n']));
            }
        }
        template.text.extend([0; PADDING]);
        template
    }

    fn push_series(&mut self, page: &Page<'_>, series: usize) {
        let name = page.family.name;
        let mut push = |suffix, own: Option<(&'static str, &str)>| {
            push_sample(&mut self.text, (name, suffix), page.labels(series), own);
            self.ends.push(self.text.len());
        };
        match page.family.kind.spec().samples {
            SeriesSamples::Value => push("", None),
            SeriesSamples::Histogram(buckets) => {
                for le in buckets.le() {
                    push("_bucket", Some(("le", le)));
                }
                push("_sum", None);
                push("_count", None);
            }
            SeriesSamples::States(states) => {
                for (_, state) in states.spellings() {
                    push("", Some((name, state)));
                }
            }
            SeriesSamples::Facts(_) => {}
        }
    }

    pub(super) fn lines(&self) -> Lines<'_> {
        Lines {
            text: &self.text,
            ends: self.ends.iter(),
            start: 0,
        }
    }
}

impl Lines<'_> {
    /// Writes the next line, with the value that `push_value` gives it.
    #[inline]
    pub(super) fn write(&mut self, out: &mut Text<'_>, push_value: impl FnOnce(&mut Text<'_>)) {
        if let Some(end) = self.ends.next() {
            out.push_padded(&self.text[self.start..], end - self.start);
            push_value(out);
            out.push(b"\n");
            self.start = *end;
        }
    }

    /// Writes the next line, with an integer.
    #[expect(
        clippy::inline_always,
        reason = "most lines of a page: a call would cost a tenth of them"
    )]
    #[inline(always)]
    pub(super) fn write_unsigned(&mut self, out: &mut Text<'_>, value: u64) {
        if let Some(end) = self.ends.next() {
            out.push_line(&self.text[self.start..], end - self.start, value);
            self.start = *end;
        }
    }

    /// Leaves the next line out.
    pub(super) fn skip(&mut self) {
        if let Some(end) = self.ends.next() {
            self.start = *end;
        }
    }

    /// Writes what stands behind the last value.
    pub(super) fn finish(self, out: &mut Text<'_>) {
        out.push(&self.text[self.start..self.text.len() - PADDING]);
    }
}
