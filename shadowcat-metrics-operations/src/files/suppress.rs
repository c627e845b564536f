//! Comments that suppress findings: `# shadowcat-metrics allow(unknown-series): a reason`, for the rule that
//! contains the comment or the next rule, and `allow-file(...)` for the file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use shadowcat_metrics_authoring::codes::{find, nearest};
use shadowcat_metrics_codegen::{Code, Diagnostic, Span, suggest};

use super::queries::{Found, Spot};
use crate::codes;

shadowcat_metrics_codegen::codes! {
    table CODES;

    SUPPRESSION = "SM0920" "suppression": "an invalid or needless suppression",
    "In a rule file, `# shadowcat-metrics allow(CODE): REASON` suppresses a code for the rule around the \
     comment, or else for the next rule. `allow-file(CODE)` suppresses it for the whole file. A comment is \
     reported if it suppresses nothing, names an unknown code or gives no reason.",
    example: "- # # shadowcat-metrics allow(unknown-series)
+ # # shadowcat-metrics allow(unknown-series): the gateway exposes it
# - alert: ShopDown
#   expr: other_shop_up == 0
";
}

const PREFIX: &str = "shadowcat-metrics ";

/// The suppressions in the comments of a file.
pub(super) struct Suppressions {
    /// In the order of the comments.
    valid: Vec<Suppression>,
    /// Problems with the comments.
    wrong: Vec<Diagnostic>,
}

/// A code in a comment.
struct Suppression {
    code: Code,
    /// Its position in the comment.
    place: Span,
    scope: Scope,
    /// The part of the file where it is suppressed, or `None` if no rule follows the comment.
    within: Option<Span>,
}

impl Suppressions {
    /// Reads the comments of a file.
    pub(super) fn read(source: &str, found: &Found) -> Self {
        let (mut valid, mut wrong) = (Vec::new(), Vec::new());
        let rules = found.rules.iter().map(|rule| rule.locate(source));
        let mut rules: Vec<_> = rules.collect();
        // Sorted, because there may be thousands of comments, rules and findings.
        rules.sort_unstable();
        // A map in a rule may look like a rule.
        rules.dedup_by(|inner, outer| inner.start < outer.end);
        for comment in &found.comments {
            let Some(directive) = Directive::read(comment.text(source)) else {
                continue;
            };
            let at = |range: Range<usize>| comment.at(offset(comment, range)).locate(source);
            if let Some((range, message, label)) = directive.problem {
                wrong.push(Diagnostic::warning(SUPPRESSION, at(range), message).label(label));
                continue;
            }
            let scope = directive.scope;
            let within = match scope {
                Scope::File => Some(Span::new(0, source.len())),
                Scope::Rule => rule_of(&rules, comment.locate(source)),
            };
            let codes = directive.codes.into_iter();
            valid.extend(codes.map(|(code, range)| Suppression {
                code,
                place: at(range),
                scope,
                within,
            }));
        }
        Self { valid, wrong }
    }

    /// Returns the parts of the file where a code is suppressed.
    pub(super) fn parts(&self, code: Code) -> Parts {
        let valid = self.valid.iter();
        let of_code = valid.filter(|suppression| suppression.code == code);
        let mut parts: Vec<_> = of_code.filter_map(|found| found.within).collect();
        parts.sort_unstable();
        parts.dedup_by(|next, before| {
            let overlap = next.start <= before.end;
            if overlap {
                before.end = before.end.max(next.end);
            }
            overlap
        });
        Parts(parts)
    }

