//! Groups lines into families: metadata first and only once, samples together, no name twice.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::{self, Line};
use super::{Family, Fault, Grammar, Sample, fault};

/// Splits a page into families. Of the samples, only the names are checked.
pub(super) fn parse(grammar: Grammar, page: &str) -> Result<Vec<Family>, Fault> {
    let mut builder = Builder::default();
    let mut ended = false;
    let mut number = 0;
    let mut rest = page;
    while !rest.is_empty() {
        number += 1;
        let Some((line, behind)) = rest.split_once('\n') else {
            return fault(number, "does not end with a newline");
        };
        rest = behind;
        if ended {
            return fault(number, "stands behind `# EOF`");
        }
        match lines::parse(grammar, line).map_err(|what| Fault { line: number, what })? {
            Line::End => ended = true,
            line => builder.take(grammar, number, line)?,
        }
    }
    if grammar == Grammar::OpenMetrics && !ended {
        return fault(number, "the page does not end with `# EOF`");
    }
    builder.finish()
}

#[derive(Default)]
struct Builder {
    finished: Vec<Family>,
    current: Option<Draft>,
}

/// A family with incomplete metadata.
struct Draft {
    family: Family,
    help: bool,
    kind: bool,
}

impl Builder {
    fn take(&mut self, grammar: Grammar, number: usize, line: Line) -> Result<(), Fault> {
        match line {
            Line::Help { family, text } => {
                let draft = self.draft(number, family)?;
                draft.family.help = text;
                once(&mut draft.help, number, "HELP")
            }
            Line::Type { family, kind } => {
                let draft = self.draft(number, family)?;
                draft.family.kind = kind;
                once(&mut draft.kind, number, "TYPE")
            }
            Line::Unit { family, unit } => {
                let draft = self.draft(number, family)?;
                let mut given = draft.family.unit.replace(unit).is_some();
                once(&mut given, number, "UNIT")
            }
            Line::Sample {
                series,
                value,
                text,
            } => {
                let Some(draft) = &mut self.current else {
                    return fault(number, "is a sample before any `# TYPE`");
                };
                if !draft.help || !draft.kind {
                    return fault(number, "is a sample before its family's HELP and TYPE");
                }
                let suffixes = suffixes(grammar, &draft.family.kind);
                let suffix = series.name.strip_prefix(&draft.family.name);
                if !suffix.is_some_and(|suffix| suffixes.contains(&suffix)) {
                    let family = &draft.family.name;
                    return fault(
                        number,
                        format!("`{}` does not belong to the family `{family}`", series.name),
                    );
                }
                draft.family.samples.push(Sample {
                    series,
                    value,
                    text,
                    line: number,
                });
                Ok(())
            }
            Line::End => Ok(()),
        }
    }

    /// Returns the family that a comment describes: the current one, or a new one.
    fn draft(&mut self, line: usize, name: String) -> Result<&mut Draft, Fault> {
        let current = self.current.take();
        let draft = match current {
            Some(draft) if draft.family.name == name => {
                if !draft.family.samples.is_empty() {
                    return fault(line, format!("metadata of `{name}` behind its samples"));
                }
                draft
            }
            finished => {
                self.finished.extend(finished.map(complete).transpose()?);
                if self.finished.iter().any(|family| family.name == name) {
                    return fault(line, format!("the family `{name}` comes a second time"));
                }
                Draft {
                    family: Family {
                        name,
                        kind: String::new(),
                        help: String::new(),
                        unit: None,
                        samples: Vec::new(),
                        line,
                    },
                    help: false,
                    kind: false,
                }
            }
        };
        Ok(self.current.insert(draft))
    }

    fn finish(mut self) -> Result<Vec<Family>, Fault> {
        let last = self.current.take().map(complete).transpose()?;
        self.finished.extend(last);
        Ok(self.finished)
    }
}

fn complete(draft: Draft) -> Result<Family, Fault> {
    let Draft { family, help, kind } = draft;
    if !help || !kind {
        let what = format!("the family `{}` lacks HELP or TYPE", family.name);
        return fault(family.line, what);
    }
    if family.samples.is_empty() {
        let what = format!("the family `{}` has no samples", family.name);
        return fault(family.line, what);
    }
    Ok(family)
}

fn once(given: &mut bool, line: usize, keyword: &str) -> Result<(), Fault> {
    if std::mem::replace(given, true) {
        return fault(line, format!("a second {keyword} for one family"));
    }
    Ok(())
}

/// Returns the suffixes that samples of a family may add to its name.
fn suffixes(grammar: Grammar, kind: &str) -> &'static [&'static str] {
    match (kind, grammar) {
        ("counter", Grammar::OpenMetrics) => &["_total", "_created"],
        ("histogram", Grammar::OpenMetrics) => &["_bucket", "_count", "_sum", "_created"],
        ("histogram", Grammar::PrometheusText) => &["_bucket", "_count", "_sum"],
        ("info", _) => &["_info"],
        _ => &[""],
    }
}

/// Checks that no series occurs twice and no sample name belongs to two families.
pub(super) fn check_names(families: &[Family]) -> Result<(), Fault> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for family in families {
        for sample in &family.samples {
            let name = sample.series.name.as_str();
            if *owners.entry(name).or_insert(&family.name) != family.name {
                return fault(sample.line, format!("`{name}` belongs to two families"));
            }
            if !seen.insert(&sample.series) {
                return fault(sample.line, "is a series that was there before");
            }
        }
    }
    Ok(())
}
