//! What is kept from one scrape to the next: metadata, and a template for each page that was there the last time.

use super::template::Template;
use super::{Format, openmetrics, prometheus_text};
use crate::read::Page;
use crate::schema::{Family, Schema};

/// The texts of one registry, of each format once it has been asked for.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    prometheus_text: Vec<FamilyText>,
    open_metrics: Vec<FamilyText>,
}

/// The texts of one family in one format.
#[derive(Debug, Default)]
pub(super) struct FamilyText {
    /// The `#` lines in front of its samples.
    pub(super) metadata: Vec<u8>,
    pub(super) pages: PageTexts,
}

/// The templates of one family, in order of their pages.
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
    pub(super) fn families(&mut self, schema: &Schema, format: Format) -> &mut [FamilyText] {
        let (families, push_metadata): (_, fn(&mut Vec<u8>, &Family)) = match format {
            Format::PrometheusText => (&mut self.prometheus_text, prometheus_text::push_metadata),
            Format::OpenMetrics => (&mut self.open_metrics, openmetrics::push_metadata),
        };
        if families.is_empty() {
            families.extend(schema.exposed().map(|family| {
                let mut text = FamilyText::default();
                push_metadata(&mut text.metadata, family);
                text
            }));
        }
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