    /// Removes suppressed findings, and adds problems with the comments.
    pub(super) fn apply(self, mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut wrong = self.wrong;
        problems.sort_by_key(|problem| problem.primary.start);
        // The findings that no comment has suppressed yet, by code: a file may have thousands of comments for one code.
        let mut left: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
        for (at, problem) in problems.iter().enumerate() {
            left.entry(problem.code.id()).or_default().insert(at);
        }
        for suppression in self.valid {
            let code = suppression.code;
            let left = left.entry(code.id()).or_default();
            let within = suppression.within;
            let findings = within.map_or(0..0, |within| inside(within, &problems));
            let suppressed: Vec<_> = left.range(findings).copied().collect();
            for at in &suppressed {
                left.remove(at);
            }
            if suppressed.is_empty() {
                let what = match suppression.scope {
                    Scope::File => "this file",
                    Scope::Rule => "the next rule",
                };
                let label = "remove the comment, or name another code";
                let message = format!(
                    "the comment allows `{}`, but {what} has no such finding",
                    code.name()
                );
                let place = suppression.place;
                wrong.push(Diagnostic::warning(SUPPRESSION, place, message).label(label));
            }
        }
        let mut at = 0..problems.len();
        problems.retain(|problem| {
            let left = left.get(problem.code.id());
            at.next()
                .is_some_and(|at| left.is_some_and(|left| left.contains(&at)))
        });
        problems.extend(wrong);
        problems
    }
}

/// Parts of a file, sorted and without overlaps.
pub(super) struct Parts(Vec<Span>);

impl Parts {
    /// Returns whether a text that starts at `start` is in one of the parts.
    pub(super) fn contain(&self, start: usize) -> bool {
        let next = self.0.partition_point(|part| part.start <= start);
        let before = self.0[..next].last();
        before.is_some_and(|part| start <= part.end)
    }
}

fn offset(comment: &Spot, range: Range<usize>) -> Range<usize> {
    let start = comment.start();
    start + range.start..start + range.end
}

/// Returns the indices of the problems in a scope.
fn inside(scope: Span, problems: &[Diagnostic]) -> Range<usize> {
    let start = problems.partition_point(|problem| problem.primary.start < scope.start);
    let end = problems.partition_point(|problem| problem.primary.start <= scope.end);
    start..end
}

/// Returns the rule that contains a comment, or the first one after it.
fn rule_of(rules: &[Span], comment: Span) -> Option<Span> {
    let next = rules.partition_point(|rule| rule.start <= comment.start);
    let before = rules[..next].last();
    let around = before.filter(|rule| comment.start <= rule.end);
    around.or_else(|| rules.get(next)).copied()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Rule,
    File,
}

/// The content of a comment. Ranges are relative to the comment.
struct Directive {
    scope: Scope,
    codes: Vec<(Code, Range<usize>)>,
    /// A fault in the comment, which then suppresses nothing.
    problem: Option<(Range<usize>, String, String)>,
}

impl Directive {
    /// Parses a comment. Returns `None` if it is not a suppression.
    fn read(comment: &str) -> Option<Self> {
        let rest = comment.trim_start_matches('#').trim_start();
        let rest = rest.strip_prefix(PREFIX)?;
        let mut directive = Self {
            scope: Scope::Rule,
            codes: Vec::new(),
            problem: None,
        };
        directive.problem = directive.parse(comment, rest).err();
        Some(directive)
    }

