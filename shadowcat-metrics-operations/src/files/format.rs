//! The format of rule files and their tests: the keys and their types. Prometheus and promtool reject a file
//! with any other key. Keys that only vmalert, Loki, Thanos or Mimir knows show that the file is for that
//! program.

use std::collections::BTreeSet;
use std::ops::Range;

use promql_parser::util::parse_duration;
use shadowcat_metrics_codegen::{Code, suggest};

use super::tree::{Entry, Node, Text, Value, get, text};

shadowcat_metrics_codegen::codes! {
    table CODES;

    RULES_FORMAT = "SM0918" "rules-format": "an invalid rule file",
    "Prometheus rejects the whole rule file if a key is unknown, `expr` is missing, or a value has the wrong type. \
     Group keys of vmalert, Loki, Thanos and Mimir are accepted.",
    example: "# groups:
# - name: shop
#   rules:
#   - alert: ShopDown
- #     exp: up == 0
+ #     expr: up == 0
";

    UTF8_NAME = "SM0930" "utf8-name": "a name that Prometheus 2 rejects",
    "Prometheus 2 rejects a rule file if the name of a recorded series, a label or an annotation has \
     characters other than ASCII letters, digits and `_`, or begins with a digit. The name of a series may also have \
     colons. Prometheus 3 accepts every name, but queries must then quote it.",
    example: "# groups:
# - name: shop
#   rules:
- #   - record: job:targets-up:sum
+ #   - record: job:targets_up:sum
#     expr: sum by (job) (up)
";
}

/// A fault in the structure of a file.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: Code,
    /// Its position in the document.
    pub(super) range: Range<usize>,
    /// The alias that refers to it, if it is written elsewhere.
    pub(super) alias: Option<Range<usize>>,
    pub(super) message: String,
    pub(super) label: String,
}

/// A part of a file where a problem can be.
trait Place {
    /// Returns its position, and the alias that refers to it.
    fn place(&self) -> (&Range<usize>, &Option<Range<usize>>);
}

impl Place for Text {
    fn place(&self) -> (&Range<usize>, &Option<Range<usize>>) {
        (&self.span, &self.alias)
    }
}

impl Place for Node {
    fn place(&self) -> (&Range<usize>, &Option<Range<usize>>) {
        (&self.span, &self.alias)
    }
}

/// The type of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Duration,
    Integer,
    /// A map of strings.
    Labels,
    List,
    /// Anything that another program accepts.
    Any,
}

type Keys = &'static [(&'static str, Type)];

const GROUP: Keys = &[
    ("name", Type::Text),
    ("interval", Type::Duration),
    ("query_offset", Type::Duration),
    ("limit", Type::Integer),
    ("labels", Type::Labels),
    ("rules", Type::List),
];
/// Thanos, and the custom resource for Prometheus.
const GROUP_OF_THANOS: Keys = &[("partial_response_strategy", Type::Text)];
const GROUP_OF_MIMIR: Keys = &[
    ("align_evaluation_time_on_interval", Type::Text),
    ("evaluation_delay", Type::Duration),
    ("remote_write", Type::Any),
    ("source_tenants", Type::List),
];
const GROUP_OF_VMALERT: Keys = &[
    ("concurrency", Type::Integer),
    ("debug", Type::Text),
    ("eval_alignment", Type::Text),
    ("eval_delay", Type::Duration),
    ("eval_offset", Type::Duration),
    ("extra_filter_labels", Type::Labels),
    ("headers", Type::List),
    ("notifier_headers", Type::List),
    ("params", Type::Any),
    ("tenant", Type::Text),
    ("type", Type::Text),
];
const RULE: Keys = &[
    ("alert", Type::Text),
    ("record", Type::Text),
    ("expr", Type::Text),
    ("for", Type::Duration),
    ("keep_firing_for", Type::Duration),
    ("labels", Type::Labels),
    ("annotations", Type::Labels),
];
const RULE_OF_VMALERT: Keys = &[
    ("debug", Type::Text),
    ("update_entries_limit", Type::Integer),
];

