//! Versions, as Cargo and [Semantic Versioning](https://semver.org) define them.

use std::cmp::Ordering;
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// A complete version, such as `1.4.0` or `2.0.0-rc.1`.
///
/// ```
/// use shadowcat_metrics_codegen::Version;
///
/// assert!(Version::parse("2.0.0-rc.1")? < Version::new(2, 0, 0));
/// # Ok::<(), shadowcat_metrics_codegen::InvalidVersion>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Version {
    /// Major, minor and patch version.
    numbers: [u64; 3],
    /// The pre-release, or empty for a release.
    pre: String,
    /// The build metadata, or empty.
    build: String,
}

/// The reason why a text is not a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidVersion(String);

impl Version {
    /// Returns a release.
    #[must_use]
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self {
            numbers: [major, minor, patch],
            pre: String::new(),
            build: String::new(),
        }
    }

    /// Parses a complete version.
    ///
    /// # Errors
    ///
    /// If the text is not a version as defined by Semantic Versioning 2.0, or a number exceeds [`u64::MAX`].
    pub fn parse(text: &str) -> Result<Self, InvalidVersion> {
        let (text, build) = split(text, '+', "build metadata")?;
        let (text, pre) = split(text, '-', "pre-release")?;
        if pre.split('.').any(has_leading_zero) {
            return Err(invalid("the pre-release", "has a leading zero"));
        }
        let mut parts = text.split('.');
        let mut numbers = [0; 3];
        for (name, number) in ["major", "minor", "patch"].into_iter().zip(&mut numbers) {
            let fault = |fault| invalid(&format!("the {name} version"), fault);
            let part = parts.next().ok_or_else(|| fault("is missing"))?;
            if !is_number(part) {
                return Err(fault("is not a number"));
            }
            if has_leading_zero(part) {
                return Err(fault("has a leading zero"));
            }
            *number = part.parse().map_err(|_| fault("is too large"))?;
        }
        if parts.next().is_some() {
            return Err(invalid("it", "has more than three numbers"));
        }
        Ok(Self {
            numbers,
            pre: pre.to_owned(),
            build: build.to_owned(),
        })
    }
}

/// Splits the identifiers after `mark` from a version. They are empty if there is no mark.
fn split<'t>(text: &'t str, mark: char, name: &str) -> Result<(&'t str, &'t str), InvalidVersion> {
    let Some((text, identifiers)) = text.split_once(mark) else {
        return Ok((text, ""));
    };
    let is_identifier = |text: &str| {
        let mut bytes = text.bytes();
        !text.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if identifiers.split('.').all(is_identifier) {
        Ok((text, identifiers))
    } else {
        let fault = "is not a list of letters, digits and hyphens, separated by dots";
        Err(invalid(&format!("the {name}"), fault))
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_leading_zero(text: &str) -> bool {
    is_number(text) && text.len() > 1 && text.starts_with('0')
}

fn invalid(part: &str, fault: &str) -> InvalidVersion {
    InvalidVersion(format!("{part} {fault}"))
}

impl Ord for Version {
    /// Orders by precedence, then by build metadata.
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = self.numbers.cmp(&other.numbers);
        // A release is later than its pre-releases.
        let release = self.pre.is_empty().cmp(&other.pre.is_empty());
        let identifiers = || compare_identifiers(&self.pre, &other.pre);
        let precedence = numbers.then(release).then_with(identifiers);
        precedence.then_with(|| self.build.cmp(&other.build))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares pre-releases: numbers by value and before words, and a prefix before the longer list.
fn compare_identifiers(one: &str, other: &str) -> Ordering {
    let (mut ones, mut others) = (one.split('.'), other.split('.'));
    loop {
        let (one, other) = match (ones.next(), others.next()) {
            (Some(one), Some(other)) => (one, other),
            (one, other) => return one.is_some().cmp(&other.is_some()),
        };
        let order = match (is_number(one), is_number(other)) {
            // Without leading zeros, the longer number is larger.
            (true, true) => one.len().cmp(&other.len()).then(one.cmp(other)),
            (one_is_number, other_is_number) => {
                other_is_number.cmp(&one_is_number).then(one.cmp(other))
            }
        };
        if order.is_ne() {
            return order;
        }
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        Self::parse(text)
    }
}

impl Display for Version {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        for (mark, identifiers) in [('-', &self.pre), ('+', &self.build)] {
            if !identifiers.is_empty() {
                write!(f, "{mark}{identifiers}")?;
            }
        }
        Ok(())
    }
}

impl Display for InvalidVersion {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidVersion {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_semver_does() {
        let versions = [
            "0.9.9",
            "1.0.0-0",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-99999999999999999999999",
            "1.0.0--",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.0+b.01",
            "1.0.1",
            "1.10.0",
            "2.0.0-a-b+c-d",
        ];
        let parsed = versions.map(|text| Version::parse(text).expect(text));
        for (one, text) in versions.iter().enumerate() {
            assert_eq!(parsed[one].to_string(), *text);
            for other in 0..versions.len() {
                assert_eq!(parsed[one].cmp(&parsed[other]), one.cmp(&other), "{text}");
            }
        }
        assert_eq!(parsed[13], Version::new(1, 0, 0));
    }

    #[test]
    fn anything_else_is_not_a_version() {
        for (text, fault) in [
            ("", "the major version is not a number"),
            ("v1.0.0", "the major version is not a number"),
            ("1", "the minor version is missing"),
            ("1.2", "the patch version is missing"),
            ("1.+2.3", "the minor version is not a number"),
            ("1..3", "the minor version is not a number"),
            ("1.02.3", "the minor version has a leading zero"),
            ("1.2.18446744073709551616", "the patch version is too large"),
            ("1.2.3.4", "it has more than three numbers"),
            ("1.2.3 ", "the patch version is not a number"),
            ("1.2.٣", "the patch version is not a number"),
            ("1.2.3-", "the pre-release is not"),
            ("1.2.3-a..b", "the pre-release is not"),
            ("1.2.3-01", "the pre-release has a leading zero"),
            ("1.2.3-é", "the pre-release is not"),
            ("1.2.3+", "the build metadata is not"),
            ("1.2.3+a+b", "the build metadata is not"),
        ] {
            let error = Version::parse(text).expect_err(text).to_string();
            assert!(error.starts_with(fault), "{text}: {error}");
        }
    }
}
