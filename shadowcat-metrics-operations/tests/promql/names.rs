//! Names in queries: series, labels and values.

use shadowcat_metrics_operations::{promql, rules};

use super::{SCHEMA, assert_findings, assert_rows, compiled};

#[test]
fn names() {
    assert_rows(
        r#"
        rate(app_http_requests_total[5m]) =>
        rate(app_http_request_total[5m]) => SM0902 app_http_request_total
        node_load1 > 5 and kube_pod_info and up == 0 =>
        scrape_samples_scraped + ALERTS =>
        go_goroutines => SM0902 go_goroutines
        {__name__="app_http_open", server="a"} =>
        {__name__="app_http_opened"} => SM0902 app_http_opened
        {__name__="app_http_open", serv="a"} => SM0903 serv
        {"app_http_open", serv="a"} => SM0903 serv
        {__name__=~"app_.*"} =>
        {__name__=~"app_http_open|app_http_opn.*|node_.*"} => SM0902 app_http_opn.*
        {__name__=~"app_http_duration_seconds"} => SM0902 app_http_duration_seconds
        app_http_duration_seconds => SM0911 app_http_duration_seconds
        app_http_duration_seconds_created + app_http_requests_created => SM0910 app_http_requests_created
        job_server:app_http_retry_ratio:rate5m > 0.5 =>
        job_server:app_http_retry_ratio:rate5m{instance="a", cluster="b"} => SM0903 instance
        sum by (cluster) (job_server:app_http_retry_ratio:rate5m) or sum by (job, server) (app_http_open) * job_server:app_http_retry_ratio:rate5m =>
        job_server:app_http_retry_ratio:rate10m > 0.5 => SM0902 job_server:app_http_retry_ratio:rate10m
    "#,
    );
}

#[test]
fn unknown_metrics_get_a_hint_to_external() {
    let outcome = compiled(SCHEMA.to_owned());
    let vocabulary = rules::vocabulary(outcome.schema().expect("it compiles"));
    let help = |query| {
        let finding = promql::check(query, &vocabulary).remove(0);
        finding.help.unwrap_or_default()
    };
    // Also for a name similar to one of ours.
    assert!(help("rate(ap_http_requests_total[5m])").contains("external"));
    assert!(help("mysql_up == 0").contains("external"));
    assert_eq!(help("rate(app_http_request_total[5m])"), "");
}

#[test]
fn labels_and_values() {
    assert_rows(
        r#"
        app_http_open{server="x", instance="y", cluster="z"} =>
        app_http_open{severity="x"} => SM0903 severity
        rate(app_http_requests_total{outcome="ok"}[5m]) =>
        rate(app_http_requests_total{outcome='fine'}[5m]) => SM0904 fine
        rate(app_http_requests_total{outcome!="okay"}[5m]) => SM0904 okay
        rate(app_http_requests_total{outcome=~"ok|errors"}[5m]) => SM0904 errors
        rate(app_http_requests_total{outcome=~"^(ok|error)$"}[5m]) =>
        rate(app_http_requests_total{outcome=~"time.*"}[5m]) =>
        rate(app_http_requests_total{outcome=~"late.*"}[5m]) => SM0904 late.*
        rate(app_http_requests_total{outcome=""}[5m]) => SM0904 ""
        rate(app_http_requests_total{outcome!=""}[5m]) =>
        rate(app_http_requests_total{outcome=~"ok|late.*|(?:no|yes)"}[5m]) => SM0904 late.*; SM0904 (?:no|yes)
        rate(app_http_requests_total{outcome!~"(ok|err.*|)"}[5m]) =>
        rate(app_http_requests_total{outcome=~"(?i)OK"}[5m]) =>
        app_http_mood{app_http_mood="good"} =>
        app_http_mood{app_http_mood="sad"} => SM0904 sad
        app_http_software_info{version="1"} =>
    "#,
    );
}

