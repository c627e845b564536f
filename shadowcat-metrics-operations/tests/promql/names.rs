//! Names in queries: series, labels and values.

use shadowcat_metrics_operations::promql;

use super::common::{self, rows};
use super::{SCHEMA, assert_accepted, assert_rows, assert_rows_in, vocabulary};

/// Checks rows of the form `QUERY => PLACE: LABEL`.
#[track_caller]
fn assert_labels(schema: &str, rows: &str) {
    let vocabulary = common::vocabulary(schema, "");
    common::assert_rows(rows, |query| {
        let findings = promql::check(query, &vocabulary).into_iter();
        let shown = findings.map(|found| format!("{}: {}", &query[found.range], found.label));
        shown.collect::<Vec<_>>().join("; ")
    });
}

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
    let vocabulary = vocabulary();
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
    assert_rows(
        r#"
        rate(app_http_requests_total{outcome="ok", outcome="error"}[5m]) => SM0904 "error"
        rate(app_http_requests_total{outcome=~"ok|error", server="a", outcome="timed_out"}[5m]) => SM0904 "timed_out"
        rate(app_http_requests_total{outcome!~"ok|error", outcome!="timed_out"}[5m]) => SM0904 "timed_out"
        rate(app_http_requests_total{outcome!~"ok|error|timed.*"}[5m]) => SM0904 "ok|error|timed.*"
        rate(app_http_requests_total{outcome="fine", outcome!="ok"}[5m]) => SM0904 fine
        rate(app_http_requests_total{outcome!="ok", outcome!="error"}[5m]) =>
        rate(app_http_requests_total{outcome=~"ok|error", outcome!="ok"}[5m]) =>
        rate(app_http_requests_total{outcome="ok", outcome=~"$outcome"}[5m]) =>
        rate(app_http_requests_total{outcome="ok" or outcome="error"}[5m]) =>
        rate(app_http_requests_total{outcome!=""}[5m]) =>
        rate(app_http_requests_total{server="a", server="b"}[5m]) =>
    "#,
    );
}

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

