//! Checks of `ALERTS` and `ALERTS_FOR_STATE`, which Prometheus generates from alerts: the alert's name and
//! labels.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes;
use promql_parser::label::{MatchOp, Matcher};
use shadowcat_metrics_codegen::suggest;

use super::labels::Labels;
use super::matchers::{alternatives, check_closed, part_of, selects_any, values_of};
use super::query::Place;
use super::text::is_variable;
use super::vocabulary::Values;
use super::walk::{Matched, Selector, Walk, Yield};
use crate::model::AlertSeverity;

const NAME: &str = "alertname";
const STATE: &str = "alertstate";
const SEVERITY: &str = "severity";
/// A label that vmalert adds.
const GROUP: &str = "alertgroup";

/// The known alerts, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Alerts {
    known: BTreeMap<String, AlertLabels>,
    /// The schema's alerts. Only the schema defines their labels, because files may contain older versions.
    of_schema: BTreeSet<String>,
    /// Prefixes of the schemas' own names.
    beginnings: Vec<String>,
}

/// The known labels of alerts.
#[derive(Debug, Clone, Default)]
pub(super) struct AlertLabels {
    pub(super) values: BTreeMap<String, Values>,
    /// Whether the list is complete. The labels of an expression's series are not always known.
    pub(super) all: bool,
}

impl Alerts {
    pub(super) fn new(beginning: String) -> Self {
        Self {
            beginnings: vec![beginning],
            ..Self::default()
        }
    }

    /// Adds the alerts of another schema.
    pub(super) fn extend(&mut self, other: Self) {
        for (name, known) in other.known {
            self.known.entry(name).or_insert(known);
        }
        self.of_schema.extend(other.of_schema);
        self.beginnings.extend(other.beginnings);
    }

    /// Adds an alert from the schema.
    pub(super) fn add(&mut self, name: String, labels: AlertLabels) {
        self.of_schema.insert(name.clone());
        self.known.insert(name, labels);
    }

    /// Adds a hand-written alert. Several alerts may share a name and differ in labels.
    pub(super) fn add_by_hand(&mut self, name: String, labels: AlertLabels) {
        if self.of_schema.contains(&name) {
            return;
        }
        let Some(known) = self.known.get_mut(&name) else {
            self.known.insert(name, labels);
            return;
        };
        *known = known.or(&labels);
    }

    /// Returns every known severity of alerts.
    fn severities(&self) -> Vec<String> {
        let words = AlertSeverity::ALL.map(|severity| severity.name().to_owned());
        let mut all: BTreeSet<_> = words.into();
        for labels in self.known.values() {
            match labels.values.get(SEVERITY) {
                Some(Values::Closed(values)) => all.extend(values.iter().cloned()),
                Some(Values::Open | Values::Bounds(_)) | None => {}
            }
        }
        all.into_iter().collect()
    }

    /// Returns the union of the labels of some alerts, or `None` if one of them is unknown.
    fn labels_of<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Option<AlertLabels> {
        let labels = names.into_iter().map(|name| self.known.get(name).cloned());
        let labels: Option<Vec<_>> = labels.collect();
        labels?.into_iter().reduce(|labels, more| labels.or(&more))
    }
}

impl AlertLabels {
    /// Combines the labels of an alert's series, if known, with those that its rule sets. A label with an
    /// unknown value may have any value.
    pub(super) fn new(
        of_series: Option<impl Iterator<Item = (String, Values)>>,
        set: impl IntoIterator<Item = (String, Option<String>)>,
    ) -> Self {
        let all = of_series.is_some();
        let set = set.into_iter().map(|(label, value)| {
            let values = value.map_or(Values::Open, |value| Values::Closed(vec![value]));
            (label, values)
        });
        let values = of_series.into_iter().flatten().chain(set).collect();
        Self { values, all }
    }

    /// Returns the labels of either of two alerts.
    fn or(&self, other: &Self) -> Self {
        let names: BTreeSet<_> = self.values.keys().chain(other.values.keys()).collect();
        let values = names.into_iter().map(|label| {
            let sides = [self, other].map(|side| match side.values.get(label) {
                Some(Values::Closed(values)) => Some(values.as_slice()),
                None if side.all => Some([].as_slice()),
                Some(Values::Open | Values::Bounds(_)) | None => None,
            });
            let values = match sides {
                [Some(known), Some(more)] => Values::Closed([known, more].concat()),
                [None, _] | [_, None] => Values::Open,
            };
            (label.clone(), values)
        });
        Self {
            values: values.collect(),
            all: self.all && other.all,
        }
    }
}

