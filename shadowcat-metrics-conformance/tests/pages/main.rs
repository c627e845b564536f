//! Findings on pages: releases, scrapers, several programs, watches. Pages with one fault each are in `cases`.

mod cases;

use shadowcat_metrics_codegen::{Source, Version, compile};
use shadowcat_metrics_conformance::{Expected, Options, Page, Watch, conforms};

const SCHEMA: &str = r#"
format = 1
namespace = "shop"

[labels.shelf]
help = "Place where the article was."
values = { food = "to eat", tools = { renamed_from = { name = "kit", until = "3.0.0" } } }

[labels.tenant]
help = "Tenant."
open = { max = 1 }

[labels.mode]
help = "What the shop does."
values = ["open", "shut"]

[labels.version]
help = "Version of the program."
open = { max = 1 }

[groups.cart]
help = "Shopping carts."

[metrics.cart.added]
type = "counter"
help = "Articles put into carts."
labels = ["shelf"]

[metrics.cart.wait]
type = "histogram"
unit = "seconds"
help = "Time until the cart was paid for."
buckets = [0.5, 2]
renamed_from = { name = "shop_old_wait_seconds", until = "2.0.0" }

[metrics.cart.paid]
type = "counter"
help = "Carts that were paid for."
labels = ["tenant"]

[metrics.cart.by_tenant]
type = "counter"
help = "Articles by tenant."
labels = ["tenant", "shelf"]

[metrics.cart.mode]
type = "state"
help = "What the shop is doing."
states = "mode"

[metrics.cart.build]
type = "info"
help = "What runs."
labels = ["version"]
"#;

const PAGE: &str = r#"# HELP shop_cart_added_total Articles put into carts.
# TYPE shop_cart_added_total counter
shop_cart_added_total{shelf="food"} 3
shop_cart_added_total{shelf="tools"} 0
shop_cart_added_total{shelf="kit"} 0
# HELP shop_cart_wait_seconds Time until the cart was paid for.
# TYPE shop_cart_wait_seconds histogram
shop_cart_wait_seconds_bucket{le="0.5"} 1
shop_cart_wait_seconds_bucket{le="2.0"} 2
shop_cart_wait_seconds_bucket{le="+Inf"} 2
shop_cart_wait_seconds_sum 1.5
shop_cart_wait_seconds_count 2
# HELP shop_cart_paid_total Carts that were paid for.
# TYPE shop_cart_paid_total counter
shop_cart_paid_total{tenant="a"} 1
# HELP shop_cart_mode What the shop is doing.
# TYPE shop_cart_mode gauge
shop_cart_mode{shop_cart_mode="open"} 1
shop_cart_mode{shop_cart_mode="shut"} 0
# HELP shop_cart_build_info What runs.
# TYPE shop_cart_build_info gauge
shop_cart_build_info{version="1"} 1
# HELP shop_old_wait_seconds Time until the cart was paid for.
# TYPE shop_old_wait_seconds histogram
shop_old_wait_seconds_bucket{le="0.5"} 1
shop_old_wait_seconds_bucket{le="2.0"} 2
shop_old_wait_seconds_bucket{le="+Inf"} 2
shop_old_wait_seconds_sum 1.5
shop_old_wait_seconds_count 2
# HELP shop_metrics_label_overflow_total Label values replaced by the overflow value because the label had reached its maximum.
# TYPE shop_metrics_label_overflow_total counter
shop_metrics_label_overflow_total{label="tenant"} 0
shop_metrics_label_overflow_total{label="version"} 0
# HELP shop_cart_by_tenant_total Articles by tenant.
# TYPE shop_cart_by_tenant_total counter
shop_cart_by_tenant_total{tenant="a",shelf="food"} 3
shop_cart_by_tenant_total{shelf="tools",tenant="a"} 0
shop_cart_by_tenant_total{tenant="a",shelf="kit"} 0
"#;

fn expected(release: &str) -> Expected {
    let outcome = compile(Source::new("metrics.toml", SCHEMA));
    let registry = outcome.registry().expect("the schema is valid");
    Expected::new(registry, Version::parse(release).ok().as_ref())
}

/// Returns `LC01 12` for each finding.
fn found(page: &str, release: &str, options: &Options) -> Vec<String> {
    let findings = conforms(&Page::parse(page), &expected(release), options);
    let short = findings.iter().map(|finding| {
        let line = finding.line.map_or("-".to_owned(), |line| line.to_string());
        format!("{} {line}", finding.code.id())
    });
    short.collect()
}

#[test]
fn a_valid_page_has_no_findings() {
    assert_eq!(found(PAGE, "1.0.0", &Options::default()), [""; 0]);
    // Other programs on the same machine may expose names outside the namespace.
    let more = format!("{PAGE}up 1\n");
    assert_eq!(found(&more, "1.0.0", &Options::default()), [""; 0]);
}

