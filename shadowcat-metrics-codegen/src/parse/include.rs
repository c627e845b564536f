//! Included files: finds, reads, parses and merges them.

use std::collections::BTreeMap;

use super::ast::{Field, Metric, Schema, Spanned, Texts};
use super::{sections, tree};
use crate::codes::{codes, errors};
use crate::diagnostic::{Report, Reported};
use crate::files::{self, Files};
use crate::language;
use crate::pattern::is_pattern;
use crate::section::Sections;
use crate::source::{Source, Span};

codes! {
    table INCLUDE;

    INCLUDE_NOT_FOUND = "SM0014" "include-not-found": "an invalid `include`",
    "`include` lists other files of the schema, as paths relative to the including file, or as patterns such as \
     `metrics.d/*.toml`. Each path or pattern must match at least one readable file. A schema from standard input cannot include \
     files, because it has no folder.",
    wrong: "", right: "";

    INCLUDED_TWICE = "SM0015" "included-twice": "a file included twice",
    "A file may be included in a schema only once. A file that includes itself, directly or through other files, would be \
     included endlessly. A file that is included twice would declare everything in it twice.",
    wrong: "", right: "";

    DUPLICATE_DECLARATION = "SM0016" "duplicate-declaration": "declared in two files",
    "A label, bucket set, group, metric, policy, objective or alert must be declared in only one file of a schema. The metrics of a \
     group may be in several files, but the group itself is declared in one.",
    wrong: "", right: "";

    MISPLACED_HEADER = "SM0017" "misplaced-header": "a schema-wide key in an included file",
    "`format`, `namespace`, `uses`, `[defaults]` and `[operations]` apply to the whole schema, so they belong in the \
     file that includes the others.",
    wrong: "", right: "";
}

/// Maximum number of files. It stops patterns that match too much; no hand-written schema has as many.
const MAX_FILES: usize = 10_000;

/// Maximum number of files to name in a message about a cycle.
const MAX_NAMED: usize = 4;