/// The keys of a table in a test file.
struct Table {
    /// What it is.
    of: &'static str,
    keys: Keys,
    /// The keys of lists of further tables.
    lists: &'static [(&'static str, &'static Self)],
}

const TEST_FILE: Table = Table {
    of: "a test file",
    keys: &[
        ("rule_files", Type::List),
        ("evaluation_interval", Type::Duration),
        ("group_eval_order", Type::List),
        ("fuzzy_compare", Type::Text),
        ("tests", Type::List),
    ],
    lists: &[("tests", &TEST)],
};
const TEST: Table = Table {
    of: "a test",
    keys: &[
        ("name", Type::Text),
        ("interval", Type::Duration),
        ("input_series", Type::List),
        ("alert_rule_test", Type::List),
        ("promql_expr_test", Type::List),
        ("external_labels", Type::Labels),
        ("external_url", Type::Text),
        ("start_timestamp", Type::Text),
        // From vmalert-tool.
        ("metricsql_expr_test", Type::List),
    ],
    lists: &[
        ("input_series", &INPUT_SERIES),
        ("alert_rule_test", &ALERT_TEST),
        ("promql_expr_test", &EXPR_TEST),
    ],
};
const INPUT_SERIES: Table = Table {
    of: "an input series",
    keys: &[("series", Type::Text), ("values", Type::Text)],
    lists: &[],
};
const ALERT_TEST: Table = Table {
    of: "a test of an alert",
    keys: &[
        ("eval_time", Type::Duration),
        ("alertname", Type::Text),
        ("exp_alerts", Type::List),
        // From vmalert-tool.
        ("groupname", Type::Text),
    ],
    lists: &[("exp_alerts", &EXPECTED_ALERT)],
};
const EXPECTED_ALERT: Table = Table {
    of: "an expected alert",
    keys: &[
        ("exp_labels", Type::Labels),
        ("exp_annotations", Type::Labels),
    ],
    lists: &[],
};
const EXPR_TEST: Table = Table {
    of: "a test of a query",
    keys: &[
        ("expr", Type::Text),
        ("eval_time", Type::Duration),
        ("exp_samples", Type::List),
    ],
    lists: &[("exp_samples", &SAMPLE)],
};
const SAMPLE: Table = Table {
    of: "a sample",
    keys: &[
        ("labels", Type::Text),
        ("value", Type::Text),
        ("histogram", Type::Text),
    ],
    lists: &[],
};

/// Checks the keys of a table: its groups of rules, or its tests.
pub(super) fn check(entries: &[Entry]) -> Vec<Problem> {
    let mut check = Check::default();
    if let Some(groups) = get(entries, "groups") {
        check.groups(groups);
    } else if let Some(slip) =
        misspelled(entries, "groups").filter(|slip| slip.node.items().iter().any(is_group))
    {
        check.unknown(&slip.key, "a rule file", &["groups"]);
    }
    if is_test_file(entries) {
        check.table(entries, &TEST_FILE);
    }
    check.problems
}

/// Checks a rule outside a group, such as in a part of a file.
pub(super) fn check_rule(entries: &[Entry]) -> Vec<Problem> {
    let mut check = Check::default();
    check.rule(entries, Dialect::Fragment);
    check.problems
}

/// Returns whether a table is a rule: it has a name, and an expression or a misspelled key for one.
pub(super) fn is_rule(entries: &[Entry]) -> bool {
    let is_named = ["alert", "record"]
        .iter()
        .any(|key| text(entries, key).is_some());
    is_named && (get(entries, "expr").is_some() || misspelled(entries, "expr").is_some())
}

