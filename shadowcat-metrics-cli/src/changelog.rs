//! A changelog's section about the next release. A change that it mentions is announced.

use crate::diff::Change;

/// The section `## Unreleased` of a changelog.
#[derive(Debug)]
pub(crate) struct Notes(String);

impl Notes {
    /// The section, if there is one, with brackets around its title or without, as Keep a Changelog allows.
    pub(crate) fn parse(changelog: &str) -> Option<Self> {
        let mut lines = changelog.lines();
        lines.find(|line| {
            let title = line.strip_prefix("## ").unwrap_or_default().trim();
            title
                .trim_matches(['[', ']'])
                .eq_ignore_ascii_case("unreleased")
        })?;
        let section: Vec<_> = lines.take_while(|line| !line.starts_with("## ")).collect();
        Some(Self(section.join("\n")))
    }

    /// Whether the subject of a change is mentioned, in backquotes, by its name in the schema or its exposed name.
    pub(crate) fn mention(&self, change: &Change) -> bool {
        let names = [Some(&change.name), change.exposed.as_ref()];
        let mut quoted = self.0.split('`').skip(1).step_by(2);
        quoted.any(|quoted| names.contains(&Some(&quoted.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::Notes;

    #[test]
    fn the_section_is_found_by_its_title() {
        for title in ["## Unreleased", "## [Unreleased]", "## unreleased "] {
            let text = format!("# Changelog\n\n{title}\n\n- `a`\n\n## 1.0.0\n\n- `b`\n");
            let notes = Notes::parse(&text).expect("it is there");
            assert!(
                notes.0.contains("`a`") && !notes.0.contains("`b`"),
                "{notes:?}"
            );
        }
        assert!(Notes::parse("# Unreleased\n").is_none());
    }
}