#[test]
fn missing_families_come_last() {
    let start = PAGE.find("# HELP shop_cart_wait").expect("it is there");
    assert_eq!(
        found(&PAGE[..start], "1.0.0", &Options::default()),
        ["LC03 -", "LC03 -", "LC03 -", "LC22 -"],
        "the histogram under both names, the state, and the library's own"
    );
}

#[test]
fn former_names_end_with_their_release() {
    assert_eq!(found(PAGE, "2.0.0", &Options::default()), ["LC17 23"]);
    let start = PAGE.find("# HELP shop_old").expect("it is there");
    let end = PAGE.find("# HELP shop_metrics").expect("it is there");
    let without = [&PAGE[..start], &PAGE[end..]].concat();
    assert_eq!(found(&without, "1.0.0", &Options::default()), ["LC03 -"]);
    assert_eq!(found(&without, "2.0.0", &Options::default()), [""; 0]);
    // Reported once for each family.
    let kit = found(&without, "3.0.0", &Options::default());
    assert_eq!(kit, ["LC17 5", "LC17 31"]);
    let lines = without.lines().filter(|line| !line.contains("\"kit\""));
    let gone = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(found(&gone, "3.0.0", &Options::default()), [""; 0]);
    assert_eq!(
        found(&gone, "2.0.0", &Options::default()),
        ["LC12 1", "LC12 26"]
    );
}

#[test]
fn a_metric_ends_with_the_release_that_removes_it() {
    let schema = SCHEMA.replace(
        "help = \"Carts that were paid for.\"",
        "help = \"Carts that were paid for.\"\ndeprecated = { note = \"Nobody reads it.\", remove_in = \"2.0.0\" }",
    );
    let outcome = compile(Source::new("metrics.toml", &schema));
    let registry = outcome.registry().expect("the schema is valid");
    for (release, codes) in [("1.9.9", &[][..]), ("2.0.0", &["LC17 13", "LC17 23"])] {
        let expected = Expected::new(registry, Version::parse(release).ok().as_ref());
        let findings = conforms(&Page::parse(PAGE), &expected, &Options::default());
        let found: Vec<_> = findings
            .iter()
            .map(|finding| format!("{} {}", finding.code.id(), finding.line.unwrap_or(0)))
            .collect();
        assert_eq!(found, codes);
    }
}

#[test]
fn labels_added_by_scrapers_can_be_allowed() {
    let page = PAGE.replace("{tenant=\"a\"}", "{tenant=\"a\",instance=\"b\"}");
    assert_eq!(found(&page, "1.0.0", &Options::default()), ["LC07 15"]);
    let options = Options {
        allowed_labels: ["instance".to_owned()].into(),
        strict: true,
    };
    assert_eq!(found(&page, "1.0.0", &options), [""; 0]);
    assert_eq!(
        found(&format!("{page}up 1\n"), "1.0.0", &options),
        ["LC02 39"]
    );
}

/// Returns a page with the samples of two programs, distinguished by a label.
fn federated() -> String {
    let mut page = String::new();
    for line in PAGE.lines() {
        if line.starts_with('#') {
            page.push_str(line);
            page.push('\n');
            continue;
        }
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let labels = labels.replace("tenant=\"a\"", "tenant=\"TENANT\"");
        for instance in ["one", "two"] {
            let labels = labels.replace("TENANT", instance);
            let sample = format!("{name}{{instance=\"{instance}\",{labels} {value}\n");
            page.push_str(&sample);
        }
    }
    page
}

#[test]
fn programs_of_a_federated_page_are_checked_separately() {
    let options = Options {
        allowed_labels: ["instance".to_owned()].into(),
        strict: false,
    };
    let swap = |page: &str, from: &str, to: &str| {
        let other = page.replacen(from, to, 1);
        assert_ne!(other, page, "{from}");
        other
    };
    // Each program has its own state, and its own limit of open values.
    let page = federated();
    let page = swap(
        &page,
        "two\",shop_cart_mode=\"open\"} 1",
        "two\",shop_cart_mode=\"open\"} 0",
    );
    let page = swap(
        &page,
        "two\",shop_cart_mode=\"shut\"} 0",
        "two\",shop_cart_mode=\"shut\"} 1",
    );
    let more = ["b", "c"].map(|tenant| {
        let instance = if tenant == "b" { "one" } else { "two" };
        format!("shop_cart_paid_total{{instance=\"{instance}\",tenant=\"{tenant}\"}} 1\n")
    });
    let page = swap(
        &page,
        "# HELP shop_cart_mode",
        &(more.concat() + "# HELP shop_cart_mode"),
    );
    assert_eq!(found(&page, "1.0.0", &options), [""; 0], "{page}");
    // A series that one program lacks is missing even if the other has it.
    let lacks = swap(
        &page,
        "shop_cart_added_total{instance=\"two\",shelf=\"tools\"} 0\n",
        "",
    );
    assert_eq!(found(&lacks, "1.0.0", &options), ["LC12 1"]);
}