/// Returns whether a list's item is a group of Prometheus rules. Grafana's groups have other keys.
fn is_group(node: &Node) -> bool {
    let entries = node.entries();
    let of_grafana = |rule: &Node| {
        let keys = ["data", "condition", "grafana_alert", "title", "uid"];
        keys.iter().any(|key| get(rule.entries(), key).is_some())
    };
    let has = |key: &str| get(entries, key).is_some();
    let keys = ["alert", "record", "expr"];
    let is_rule = |rule: &Node| {
        let entries = rule.entries();
        keys.iter()
            .any(|key| get(entries, key).is_some() || misspelled(entries, key).is_some())
    };
    let rules =
        get(entries, "rules").or_else(|| misspelled(entries, "rules").map(|entry| &entry.node));
    let Some(rules) = rules.filter(|_| !has("folder") && !has("orgId")) else {
        return false;
    };
    match &rules.value {
        Value::List(items) if items.is_empty() => has("name"),
        Value::List(items) => items.iter().any(is_rule) && !items.iter().any(of_grafana),
        Value::Map(_) => is_rule(rules),
        Value::Text(_) | Value::Null => false,
    }
}

fn is_test_file(entries: &[Entry]) -> bool {
    let keys = ["alert_rule_test", "promql_expr_test", "input_series"];
    let is_test = |test: &Node| keys.iter().any(|key| get(test.entries(), key).is_some());
    get(entries, "tests").is_some_and(|tests| tests.items().iter().any(is_test))
}

/// Returns the entry whose key is probably a misspelling of `key`.
fn misspelled<'e>(entries: &'e [Entry], key: &str) -> Option<&'e Entry> {
    entries.iter().find(|entry| {
        let written = &entry.key.value;
        written != key && suggest::nearest(written, [key]).is_some()
    })
}

/// The program that a rule file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Prometheus,
    Vmalert,
    /// A rule outside a group. The file may belong to another program with additional keys.
    Fragment,
}

#[derive(Default)]
struct Check {
    problems: Vec<Problem>,
}

impl Check {
    fn find(&mut self, at: &dyn Place, message: impl Into<String>, label: impl Into<String>) {
        self.find_as(RULES_FORMAT, at, message, label);
    }

    fn find_as(
        &mut self,
        code: Code,
        at: &dyn Place,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        let (range, alias) = at.place();
        self.problems.push(Problem {
            code,
            range: range.clone(),
            alias: alias.clone(),
            message: message.into(),
            label: label.into(),
        });
    }

    fn unknown(&mut self, key: &Text, of: &str, known: &[&str]) {
        let label = suggest::expected(&key.value, known.iter().copied());
        let message = format!("{of} has no key `{}`", key.value);
        self.find(key, message, label);
    }

