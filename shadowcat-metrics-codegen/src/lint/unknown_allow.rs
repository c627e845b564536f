//! `unknown-allow`: an `allow` entry that is not the name of a lint.

use super::LINTS;
use super::allows::entries;
use super::finding::Finding;
use crate::codes::Code;
use crate::fix::Fix;
use crate::model::Registry;
use crate::suggest::nearest;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (item, allow) in entries(registry) {
        let names = LINTS.iter().map(|lint| lint.code.name());
        if names.clone().any(|name| name == allow.lint) {
            continue;
        }
        let message = format!("there is no lint `{}`", allow.lint);
        let (label, meant) = match (Code::find(&allow.lint), nearest(&allow.lint, names)) {
            (Some(code), _) if is_lint(code) => (
                format!("expected its name: `{}`", code.name()),
                Some(code.name()),
            ),
            (Some(code), _) => (format!("{code} is an error, which cannot be allowed"), None),
            (None, Some(name)) => (format!("did you mean `{name}`?"), Some(name)),
            (None, None) => ("expected the name of a lint".to_owned(), None),
        };
        let finding = Finding::new(item, allow.span, message, label)
            .help("`shadowcat-metrics explain` lists the lints");
        findings.push(finding.fix(meant.map(|name| Fix::replace_text(allow.span, name))));
    }
}

fn is_lint(code: Code) -> bool {
    LINTS.iter().any(|lint| lint.code == code)
}
