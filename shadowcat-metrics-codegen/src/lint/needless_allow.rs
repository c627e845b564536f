//! `needless-allow`: an `allow` entry that drops nothing.

use super::LINTS;
use super::allows::Allows;
use super::finding::Finding;
use crate::codes::lints::NEEDLESS_ALLOW;
use crate::fix::Fix;

pub(super) fn check(allows: &Allows<'_>, findings: &mut Vec<Finding>) {
    for (item, allow) in allows.unused() {
        // An unknown name is a finding of its own, and whether this lint is needed cannot be asked of itself.
        let judged = LINTS.iter().any(|lint| lint.code.name() == allow.lint)
            && allow.lint != NEEDLESS_ALLOW.name();
        if judged {
            let message = format!("`{}` finds nothing to allow here", allow.lint);
            let finding = Finding::new(item, allow.span, message, "remove it");
            findings.push(finding.fix(Fix::remove_item(allow.span)));
        }
    }
}
