//! Text kept from one scrape to the next: a template for each page that the last scrape exposed.

use super::Format;
use super::template::Template;
use crate::read::Page;
use crate::schema::Schema;

/// The texts of one registry, of each format once it has been asked for.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    prometheus_text: Vec<PageTexts>,
    open_metrics: Vec<PageTexts>,
}

/// The templates of one family in one format, in the order of their pages.
#[derive(Debug, Default)]
pub(super) struct PageTexts(Vec<PageText>);

#[derive(Debug)]
struct PageText {
    page: u32,
    incarnation: u64,
    template: Template,
}

impl Cache {
    /// The texts of what a schema exposes, in order.
    pub(super) fn families(&mut self, schema: &Schema, format: Format) -> &mut [PageTexts] {
        let families = match format {
            Format::PrometheusText => &mut self.prometheus_text,
            Format::OpenMetrics => &mut self.open_metrics,
        };
        families.resize_with(schema.exposed().count(), PageTexts::default);
        families
    }
}

impl PageTexts {
    /// The template of a page. `index` says how many pages of the family came before it; those that were there the last
    /// time, and are gone, are forgotten.
    pub(super) fn of(&mut self, index: usize, page: &Page<'_>, format: Format) -> &Template {
        let gone = self.0[index..].partition_point(|text| text.page < page.number);
        self.0.drain(index..index + gone);
        let make = || PageText {
            page: page.number,
            incarnation: page.incarnation,
            template: Template::of(page, format),
        };
        match self.0.get_mut(index) {
            Some(text) if text.page == page.number => {
                if text.incarnation != page.incarnation {
                    *text = make();
                }
            }
            Some(_) | None => self.0.insert(index, make()),
        }
        &self.0[index].template
    }

    /// Forgets the pages behind the last one.
    pub(super) fn truncate(&mut self, pages: usize) {
        self.0.truncate(pages);
    }
}