#[test]
fn units_only_exist_in_openmetrics() {
    let page = "# TYPE shop_cart_wait_seconds histogram\n# UNIT shop_cart_wait_seconds bytes\n\
                # HELP shop_cart_wait_seconds Time until the cart was paid for.\n\
                shop_cart_wait_seconds_bucket{le=\"0.5\"} 0\nshop_cart_wait_seconds_bucket{le=\"2.0\"} 0\n\
                shop_cart_wait_seconds_bucket{le=\"+Inf\"} 0\nshop_cart_wait_seconds_sum 0\n\
                shop_cart_wait_seconds_count 0\n# EOF\n";
    let wrong = found(page, "1.0.0", &Options::default());
    assert!(wrong.contains(&"LC05 1".to_owned()), "{wrong:?}");
    let right = found(
        &page.replace("bytes", "seconds"),
        "1.0.0",
        &Options::default(),
    );
    let missing = ["LC03 -", "LC22 -"];
    let are_missing = right
        .iter()
        .all(|finding| missing.contains(&finding.as_str()));
    assert!(are_missing, "{right:?}");
    // Other programs omit it.
    let without = page.replace("# UNIT shop_cart_wait_seconds bytes\n", "");
    let found = found(&without, "1.0.0", &Options::default());
    assert!(found.contains(&"LC23 1".to_owned()), "{found:?}");
}

#[test]
fn metrics_that_never_change_are_reported() {
    let later = PAGE.replace("{shelf=\"food\"} 3", "{shelf=\"food\"} 4");
    let expected = expected("1.0.0");
    let mut watch = Watch::new(&Page::parse(PAGE), &expected);
    watch.see(&Page::parse(&later));
    // A metric that changed and returned to its value has still moved.
    watch.see(&Page::parse(PAGE));
    let names: Vec<_> = watch
        .unmoved()
        .into_iter()
        .map(|finding| finding.family)
        .collect();
    assert_eq!(
        names,
        [
            "shop_cart_wait_seconds",
            "shop_old_wait_seconds",
            "shop_cart_paid_total",
            "shop_cart_by_tenant_total",
            "shop_cart_mode",
            "shop_metrics_label_overflow_total"
        ]
    );
}

/// Returns the findings on a counter with these series.
fn found_in_counter(schema: &str, name: &str, help: &str, series: &[&str]) -> Vec<String> {
    let outcome = compile(Source::new("metrics.toml", schema));
    let expected = Expected::new(outcome.registry().expect("a schema"), None);
    let lines = series.iter().map(|labels| format!("{name}{labels} 1\n"));
    let lines = lines.collect::<String>();
    let page = format!("# HELP {name} {help}\n# TYPE {name} counter\n{lines}");
    let findings = conforms(&Page::parse(&page), &expected, &Options::default());
    let findings = findings
        .into_iter()
        .filter(|finding| finding.family == name);
    findings.map(|finding| finding.message).collect()
}

#[test]
fn optional_labels_may_be_absent() {
    let schema = r#"
format = 1
namespace = "shop"

[labels.shelf]
help = "Place where the article was."
values = ["food", "tools"]

[labels.tenant]
help = "Tenant."
open = { max = 1 }

[groups.cart]
help = "Shopping carts."

[metrics.cart.added]
type = "counter"
help = "Articles put into carts."
labels = [{ name = "shelf", optional = true }, { name = "tenant", optional = true }]
"#;
    let found = |series: &[&str]| {
        found_in_counter(
            schema,
            "shop_cart_added_total",
            "Articles put into carts.",
            series,
        )
    };
    let without = ["{shelf=\"food\"}", "{shelf=\"tools\"}", ""];
    assert_eq!(found(&without), [""; 0]);
    // Prometheus treats an empty value as a missing label.
    let empty = [
        "{shelf=\"food\",tenant=\"\"}",
        "{shelf=\"tools\",tenant=\"\"}",
        "{shelf=\"\"}",
    ];
    assert_eq!(found(&empty), [""; 0]);
    let with = [
        "{shelf=\"food\",tenant=\"a\"}",
        "{shelf=\"tools\",tenant=\"a\"}",
        "{tenant=\"a\"}",
    ];
    assert_eq!(found(&[without, with].concat()), [""; 0]);
    assert_eq!(
        found(&without[..2]),
        ["`shop_cart_added_total` lacks the series {}"]
    );
    assert_eq!(
        found(&[&without[..], &["{host=\"b\"}"]].concat()),
        [
            "`shop_cart_added_total` has the label `host`, expected none, and at most `shelf`, `tenant`"
        ]
    );
}

