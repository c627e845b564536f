//! The declarations of several files, put together: each is in one of them.

use std::collections::BTreeMap;

use super::ast::{Metric, Schema, Spanned};
use crate::codes::errors;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Span;

/// Puts the declarations of a file behind those of the others, without those that are there already.
pub(super) fn merge_files(schema: &mut Schema, part: Schema, report: &mut Report) {
    fn of(name: &Spanned<String>) -> (String, Span) {
        (name.value.clone(), name.span)
    }
    merge(
        &mut schema.labels,
        part.labels,
        "label",
        |label| of(&label.name),
        report,
    );
    merge(
        &mut schema.buckets,
        part.buckets,
        "bucket set",
        |set| of(&set.name),
        report,
    );
    merge(
        &mut schema.groups,
        part.groups,
        "group",
        |group| of(&group.name),
        report,
    );
    let metric = |metric: &Metric| {
        let path = format!("{}.{}", metric.group.value, metric.key.value);
        (path, metric.key.span)
    };
    merge(&mut schema.metrics, part.metrics, "metric", metric, report);
}

/// Puts declarations of one kind behind those of other files. One whose name is there already is reported and left out.
pub fn merge<T>(
    into: &mut Vec<T>,
    from: Vec<T>,
    what: &str,
    name: impl Fn(&T) -> (String, Span),
    report: &mut Report,
) {
    let known: BTreeMap<_, _> = into.iter().map(&name).collect();
    for item in from {
        let (text, span) = name(&item);
        match known.get(&text) {
            None => into.push(item),
            Some(first) => report.push(
                Diagnostic::error(
                    errors::DUPLICATE_DECLARATION,
                    span,
                    format!("the {what} `{text}` is declared in another file, too"),
                )
                .label("rename this one, or merge the two")
                .secondary(*first, "the first one"),
            ),
        }
    }
}