    fn parse(&mut self, comment: &str, rest: &str) -> Result<(), (Range<usize>, String, String)> {
        let whole = || 0..comment.len();
        let form = "expected `allow(CODE): REASON` or `allow-file(CODE): REASON`";
        let (word, rest) = rest.split_once('(').unwrap_or((rest, ""));
        self.scope = match word.trim() {
            "allow" => Scope::Rule,
            "allow-file" => Scope::File,
            _ => {
                return Err((
                    whole(),
                    "the comment allows nothing".to_owned(),
                    form.to_owned(),
                ));
            }
        };
        let Some((listed, reason)) = rest.split_once(')') else {
            return Err((
                whole(),
                "the comment names no code".to_owned(),
                form.to_owned(),
            ));
        };
        let mut at = comment.len() - rest.len();
        for part in listed.split(',') {
            let name = part.trim();
            let start = at + (part.len() - part.trim_start().len());
            let range = start..start + name.len();
            at += part.len() + 1;
            let Some(code) = find(codes::all(), name) else {
                let label = match nearest(codes::all(), name) {
                    Some(near) => suggest::list([near]),
                    None => "a code, such as `unknown-series` or `SM0902`".to_owned(),
                };
                return Err((
                    range,
                    format!("there is no code `{name}`"),
                    format!("expected {label}"),
                ));
            };
            self.codes.push((code, range));
        }
        let reason = reason.trim_start().strip_prefix(':').map(str::trim);
        if reason.is_none_or(str::is_empty) {
            let label = "expected `: REASON` after the parenthesis".to_owned();
            return Err((whole(), "the comment gives no reason".to_owned(), label));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::problems_in_rules;

    #[test]
    fn suppression_comments() {
        let rules = "\
# shadowcat-metrics allow-file(raw-counter): known
groups:
- name: a
  rules:
  # shadowcat-metrics allow(unknown-series): exposed by the gateway
  - alert: A
    expr: app_http_gone > 1
  - alert: B # shadowcat-metrics allow(SM0902, function-unfit): both
    expr: rate(app_http_open[5m]) > app_http_lost
  - alert: C
    # shadowcat-metrics allow(SM0902): not needed
    expr: app_http_requests_total > 5
  # shadowcat-metrics allow(unknown-series)
  - alert: D
    expr: app_http_away > 1
  # shadowcat-metrics allow(unknown-serie): misspelt
  # shadowcat-metrics alow(unknown-series): misspelt
  # something else about shadowcat-metrics allow(x)
";
        assert_eq!(
            problems_in_rules(rules),
            [
                "SM0920 11:31 SM0902",
                "SM0920 13:3 # shadowcat-metrics allow(unknown-series)",
                "SM0902 15:11 app_http_away",
                "SM0920 16:29 unknown-serie",
                "SM0920 17:3 # shadowcat-metrics alow(unknown-series): misspelt",
            ]
        );
    }

    #[test]
    fn an_accepted_series_is_not_taken_for_another_one() {
        let rules = "\
groups:
- name: a
  rules:
  # shadowcat-metrics allow(unknown-series): exposed by the gateway
  - alert: A
    expr: rate(app_http_opne{zone=\"a\"}[5m]) > 1
    annotations:
      summary: '{{ $labels.zone }} {{ query \"rate(app_http_opne[5m])\" }}'
  - alert: B
    expr: rate(app_http_opne{zone=\"a\"}[5m]) > 1
    annotations:
      summary: '{{ $labels.zone }} {{ query \"rate(app_http_opne[5m])\" }}'
";
        assert_eq!(
            problems_in_rules(rules),
            [
                "SM0906 10:11 rate",
                "SM0902 10:16 app_http_opne",
                "SM0903 10:30 zone",
                "SM0915 12:28 zone",
                "SM0906 12:46 rate",
                "SM0902 12:51 app_http_opne",
            ]
        );
        let rules = "\
# shadowcat-metrics allow-file(unknown-series): exposed by the gateway
- expr: app_http_opne{zone=\"a\"} > 1
- expr: rate(app_http_open[5m]) > 1
- expr: sum(
";
        assert_eq!(
            problems_in_rules(rules),
            ["SM0906 3:9 rate", "SM0901 4:12 ("]
        );
    }

    #[test]
    fn a_suppression_belongs_to_the_outermost_rule_around_it() {
        let rules = "\
groups:
- name: a
  rules:
  - alert: A
    expr: app_http_gone > 1
    annotations: { alert: A, expr: '{{ $value }}' }
    # shadowcat-metrics allow(unknown-series): exposed by the gateway
    labels: { severity: page }
  - alert: B
    expr: up == 0
";
        let found = problems_in_rules(rules);
        let about_series = found.iter().filter(|found| found.starts_with("SM0902"));
        assert_eq!(about_series.count(), 0, "{found:?}");
        assert!(
            !found.iter().any(|found| found.starts_with("SM0920")),
            "{found:?}"
        );
    }

    #[test]
    fn thousands_of_suppressions_and_findings() {
        const COUNT: usize = 3_000;

        let mut rules = "# shadowcat-metrics allow-file(unknown-series): known\n".repeat(COUNT);
        rules += "groups:\n- name: a\n  rules:\n";
        for _ in 0..COUNT {
            rules += "  - alert: A\n    expr: app_http_gone > 1\n";
        }
        let found = problems_in_rules(&rules);
        let (needless, others): (Vec<_>, Vec<_>) =
            found.iter().partition(|found| found.starts_with("SM0920"));
        assert_eq!(
            needless.len(),
            COUNT - 1,
            "the first comment suppresses all findings"
        );
        assert!(
            !others.iter().any(|found| found.starts_with("SM0902")),
            "{others:?}"
        );
    }
}
