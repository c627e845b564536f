//! The scope of policies: metrics, lints and files.

use shadowcat_metrics_codegen::Severity;
use shadowcat_metrics_operations::Outcome;

use super::compiled;

const SHOP: &str = r#"
format = 1
namespace = "shop"

[groups.cart]
help = "Shopping carts before they are paid."

[groups.parcel]
help = "Parcels on their way."

[metrics.cart.opened]
type = "counter"
help = "Carts opened by customers who are signed in."
stability = "stable"
since = "1.0.0"
owner = "@shop/carts"

[metrics.cart.age]
type = "gauge"
help = "Time since the oldest open cart was changed."

[metrics.parcel.lost]
type = "counter"
help = "Parcels that never arrived."
stability = "stable"
since = "1.0.0"

[policy.house]
help = "Somebody must answer for it."
"#;

/// Returns every problem as its severity, code name and source text.
fn problems(policy: &str) -> Vec<String> {
    shown(&compiled(&format!("{SHOP}{policy}\n")))
}

fn shown(outcome: &Outcome) -> Vec<String> {
    let problems = outcome.report.diagnostics().iter();
    problems
        .map(|problem| {
            let severity = match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let at = outcome.source.slice(problem.primary);
            format!("{severity} {} {at}", problem.code.name())
        })
        .collect()
}

/// The problems without a policy.
const OWN: [&str; 2] = [
    "warning missing-unit age",
    "warning stable-without-owner lost",
];

#[test]
fn policies_choose_metrics() {
    let owner = |metric: &str| format!("error policy-key {metric}");
    for (policy, found) in [
        ("", vec!["age", "lost"]),
        ("types = [\"counter\"]", vec!["lost"]),
        ("stability = [\"experimental\"]", vec!["age"]),
        ("groups = [\"c*\"]", vec!["age"]),
        ("groups = [\"c*\"]\ntypes = [\"counter\"]", vec![]),
        ("types = []", vec![]),
        ("except = [\"cart.a?e\", \"parcel.none\"]", vec!["lost"]),
    ] {
        let problems = problems(&format!("require = [\"owner\"]\n{policy}"));
        let errors = problems.into_iter().filter(|it| it.starts_with("error"));
        let found: Vec<_> = found.into_iter().map(owner).collect();
        assert_eq!(errors.collect::<Vec<_>>(), found, "{policy}");
    }
    let warnings = problems("require = [\"owner\"]\nseverity = \"warning\"");
    let expected = "warning policy-key age".to_owned();
    assert!(warnings.contains(&expected), "{warnings:?}");
    assert!(warnings.iter().all(|it| it.starts_with("warning")));
}

#[test]
fn policies_raise_and_drop_lints() {
    assert_eq!(problems("max_labels = 9"), OWN);
    assert_eq!(
        problems("lints = { missing-unit = \"error\", stable-without-owner = \"allow\" }"),
        ["error missing-unit age"]
    );
    let chosen = "groups = [\"parcel\"]\nlints = { missing-unit = \"error\", stable-without-owner = \"error\" }";
    assert_eq!(
        problems(chosen),
        [OWN[0], "error stable-without-owner lost"]
    );
    // The first policy that names a lint decides.
    let two = "lints = { missing-unit = \"warning\" }\n[policy.other]\nhelp = \"Other.\"\nlints = { missing-unit = \"error\" }";
    assert_eq!(problems(two), OWN);
}

#[test]
fn every_finding_about_a_metric_belongs_to_it() {
    let metric = r#"
[labels.shop]
help = "Where the customer pays."
open = { max = 900 }

[metrics.parcel.delay]
type = "histogram"
unit = "seconds"
buckets = [0.01, 0.1, 1]
native = { factor = 1.05, from = "1ms", to = "10s" }
labels = ["shop"]
help = "Time that a parcel is late."
otel = "shop.parcel.lateness"
"#;
    let lints = "groups = [\"parcel\"]\nlints = { native-memory = \"error\", otel-name-differs = \"error\" }";
    let found = problems(&format!("{lints}{metric}"));
    let errors = found.iter().filter(|found| found.starts_with("error"));
    let native = r#"error native-memory { factor = 1.05, from = "1ms", to = "10s" }"#;
    assert_eq!(
        errors.collect::<Vec<_>>(),
        [native, "error otel-name-differs \"shop.parcel.lateness\""]
    );
}

#[test]
fn findings_name_the_policy_and_its_reason() {
    let policy = "require = [\"owner\"]\nlints = { missing-unit = \"error\" }";
    let outcome = compiled(&format!("{SHOP}{policy}\n"));
    let errors: Vec<_> = outcome.report.errors().collect();
    assert!(
        outcome.schema().is_none() && errors.len() == 3,
        "{errors:?}"
    );
    for error in errors {
        let help = error.help.as_deref().unwrap_or_default();
        assert!(help.contains("Somebody must answer for it."), "{help}");
        let names = help.contains("`house`")
            || error
                .secondary
                .iter()
                .any(|(_, label)| label.contains("`house`"));
        assert!(names, "{error:?}");
    }
}

#[test]
fn policies_wait_for_errors_but_not_for_lints() {
    let broken = |from: &str, to: &str| {
        let schema = format!("{}require = [\"owner\"]\n", SHOP.replace(from, to));
        shown(&compiled(&schema))
            .into_iter()
            .filter(|problem| problem.starts_with("error"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        broken("\"gauge\"", "\"gague\""),
        ["error unknown-kind \"gague\""]
    );
    assert_eq!(
        broken("cart.age", "cart.count"),
        [
            "error policy-key count",
            "error reserved-suffix count",
            "error policy-key lost"
        ]
    );
}

/// `labels` lists labels by their keys, which are not exposed.
#[test]
fn a_forbidden_label_is_removed_by_its_key() {
    let outcome = compiled(
        "format = 1
namespace = \"app\"

[labels.customer]
help = \"Customer.\"
name = \"customer_id\"
open = { max = 3 }

[groups.web]
help = \"Requests.\"

[metrics.web.done]
type = \"counter\"
labels = [\"customer\"]
help = \"Requests that were answered.\"

[policy.privacy]
help = \"Metrics must not identify customers.\"
forbidden_labels = [\"customer*\"]
",
    );
    let errors: Vec<_> = outcome.report.errors().collect();
    let [error] = errors.as_slice() else {
        panic!("{errors:#?}");
    };
    assert!(
        error.message.contains("the label `customer_id`"),
        "{error:?}"
    );
    assert_eq!(error.label, "remove `customer`");
}