#[test]
fn combined_matchers() {
    for (matchers, findings) in [
        (
            "outcome=\"ok\", outcome=\"error\"",
            &["SM0904 \"error\""][..],
        ),
        (
            "outcome=~\"ok|error\", server=\"a\", outcome=\"timed_out\"",
            &["SM0904 \"timed_out\""],
        ),
        (
            "outcome!~\"ok|error\", outcome!=\"timed_out\"",
            &["SM0904 \"timed_out\""],
        ),
        (
            "outcome!~\"ok|error|timed.*\"",
            &["SM0904 \"ok|error|timed.*\""],
        ),
        ("outcome=\"fine\", outcome!=\"ok\"", &["SM0904 fine"]),
        ("outcome!=\"ok\", outcome!=\"error\"", &[]),
        ("outcome=~\"ok|error\", outcome!=\"ok\"", &[]),
        ("outcome=\"ok\", outcome=~\"$outcome\"", &[]),
        ("outcome=\"ok\" or outcome=\"error\"", &[]),
        ("outcome!=\"\"", &[]),
        ("server=\"a\", server=\"b\"", &[]),
    ] {
        assert_findings(
            &format!("rate(app_http_requests_total{{{matchers}}}[5m])"),
            findings,
        );
    }
}

#[test]
fn a_key_of_the_schema_leads_to_the_exposed_name() {
    let named = "help = \"How it ended.\"\nname = \"type\"";
    let outcome = compiled(SCHEMA.replace("help = \"How it ended.\"", named));
    let vocabulary = rules::vocabulary(outcome.schema().expect("it compiles"));
    for query in [
        "rate(app_http_requests_total{outcome=\"ok\"}[5m])",
        "sum by (outcome) (rate(app_http_requests_total[5m]))",
        "sum by (outcome) (sum by (server, type) (rate(app_http_requests_total[5m])))",
    ] {
        let findings = promql::check(query, &vocabulary);
        let labels: Vec<_> = findings.iter().map(|it| it.label.as_str()).collect();
        let expected = "did you mean `type`? `outcome` is its key in the schema";
        assert_eq!(labels, [expected], "{query}");
    }
}

#[test]
fn a_label_of_series_without_labels_is_to_be_removed() {
    let outcome = compiled(SCHEMA.to_owned());
    let vocabulary = rules::vocabulary(outcome.schema().expect("it compiles"));
    let query = "max by (server) (sum(rate(app_http_requests_total[5m])))";
    let findings = promql::check(query, &vocabulary);
    let labels: Vec<_> = findings.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(labels, ["remove it: there are no labels here"]);
}

#[test]
fn deprecated_metrics_lead_to_what_replaces_them() {
    let retries = "help = \"Requests sent again.\"";
    for (deprecated, expected) in [
        (
            "{ use = \"http.requests\" }",
            "use `app_http_requests_total`",
        ),
        (
            "{ note = \"Nothing is sent again.\" }",
            "Nothing is sent again.",
        ),
    ] {
        let schema = SCHEMA.replace(retries, &format!("{retries}\ndeprecated = {deprecated}"));
        let outcome = compiled(schema);
        let vocabulary = rules::vocabulary(outcome.schema().expect("it compiles"));
        let findings = promql::check("rate(app_http_retries_total[5m])", &vocabulary);
        let labels: Vec<_> = findings.iter().map(|it| it.label.as_str()).collect();
        assert_eq!(labels, [expected], "{deprecated}");
    }
}

#[test]
fn deprecated_values_lead_to_what_replaces_them() {
    let schema = SCHEMA
        .replace(
            "[\"ok\", \"error\", \"timed_out\"]",
            "{ ok = {}, error = {}, timed_out = { deprecated = { use = \"error\" } } }",
        )
        .replace(
            "[\"good\", \"bad\"]",
            "{ good = {}, bad = { deprecated = { note = \"Ask for the health.\" } } }",
        );
    let outcome = compiled(schema);
    let vocabulary = rules::vocabulary(outcome.schema().expect("it compiles"));
    for (query, marked, label) in [
        (
            "rate(app_http_requests_total{outcome=\"timed_out\"}[5m])",
            "timed_out",
            "use `error`",
        ),
        (
            "rate(app_http_requests_total{outcome!~\"ok|timed_out\"}[5m])",
            "timed_out",
            "use `error`",
        ),
        (
            "app_http_mood{app_http_mood=\"bad\"} == 1",
            "bad",
            "Ask for the health.",
        ),
    ] {
        let findings = promql::check(query, &vocabulary);
        let found: Vec<_> = findings
            .iter()
            .map(|it| (&query[it.range.clone()], it.label.as_str()))
            .collect();
        assert_eq!(found, [(marked, label)], "{query}");
    }
    for query in [
        "rate(app_http_requests_total{outcome=~\".+\"}[5m])",
        "rate(app_http_requests_total{outcome=\"error\"}[5m])",
    ] {
        assert!(promql::check(query, &vocabulary).is_empty(), "{query}");
    }
}