/// Checks a selector of the series `name`.
pub(super) fn check(walk: &mut Walk<'_>, name: &str, selector: &Selector) -> Yield {
    let vocabulary = walk.vocabulary;
    let names = selector
        .matchers
        .iter()
        .filter(|matched| matched.matcher.name == NAME);
    let labels = match names.collect::<Vec<_>>().as_slice() {
        [Matched { matcher, .. }] if !selector.has_or => match &matcher.op {
            MatchOp::Equal => vocabulary.alerts.labels_of([matcher.value.as_str()]),
            MatchOp::Re(_) => vocabulary.alerts.labels_of(alternatives(&matcher.value)),
            MatchOp::NotEqual | MatchOp::NotRe(_) => None,
        },
        _ => None,
    };
    let labels = labels.map(|mut labels| {
        labels.values.insert(NAME.to_owned(), Values::Open);
        if name == "ALERTS" {
            labels.values.insert(STATE.to_owned(), Values::Open);
        }
        labels
    });
    for Matched {
        matcher,
        label,
        value,
    } in &selector.matchers
    {
        let is_open = walk.is_variable(label) || is_variable(&matcher.value);
        match matcher.name.as_str() {
            "__name__" | GROUP => {}
            _ if is_open => {}
            NAME => check_name(walk, matcher, value),
            STATE if name == "ALERTS" => {
                let states = ["pending", "firing"].map(str::to_owned);
                check_closed(walk, matcher, (STATE, &states), value);
            }
            STATE => {
                let message = format!("`{name}` has no label `{STATE}`");
                let expected = "remove it: only `ALERTS` has this label";
                walk.find(
                    codes::SERIES_WITHOUT_LABEL,
                    label.clone(),
                    message,
                    expected,
                );
            }
            _ => match &labels {
                Some(labels) => check_label(walk, matcher, labels, label, value),
                None if matcher.name == SEVERITY => check_severity(walk, matcher, value),
                None => {}
            },
        }
    }
    let labels = labels.filter(|labels| labels.all);
    Yield {
        labels: labels.map(|labels| {
            Labels::certain(labels.values.into_keys()).and_possibly(vocabulary.added_labels())
        }),
        ..Yield::default()
    }
}

/// Checks a label of known alerts, other than those that Prometheus adds.
fn check_label(
    walk: &mut Walk<'_>,
    matcher: &Matcher,
    labels: &AlertLabels,
    label_place: &Place,
    value_place: &Place,
) {
    match labels.values.get(&matcher.name) {
        Some(Values::Closed(values)) => {
            check_closed(walk, matcher, (&matcher.name, values), value_place);
        }
        Some(Values::Open | Values::Bounds(_)) => {}
        // A store of several servers also adds its labels to alerts.
        None if !labels.all || walk.vocabulary.is_added(&matcher.name) => {}
        None => {
            let known = labels.values.keys().map(String::as_str);
            let label = suggest::expected(&matcher.name, known);
            let message = format!("the alert has no label `{}`", matcher.name);
            let help = "if a store of several servers adds this label, list it in `[operations]`: target_labels = \
                 [\"NAME\"]";
            let found = walk.find(
                codes::SERIES_WITHOUT_LABEL,
                label_place.clone(),
                message,
                label,
            );
            found.advise(help);
        }
    }
}

/// Checks the names of alerts that belong to the schema or these files: a near miss is misspelled, and an
/// unknown name with our prefix does not exist.
fn check_name(walk: &mut Walk<'_>, matcher: &Matcher, place: &Place) {
    let vocabulary = walk.vocabulary;
    let alerts = &vocabulary.alerts;
    let known = || alerts.known.keys().map(String::as_str);
    let (parts, is_pattern) = values_of(matcher);
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        let exists = selects_any(part, is_pattern, known());
        let near = nearest(part, known());
        // `ApplicationDown` does not belong to `app`.
        let mut beginnings = alerts.beginnings.iter();
        let is_own = !alerts.known.is_empty()
            && beginnings.any(|beginning| {
                let rest = part.strip_prefix(beginning.as_str());
                rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
            });
        if exists || vocabulary.is_external(part) || !(is_own || near.is_some()) {
            continue;
        }
        let label = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "not an alert of the schema or of the checked files".to_owned(),
        };
        let place = part_of(walk.query, place, part);
        let message = format!("no alert is called `{part}`");
        let found = walk.find(codes::UNREACHABLE_VALUE, place, message, label);
        found.advise("if the alert is in other rules, list it in `[operations]`: external = [\"NAME\"], or pass their \
                 file to `check-rules` too");
    }
}

