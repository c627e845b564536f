//! Rewrites the histogram queries of a rule file or dashboard, and keeps everything else in it.

use std::collections::BTreeSet;

use granit_parser::ScalarStyle;
use shadowcat_metrics_codegen::{Diagnostic, Report, Source, Span};

use super::queries::Language;
use super::queries::Placed;
use super::{File, once, used_at};
use crate::codes;
use crate::promql::{Edit, KnownHistograms, Migration, Query, Target};

/// The result of rewriting a file.
#[derive(Debug)]
pub struct Migrated {
    /// The new text.
    pub text: String,
    /// Number of queries that were rewritten.
    pub queries: usize,
    /// Everything that must be rewritten by hand.
    pub report: Report,
    /// Whether the file could not be read. Its text is unchanged then.
    pub is_unreadable: bool,
}

impl File<'_> {
    /// Rewrites the queries of known histograms. Each query is rewritten as a whole or not at all.
    #[must_use]
    pub fn migrate(&self, known: &KnownHistograms, to: Target) -> Migrated {
        let mut problems = self.unreadable();
        let mut result = Migrated {
            text: self.source.text().to_owned(),
            queries: 0,
            report: Report::default(),
            is_unreadable: !problems.is_empty(),
        };
        if !result.is_unreadable {
            let expected = self.rewrite(known, to, &mut result, &mut problems);
            // Quotes, folded lines and anchors could give an edit another meaning.
            let changed = Source::new(self.source.name(), result.text.clone());
            let read = File::read(&changed);
            let found: Vec<_> = read
                .rewritable()
                .map(|query| query.value.written())
                .collect();
            if found != expected {
                self.source.text().clone_into(&mut result.text);
                result.queries = 0;
                let message = "the queries of this file cannot be rewritten in place";
                let problem = Diagnostic::error(codes::UNREADABLE_FILE, Span::new(0, 0), message);
                let problem = problem.label("the file was left as it is");
                problems.push(problem.help("rewrite its queries by hand"));
            }
            problems.extend(self.inputs(known, to));
            problems.extend(self.others(known, to));
        }
        result.report.extend(once(problems));
        result.report.sort();
        result
    }

    /// Returns every query, including those that are written twice.
    fn rewritable(&self) -> impl Iterator<Item = &Placed<Query>> {
        self.found.queries.iter().chain(&self.found.copies)
    }

    /// Edits the text. Returns the queries that the new text should have.
    fn rewrite(
        &self,
        known: &KnownHistograms,
        to: Target,
        result: &mut Migrated,
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<String> {
        let text = self.source.text();
        // Sorted, and once for text that several aliases refer to.
        let mut edits = BTreeSet::new();
        let mut expected = Vec::new();
        for query in self.rewritable() {
            let mut migration = query.value.migrate(known, to, query.usage);
            if query.language == Language::MetricsQl && to == Target::Native {
                problems.extend(migration.edits.first().map(|edit| {
                    let span = query.locate(text, &edit.range);
                    let message = "VictoriaMetrics has no functions for native histograms";
                    Diagnostic::error(codes::CLASSIC_HISTOGRAM, span, message)
                        .label("the query was left as it is")
                        .help("keep classic histograms for rules that vmalert evaluates")
                }));
                migration = Migration::default();
            }
            expected.push(migration.apply(query.value.written()));
            result.queries += usize::from(!migration.edits.is_empty());
            for edit in migration.edits {
                let span = query.place_of(text, &edit);
                edits.insert((span.start, span.end, query.escaped(&edit.text)));
            }
            let left = migration.left.into_iter();
            problems.extend(left.map(|finding| self.problem(query, finding)));
        }
        let mut changed = String::with_capacity(text.len());
        let mut copied = 0;
        for (start, end, new) in edits {
            changed.push_str(text.get(copied..start).unwrap_or_default());
            changed.push_str(&new);
            copied = end;
        }
        changed.push_str(text.get(copied..).unwrap_or_default());
        result.text = changed;
        expected
    }

    /// Reports the series of promtool tests, whose values are of the other form.
    fn inputs(&self, known: &KnownHistograms, to: Target) -> Vec<Diagnostic> {
        let inputs = self.found.inputs.iter();
        let left = inputs.filter_map(|input| {
            let finding = known.left(&input.value, to)?;
            Some(self.problem(input, finding))
        });
        left.collect()
    }
}

impl File<'_> {
    /// Reports names of histograms in texts that are not read as queries, such as annotations and settings of other programs.
    fn others(&self, known: &KnownHistograms, to: Target) -> Vec<Diagnostic> {
        let source = self.source.text();
        let code = match to {
            Target::Native => codes::CLASSIC_HISTOGRAM,
            Target::Classic => codes::BARE_HISTOGRAM,
        };
        let others = self.found.others.iter();
        let mentioned = others.filter_map(|other| {
            let place = known.mentioned(&other.value, to)?;
            let name = &other.value[place.clone()];
            let message = format!("`{name}` is kept in a text that is not read as a query");
            let found = Diagnostic::warning(code, other.locate(source, &place), message)
                .label("this name is not changed")
                .help("if the text contains a query, rewrite it by hand");
            Some(used_at(found, other.alias(source)))
        });
        mentioned.collect()
    }
}

impl Placed<Query> {
    /// Returns the position of an edit in the file. What is inserted after a character stays next to it, even at the end of
    /// a folded line.
    fn place_of(&self, source: &str, edit: &Edit) -> Span {
        let Edit { range, text } = edit;
        let opens = text.ends_with('(') || text.ends_with(", ");
        let before = self.value.written()[..range.start]
            .char_indices()
            .next_back();
        match before.filter(|_| range.is_empty() && !opens) {
            Some((start, _)) => {
                let end = self.locate(source, &(start..range.end)).end;
                Span::new(end, end)
            }
            None => self.locate(source, range),
        }
    }
}

impl<T> Placed<T> {
    /// Escapes a text for the quotes around it, in this file and in those that contain it.
    fn escaped(&self, text: &str) -> String {
        let styles = self.styles();
        styles.fold(text.to_owned(), |text, style| match style {
            ScalarStyle::DoubleQuoted => text.replace('\\', "\\\\").replace('"', "\\\""),
            ScalarStyle::SingleQuoted => text.replace('\'', "''"),
            ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => text,
        })
    }
}