#[test]
fn recorded_series_have_the_labels_of_their_rule() {
    let outcome = compiled(SCHEMA.replace("target_labels = [\"cluster\"]\n", ""));
    let vocabulary = rules::vocabulary(outcome.schema().expect("it compiles"));
    for (query, findings) in [
        (
            "job_server:app_http_retry_ratio:rate5m * sum by (job, server) (app_http_open)",
            0,
        ),
        (
            "sum by (instance) (job_server:app_http_retry_ratio:rate5m)",
            1,
        ),
        ("job_server:app_http_retry_ratio:rate5m * app_http_open", 1),
    ] {
        assert_eq!(promql::check(query, &vocabulary).len(), findings, "{query}");
    }
}

#[test]
fn former_names_are_valid_until_removed() {
    let schema = SCHEMA
        .replace(
            "help = \"Requests sent again.\"",
            "help = \"Requests sent again.\"\nrenamed_from = { name = \"app_again_total\", until = \"2.0.0\" }",
        )
        .replace(
            "values = [\"good\", \"bad\"]",
            "values = { good = { help = \"well\", renamed_from = { name = \"fine\", until = \"2.0.0\" } }, bad = \"ill\" }",
        );
    let outcome = compiled(schema);
    let vocabulary = rules::vocabulary(outcome.schema().expect("it compiles"));
    for (query, findings) in [
        ("rate(app_again_total{server=\"a\"}[5m])", 0),
        ("app_http_mood{app_http_mood=~\"fine|good\"}", 0),
        ("app_http_mood{app_http_mood=\"well\"}", 1),
        ("app_again_total > 1", 1),
    ] {
        assert_eq!(promql::check(query, &vocabulary).len(), findings, "{query}");
    }
}

#[test]
fn matchers_that_accept_an_empty_value_also_select_series_without_the_label() {
    for query in [
        "app_http_open{absent=\"\"}",
        "app_http_open{zone!=\"x\"}",
        "app_http_open{zone=~\".*\"}",
        "app_http_open{zone!~\"a|b\"}",
        "app_http_open{zone=~\"a|\"}",
        "sum without (absent) (app_http_open)",
        "app_http_open / ignoring (absent) app_http_open",
    ] {
        assert_findings(query, &[]);
    }
    assert_rows(
        r#"
        app_http_open{zone="x"} => SM0903 zone
        app_http_open{zone!=""} => SM0903 zone
        app_http_open{zone=~".+"} => SM0903 zone
        // Probably a typo of another label.
        app_http_open{servr!="x"} => SM0903 servr
        sum without (instanc) (app_http_open) => SM0909 instanc
    "#,
    );
}

#[test]
fn strings_in_any_quotes() {
    assert_rows(
        r"
        app_http_open{server=~`\d+\.\d|\(x`} # it's `odd =>
        rate(app_http_requests_total{outcome=~`o\w|lat\w`}[5m]) => SM0904 lat\w
        label_replace(up, 'a', '$1', 'job', `(\d+)\(`) =>
        app_http_open{server=~`\d+(`} => SM0901 `\d+(`
    ",
    );
}

#[test]
fn labels_are_followed() {
    assert_rows(
        r#"
        sum by (server) (absent(app_http_open{server="a"})) =>
        sum by (server) (absent(sum by (server) (app_http_open))) => SM0909 server
        sum by (server) (absent((app_http_open{server=~"a"}))) => SM0909 server
        sum by (server) (absent_over_time(app_http_open{server="a"}[5m])) =>
        sum by (value) (count_values("value", app_http_open)) =>
        sum by (server) (count_values("value", app_http_open)) => SM0909 server
        sum by (server) (count_values by (server) ("value", app_http_open)) =>
        sum by (job) (count_values without (server) ("value", app_http_open)) =>
        sum by (instance, cluster) (up) =>
        sum by (srvr) (up) => SM0909 srvr
        // Targets of other programs may have other labels.
        sum by (zone) (up{zone="a"}) =>
        sum by (zone) (job_server:app_http_retry_ratio:rate5m) => SM0909 zone
        sum by (cluster) (job_server:app_http_retry_ratio:rate5m) =>
        sum by (zone) (app_http_open or job_server:app_http_retry_ratio:rate5m) => SM0909 zone
        sum by (instance) (app_http_open or job_server:app_http_retry_ratio:rate5m) =>
    "#,
    );
}