/// Checks the severity of unknown alerts. Other rules may use other words, so only near misses are reported.
fn check_severity(walk: &mut Walk<'_>, matcher: &Matcher, place: &Place) {
    let known = walk.vocabulary.alerts.severities();
    let (parts, is_pattern) = values_of(matcher);
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        let names = || known.iter().map(String::as_str);
        let exists = selects_any(part, is_pattern, names());
        let Some(near) = nearest(part, names()).filter(|_| !exists) else {
            continue;
        };
        let place = part_of(walk.query, place, part);
        let message = format!("no alert has `{SEVERITY}` = `{part}`");
        let label = format!("did you mean `{near}`?");
        walk.find(codes::UNREACHABLE_VALUE, place, message, label);
    }
}

/// Returns the name that is most likely meant, ignoring case.
fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let names: Vec<_> = names.map(|name| (name.to_lowercase(), name)).collect();
    let near = suggest::nearest(name, names.iter().map(|(lower, _)| lower.as_str()))?;
    let found = names.iter().find(|(lower, _)| lower == near);
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics_codegen::Source;

    use crate::files::File;
    use crate::{Options, check, compile, promql, testing};

    const SCHEMA: &str = r#"
format = 1
namespace = "app"

[operations]
external = ["node_*", "DiskFill", "AppOfOthers"]

