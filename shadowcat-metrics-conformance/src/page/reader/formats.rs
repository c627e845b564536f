//! What differs between the two formats of text: whether a name is that of a family or of another's samples.

use super::{Reader, Told};
use crate::page::{Family, Format, Sample, Type};

impl Reader {
    /// The family that a line of metadata is about. In the text format a counter `a` and a counter `a_total` are two.
    pub(super) fn place_of_metadata(&mut self, name: &str) -> usize {
        let of_another = self.known.get(name).is_some_and(|place| {
            let family = &self.families[*place];
            match family.kind {
                Type::Counter => name.strip_prefix(&*family.name) == Some("_total"),
                Type::Info => name.strip_prefix(&*family.name) == Some("_info"),
                Type::Gauge
                | Type::Histogram
                | Type::GaugeHistogram
                | Type::Summary
                | Type::StateSet
                | Type::Unknown => false,
            }
        });
        if of_another && !self.is_open_metrics {
            return self.add(name);
        }
        self.place(name)
    }

    /// Whether a line of metadata is about the times at which the series of a histogram or a summary began. In text, some
    /// programs write a family of their own for them, behind the one that they are of.
    pub(super) fn is_time_of_another(&self, name: &str) -> bool {
        let known = self.known.get(name).map(|place| &self.families[*place]);
        !self.is_open_metrics
            && known.is_some_and(|family| name.strip_prefix(&*family.name) == Some("_created"))
    }

    /// Makes families of their own of samples `a_total` beside samples `a` of a counter `a`, which are no series of it.
    pub(super) fn part_totals(&mut self) {
        for place in 0..self.families.len() {
            let family = &mut self.families[place];
            let bare = |sample: &Sample| sample.name == family.name;
            if family.kind != Type::Counter || !family.samples.iter().any(bare) {
                continue;
            }
            let name = format!("{}_total", family.name);
            let samples = std::mem::take(&mut family.samples);
            let (totals, own): (Vec<_>, Vec<_>) =
                samples.into_iter().partition(|sample| sample.name == name);
            family.samples = own;
            if let Some(first) = totals.first() {
                let line = first.line;
                let place = self.add(&name);
                self.families[place].samples = totals;
                self.families[place].line = line;
            }
        }
    }

    /// OpenMetrics, if the page has what only that has: its end, a unit, or its types; or if its counters have a suffix that
    /// their families lack, and none has not.
    pub(super) fn likely_format(&self) -> Format {
        let says_so =
            |(family, told): (&Family, &Told)| told.unit || family.kind.is_of_open_metrics();
        let counters = self.families.iter().filter(|it| it.kind == Type::Counter);
        let has = |family: &&Family, suffix| {
            let mut names = family.samples.iter().map(|sample| &sample.name);
            names.any(|name| name.strip_prefix(&*family.name) == Some(suffix))
        };
        let is_open_metrics = self.end.is_some()
            || self.families.iter().zip(&self.told).any(says_so)
            || (counters.clone().any(|counter| has(&counter, "_total"))
                && !counters.clone().any(|counter| has(&counter, "")));
        if is_open_metrics {
            Format::OpenMetrics
        } else {
            Format::Text
        }
    }
}