#[test]
fn series_have_the_labels_that_go_with_a_value() {
    let schema = r#"
format = 1
namespace = "shop"

[labels.method]
help = "Method of the call."
values = ["ping", "list", "call"]

[labels.tool]
help = "Tool that was called."
open = { max = 2 }

[labels.action]
help = "The call."
of = "method"
with = { call = ["tool"] }

[groups.cart]
help = "Shopping carts."

[metrics.cart.calls]
type = "counter"
help = "Calls made."
labels = ["action"]
"#;
    let found =
        |series: &[&str]| found_in_counter(schema, "shop_cart_calls_total", "Calls made.", series);
    let plain = ["{method=\"ping\"}", "{method=\"list\"}"];
    let call = [
        "{method=\"call\",tool=\"a\"}",
        "{method=\"call\",tool=\"b\"}",
    ];
    assert_eq!(found(&plain), [""; 0]);
    assert_eq!(found(&[plain, call].concat()), [""; 0]);
    // A program may record an empty tool.
    let empty = ["{method=\"call\",tool=\"\"}"];
    assert_eq!(found(&[&plain[..], &empty].concat()), [""; 0]);
    assert_eq!(
        found(&[&plain[..], &["{method=\"ping\",tool=\"a\"}"]].concat()),
        [
            "`shop_cart_calls_total` has the labels `method`, `tool`, expected `method` where `method` is \"ping\""
        ]
    );
    assert_eq!(
        found(&[&plain[..], &["{method=\"call\"}"]].concat()),
        [
            "`shop_cart_calls_total` has the label `method`, expected `method`, `tool` where `method` is \"call\""
        ]
    );
    assert_eq!(
        found(&[&plain[..1], &call[..1]].concat()),
        ["`shop_cart_calls_total` lacks the series {method=\"list\"}"]
    );
    assert_eq!(
        found(&[&plain[..], &["{method=\"halt\"}"]].concat()),
        ["`method` of `shop_cart_calls_total` is \"halt\", expected `call`, `list`, `ping`"]
    );
}

#[test]
fn a_misspelled_label_is_one_finding() {
    let schema = r#"
format = 1
namespace = "shop"

[labels.method]
help = "Method of the call."
values = ["ping", "call"]

[labels.outcome]
help = "How the call ended."
values = ["ok", "failed"]

[labels.tenant]
help = "Tenant, if known."
open = { max = 2 }

[groups.cart]
help = "Shopping carts."

[metrics.cart.calls]
type = "counter"
help = "Calls made."
labels = ["method", "outcome", { name = "tenant", optional = true }]
"#;
    let found =
        |series: &[&str]| found_in_counter(schema, "shop_cart_calls_total", "Calls made.", series);
    let series = [
        "{method=\"ping\",outcome=\"ok\"}",
        "{method=\"ping\",outcome=\"failed\"}",
        "{method=\"call\",outcome=\"ok\"}",
        "{method=\"call\",outcome=\"failed\"}",
    ];
    assert_eq!(found(&series), [""; 0]);
    let wrong = "`shop_cart_calls_total` has the labels `method`, `outcom`, expected `method`, `outcome`, and at most `tenant`";
    let one = "{method=\"call\",outcom=\"ok\"}";
    assert_eq!(
        found(&[&series[..2], &[one], &series[3..]].concat()),
        [wrong]
    );
    let all = series.map(|series| series.replace("outcome", "outcom"));
    assert_eq!(found(&all.each_ref().map(String::as_str)), [wrong]);
    // The misspelled series cannot be the missing one.
    assert_eq!(
        found(&[&series[1..2], &[one], &series[3..]].concat()),
        [
            "`shop_cart_calls_total` lacks the series {method=\"ping\",outcome=\"ok\"}",
            wrong
        ]
    );
}

#[test]
fn an_exemplar_must_be_declared() {
    let page = "# TYPE shop_cart_added counter\n# HELP shop_cart_added Articles put into carts.\n\
                shop_cart_added_total{shelf=\"food\"} 3 # {trace_id=\"ab\"} 1\n# EOF\n";
    let schema = SCHEMA.replacen(
        "labels = [\"shelf\"]",
        "labels = [\"shelf\"]\nexemplars = true",
        1,
    );
    for (schema, codes) in [(SCHEMA, &["LC24 1"][..]), (&schema, &[])] {
        let outcome = compile(Source::new("metrics.toml", schema));
        let registry = outcome.registry().expect("the schema is valid");
        let findings = conforms(
            &Page::parse(page),
            &Expected::new(registry, None),
            &Options::default(),
        );
        let of_exemplars = findings.iter().filter(|it| it.message.contains("exemplar"));
        let found = of_exemplars.map(|it| format!("{} {}", it.code.id(), it.line.unwrap_or(0)));
        assert_eq!(found.collect::<Vec<_>>(), codes);
    }
}