[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[labels.server]
help = "Server."
open = { max = 8 }

[metrics.http.requests]
type = "counter"
labels = ["outcome", "server"]
help = "Requests answered."

[groups.http]
help = "Requests."

[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }

[alerts.busy]
summary = "Many requests."
expr = "sum by (outcome) (rate({http.requests}[5m])) > 100"
severity = "warning"
"#;

    /// A hand-written rule file that is checked together with the queries.
    const RULES: &str = "\
groups:
- name: disks
  labels: { team: storage }
  rules:
  - alert: DiskFull
    expr: node_filesystem_avail_bytes == 0
    labels: { severity: page }
  - alert: Slow
    expr: sum by (server) (rate(app_http_requests_total[5m])) < 1
    labels: { severity: page, where: '{{ $labels.server }}' }
  - alert: Slow
    expr: sum by (server) (rate(app_http_requests_total[5m])) < 2
    labels: { severity: ticket }
";

    /// Checks rows of the form `QUERY => CODE PLACE: LABEL; CODE PLACE: LABEL`.
    fn assert_rows(rows: &str) {
        let vocabulary = testing::vocabulary(SCHEMA, RULES);
        let rule_file = Source::new("rules.yml", RULES);
        assert_eq!(File::read(&rule_file).check(&vocabulary).diagnostics(), []);
        testing::assert_rows(rows, |query| {
            let findings = promql::testing::check(query, &vocabulary).into_iter();
            let shown = findings.map(|found| {
                let place = &query[found.range];
                format!("{} {place}: {}", found.code.id(), found.label)
            });
            shown.collect::<Vec<_>>().join("; ")
        });
    }

    #[test]
    fn names() {
        assert_rows(
            r#"
            ALERTS{alertname="AppBusy"} =>
            ALERTS{alertname="AppAnswersFastBurn"} =>
            ALERTS_FOR_STATE{alertname="DiskFull"} =>
            ALERTS{alertname="AppBsy"} => SM0904 AppBsy: did you mean `AppBusy`?
            ALERTS_FOR_STATE{alertname='diskfull'} => SM0904 diskfull: did you mean `DiskFull`?
            ALERTS{alertname="AppHasLeftTheBuilding"} => SM0904 AppHasLeftTheBuilding: not an alert of the schema or of the checked files
            {__name__="ALERTS", alertname!="AppBsy"} => SM0904 AppBsy: did you mean `AppBusy`?
            count(ALERTS{alertname=~"AppBusy|DiskFul|App.*Burn|AppX.*"}) => SM0904 DiskFul: did you mean `DiskFull`?; SM0904 AppX.*: not an alert of the schema or of the checked files
        "#,
        );
    }

    #[test]
    fn alerts_of_other_rules_are_accepted() {
        assert_rows(
            r#"
            ALERTS =>
            ALERTS{alertname="KubePodCrashLooping"} =>
            ALERTS{alertname=~"Kube.*|etcd.*|Disk.*"} =>
            ALERTS{alertname="ApplicationDown"} =>
            ALERTS{alertname="DiskFill"} =>
            ALERTS{alertname="AppOfOthers", severity="whatever"} =>
            ALERTS{alertname=~"$alert", alertstate=~"$state"} =>
            ALERTS{alertname=~"App${which}", severity=~"${severity:regex}"} =>
            ALERTS{alertname!="Watchdog", alertname!~"Info.*"} =>
            ALERTS{alertname=""} =>
            ALERTS{$filters} =>
        "#,
        );
    }

    #[test]
    fn states() {
        assert_rows(
            r#"
            ALERTS{alertstate="firing"} =>
            ALERTS{alertstate=~"firing|pending"} =>
            ALERTS{alertstate!=""} =>
            ALERTS{alertstate="fireing"} => SM0904 fireing: did you mean `firing`?
            ALERTS{alertstate="inactive"} => SM0904 inactive: expected `pending` or `firing`
            ALERTS_FOR_STATE{alertstate="firing"} => SM0903 alertstate: remove it: only `ALERTS` has this label
        "#,
        );
    }

    #[test]
    fn severities() {
        assert_rows(
            r#"
            ALERTS{severity="critical"} =>
            // An alert of another program may have this severity.
            ALERTS{severity=~"error|none|P[12]|page"} =>
            ALERTS{severity="Critical"} => SM0904 Critical: did you mean `critical`?
            ALERTS{severity=~"warnning|critical"} => SM0904 warnning: did you mean `warning`?
            // For known alerts, the severities are known.
            ALERTS{alertname="AppBusy", severity="warning"} =>
            ALERTS{alertname="AppBusy", severity="critical"} => SM0904 critical: expected `warning`
            ALERTS{alertname=~"DiskFull|AppBusy", severity=~"page|warning|ticket"} => SM0904 ticket: expected `page` or `warning`
            ALERTS{alertname="DiskFull", severity="warning"} => SM0904 warning: expected `page`
            ALERTS{alertname="Slow", severity=~"page|ticket"} =>
        "#,
        );
    }

    #[test]
    fn labels() {
        assert_rows(
            r#"
            ALERTS{alertname="AppBusy", outcome="error", notify="ticket", alertgroup="x"} =>
            ALERTS{alertname="AppBusy", outcome="err"} => SM0904 err: expected `ok` or `error`
            ALERTS{alertname="AppBusy", server="a"} => SM0903 server: expected `alertname`, `alertstate`, `notify`, `outcome` or `severity`
            // Labels of other alerts are unknown, and so is the result of a template.
            ALERTS{alertname="DiskFull", mountpoint="/", team="storage"} =>
            ALERTS{alertname="Slow", where="here"} =>
            rate(app_http_requests_total[5m]) unless on (server) ALERTS{alertname="Slow"} =>
            rate(app_http_requests_total[5m]) unless on (server) ALERTS{alertname="AppBusy"} => SM0909 server: expected `outcome`
            count by (alertname, alertstate, outcome) (ALERTS{alertname="AppBusy"}) =>
            count by (whatever) (ALERTS{alertname="DiskFull"}) =>
            count by (whatever) (ALERTS) =>
        "#,
        );
    }

    #[test]
    fn alerts_of_a_schema_may_name_each_other() {
        let more = "
[alerts.both]
summary = \"Both.\"
expr = '''ALERTS{alertname=\"AppBusyy\"} and on () ALERTS{alertname=\"AppAnswersSlowBurn\"}'''
severity = \"info\"
";
        let outcome = compile(Source::new("metrics.toml", SCHEMA.to_owned() + more));
        let schema = outcome.schema().expect("it compiles");
        let problems = check(schema, &outcome.source, &Options::default());
        let shown = problems
            .iter()
            .filter(|problem| problem.code.id() == "SM0904")
            .map(|problem| outcome.source.slice(problem.primary));
        assert_eq!(shown.collect::<Vec<_>>(), ["AppBusyy"]);
    }
}