    /// Checks keys and the types of their values. Returns the known keys that unknown ones probably mean.
    fn keys(
        &mut self,
        entries: &[Entry],
        of: &str,
        known: &[Keys],
        dialect: Dialect,
    ) -> BTreeSet<&'static str> {
        let all = || known.iter().flat_map(|keys| keys.iter());
        let (mut seen, mut meant) = (BTreeSet::new(), BTreeSet::new());
        for Entry { key, node } in entries {
            let found = all().find(|(name, _)| *name == key.value);
            let near = suggest::nearest(&key.value, known[0].iter().map(|(name, _)| *name));
            match found {
                Some(_) if !seen.insert(key.value.as_str()) => {
                    let message = format!("{of} has the key `{}` twice", key.value);
                    self.find(key, message, "remove one of them");
                }
                Some((name, wanted)) => self.value(name, node, *wanted),
                None if dialect == Dialect::Fragment && near.is_none() => {}
                None => {
                    let near =
                        near.and_then(|near| known[0].iter().find(|(name, _)| *name == near));
                    meant.extend(near.map(|(name, _)| *name));
                    let names: Vec<_> = known[0].iter().map(|(name, _)| *name).collect();
                    self.unknown(key, of, &names);
                }
            }
        }
        meant
    }

    fn value(&mut self, key: &str, node: &Node, wanted: Type) {
        let expected = match (wanted, &node.value) {
            (Type::Any, _)
            | (_, Value::Null)
            | (Type::Text, Value::Text(_))
            | (Type::List, Value::List(_)) => return,
            (Type::Duration, Value::Text(text)) => {
                let has_unit = text.value.ends_with(|c: char| c.is_ascii_alphabetic());
                let is_right = text.value == "0"
                    || is_zero(&text.value)
                    || (has_unit && parse_duration(&text.value).is_ok());
                if is_right || is_template(text) {
                    return;
                }
                "a duration, such as `5m`"
            }
            (Type::Integer, Value::Text(text)) if text.is_integer() || is_template(text) => return,
            (Type::Labels, Value::Map(entries)) => {
                for entry in entries {
                    if let Value::Map(_) | Value::List(_) = entry.node.value {
                        let message = format!("`{}` in `{key}` is not a string", entry.key.value);
                        self.find(&entry.node, message, "expected a string");
                    }
                    if key == "labels" && entry.key.value == "__name__" {
                        let message = "a rule cannot set the label `__name__`";
                        self.find(&entry.key, message, "expected another label");
                    }
                }
                return;
            }
            (Type::Text, _) => "a string",
            (Type::Duration, _) => "a duration, such as `5m`",
            (Type::Integer, _) => "a whole number",
            (Type::Labels, _) => "a map of strings",
            (Type::List, _) => "a list",
        };
        let kind = expected.split(',').next().unwrap_or(expected);
        self.find(
            node,
            format!("`{key}` is not {kind}"),
            format!("expected {expected}"),
        );
    }

    fn groups(&mut self, groups: &Node) {
        if is_group(groups) {
            let label = "expected a list: `-` before the name of each group";
            self.find(start(groups), "`groups` is not a list", label);
        }
        if !groups.items().iter().any(is_group) {
            return;
        }
        for group in groups.items() {
            if matches!(group.value, Value::Text(_) | Value::List(_)) {
                let label = "expected a map with `name` and `rules`";
                self.find(group, "this is not a group", label);
            }
        }
        let mut names = BTreeSet::new();
        let maps = groups
            .items()
            .iter()
            .filter(|group| !group.entries().is_empty());
        for group in maps {
            let entries = group.entries();
            let is_vmalert = entries.iter().any(|entry| {
                GROUP_OF_VMALERT
                    .iter()
                    .any(|(name, _)| *name == entry.key.value)
            });
            let known = [GROUP, GROUP_OF_THANOS, GROUP_OF_MIMIR, GROUP_OF_VMALERT];
            let meant = self.keys(entries, "a group", &known, Dialect::Prometheus);
            let dialect = if is_vmalert {
                Dialect::Vmalert
            } else {
                Dialect::Prometheus
            };
            self.names(entries, dialect);
            match text(entries, "name").filter(|name| !name.value.is_empty()) {
                Some(name) if !names.insert(&name.value) => {
                    let message = format!("duplicate group `{}`", name.value);
                    self.find(name, message, "expected another name");
                }
                Some(_) => {}
                None if meant.contains("name")
                    || get(entries, "name").is_some_and(|name| {
                        name.text().is_none() && !matches!(name.value, Value::Null)
                    }) => {}
                None => self.find(
                    start(group),
                    "the group has no name",
                    "expected `name: ...`",
                ),
            }
            let rules = get(entries, "rules").map_or(&[][..], Node::items);
            for rule in rules {
                match &rule.value {
                    Value::Map(entries) if !entries.is_empty() => self.rule(entries, dialect),
                    // Prometheus ignores keys with a null value.
                    Value::Null => {}
                    Value::Map(_) | Value::List(_) | Value::Text(_) => {
                        let label = "expected a map with `alert` or `record`, and `expr`";
                        self.find(rule, "this is not a rule", label);
                    }
                }
            }
        }
    }

    fn rule(&mut self, entries: &[Entry], dialect: Dialect) {
        let [alert, record] =
            ["alert", "record"].map(|key| entries.iter().find(|entry| entry.key.value == key));
        let what = match (alert, record) {
            (Some(_), _) => "an alert",
            (None, Some(_)) => "a recording rule",
            (None, None) => "a rule",
        };
        let known: &[Keys] = match dialect {
            Dialect::Vmalert => &[RULE, RULE_OF_VMALERT],
            Dialect::Prometheus | Dialect::Fragment => &[RULE],
        };
        let meant = self.keys(entries, what, known, dialect);
        self.names(entries, dialect);
        let Some(first) = entries.first() else {
            return;
        };
        let named = match (alert, record) {
            (Some(alert), Some(record)) => {
                let later = if alert.key.span.start < record.key.span.start {
                    record
                } else {
                    alert
                };
                let message = "a rule has both `alert` and `record`";
                self.find(&later.key, message, "expected one of them");
                alert
            }
            (Some(named), None) | (None, Some(named)) => named,
            (None, None) => {
                if !meant.contains("alert") && !meant.contains("record") {
                    let message = "a rule has neither `alert` nor `record`";
                    self.find(&first.key, message, "expected one of them");
                }
                first
            }
        };
        let at = &named.key;
        match get(entries, "expr").map(|node| (&node.value, node)) {
            None if meant.contains("expr") => {}
            None => self.find(at, format!("{what} has no `expr`"), "expected `expr: ...`"),
            Some((Value::Text(text), node)) if text.value.trim().is_empty() => {
                self.find(node, "`expr` is empty", "expected PromQL");
            }
            Some((Value::Null, _)) => {
                let label = "expected PromQL after `expr:`";
                self.find(at, format!("{what} has no `expr`"), label);
            }
            Some(_) => {}
        }
        let name = named.node.text().map_or("", |name| &name.value);
        if (alert.is_some() || record.is_some())
            && name.is_empty()
            && !matches!(named.node.value, Value::Map(_) | Value::List(_))
        {
            let label = format!("expected `{}: ...`", named.key.value);
            self.find(at, format!("{what} has no name"), label);
        }
        let (None, Some(record)) = (alert, record) else {
            return;
        };
        if name.contains(['{', '}']) && !name.contains("{{") {
            let label = "expected a name without braces; set labels in `labels`";
            let message = format!("`{name}` is not the name of a series");
            self.find(&record.node, message, label);
        }
        for entry in entries {
            let key = entry.key.value.as_str();
            let is_empty = entry.node.entries().is_empty()
                && entry.node.text().is_none_or(|text| is_zero(&text.value));
            if ["for", "keep_firing_for", "annotations"].contains(&key) && !is_empty {
                let message = format!("a recording rule has no key `{key}`");
                self.find(&entry.key, message, "remove it: only alerts have this key");
            }
        }
    }

    /// Checks the names of a rule's or group's labels and annotations, and of the recorded series.
    fn names(&mut self, entries: &[Entry], dialect: Dialect) {
        for (key, what) in [("labels", "a label"), ("annotations", "an annotation")] {
            for Entry { key, .. } in get(entries, key).map_or(&[][..], Node::entries) {
                if key.value.is_empty() {
                    let message = format!("the name of {what} is empty");
                    self.find(key, message, "expected a name");
                } else {
                    self.name(key, what, "", dialect);
                }
            }
        }
        if let Some(name) = text(entries, "record").filter(|name| !name.value.contains(['{', '}']))
        {
            self.name(name, "a series", ":", dialect);
        }
    }

    /// Warns about a name that Prometheus 2 rejects. `extra` has the allowed characters besides letters, digits and `_`.
    fn name(&mut self, name: &Text, what: &str, extra: &str, dialect: Dialect) {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || extra.contains(c);
        let begins_with_digit = name.value.starts_with(|c: char| c.is_ascii_digit());
        let is_old = name.value.chars().all(is_allowed) && !begins_with_digit;
        if is_old || dialect == Dialect::Vmalert || is_template(name) {
            return;
        }
        let colon = if extra.is_empty() { "" } else { ", `:`" };
        let label = format!("expected letters, digits{colon} and `_`, not beginning with a digit");
        let message = format!(
            "Prometheus 2 rejects `{}` as the name of {what}",
            name.value
        );
        self.find_as(UTF8_NAME, name, message, label);
    }

    /// Checks the keys of a table in a test file, and of the tables in it.
    fn table(&mut self, entries: &[Entry], table: &Table) {
        self.keys(entries, table.of, &[table.keys], Dialect::Prometheus);
        for (key, of_items) in table.lists {
            for item in get(entries, key).map_or(&[][..], Node::items) {
                self.table(item.entries(), of_items);
            }
        }
    }
}