/// Parses a schema with its included files. The returned source has the texts of all files.
pub(crate) fn parse_schema(
    mut source: Source,
    files: Option<&dyn Files>,
    mut sections: Option<&mut (dyn Sections + '_)>,
    syntax: &mut Report,
    meaning: &mut Report,
) -> (Source, Schema) {
    let toml = tree::parse_toml(&source, syntax);
    let entries = tree::convert_table(&toml, 0, meaning);
    let mut schema =
        sections::parse_file(&entries, language::FILE, sections.as_deref_mut(), meaning);
    drop(toml);
    let root = source.name().to_owned();
    let mut includes = Includes {
        files,
        positions: BTreeMap::new(),
        known: Vec::new(),
        waiting: Vec::new(),
        meaning,
        syntax,
    };
    includes.add(&root, None);
    includes.wait_for(&root, &schema.include);
    let mut next = 0;
    while let Some((from, pattern)) = includes.waiting.get(next).cloned() {
        next += 1;
        for name in includes.add_matching(&from, &pattern, &mut source) {
            let part = includes.parse(&name, &pattern, sections.as_deref_mut(), &mut source);
            if let Some(part) = part {
                merge_files(&mut schema, part, includes.meaning);
            }
        }
    }
    (source, schema)
}

struct Includes<'f, 'r> {
    files: Option<&'f dyn Files>,
    /// The files of the schema.
    known: Vec<KnownFile>,
    /// Positions in `known` by [`Files::identity`].
    positions: BTreeMap<String, usize>,
    /// Patterns to be included, each with the file that includes it.
    waiting: Vec<(String, Spanned<String>)>,
    meaning: &'r mut Report,
    syntax: &'r mut Report,
}

/// A file that belongs to the schema.
struct KnownFile {
    name: String,
    /// The including file and the position in it, or `None` for the schema itself.
    included: Option<(String, Span)>,
}

impl Includes<'_, '_> {
    fn identity(&self, name: &str) -> String {
        self.files
            .map_or_else(|| files::normal(name), |files| files.identity(name))
    }

    /// Adds a file to the schema. Returns `false` if it is already part of it.
    fn add(&mut self, name: &str, included: Option<(String, Span)>) -> bool {
        let position = self.known.len();
        if *self
            .positions
            .entry(self.identity(name))
            .or_insert(position)
            != position
        {
            return false;
        }
        let name = name.to_owned();
        self.known.push(KnownFile { name, included });
        true
    }

    /// Returns the known file with this identity.
    fn find(&self, identity: &str) -> Option<&KnownFile> {
        Some(&self.known[*self.positions.get(identity)?])
    }

    fn wait_for(&mut self, from: &str, include: &Field<Texts>) {
        for pattern in include.items() {
            self.waiting.push((from.to_owned(), pattern.clone()));
        }
    }

    /// Adds the files that match a pattern, and returns their names. Reports files that were already included.
    fn add_matching(
        &mut self,
        from: &str,
        pattern: &Spanned<String>,
        source: &mut Source,
    ) -> Vec<String> {
        let folder = from.rfind('/').map_or("", |slash| &from[..slash]);
        let written = pattern.value.as_str();
        if written.trim().is_empty() || written.starts_with('/') || written.contains('\\') {
            let label = "expected a path relative to this file, with `/` between folders, such as `metrics.d/*.toml`";
            cannot_include(pattern, label, self.meaning);
            return Vec::new();
        }
        let Some(files) = self.files else {
            let label = "a schema that is not read from a file cannot include files";
            cannot_include(pattern, label, self.meaning);
            return Vec::new();
        };
        source.remember(folder, written);
        let found = match files.list(folder, written) {
            Ok(found) => found,
            Err(error) => {
                cannot_include(pattern, error.to_string(), self.meaning);
                return Vec::new();
            }
        };
        if found.is_empty() {
            let missing = if is_pattern(written) {
                "no file matches this pattern"
            } else {
                "file not found"
            };
            let place = if folder.is_empty() {
                "next to this file".to_owned()
            } else {
                format!("in the folder `{folder}`")
            };
            cannot_include(pattern, missing, self.meaning).help(format!(
                "looked {place}: paths are relative to the including file"
            ));
        }
        let mut names = Vec::new();
        let mut again = Vec::new();
        for name in found {
            if self.known.len() >= MAX_FILES {
                let label = format!("expected at most {MAX_FILES} files");
                cannot_include(pattern, label, self.meaning);
                break;
            }
            if self.add(&name, Some((from.to_owned(), pattern.span))) {
                names.push(name);
            } else {
                again.push(name);
            }
        }
        if let Some((first, more)) = again.split_first() {
            self.report_twice(from, first, more.len(), pattern);
        }
        names
    }

    /// Reports a file that was already included. `more` is the number of further such files of the pattern.
    fn report_twice(&mut self, from: &str, name: &str, more: usize, pattern: &Spanned<String>) {
        let identity = self.identity(name);
        // The including files, from `from` outward. The loop ends early if one of them is the file itself.
        let mut path = Vec::new();
        let mut above = Some(from);
        while let Some(file) = above.filter(|above| self.identity(above) != identity) {
            path.push(file);
            let known = self.find(&self.identity(file));
            let included = known.and_then(|known| known.included.as_ref());
            above = included.map(|(from, _)| from.as_str());
        }
        let message = match (above, more) {
            (Some(_), _) if path.is_empty() => format!("`{name}` includes itself"),
            (Some(_), _) => {
                let mut named = Vec::new();
                for file in path.iter().rev().take(MAX_NAMED) {
                    named.push(format!("`{file}`"));
                }
                if path.len() > MAX_NAMED {
                    named.push(format!("{} more", path.len() - MAX_NAMED));
                }
                format!("`{name}` includes itself through {}", named.join(" and "))
            }
            (None, 0) => format!("`{name}` is included twice"),
            (None, 1) => format!("`{name}` and 1 more file are included twice"),
            (None, more) => format!("`{name}` and {more} more files are included twice"),
        };
        let problem = self
            .meaning
            .error(errors::INCLUDED_TWICE, pattern.span, message)
            .label("remove this one, or narrow the pattern");
        let Some(first) = self.positions.get(&identity) else {
            return;
        };
        let first = &self.known[*first];
        let problem = match &first.included {
            Some((_, span)) if *span != pattern.span => problem.secondary(*span, "included here"),
            Some(_) | None => problem,
        };
        if files::normal(&first.name) != files::normal(name) {
            problem.help(format!("it is a link to `{}`", first.name));
        }
    }

    fn parse(
        &mut self,
        name: &str,
        pattern: &Spanned<String>,
        sections: Option<&mut (dyn Sections + '_)>,
        source: &mut Source,
    ) -> Option<Schema> {
        let bytes = match self.files?.read(name) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("`{name}` cannot be read: {error}");
                self.meaning
                    .error(errors::INCLUDE_NOT_FOUND, pattern.span, message)
                    .label("expected a file that can be read");
                return None;
            }
        };
        let file = Source::from_bytes(name, &bytes);
        let base = source.append(&file);
        let mut syntax = Report::default();
        let toml = tree::parse_toml(&file, &mut syntax);
        self.syntax.append_moved(syntax, base);
        let mut entries = tree::convert_table(&toml, base, self.meaning);
        entries.retain(|entry| {
            let key = entry.key.value.as_str();
            let of_the_whole = language::FILE.contains(&key) && !language::INCLUDED.contains(&key);
            if of_the_whole {
                let message = format!("`{key}` is in an included file");
                self.meaning
                    .error(errors::MISPLACED_HEADER, entry.key.span, message)
                    .label("move it to the including file: it applies to the whole schema");
            }
            !of_the_whole
        });
        let part = sections::parse_file(&entries, language::INCLUDED, sections, self.meaning);
        self.wait_for(name, &part.include);
        Some(part)
    }
}

