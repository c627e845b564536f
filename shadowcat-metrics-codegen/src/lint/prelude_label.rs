//! `prelude-label`: a label whose type is called like something that every Rust file knows, such as `Option`.

use super::finding::{Finding, Item};
use crate::model::{LabelId, Origin, Registry};
use crate::name::pascal_case;

/// Types and traits of the standard library's prelude. Its functions and macros are not written like types.
const PRELUDE: &[&str] = &[
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (index, label) in registry.labels.iter().enumerate() {
        let name = pascal_case(&label.name);
        if label.origin == Origin::Schema && PRELUDE.contains(&name.as_str()) {
            let message = format!(
                "the type of the label `{}` is called like Rust's own `{name}`",
                label.name
            );
            let finding = Finding::new(
                Item::Label(LabelId(index)),
                label.span,
                message,
                "expected another name",
            );
            findings.push(finding.help(format!(
                "whoever writes `use labels::{name};` can no longer write Rust's `{name}`"
            )));
        }
    }
}