#[test]
fn a_misspelled_label_is_reported_once() {
    assert_rows(
        r#"
        max by (server) (sum by (servr) (app_http_open)) => SM0909 servr
        sum by (server) (app_http_open * on (servr) app_http_open) => SM0909 servr
        max by (unknown) (sum by (unknown) (app_http_open)) => SM0909 unknown
        rate(app_http_requests_total{outcom="ok"}[5m]) => SM0903 outcom
        rate(app_http_requests_total{outcom="fine"}[5m]) => SM0903 outcom; SM0904 fine
    "#,
    );
}

#[test]
fn series_may_lack_optional_labels() {
    let optional = SCHEMA.replace(
        "labels = [\"outcome\"]",
        "labels = [{ name = \"outcome\", optional = true }]",
    );
    let schema = compiled(optional);
    let vocabulary = rules::vocabulary(schema.schema().expect("it compiles"));
    let codes = |query: &str| {
        let problems = promql::check(query, &vocabulary);
        problems
            .iter()
            .map(|problem| problem.code.id())
            .collect::<Vec<_>>()
    };
    for query in [
        "rate(app_http_requests_total{outcome=\"ok\"}[5m])",
        "rate(app_http_requests_total{outcome=\"\"}[5m])",
        "rate(app_http_requests_total{outcome!=\"\"}[5m])",
        "rate(app_http_requests_total{outcome=\"\", server=\"a\"}[5m])",
        "rate(app_http_requests_total{outcome!~\"ok|error|timed_out\"}[5m])",
    ] {
        assert_eq!(codes(query), [""; 0], "{query}");
    }
    let query = "rate(app_http_requests_total{outcome=\"good\"}[5m])";
    assert_eq!(codes(query), ["SM0904"], "{query}");
}

#[test]
fn series_have_the_labels_of_their_part() {
    const SUM: &str = r#"
[labels.method]
help = "Method of the call."
values = ["ping", "initialize", "tools/call", "prompts/get"]

[labels.tool]
help = "Tool that was called."
open = { max = 8 }

[labels.prompt]
help = "Prompt that was asked for."
open = { max = 8 }

[labels.call]
help = "The call."
of = "method"
with = { "tools/call" = ["tool"], "prompts/get" = ["prompt"] }

[metrics.http.calls]
type = "counter"
help = "Calls made."
labels = ["call"]
"#;
    let schema = compiled(format!("{SCHEMA}{SUM}"));
    let vocabulary = rules::vocabulary(schema.schema().expect("it compiles"));
    for (query, found) in [
        ("{}", ""),
        ("{method=\"tools/call\", tool=\"a\"}", ""),
        ("{method!=\"ping\", tool=\"a\"}", ""),
        ("{tool=~\"a|b\"}", ""),
        ("{method=\"ping\", tool=\"\"}", ""),
        ("{method=\"ping\", tool=\"a\"}", "SM0925 tool"),
        ("{method=~\"ping|prompts.*\", tool=\"a\"}", "SM0925 tool"),
        ("{tool!=\"\", prompt=~\".+\"}", "SM0925 prompt"),
        ("{method=\"tools/call\", tool=\"\"}", "SM0925 tool"),
    ] {
        let query = format!("rate(app_http_calls_total{query}[5m])");
        let problems = promql::check(&query, &vocabulary);
        let problems: Vec<_> = problems
            .iter()
            .map(|problem| format!("{} {}", problem.code.id(), &query[problem.range.clone()]))
            .collect();
        assert_eq!(problems.join("; "), found, "{query}");
    }
    for (query, found) in [
        ("sum by (method) (rate(app_http_calls_total[5m]))", ""),
        ("sum by (method, tool) (rate(app_http_calls_total[5m]))", ""),
        (
            "sum by (tool) (rate(app_http_calls_total[5m]))",
            "SM0926 tool",
        ),
        (
            "sum(rate(app_http_calls_total{method!=\"ping\"}[5m])) by (tool)",
            "SM0926 tool",
        ),
        (
            "sum by (tool) (rate(app_http_calls_total{tool!=\"\"}[5m]))",
            "",
        ),
        (
            "sum by (tool) (rate(app_http_calls_total{method=\"tools/call\"}[5m]))",
            "",
        ),
    ] {
        let problems = promql::check(query, &vocabulary);
        let problems: Vec<_> = problems
            .iter()
            .map(|problem| format!("{} {}", problem.code.id(), &query[problem.range.clone()]))
            .collect();
        assert_eq!(problems.join("; "), found, "{query}");
    }
}