/// Returns whether a text is a template of Helm or of another program that writes the file.
fn is_template(text: &Text) -> bool {
    text.value.contains("{{") || text.value.contains('$')
}

/// Returns whether a duration is zero in any unit.
fn is_zero(duration: &str) -> bool {
    let rest = duration.trim_start_matches('0');
    rest.len() < duration.len() && ["", "ms", "s", "m", "h", "d", "w", "y"].contains(&rest)
}

/// Returns the first key of a map, where problems with the map are shown.
fn start(node: &Node) -> &dyn Place {
    match node.entries().first() {
        Some(first) => &first.key,
        None => node,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{assert_rows, problems_in_rules};

    #[test]
    fn keys_of_rules_files() {
        let rows = r#"
            { alert: A, exp: up == 0 } => 17 exp
            { alert: A, expr: up, fro: 5m } => 27 fro
            { alert: A, expr: up, whatever: 5m } => 27 whatever
            { alert: A, for: 5m } => 7 alert
            { alert: A, expr: '' } => 23 ''
            { alert: A, expr: } => 7 alert
            { alert: A, record: b, expr: up } => 17 record
            { expr: up } => 7 expr
            { alret: A, expr: up } => 7 alret
            { alert: A, expr: [up] } => 23 [
            { alert: A, expr: up, for: 5 } => 32 5
            { alert: A, expr: up, for: five } => 32 five
            { alert: A, expr: up, labels: [a] } => 35 [
            { alert: A, expr: up, labels: { a: [b] } } => 40 [
            { alert: A, expr: up, labels: { __name__: b } } => 37 __name__
            { alert: A, expr: up, expr: up } => 27 expr
            { record: a, expr: up, for: 5m } => 28 for
            { record: a, expr: up, annotations: { a: b } } => 28 annotations
            { record: 'a{b="c"}', expr: up } => 15 'a{b="c"}'
            { alert: A, expr: up, labels: { '': b } } => 37 ''
            { alert: A, expr: up, annotations: { '': b } } => 42 ''
            { alert: '', expr: up } => 7 alert
            { alert: A, expr: up, for: 1h30m, keep_firing_for: 0s, labels: { a: 1, b: ~ }, annotations: {} } =>
            { record: a:b, expr: 1, labels: { a: b }, for: 0s } =>
            { alert: A, expr: up, for: '{{ .Values.for }}' } =>
            { alert: A, expr: up, labels: { '{{ .Values.label }}': b }, annotations: { _a1: c } } =>
        "#;
        assert_rows(rows, |rule| {
            let file = format!("groups:\n- name: a\n  rules:\n  - {rule}\n");
            let found = problems_in_rules(&file);
            found.join("; ").replace("SM0918 4:", "")
        });
    }

    #[test]
    fn keys_of_groups() {
        let rows = r"
            groups: [{ rules: [{ alert: A, expr: up }] }] => SM0918 1:12 rules
            groups: [{ name: '', rules: [{ alert: A, expr: up }] }] => SM0918 1:12 name
            groups: [{ name: a, rules: [] }, { name: a, rules: [] }] => SM0918 1:42 a
            groups: [{ name: a, rule: [{ alert: A, expr: up }] }] => SM0918 1:21 rule
            groups: [{ name: a, intervall: 1m, rules: [] }] => SM0918 1:21 intervall
            groups: [{ name: a, interval: 1, limit: x, rules: [] }] => SM0918 1:31 1; SM0918 1:41 x
            groups: [{ name: a, rules: { alert: A } }] => SM0918 1:28 {
            groups: { name: a, rules: [{ alert: A, expr: up }] } => SM0918 1:11 name
            groups: [{ name: a, labels: { a-b: c, '': d }, rules: [] }] => SM0930 1:31 a-b; SM0918 1:39 ''
            group: [{ name: a, rules: [{ alert: A, expr: up }] }] => SM0918 1:1 group
            groups: [{ name: a, interval: 1m, query_offset: 1m, limit: 5, labels: { a: b }, partial_response_strategy: warn, rules: [] }] =>
            groups: [{ name: a, source_tenants: [a], evaluation_delay: 1m, rules: [] }] =>
            groups: [{ name: a, concurrency: 2, rules: [{ alert: A, expr: up, debug: true, update_entries_limit: 5 }] }] =>
            groups: [{ name: a, rules: [{ alert: A, expr: up, debug: true }] }] => SM0918 1:51 debug
            // Files of Grafana.
            apiVersion: 1\ngroups: [{ orgId: 1, name: a, folder: b, rules: [{ uid: x, title: y, condition: C, data: [] }] }] =>
            - { alert: A, exp: up == 0 } => SM0918 1:15 exp
            alert: { name: x }\nexpression: y =>
            groups: [a, { name: b, rules: [{ alert: A, expr: up }] }] => SM0918 1:10 a
            // Files of other programs.
            groups: [admins, users] =>
            spec: { groups: [{ rules: [{ apiGroups: [''], verbs: [get] }] }] } =>
        ";
        assert_rows(rows, |groups| {
            problems_in_rules(&groups.replace("\\n", "\n")).join("; ")
        });
    }

    #[test]
    fn names_that_prometheus_2_rejects() {
        let rules = "\
groups:
- name: a
  rules:
  - { record: 'job:up-time:sum', expr: up }
  - { record: 5m_rate, expr: up }
  - { record: 'job:up', expr: up }
  - alert: Any name.
    expr: up
    labels: { service.name: a, team: b, a:b: c }
    annotations: { run-book: d }
- name: b
  concurrency: 2 # of vmalert
  rules:
  - { record: 'job:down-time:sum', expr: up }
";
        assert_eq!(
            problems_in_rules(rules),
            [
                "SM0930 4:15 'job:up-time:sum'",
                "SM0930 5:15 5m_rate",
                "SM0930 9:15 service.name",
                "SM0930 9:41 a:b",
                "SM0930 10:20 run-book",
            ]
        );
    }

    #[test]
    fn keys_of_test_files() {
        let tests = "\
rule_files: [a.yml]
evaluation_intervall: 1m
tests:
- interval: 1m
  input_serie: []
  input_series: [{ series: up, value: '1' }]
  alert_rule_test:
  - { eval_tim: 5m, alertname: OfOthers, exp_alerts: [{ exp_label: { a: b } }] }
  promql_expr_test:
  - { expr: app_http_gone, eval_time: 5, exp_samples: [{ labels: 'a{}', valeu: 1 }] }
";
        assert_eq!(
            problems_in_rules(tests),
            [
                "SM0918 2:1 evaluation_intervall",
                "SM0918 5:3 input_serie",
                "SM0918 6:32 value",
                "SM0918 8:7 eval_tim",
                "SM0918 8:57 exp_label",
                "SM0902 10:13 app_http_gone",
                "SM0918 10:39 5",
                "SM0918 10:73 valeu",
            ]
        );
    }
}
