//! Versions of the package that the metrics belong to: of what came, what goes, and what is on its way.

use semver::Version;

use super::Checker;
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::fix::Fix;
use crate::parse::ast::Field;

impl Checker<'_> {
    /// A version, whole as Cargo has it. All keys that take one are held to the same, whether or not anything is compared
    /// with it: a reader compares them all.
    pub(super) fn check_version(&mut self, field: &Field<String>, key: &str) -> Option<Version> {
        let given = field.given()?;
        let error = match Version::parse(given.value.trim()) {
            Ok(version) => return Some(version),
            Err(error) => error,
        };
        let problem = Diagnostic::error(
            errors::INVALID_VERSION,
            given.span,
            format!("`{key}` is no version: {error}"),
        );
        self.report.push(match meant(&given.value) {
            Some(meant) => problem
                .label(format!("did you mean `{meant}`?"))
                .fix(Fix::replace_text(given.span, &meant.to_string())),
            None => problem.label("expected a whole version, such as `1.4.0`"),
        });
        None
    }

    /// The release that the schema is compiled for, if a version's time has come.
    pub(super) fn past(&self, version: &Version) -> Option<Version> {
        self.release.filter(|release| *release >= version).cloned()
    }
}

/// The version that was meant by one with a `v` before it, as tags have it, or with fewer than three numbers.
fn meant(text: &str) -> Option<Version> {
    let text = text.trim().trim_start_matches(['v', 'V']);
    let numbers = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(numbers);
    let missing = 3_usize.checked_sub(numbers.split('.').count())?;
    Version::parse(&format!("{numbers}{}{rest}", ".0".repeat(missing))).ok()
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn a_tag_and_a_part_mean_a_version() {
        for (text, version) in [
            ("v1.2.3", Some("1.2.3")),
            (" V2 ", Some("2.0.0")),
            ("0.4", Some("0.4.0")),
            ("1.2-rc.1", Some("1.2.0-rc.1")),
            ("soon", None),
            ("", None),
            ("1.2.3.4", None),
            ("1.", None),
            ("1.02", None),
        ] {
            let meant = meant(text).map(|version| version.to_string());
            assert_eq!(meant.as_deref(), version, "{text}");
        }
    }
}