fn cannot_include<'r>(
    pattern: &Spanned<String>,
    label: impl Into<String>,
    report: &'r mut Report,
) -> Reported<'r> {
    let message = format!("`{}` cannot be included", pattern.value);
    report
        .error(errors::INCLUDE_NOT_FOUND, pattern.span, message)
        .label(label)
}

/// Appends the declarations of a file to those of the others, except for duplicates.
pub(super) fn merge_files(schema: &mut Schema, part: Schema, report: &mut Report) {
    let (labels, sets) = (&mut schema.labels, &mut schema.buckets);
    merge(labels, part.labels, "label", |it| it.key.clone(), report);
    merge(
        sets,
        part.buckets,
        "bucket set",
        |it| it.name.clone(),
        report,
    );
    let (groups, metrics) = (&mut schema.groups, &mut schema.metrics);
    merge(groups, part.groups, "group", |it| it.name.clone(), report);
    let path = |metric: &Metric| {
        let path = format!("{}.{}", metric.group.value, metric.key.value);
        Spanned::new(path, metric.key.span)
    };
    merge(metrics, part.metrics, "metric", path, report);
}

/// Appends declarations of one kind to those of other files. Reports and skips duplicate names.
pub fn merge<T>(
    into: &mut Vec<T>,
    from: Vec<T>,
    what: &str,
    name: fn(&T) -> Spanned<String>,
    report: &mut Report,
) {
    let mut known = BTreeMap::new();
    for (index, item) in into.iter().enumerate() {
        known.insert(name(item).value, index);
    }
    for item in from {
        let own = name(&item);
        match known.get(&own.value).map(|first| name(&into[*first])) {
            None => into.push(item),
            Some(first) => report_duplicate(what, &own, first.span, report),
        }
    }
}

fn report_duplicate(what: &str, name: &Spanned<String>, first: Span, report: &mut Report) {
    let message = format!(
        "the {what} `{}` is already declared in another file",
        name.value
    );
    report
        .error(errors::DUPLICATE_DECLARATION, name.span, message)
        .label("rename this one, or merge the two")
        .secondary(first, "the first one");
}