#[test]
fn deprecated_metrics_lead_to_what_replaces_them() {
    let retries = "help = \"Requests sent again.\"";
    for (deprecated, expected) in rows(
        r#"
        { use = "http.requests" } => expected `app_http_requests_total`
        { note = "Nothing is sent again." } => Nothing is sent again.
    "#,
    ) {
        let deprecated = format!("{retries}\ndeprecated = {deprecated}");
        let row = "rate(app_http_retries_total[5m]) => app_http_retries_total: ";
        assert_labels(
            &SCHEMA.replace(retries, &deprecated),
            &format!("{row}{expected}"),
        );
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
    assert_labels(
        &schema,
        r#"
        rate(app_http_requests_total{outcome="timed_out"}[5m]) => timed_out: expected `error`
        rate(app_http_requests_total{outcome!~"ok|timed_out"}[5m]) => timed_out: expected `error`
        app_http_mood{app_http_mood="bad"} == 1 => bad: Ask for the health.
        rate(app_http_requests_total{outcome=~".+"}[5m]) =>
        rate(app_http_requests_total{outcome="error"}[5m]) =>
    "#,
    );
}

#[test]
fn recorded_series_have_the_labels_of_their_rule() {
    assert_rows_in(
        &SCHEMA.replace("target_labels = [\"cluster\"]\n", ""),
        "
        job_server:app_http_retry_ratio:rate5m * sum by (job, server) (app_http_open) =>
        sum by (instance) (job_server:app_http_retry_ratio:rate5m) => SM0909 instance
        job_server:app_http_retry_ratio:rate5m * app_http_open => SM0910 app_http_open
    ",
    );
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
    assert_rows_in(
        &schema,
        r#"
        rate(app_again_total{server="a"}[5m]) =>
        app_http_mood{app_http_mood=~"fine|good"} =>
        app_http_mood{app_http_mood="well"} => SM0904 well
        app_again_total > 1 => SM0908 app_again_total
    "#,
    );
}

#[test]
fn matchers_that_accept_an_empty_value_also_select_series_without_the_label() {
    assert_accepted(&[
        "app_http_open{absent=\"\"}",
        "app_http_open{zone!=\"x\"}",
        "app_http_open{zone=~\".*\"}",
        "app_http_open{zone!~\"a|b\"}",
        "app_http_open{zone=~\"a|\"}",
        "sum without (absent) (app_http_open)",
        "app_http_open / ignoring (absent) app_http_open",
    ]);
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
    let findings = promql::check(
        "rate(app_http_requests_total{outcom='fine'}[5m])",
        &vocabulary(),
    );
    assert_eq!(findings[1].message, "no series has `outcome` = `fine`");
}

#[test]
fn series_may_lack_optional_labels() {
    let optional = SCHEMA.replace(
        "labels = [\"outcome\"]",
        "labels = [{ name = \"outcome\", optional = true }]",
    );
    assert_rows_in(
        &optional,
        r#"
        rate(app_http_requests_total{outcome="ok"}[5m]) =>
        rate(app_http_requests_total{outcome=""}[5m]) =>
        rate(app_http_requests_total{outcome!=""}[5m]) =>
        rate(app_http_requests_total{outcome="", server="a"}[5m]) =>
        rate(app_http_requests_total{outcome!~"ok|error|timed_out"}[5m]) =>
        rate(app_http_requests_total{outcome="good"}[5m]) => SM0904 good
    "#,
    );
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
    assert_rows_in(
        &format!("{SCHEMA}{SUM}"),
        r#"
        rate(app_http_calls_total{}[5m]) =>
        rate(app_http_calls_total{method="tools/call", tool="a"}[5m]) =>
        rate(app_http_calls_total{method!="ping", tool="a"}[5m]) =>
        rate(app_http_calls_total{tool=~"a|b"}[5m]) =>
        rate(app_http_calls_total{method="ping", tool=""}[5m]) =>
        rate(app_http_calls_total{method="ping", tool="a"}[5m]) => SM0925 tool
        rate(app_http_calls_total{method=~"ping|prompts.*", tool="a"}[5m]) => SM0925 tool
        rate(app_http_calls_total{tool!="", prompt=~".+"}[5m]) => SM0925 prompt
        rate(app_http_calls_total{method="tools/call", tool=""}[5m]) => SM0925 tool
        sum by (method) (rate(app_http_calls_total[5m])) =>
        sum by (method, tool) (rate(app_http_calls_total[5m])) =>
        sum by (tool) (rate(app_http_calls_total[5m])) => SM0926 tool
        sum(rate(app_http_calls_total{method!="ping"}[5m])) by (tool) => SM0926 tool
        sum by (tool) (rate(app_http_calls_total{tool!=""}[5m])) =>
        sum by (tool) (rate(app_http_calls_total{method="tools/call"}[5m])) =>
    "#,
    );
}

#[test]
fn a_misspelled_series_is_taken_for_the_one_that_is_meant() {
    assert_rows(
        r#"
        rate(app_http_request_total{outcome="ok", server="a"}[5m]) => SM0902 app_http_request_total
        rate(app_http_request_total{outcom="ok"}[5m]) => SM0902 app_http_request_total; SM0903 outcom
        rate(app_http_request_total{outcome="okay"}[5m]) => SM0902 app_http_request_total; SM0904 okay
        sum by (servr) (rate(app_http_request_total[5m])) => SM0909 servr; SM0902 app_http_request_total
        rate(app_http_opne[5m]) => SM0906 rate; SM0902 app_http_opne
        app_http_request_total > 10 => SM0902 app_http_request_total; SM0908 app_http_request_total
        {__name__="app_http_opened", serv="a"} => SM0902 app_http_opened; SM0903 serv
        histogram_quantile(0.9, sum by (job) (rate(app_http_duration_second_bucket[5m]))) => SM0907 histogram_quantile; SM0902 app_http_duration_second_bucket
        rate(app_http_duration_second_bucket{le="1"}[5m]) => SM0902 app_http_duration_second_bucket; SM0905 1
        // The suffix of counters is missing.
        rate(app_http_requests{outcom="ok"}[5m]) => SM0902 app_http_requests; SM0903 outcom
    "#,
    );
    let findings = promql::check("app_http_opne{serv='a'}", &vocabulary());
    assert_eq!(findings[1].message, "`app_http_open` has no label `serv`");
}

#[test]
fn a_series_that_may_be_another_one_has_no_other_findings() {
    assert_rows(
        r#"
        // A metric of another program, or one recorded by a rule elsewhere.
        rate(ap_http_open{serv="a"}[5m]) => SM0902 ap_http_open
        job_server:app_http_retry_ratio:rate10m{serv="a"} > 5 => SM0902 job_server:app_http_retry_ratio:rate10m
        // Metrics that the schema does not have yet.
        app_http_responses_total{code="500"} > 10 => SM0902 app_http_responses_total
        rate(app_http_requests_failed_total{reason="a"}[5m]) => SM0902 app_http_requests_failed_total
        rate(app_http_load[5m]) => SM0902 app_http_load
    "#,
    );
    let labels = [
        "app_http_responses_total => app_http_responses_total: did you mean `app_http_requests_total`?",
        "app_http_load => app_http_load: did you mean `app_http_mood`?",
    ];
    assert_labels(SCHEMA, &labels.join("\n"));
}

#[test]
fn a_series_that_is_as_near_to_two_others_is_not_taken_for_either() {
    let twins = |one: &str, other: &str| {
        let metric = |name: &str, kind: &str| {
            format!("\n[metrics.http.{name}]\ntype = \"{kind}\"\nhelp = \"Events.\"\n")
        };
        format!(
            "{SCHEMA}{}{}",
            metric(one, "gauge"),
            metric(other, "updown_counter")
        )
    };
    assert_rows_in(
        &twins("bounds", "rounds"),
        r#"
        rate(app_http_sounds{serv="a"}[5m]) => SM0902 app_http_sounds
        rate(app_http_bound{serv="a"}[5m]) => SM0906 rate; SM0902 app_http_bound; SM0903 serv
    "#,
    );
}
