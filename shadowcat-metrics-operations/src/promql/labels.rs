//! The labels of the series that a part of a query returns.

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics_codegen::suggest;

/// The help for a label that scraping may add.
pub(super) const TARGET_LABEL: &str =
    "if scraping adds this label, list it in `[operations]`: target_labels = [\"NAME\"]";

/// Label names: those that every series has, and those that some series may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    certain: BTreeSet<String>,
    /// Labels that some series may have, such as those that a store of several servers adds to recorded series.
    possible: BTreeSet<String>,
    /// Exposed names by the keys in the schema, where they differ.
    keys: BTreeMap<String, String>,
}

impl Labels {
    /// Creates a set of labels that every series has.
    pub(crate) fn certain(names: impl IntoIterator<Item = String>) -> Self {
        Self {
            certain: names.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Adds the exposed names of labels by their keys in the schema.
    pub(crate) fn with_keys(mut self, keys: &BTreeMap<String, String>) -> Self {
        self.keys.clone_from(keys);
        self
    }

    /// Adds labels that some series may have.
    pub(crate) fn and_possibly(mut self, names: impl IntoIterator<Item = String>) -> Self {
        let names = names.into_iter();
        self.possible
            .extend(names.filter(|name| !self.certain.contains(name)));
        self
    }

    /// Returns whether a series may have a label.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.certain.contains(name) || self.possible.contains(name)
    }

    /// Returns every name, for messages.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.certain
            .iter()
            .chain(&self.possible)
            .map(String::as_str)
    }

    /// Returns the labels that every series has.
    #[must_use]
    pub fn into_certain(self) -> BTreeSet<String> {
        self.certain
    }

    /// Returns the exposed name of the label with a key in the schema.
    fn with_key(&self, key: &str) -> Option<&str> {
        let name = self.keys.get(key)?;
        self.contains(name).then_some(name)
    }

    /// Returns the label that a misspelled name or a key in the schema probably means.
    pub(crate) fn nearest(&self, name: &str) -> Option<&str> {
        self.with_key(name)
            .or_else(|| suggest::nearest(name, self.names()))
    }

    /// Returns the text under the caret for an unknown label.
    pub(crate) fn expected(&self, name: &str) -> String {
        if let Some(exposed) = self.with_key(name) {
            return format!("did you mean `{exposed}`? `{name}` is its key in the schema");
        }
        match self.nearest(name) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.names().next().is_none() => {
                "remove it: there are no labels here".to_owned()
            }
            None => format!("expected {}", suggest::list(self.names())),
        }
    }

    /// Returns the help for an unknown label that scraping may add. It adds labels to all series, or an aggregation removed all
    /// of them.
    pub(crate) fn help(&self, name: &str) -> Option<&'static str> {
        let may_be_added = self.nearest(name).is_none() && self.contains("instance");
        may_be_added.then_some(TARGET_LABEL)
    }

    /// Adds labels that a rule sets.
    pub(crate) fn and_set<'s>(mut self, names: impl IntoIterator<Item = &'s String>) -> Self {
        for name in names {
            self.insert(name);
        }
        self
    }

    pub(super) fn insert(&mut self, name: &str) {
        self.possible.remove(name);
        self.certain.insert(name.to_owned());
    }

    /// Removes a label, and returns whether it may have been present.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        self.certain.remove(name) | self.possible.remove(name)
    }

    /// Returns the labels after `by` or `on`. A missing label is assumed to be present, so that it is
    /// reported once.
    pub(super) fn only(&self, listed: &[String]) -> Self {
        let (possible, certain) = listed
            .iter()
            .cloned()
            .partition(|name| self.possible.contains(name));
        Self {
            certain,
            possible,
            keys: self.keys.clone(),
        }
    }

    /// Returns the labels after `without` or `ignoring`.
    pub(super) fn without(mut self, listed: &[String]) -> Self {
        for name in listed {
            self.remove(name);
        }
        self
    }

    /// Returns the labels of a union of series.
    pub(super) fn or(&self, other: &Self) -> Self {
        let certain: BTreeSet<_> = self.certain.intersection(&other.certain).cloned().collect();
        let all = self.names().chain(other.names());
        let possible = all
            .filter(|name| !certain.contains(*name))
            .map(str::to_owned);
        Self {
            possible: possible.collect(),
            certain,
            keys: self
                .keys
                .clone()
                .into_iter()
                .chain(other.keys.clone())
                .collect(),
        }
    }

    /// Returns the labels that series on both sides may have.
    pub(super) fn shared(&self, other: &Self) -> Self {
        let shared = self.names().filter(|name| other.contains(name));
        Self::certain(shared.map(str::to_owned)).with_keys(&self.keys)
    }

    /// Returns the labels that one side always has and the other never has, so that no series match.
    pub(super) fn apart<'l>(&'l self, other: &'l Self) -> Vec<&'l str> {
        let mine = self.certain.iter().filter(|name| !other.contains(name));
        let theirs = other.certain.iter().filter(|name| !self.contains(name));
        let apart: BTreeSet<_> = mine.chain(theirs).map(String::as_str).collect();
        apart.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::promql::testing::{SCHEMA, assert_labels};

    #[test]
    fn a_key_of_the_schema_leads_to_the_exposed_name() {
        let named = "help = \"How it ended.\"\nname = \"type\"";
        assert_labels(
            &SCHEMA.replace("help = \"How it ended.\"", named),
            r#"
            rate(app_http_requests_total{outcome="ok"}[5m]) => outcome: did you mean `type`? `outcome` is its key in the schema
            sum by (outcome) (rate(app_http_requests_total[5m])) => outcome: did you mean `type`? `outcome` is its key in the schema
            sum by (outcome) (sum by (server, type) (rate(app_http_requests_total[5m]))) => outcome: did you mean `type`? `outcome` is its key in the schema
        "#,
        );
    }

    #[test]
    fn a_label_of_series_without_labels_is_to_be_removed() {
        assert_labels(
            SCHEMA,
            "max by (server) (sum(rate(app_http_requests_total[5m]))) => server: remove it: there are no labels here",
        );
    }
}
