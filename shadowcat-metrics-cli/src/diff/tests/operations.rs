//! Changes of each field of objectives and alerts.

use super::super::{Impact, Release, diff};
use super::{SHOP, checked};

const PROMISES: &str = r#"
[slos.orders]
help = "Orders."
objective = 0.9
good = { metric = "cart.wait", under = 2 }

[alerts.rush]
summary = "Rush."
expr = "rate({cart.good}[5m]) > 1"
for = "5m"
severity = "info"
"#;

/// Returns the changes after a replacement in the test schema: subject, name, field, and impact on dashboards.
fn changed(from: &str, to: &str) -> Vec<String> {
    let old = format!("{SHOP}{PROMISES}");
    assert!(old.contains(from), "{from}");
    let changes = diff(&checked(&old), &checked(&old.replace(from, to)));
    let shown = changes.iter().map(|change| {
        assert_eq!(change.rust, Impact::Cosmetic, "no program calls it");
        let impact = change.dashboards.name();
        format!(
            "{} {} {} {impact}",
            change.subject, change.name, change.field
        )
    });
    shown.collect()
}

#[test]
fn objectives_and_alerts_are_added_and_removed() {
    let (old, new) = (checked(SHOP), checked(&format!("{SHOP}{PROMISES}")));
    let impacts = |from, to| -> Vec<_> {
        let changes = diff(from, to);
        changes
            .iter()
            .map(|change| (change.subject, change.impact().name()))
            .collect()
    };
    assert_eq!(
        impacts(&old, &new),
        [("slo", "additive"), ("alert", "additive")]
    );
    assert_eq!(
        impacts(&new, &old),
        [("slo", "breaking"), ("alert", "breaking")]
    );
    assert_eq!(Release::of(&diff(&new, &old)), Release::Minor);
}

#[test]
fn rules_that_read_another_form_of_histograms_are_breaking() {
    let of = |histograms: &str| {
        checked(&format!(
            "{SHOP}[operations]\nhistograms = \"{histograms}\"\n"
        ))
    };
    let impact = |from, to| {
        diff(&of(from), &of(to))
            .first()
            .map(|change| change.impact().name())
    };
    assert_eq!(impact("classic", "native"), Some("breaking"));
    assert_eq!(impact("native", "both"), Some("additive"));
    assert_eq!(impact("both", "classic"), Some("breaking"));
    assert_eq!(impact("both", "both"), None);
}

#[test]
fn every_field_of_objectives_and_alerts_is_compared() {
    let cases = [
        ("\"Orders.\"", "\"All orders.\"", "slo orders help cosmetic"),
        ("0.9", "0.99", "slo orders objective additive"),
        ("under = 2 }", "under = 3 }", "slo orders events additive"),
        (
            "under = 2 }",
            "under = 2 }\nwindow = \"7d\"",
            "slo orders window additive",
        ),
        (
            "under = 2 }",
            "under = 2 }\nby = [\"tenant\"]",
            "slo orders by breaking",
        ),
        (
            "under = 2 }",
            "under = 2 }\nowner = \"@me\"",
            "slo orders owner cosmetic",
        ),
        ("\"Rush.\"", "\"A rush.\"", "alert rush summary cosmetic"),
        ("> 1", "> 2", "alert rush expr additive"),
        ("\"5m\"\n", "\"6m\"\n", "alert rush for additive"),
        (
            "severity = \"info\"",
            "severity = \"warning\"",
            "alert rush severity breaking",
        ),
        (
            "severity = \"info\"",
            "severity = \"info\"\nrunbook = \"x\"",
            "alert rush runbook cosmetic",
        ),
        (
            "severity = \"info\"",
            "severity = \"info\"\ntest = { fires = {}, silent = {} }",
            "alert rush test cosmetic",
        ),
        (
            "[alerts",
            "[operations]\nexternal = [\"up\"]\n[alerts",
            "operations  external cosmetic",
        ),
        (
            "[alerts",
            "[operations]\nhistograms = \"both\"\n[alerts",
            "operations  histograms additive",
        ),
        (
            "\"fine\"",
            "\"fine\"\nquantiles = true",
            "metric cart.wait quantiles additive",
        ),
        (
            "help = \"Bad.\"",
            "help = \"Bad.\"\nbad = true",
            "metric cart.bad bad cosmetic",
        ),
    ];
    for (from, to, expected) in cases {
        assert_eq!(changed(from, to), [expected], "{from} -> {to}");
    }
}
