//! The contestant of the scrapes of 400 families: an encoder that keeps its pieces of text. It writes the same bytes as this
//! project.

mod encoder;

use super::shadowcat::families::{COUNTERS, Families};
use super::{Kind, Lack, Peer};
use crate::harness::population::{Exposed, Format, Page, Series, amount, observations};
use encoder::Encoder;
use shadowcat_metrics::Options;

pub(super) const PEER: Peer = Peer {
    kind: Kind::Bare,
    name: "three-piece",
    usage: "pieces of text kept between scrapes; one thread's cells",
    dependencies: &[],
    record: |_, _| None,
    expose,
    lack: Lack::Nothing,
    ways: &[],
};

fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    (series == Series::FAMILIES).then(|| {
        let families = Families::new(Options::default());
        Box::new(Encoder::new(families.registry.schema())) as _
    })
}

impl Exposed for Encoder {
    fn touch(&self) {
        for (at, family, series) in Series::FAMILIES.each_counter() {
            self.add(family, series, amount(at));
        }
        for (at, family, series) in Series::FAMILIES.each_histogram() {
            for duration in observations(at) {
                self.observe(COUNTERS as usize + family, series, duration);
            }
        }
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        self.encode(format == Format::OpenMetrics, &mut page.bytes);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_pages_are_the_same_as_those_of_this_project() {
        let (own, other) = (super::super::shadowcat::PEER.expose, super::PEER.expose);
        for format in [Format::Text, Format::OpenMetrics] {
            let pages = [own, other].map(|expose| {
                let exposed = expose(Series::FAMILIES).unwrap();
                exposed.touch();
                let mut page = Page::default();
                assert!(exposed.render(format, &mut page));
                page.as_str().to_owned()
            });
            assert!(pages[0].len() > 100_000);
            assert!(pages[0] == pages[1]);
        }
    }
}
