//! Lints about labels and their values.

use super::{Findings, Item, has_word, labels, metrics, shop, split, sums};
use shadowcat_metrics_codegen::Diagnostic;
use shadowcat_metrics_codegen::codes::codes;
use shadowcat_metrics_codegen::model::{Label, LabelId, LabelValues, Metric, Registry};
use shadowcat_metrics_codegen::name::{TARGET_LABELS, ends_with_word, pascal_case, to_snake_case};
use shadowcat_metrics_codegen::series;

codes! {
    DOMINATING_LABEL = "SM1207" "dominating-label": "label that uses most of the series budget",
    "This label accounts for more than half of `series_budget`. Give it fewer values or a smaller `max`, or remove it \
     from metrics that do not need it. `shadowcat-metrics budget` shows the largest metrics and labels. If you need \
     all of its series, allow the lint on the label, or raise the budget.",
    example: shop!(r#"[labels.customer]
help = "Customer, by account name."
- open = { max = 9_000 }
+ open = { max = 900 }

[metrics.cart.paid]
type = "counter"
labels = ["customer"]
help = "Carts that were paid."
"#);
}

/// Reports a label that accounts for more than half of the series budget.
pub(super) fn dominating_label(registry: &Registry, findings: &mut Findings) {
    let made = made_by_each(registry);
    let made = labels(registry).map(|(id, label)| (id, label, made[id.0]));
    // The first of equals, so that the result is stable.
    let largest = made.reduce(|most, next| if next.2 > most.2 { next } else { most });
    let budget = registry.series_budget;
    let Some((id, label, made)) = largest.filter(|(_, _, made)| *made > budget / 2) else {
        return;
    };
    let name = &label.name;
    let message = format!("the label `{name}` uses {made} of the {budget} series in the budget");
    let problem = Diagnostic::warning(DOMINATING_LABEL, label.span, message)
        .label(format!("without this label, there would be {made} fewer series"))
        .help(
            "give it fewer values, or remove it from metrics that do not need it; `shadowcat-metrics budget` shows \
             the largest metrics",
        );
    findings.push((Item::Label(id), problem));
}

/// Returns for each label the number of series that would disappear if it had only one value, plus its values without series.
fn made_by_each(registry: &Registry) -> Vec<u64> {
    let ids = (0..registry.labels.len()).map(LabelId);
    let mut made: Vec<_> = ids
        .map(|id| series::values_without_series(registry, id))
        .collect();
    for metric in &registry.metrics {
        let lines = series::lines(registry, metric);
        for (id, share) in crate::series::shares(registry, metric) {
            made[id.0] = made[id.0].saturating_add(share.caused.saturating_mul(lines));
        }
    }
    made
}

codes! {
    PRELUDE_LABEL = "SM1208" "prelude-label": "label named like a Rust type",
    "A label becomes a Rust type. Generated code works with a type named `Option` or `Result`, but in code that imports the type, \
     it hides Rust's own type of that name and causes confusing compiler errors.",
    example: shop!(r#"- [labels.result]
+ [labels.outcome]
help = "How the payment ended."
values = ["ok", "declined"]

[metrics.cart.payments]
type = "counter"
- labels = ["result"]
+ labels = ["outcome"]
help = "Payments attempted."
"#);
}

/// Types and traits of the standard library's prelude. Its functions and macros have other naming conventions.
const PRELUDE: &str = "AsMut AsRef Box Clone Copy Default DoubleEndedIterator Drop Eq Err ExactSizeIterator Extend Fn \
     FnMut FnOnce From FromIterator Into IntoIterator Iterator None Ok Option Ord PartialEq PartialOrd Result Send Sized Some \
     String Sync ToOwned ToString TryFrom TryInto Unpin Vec";

/// Reports a label or sum label whose type has the same name as a type in every Rust file, such as `Option`.
pub(super) fn prelude_label(registry: &Registry, findings: &mut Findings) {
    let plain = labels(registry).map(|(id, label)| (Item::Label(id), &label.key, label.span));
    let sums = sums(registry).map(|(id, sum)| (Item::Sum(id), &sum.name, sum.span));
    for (item, name, span) in plain.chain(sums) {
        let rust = pascal_case(name);
        if has_word(PRELUDE, &rust) {
            let message =
                format!("the label `{name}` becomes a type with the name of Rust's `{rust}`");
            let problem = Diagnostic::warning(PRELUDE_LABEL, span, message)
                .label("expected another name")
                .help(format!(
                    "in a file with `use labels::{rust};`, Rust's own `{rust}` is hidden"
                ));
            findings.push((item, problem));
        }
    }
}

codes! {
    IDENTIFIER_LABEL = "SM1209" "identifier-label": "label with unbounded values",
    "Prometheus stores a series for each label value, so use labels for classes and not for identifiers such as \
     session or user IDs. An open label is bounded: while `max` values are in use, additional values are recorded under the \
     overflow value, so the metric describes only a few identifiers. Put identifiers into logs, traces or \
     exemplars.",
    example: shop!(r#"- [labels.session_id]
- help = "Session of the customer."
- open = { max = 100 }
+ [labels.plan]
+ help = "Subscription plan of the customer."
+ values = ["free", "gold"]

[metrics.cart.paid]
type = "counter"
- labels = ["session_id"]
+ labels = ["plan"]
help = "Carts that were paid."
"#);
}

/// Names of unbounded values, and suffixes of such names.
const UNBOUNDED: &str = "account_id correlation_id customer_id email error_message guid invoice_id ip ip_address \
     message_id order_id path payment_id query referer referrer remote_addr remote_address request_id session_id span_id sql \
     timestamp token trace_id transaction_id uri url user_agent user_id user_name username uuid";

/// Reports an open label that identifies single users, requests or addresses, and so has unbounded values.
pub(super) fn identifier_label(label: &Label) -> Option<Diagnostic> {
    let LabelValues::Open { max, .. } = label.values else {
        return None;
    };
    split(UNBOUNDED).find(|word| ends_with_word(&label.name, word))?;
    let message = format!("the label `{}` seems to have unbounded values", label.name);
    let problem = Diagnostic::warning(IDENTIFIER_LABEL, label.span, message)
        .label(format!("once {max} values are in use, any more share the overflow value"))
        .help(
            "use a class as the label value, such as a route instead of a path or a plan instead of a user, and put \
             identifiers into logs and traces",
        );
    Some(problem)
}

codes! {
    BOOLEAN_LABEL = "SM1210" "boolean-label": "boolean label",
    "Named values are easier to read than booleans: `hit` is clear in a legend or a query, and a third value can be added later. \
     `true` is clear only next to the name of the label. In Rust, the label is an enum in either case.",
    example: shop!(r#"- [labels.paid]
- help = "Whether the cart was paid."
- values = ["true", "false"]
+ [labels.end]
+ help = "How the cart was closed."
+ values = ["paid", "abandoned"]

[metrics.cart.closed]
type = "counter"
- labels = ["paid"]
+ labels = ["end"]
help = "Carts that were closed."
"#);
}

const PAIRS: [[&str; 2]; 5] = [
    ["false", "true"],
    ["no", "yes"],
    ["n", "y"],
    ["0", "1"],
    ["f", "t"],
];

/// Reports a closed label whose values are yes and no.
pub(super) fn boolean_label(label: &Label) -> Option<Diagnostic> {
    let values = label.closed_values();
    let words = values.iter().map(|value| value.value.to_lowercase());
    let mut words: Vec<_> = words.collect();
    words.sort_unstable();
    PAIRS.iter().any(|pair| words == pair).then(|| {
        let (one, other) = (&values[0].value, &values[1].value);
        let message = format!("the label `{}` is a boolean", label.name);
        Diagnostic::warning(BOOLEAN_LABEL, label.span, message)
            .label(format!("its values are `{one}` and `{other}`"))
            .help("name the two cases, such as `hit` and `miss` for a label `cache`; you can add a third case later")
    })
}

codes! {
    LABEL_IN_VALUE = "SM1211" "label-in-value": "value repeats its label",
    "A value always appears together with its label, so it does not need to repeat the label: `status=\"status_ok\"`, \
     `Status::StatusOk`.",
    example: shop!(r#"[labels.status]
help = "How the payment ended."
- values = ["status_ok", "status_declined"]
+ values = ["ok", "declined"]

[metrics.cart.payments]
type = "counter"
labels = ["status"]
help = "Payments attempted."
"#);
}

/// Reports values that begin with the name of their label: `status="status_ok"`. Each label is reported once, because its
/// values are fixed together.
pub(super) fn label_in_value(label: &Label) -> Option<Diagnostic> {
    let name = &label.name;
    let begins = |value: &str| {
        let words = to_snake_case(value);
        let rest = words
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('_'));
        rest.is_some_and(|rest| !rest.is_empty())
    };
    let mut values = label.closed_values().iter();
    let found = values.find(|value| begins(&value.value))?;
    let value = &found.value;
    let message = format!("the value `{value}` repeats its label `{name}`");
    let problem = Diagnostic::warning(LABEL_IN_VALUE, found.span, message);
    Some(problem.label(format!(
        "expected a value without `{name}`: a series reads `{{{name}=\"{value}\"}}`"
    )))
}

codes! {
    LABEL_IN_NAME = "SM1212" "label-in-name": "label name in the key",
    "The series already have the label, so the name repeats it. The name becomes wrong if a query sums over the \
     label, or if the metric gets another label. The naming rules of Prometheus advise against it.",
    example: shop!(r#"[labels.plan]
help = "Subscription plan of the customer."
values = ["free", "gold"]

- [metrics.cart.paid_by_plan]
+ [metrics.cart.paid]
type = "counter"
labels = ["plan"]
help = "Carts that were paid."
"#);
}

/// Reports a key that names the metric's labels: `requests_by_method`.
pub(super) fn label_in_name(registry: &Registry, metric: &Metric) -> Option<Diagnostic> {
    let key = format!("_{}_", metric.key);
    let labels = metric.labels.iter();
    let labels = labels.map(|label| &registry.labels[label.0].name);
    let sums = metric.sums.iter();
    let sums = sums.map(|sum| &registry.sums[sum.sum.0].name);
    let label = labels.chain(sums).find(|label| {
        key.contains(&format!("_by_{label}_")) || key.contains(&format!("_per_{label}_"))
    })?;
    let message = format!("the key `{}` names the label `{label}`", metric.key);
    let problem = Diagnostic::warning(LABEL_IN_NAME, metric.spans.key, message);
    Some(problem.label(format!(
        "expected a key without `{label}`: the series already have this label"
    )))
}

codes! {
    ONLY_BAD_VALUES = "SM1223" "only-bad-values": "label with only bad values",
    "`bad = true` marks the values that mean an error, so that dashboards can show the share of errors. If every value \
     is bad, mark the counter with `bad = true` instead: each count is an error, and the label is its reason.",
    example: shop!(r#"[labels.reason]
help = "Why the payment failed."

[labels.reason.values]
- declined = { help = "by the bank", bad = true }
- expired = { help = "not paid in time", bad = true }
+ declined = "by the bank"
+ expired = "not paid in time"

[metrics.cart.failures]
type = "counter"
labels = ["reason"]
+ bad = true
help = "Payments that failed."
"#);
}

/// Reports a closed label with only bad values.
pub(super) fn only_bad_values(label: &Label) -> Option<Diagnostic> {
    let values = label.closed_values();
    if values.is_empty() || !values.iter().all(|value| value.bad) {
        return None;
    }
    let message = format!("every value of the label `{}` is marked as bad", label.name);
    let problem = Diagnostic::warning(ONLY_BAD_VALUES, label.span, message)
        .label("expected a value that is not bad");
    Some(problem.help(
        "remove `bad = true` from the values, and write it on the counters that use the label",
    ))
}

codes! {
    TARGET_LABEL = "SM1227" "target-label": "label that scraping also adds",
    "Prometheus adds the labels `job` and `instance` to every series that it scrapes. It renames a label of the program with one of \
     these names to `exported_job` or `exported_instance`, so queries that use the name in the schema read the \
     target's label. Rename the label. Allow the lint if the scrape configuration has `honor_labels: true`, which keeps the program's labels.",
    example: shop!(r#"- [labels.job]
+ [labels.task]
help = "Task that ran at night."
values = ["backup", "report"]

[metrics.cart.cleanups]
type = "counter"
- labels = ["job"]
+ labels = ["task"]
help = "Carts that were removed."
"#);
}

/// Reports labels that are exposed with the name of a label of targets. The states of a metric are in a label with the metric's
/// name.
pub(super) fn target_label(registry: &Registry, findings: &mut Findings) {
    let labels =
        labels(registry).map(|(id, label)| (Item::Label(id), &label.name, label.name_span));
    let states = metrics(registry).filter(|(_, metric)| metric.kind.spec().states.is_some());
    let states = states.map(|(id, metric)| (Item::Metric(id), &metric.exposed, metric.spans.name));
    for (item, name, span) in labels.chain(states) {
        if TARGET_LABELS.contains(&name.as_str()) {
            let message = format!("scraping also adds the label `{name}`");
            let problem = Diagnostic::warning(TARGET_LABEL, span, message)
                .label("expected another name")
                .help(format!(
                    "Prometheus renames this label to `exported_{name}`, unless it scrapes with `honor_labels: true`"
                ));
            findings.push((item, problem));
        }
    }
}

#[test]
fn lints_of_labels() {
    // An open label of 50 values results in 51 series instead of one.
    crate::testing::lints(
        r#"
        defaults.series_budget = 100 | tenant: open = { max = 50 } =>
        defaults.series_budget = 100 | tenant: open = { max = 51 } => dominating-label tenant

        client_ip: open = { max = 9 } => identifier-label client_ip
        ip: values = ["v4", "v6"] =>
        shard_id: open = { max = 9 } =>
        zip: open = { max = 9 } =>

        cached: values = ["No", "Yes"] => boolean-label cached
        cached: values = ["no", "yes", "stale"] =>
        status: values = ["statusless", "status"] =>
        status: values = ["ok", "status-bad"] => label-in-value "status-bad"

        labels.option = { help = "Says enough.", of = "mode", with = { a = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold: counter, labels = ["option"] => prelude-label option
        labels.option = { help = "Says enough.", of = "mode", with = { a = ["shard"] }, allow = ["prelude-label"] } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold: counter, labels = ["option"] =>
        labels.place = { help = "Says enough.", of = "mode", with = { a = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold_by_place: counter, labels = ["place"] => label-in-name sold_by_place
        labels.place = { help = "Says enough.", of = "mode", with = { a = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold_per_shard: counter, labels = ["place"] => label-in-name sold_per_shard
        defaults.series_budget = 100 | labels.place = { help = "Says enough.", of = "mode", with = { a = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 50 } } | sold: counter, labels = ["place"] =>
        defaults.series_budget = 100 | labels.place = { help = "Says enough.", of = "mode", with = { a = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 51 } } | sold: counter, labels = ["place"] => dominating-label shard

        job: values = ["v4", "v6"] => target-label job
        task: values = ["v4", "v6"], name = "instance" => target-label "instance"
        job: values = ["v4", "v6"], name = "task" =>
        jobs: values = ["v4", "v6"] =>
        job: values = ["v4", "v6"], allow = ["target-label"] =>

        reason: values = { late = { bad = true }, lost = { bad = true } } => only-bad-values reason
        reason: values = { late = { bad = false }, lost = { bad = true } } =>
    "#,
    );
}

/// Takes minutes instead of seconds if the work grows with the cube of the number of labels.
#[test]
fn a_metric_may_have_thousands_of_labels() {
    use std::fmt::Write as _;

    let mut schema = "format = 1\nnamespace = \"t\"\ngroups.g.help = \"Group.\"\n".to_owned();
    let names: Vec<_> = (0..2000).map(|number| format!("l{number}")).collect();
    for name in &names {
        let _ = writeln!(
            schema,
            "labels.{name} = {{ help = \"X.\", values = [\"a\"] }}"
        );
    }
    let _ = writeln!(
        schema,
        "metrics.g.a = {{ type = \"counter\", help = \"A.\", labels = {names:?} }}"
    );
    let outcome = crate::compile(shadowcat_metrics_codegen::Source::new("m.toml", schema));
    assert!(outcome.registry().is_some(), "{:?}", outcome.report);
}
