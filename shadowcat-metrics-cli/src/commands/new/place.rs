//! The file that a new metric goes to.

use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::model::Registry;

use crate::whole::Whole;

/// A file of a schema, and the text that it has or, if it has none yet, begins with.
pub(super) struct Place<'s> {
    pub(super) file: &'s str,
    pub(super) text: String,
}

/// A metric goes to its group, in whichever file that is; a new group goes to the file that was named.
pub(super) fn place<'s>(
    source: &'s Source,
    registry: &Registry,
    group: &str,
    named: Option<&'s Whole>,
) -> Place<'s> {
    let known = registry.groups.iter().find(|known| known.name == group);
    let at = |offset: usize| {
        let (file, span) = source.file_at(offset);
        let text = source.slice(span).to_owned();
        Place { file, text }
    };
    match (known, named) {
        (Some(known), _) => at(known.span.start),
        (None, None) => at(0),
        (None, Some(whole)) => {
            let found = source.files().find(|(file, _)| *file == whole.part);
            let text = found.map_or("", |(_, span)| source.slice(span));
            let first = if text.trim().is_empty() {
                whole.first_line(source.own_text())
            } else {
                None
            };
            Place {
                file: &whole.part,
                text: first.unwrap_or_else(|| text.to_owned()),
            }
        }
    }
}
