//! What is wrong with queries, and where: the examples of every code, and cases by subject.

use std::collections::BTreeSet;

use shadowcat_metrics_codegen::codes::{complete_example, promql as codes};
use shadowcat_metrics_codegen::{Code, Outcome, Severity, Source, compile};
use shadowcat_metrics_operations::{Options, check, promql, rules};

fn compiled(schema: String) -> Outcome {
    let outcome = compile(Source::new("metrics.toml", schema));
    assert!(
        !outcome.report.has_errors(),
        "{:#?}",
        outcome.report.diagnostics()
    );
    outcome
}

/// The codes of an example: of warnings only that which it is about.
fn codes_of(code: Code, example: &str) -> BTreeSet<&'static str> {
    let outcome = compiled(complete_example(example));
    let registry = outcome.registry().expect("it compiles");
    let problems = check(registry, &outcome.source, &Options::default());
    let meant = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error || problem.code == code);
    meant.map(|problem| problem.code.id()).collect()
}

#[test]
fn wrong_examples_yield_their_code_and_no_other() {
    // No schema has the fault of a file that cannot be read.
    let codes = codes::all().filter(|code| *code != codes::UNREADABLE_FILE);
    for code in codes {
        assert_eq!(
            codes_of(code, code.wrong()),
            BTreeSet::from([code.id()]),
            "{code:?}"
        );
    }
}

#[test]
fn right_examples_are_right() {
    for code in codes::all() {
        assert_eq!(codes_of(code, code.right()), BTreeSet::new(), "{code:?}");
    }
}

const SCHEMA: &str = r#"
format = 1
namespace = "app"

[operations]
external = ["node_*", "kube_pod_info"]
target_labels = ["cluster"]

[labels.outcome]
help = "How it ended."
values = ["ok", "error", "timed_out"]

[labels.server]
help = "Server."
open = { max = 8 }

[labels.mood]
help = "Mood."
values = ["good", "bad"]

[labels.version]
help = "Version."
open = { max = 1 }

[groups.http]
help = "Requests."
labels = ["server"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.retries]
type = "counter"
help = "Requests sent again."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.mood]
type = "state"
states = "mood"
help = "Mood of the server."

[metrics.http.software]
type = "info"
labels = ["version"]
help = "What the server runs."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[metrics.http.retry_ratio]
type = "ratio"
numerator = "http.retries"
denominator = "http.retries"
help = "Share of retries."
"#;

/// Each finding as `SM0902 app_x`: the code, and the text that it points at.
fn found(query: &str) -> Vec<String> {
    let outcome = compiled(SCHEMA.to_owned());
    let vocabulary = rules::vocabulary(outcome.registry().expect("it compiles"));
    let shown =
        |finding: promql::Finding| format!("{} {}", finding.code.id(), &query[finding.range]);
    promql::check(query, &vocabulary)
        .into_iter()
        .map(shown)
        .collect()
}

#[track_caller]
fn is(query: &str, expected: &[&str]) {
    assert_eq!(found(query), expected, "{query}");
}

#[test]
fn names() {
    is("rate(app_http_requests_total[5m])", &[]);
    is(
        "rate(app_http_request_total[5m])",
        &["SM0902 app_http_request_total"],
    );
    is("node_load1 > 5 and kube_pod_info and up == 0", &[]);
    is("scrape_samples_scraped + ALERTS", &[]);
    is("go_goroutines", &["SM0902 go_goroutines"]);
    is("{__name__=\"app_http_open\", server=\"a\"}", &[]);
    is("{__name__=\"app_http_opened\"}", &["SM0902 {"]);
    is("{__name__=\"app_http_open\", serv=\"a\"}", &["SM0903 serv"]);
    is("{\"app_http_open\", serv=\"a\"}", &["SM0903 serv"]);
    is("{__name__=~\"app_.*\"}", &[]);
    is(
        "{__name__=~\"app_http_open|app_http_opn.*|node_.*\"}",
        &["SM0902 app_http_opn.*"],
    );
    is(
        "{__name__=~\"app_http_duration_seconds\"}",
        &["SM0902 app_http_duration_seconds"],
    );
    is(
        "app_http_duration_seconds",
        &["SM0911 app_http_duration_seconds"],
    );
    is(
        "app_http_duration_seconds_created + app_http_requests_created",
        &["SM0910 app_http_requests_created"],
    );
    is("job_server:app_http_retry_ratio:rate5m > 0.5", &[]);
    is(
        "job_server:app_http_retry_ratio:rate5m{instance=\"a\", cluster=\"b\"}",
        &["SM0903 instance"],
    );
    is(
        "sum by (cluster) (job_server:app_http_retry_ratio:rate5m) or sum by (job, server) (app_http_open) * job_server:app_http_retry_ratio:rate5m",
        &[],
    );
    is(
        "job_server:app_http_retry_ratio:rate10m > 0.5",
        &["SM0902 job_server:app_http_retry_ratio:rate10m"],
    );
}

#[test]
fn metrics_of_other_programs_are_told_how_to_be_named() {
    let outcome = compiled(SCHEMA.to_owned());
    let vocabulary = rules::vocabulary(outcome.registry().expect("it compiles"));
    let help = |query| {
        let finding = promql::check(query, &vocabulary).remove(0);
        finding.help.unwrap_or_default()
    };
    // Near one of ours or not.
    assert!(help("rate(ap_http_requests_total[5m])").contains("external"));
    assert!(help("mysql_up == 0").contains("external"));
    assert_eq!(help("rate(app_http_request_total[5m])"), "");
}

#[test]
fn labels_and_values() {
    is(
        "app_http_open{server=\"x\", instance=\"y\", cluster=\"z\"}",
        &[],
    );
    is("app_http_open{severity=\"x\"}", &["SM0903 severity"]);
    is("rate(app_http_requests_total{outcome=\"ok\"}[5m])", &[]);
    is(
        "rate(app_http_requests_total{outcome='fine'}[5m])",
        &["SM0904 fine"],
    );
    is(
        "rate(app_http_requests_total{outcome!=\"okay\"}[5m])",
        &["SM0904 okay"],
    );
    is(
        "rate(app_http_requests_total{outcome=~\"ok|errors\"}[5m])",
        &["SM0904 errors"],
    );
    is(
        "rate(app_http_requests_total{outcome=~\"^(ok|error)$\"}[5m])",
        &[],
    );
    is(
        "rate(app_http_requests_total{outcome=~\"time.*\"}[5m])",
        &[],
    );
    is(
        "rate(app_http_requests_total{outcome=~\"late.*\"}[5m])",
        &["SM0904 late.*"],
    );
    is(
        "rate(app_http_requests_total{outcome=\"\"}[5m])",
        &["SM0904 \"\""],
    );
    is("rate(app_http_requests_total{outcome!=\"\"}[5m])", &[]);
    is(
        "rate(app_http_requests_total{outcome=~\"ok|late.*|(?:no|yes)\"}[5m])",
        &["SM0904 late.*", "SM0904 (?:no|yes)"],
    );
    is(
        "rate(app_http_requests_total{outcome!~\"(ok|err.*|)\"}[5m])",
        &[],
    );
    is(
        "rate(app_http_requests_total{outcome=~\"(?i)OK\"}[5m])",
        &[],
    );
    is("app_http_mood{app_http_mood=\"good\"}", &[]);
    is("app_http_mood{app_http_mood=\"sad\"}", &["SM0904 sad"]);
    is("app_http_software_info{version=\"1\"}", &[]);
}

#[test]
fn values_that_matchers_leave_between_them() {
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
        is(
            &format!("rate(app_http_requests_total{{{matchers}}}[5m])"),
            findings,
        );
    }
}

#[test]
fn buckets() {
    is(
        "rate(app_http_duration_seconds_bucket{le=\"1.0\"}[5m])",
        &[],
    );
    is(
        "rate(app_http_duration_seconds_bucket{le=\"+Inf\"}[5m])",
        &[],
    );
    is(
        "rate(app_http_duration_seconds_bucket{le=\"1\"}[5m])",
        &["SM0905 1"],
    );
    is(
        "rate(app_http_duration_seconds_bucket{le=~\"0.1|2\"}[5m])",
        &["SM0905 2"],
    );
    is(
        "rate(app_http_duration_seconds_bucket{le=~\"1|1.0|0[.]1|[+]Inf\"}[5m])",
        &[],
    );
    is(
        "rate(app_http_duration_seconds_bucket{le=~\"1|0.1\", le!=\"\"}[5m])",
        &["SM0905 1"],
    );
    is(
        "rate(app_http_duration_seconds_bucket{le=\"0\\\\.1\"}[5m])",
        &["SM0905 \"0\\\\.1\""],
    );
    is(
        "rate(app_http_duration_seconds_bucket{le=\"inf\"}[5m])",
        &["SM0905 inf"],
    );
    is(
        "rate(app_http_duration_seconds_bucket{le=\"0.5\"}[5m])",
        &["SM0905 0.5"],
    );
    is(
        "rate(app_http_duration_seconds_count{le=\"1.0\"}[5m])",
        &["SM0903 le"],
    );
    is(
        "histogram_quantile(0.9, sum by (server, le) (rate(app_http_duration_seconds_bucket[5m])))",
        &[],
    );
    is(
        "histogram_quantile(0.9, sum by (server) (rate(app_http_duration_seconds_bucket[5m])))",
        &["SM0907 histogram_quantile"],
    );
    is(
        "histogram_quantile(0.9, rate(app_http_duration_seconds_sum[5m]))",
        &["SM0907 histogram_quantile"],
    );
    is(
        "histogram_quantile(99, rate(app_http_duration_seconds_bucket[5m]))",
        &["SM0907 histogram_quantile"],
    );
    is(
        "histogram_quantile(0.9, sum without (le) (rate(app_http_duration_seconds_bucket[5m])))",
        &["SM0907 histogram_quantile"],
    );
}

#[test]
fn quantiles_are_never_above_the_highest_bound() {
    let quantile =
        "histogram_quantile(0.9, sum by (le) (rate(app_http_duration_seconds_bucket[5m])))";
    for (condition, findings) in [
        ("q > 5", 0),
        ("q >= 10", 0),
        ("q > 10", 1),
        ("12 <= q", 1),
        ("max(q) > (12)", 1),
        ("max_over_time(q[1h:1m]) > bool 12", 1),
        ("q * 1000 > 12", 0),
        ("sum(q) > 12", 0),
        ("round(q) > 12", 0),
        ("q < 12", 0),
        ("q > $limit", 0),
    ] {
        let query = condition.replacen('q', quantile, 1);
        assert_eq!(found(&query).len(), findings, "{query}");
    }
}

#[test]
fn functions_and_kinds() {
    is("rate(app_http_open[5m])", &["SM0906 rate"]);
    is("increase(app_http_mood[5m])", &["SM0906 increase"]);
    is("delta(app_http_open[5m])", &[]);
    is("deriv(app_http_requests_total[5m])", &["SM0906 deriv"]);
    is(
        "delta(app_http_duration_seconds_count[5m])",
        &["SM0906 delta"],
    );
    is("rate(app_http_requests_total[5m:1m])", &[]);
    is("max_over_time(rate(app_http_requests_total[5m])[1h:])", &[]);
    is(
        "rate(sum(app_http_requests_total)[5m:1m])",
        &["SM0906 rate"],
    );
    is("rate(topk(3, app_http_requests_total)[5m:1m])", &[]);
    is("rate(count(app_http_requests_total)[5m:1m])", &[]);
    is(
        "app_http_requests_total > 5",
        &["SM0908 app_http_requests_total"],
    );
    is(
        "sum by (server) (app_http_requests_total) * 2 >= 5",
        &["SM0908 app_http_requests_total"],
    );
    is(
        "5 < max_over_time(app_http_requests_total[5m])",
        &["SM0908 app_http_requests_total"],
    );
    is("count(app_http_requests_total) > 5", &[]);
    is("changes(app_http_requests_total[5m]) > 5", &[]);
    is("app_http_open > 5", &[]);
}

#[test]
fn grouping_and_matching() {
    is(
        "sum by (server, outcome, cluster) (rate(app_http_requests_total[5m]))",
        &[],
    );
    is(
        "sum(rate(app_http_requests_total[5m])) by (servers)",
        &["SM0909 servers"],
    );
    is(
        "max by (outcome) (sum by (server) (rate(app_http_requests_total[5m])))",
        &["SM0909 outcome"],
    );
    is("sum without (le) (app_http_open)", &["SM0909 le"]);
    is("app_http_open / app_http_open", &[]);
    is(
        "rate(app_http_requests_total[5m]) / app_http_open",
        &["SM0910 app_http_open"],
    );
    is(
        "rate(app_http_requests_total[5m]) / ignoring (outcome) group_left app_http_open",
        &[],
    );
    is(
        "rate(app_http_requests_total[5m]) / on (server, job) group_left () app_http_open",
        &[],
    );
    is(
        "app_http_open * ignoring (servr, outcome, servers) app_http_open",
        &["SM0909 servr", "SM0909 servers"],
    );
    // What was summed away is not there to be ignored, and nothing comes of it.
    is(
        "sum by (server) (rate(app_http_duration_seconds_bucket{le=\"1.0\"}[5m])) / ignoring (le) sum by (server) (rate(app_http_duration_seconds_count[5m]))",
        &[],
    );
    is(
        "app_http_open * on (servr) app_http_open",
        &["SM0909 servr"],
    );
    is(
        "app_http_open * on (server) group_left (version) app_http_software_info",
        &[],
    );
    is(
        "sum by (version) (app_http_open * on (server, job, instance, cluster) group_left (version) app_http_software_info)",
        &[],
    );
    is(
        "app_http_open * on (server) group_left (versoin) app_http_software_info",
        &["SM0909 versoin"],
    );
    is(
        "app_http_software_info * on (server) group_right (version) app_http_open",
        &[],
    );
    is(
        "sum by (host, port) (label_replace(app_http_open, \"host\", \"$1\", \"server\", \"(.*):.*\"))",
        &["SM0909 port"],
    );
    is(
        "label_replace(app_http_open, \"host\", \"$1\", \"srver\", \"(.*)\")",
        &["SM0909 label_replace"],
    );
    is(
        "label_replace(app_http_open, \"team\", \"shop\", \"\", \"\") + label_replace(app_http_open, \"team\", \"shop\", \"none\", \".*\")",
        &[],
    );
    is(
        "label_join(app_http_open, \"at\", \":\", \"server\", \"prt\")",
        &["SM0909 label_join"],
    );
    is("app_http_open or rate(app_http_requests_total[5m])", &[]);
    is(
        "app_http_open unless sum(app_http_open)",
        &["SM0910 app_http_open"],
    );
    is(
        "app_http_open + label_replace(up, \"x\", \"$1\", \"job\", \"(.*)\")",
        &[],
    );
    is("sum(app_http_open) + vector(1)", &[]);
}

#[test]
fn sides_that_ask_for_different_values_never_match() {
    let errors = "rate(app_http_requests_total{outcome=\"error\"}[5m])";
    let (ok, good) = (
        errors.replace("error", "ok"),
        "app_http_mood{app_http_mood=\"good\"}",
    );
    for (query, findings) in [
        (format!("{errors} / {ok}"), 1),
        (format!("{errors} / on (server, outcome) {ok} > 0.1"), 1),
        (format!("{errors} unless {ok} > 5"), 1),
        (
            format!("sum by (outcome) ({errors}) / sum by (outcome) ({ok})"),
            1,
        ),
        (
            format!("max without (server) ({errors}) / max without (server) ({ok})"),
            1,
        ),
        ("up{job=\"a\"} == up{job=\"b\"}".to_owned(), 1),
        (
            "ALERTS{alertname=\"A\"} and ALERTS{alertname=\"B\"}".to_owned(),
            1,
        ),
        (
            "(node_load1{job=\"a\"} and up{job=\"a\"}) > node_load5{job=\"b\"}".to_owned(),
            1,
        ),
        (format!("{errors} / ignoring (outcome) {ok}"), 0),
        (format!("{errors} / on (server) {ok}"), 0),
        (
            format!("sum by (server) ({errors}) / sum by (server) ({ok})"),
            0,
        ),
        (format!("sum({errors}) / sum({ok})"), 0),
        (format!("{errors} or {ok}"), 0),
        (format!("{errors} / {errors}"), 0),
        (
            format!("{good} * ignoring (app_http_mood) app_http_open"),
            0,
        ),
        (
            format!("{errors} + label_replace({ok}, \"outcome\", \"error\", \"\", \"\")"),
            0,
        ),
        ("up{job=\"a\"} == up{job=~\"b\"}".to_owned(), 0),
        ("up{job=\"$a\"} == up{job=\"b\"}".to_owned(), 0),
        ("up{job=\"a\"} == on ($by) up{job=\"b\"}".to_owned(), 0),
        (
            "absent(up{job=\"a\"}) and absent(up{job=\"b\"})".to_owned(),
            0,
        ),
        (
            "ALERTS{alertname=\"A\"} and on () ALERTS{alertname=\"B\"}".to_owned(),
            0,
        ),
    ] {
        let expected = vec!["SM0910"; findings];
        let found = found(&query);
        let codes: Vec<_> = found.iter().map(|found| &found[..6]).collect();
        assert_eq!(codes, expected, "{query}");
    }
    is("up{job=\"a\"} == up{x=\"y\", job=\"b\"}", &["SM0910 b"]);
}

#[test]
fn syntax_and_variables() {
    is("sum(", &["SM0901 ("]);
    is("", &["SM0901 "]);
    is(
        &"(".repeat(100_000),
        &[&format!("SM0901 {}", "(".repeat(100_000))],
    );
    is(
        "sum by ($label) (rate(app_http_requests_total{server=~\"$server\"}[$__rate_interval]))",
        &[],
    );
    is("rate($metric[$__interval])", &[]);
    is(
        "rate(app_http_open{server=~\"$server\"}[$__rate_interval])",
        &["SM0906 rate"],
    );
    is("é", &["SM0901 é"]);
}

#[test]
fn variables_wherever_people_put_them() {
    for query in [
        "sum(increase(app_http_requests_total[${__range_s}s])) / $__range_s",
        "sum(increase(app_http_requests_total[${hours}h]))",
        "max_over_time(sum(rate(app_http_requests_total[[[window]]]))[$__range:$__interval])",
        "topk by (server) ($n, rate(app_http_retries_total[5m]))",
        "histogram_quantile(0.$q, sum by (le, $by) (rate(app_http_duration_seconds_bucket[5m])))",
        "clamp(app_http_open, $min, $max) > bool $limit",
        "rate(app_${group}_total[5m]) + rate(${namespace}_retries_total[5m])",
        "app_http_open{server=\"a\"$more} + app_http_open{$filters, server=\"a\"}",
        "app_http_open{$label=~\"$value\", server=${server:doublequote}}",
        "$aggregation by (server) ($function(app_http_requests_total[5m]))",
        "max by (server) ($f(app_http_open offset -$o))",
        "app_http_open * on (${by}) group_left ($more) app_http_software_info",
        "app_http_open @ $__from",
    ] {
        is(query, &[]);
    }
    is("rate(app_http_open[${hours}h])", &["SM0906 rate"]);
    is("topk by (srver) ($n, app_http_open)", &["SM0909 srver"]);
    is(
        "rate(app_http_requests_total{$filters, outcome=\"fine\"}[5m])",
        &["SM0904 fine"],
    );
    is(
        "clamp_max(app_http_opened, $max)",
        &["SM0902 app_http_opened"],
    );
}

#[test]
fn what_cannot_be_read_is_in_doubt_where_a_variable_may_be_anything() {
    let vocabulary = promql::Vocabulary::default();
    let in_doubt = |query| promql::check(query, &vocabulary)[0].in_doubt;
    assert!(in_doubt("up $operator 1"));
    assert!(!in_doubt("sum(rate(up[$__rate_interval])"));
}

#[test]
fn records_have_the_labels_that_their_rules_leave() {
    let outcome = compiled(SCHEMA.replace("target_labels = [\"cluster\"]\n", ""));
    let vocabulary = rules::vocabulary(outcome.registry().expect("it compiles"));
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
fn every_rule_that_is_made_is_right() {
    let schema = format!(
        "{SCHEMA}{}",
        r#"
[slos.good]
help = "Good."
objective = 0.9
good = { metric = "http.requests", where = { outcome = ["ok", "error"] } }
by = ["server"]

[slos.fast]
help = "Fast."
objective = 0.99999
good = { metric = "http.duration", under = "1s" }
"#
    );
    let schema = schema.replace(
        "buckets = [0.1, 1, 10]",
        "buckets = [0.1, 1, 10]\nquantiles = true",
    );
    let outcome = compiled(schema);
    let registry = outcome.registry().expect("it compiles");
    let vocabulary = rules::vocabulary(registry);
    let records = rules::records(registry, rules::Scale::ONE);
    assert!(records.len() > 25, "{records:#?}");
    for record in records {
        assert_eq!(
            promql::check(&record.expr, &vocabulary),
            [],
            "{}",
            record.expr
        );
    }
}

#[test]
fn former_names_may_be_asked_for_until_they_go() {
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
    let vocabulary = rules::vocabulary(outcome.registry().expect("it compiles"));
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
fn a_metric_without_braces_is_told_where_it_stands() {
    let alert = "\n[alerts.jobs]\nsummary = \"Jobs end.\"\nseverity = \"info\"\nexpr = \"rate(METRIC[5m]) > 1\"\n";
    let of = |metric: &str| {
        let example = "[groups.job]\nhelp = \"Jobs.\"\n\n[metrics.job.ended]\ntype = \"counter\"\nhelp = \"Ended jobs.\"\n";
        let outcome = compiled(complete_example(example) + &alert.replace("METRIC", metric));
        let registry = outcome.registry().expect("it compiles");
        let problems = check(registry, &outcome.source, &Options::default());
        let errors = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error);
        let shown = errors.map(|problem| {
            let at = outcome.source.slice(problem.primary);
            format!("{} {at}: {}", problem.code, problem.label)
        });
        shown.collect::<Vec<_>>()
    };
    assert_eq!(of("{job.ended}"), [""; 0]);
    assert_eq!(
        of("job.ended"),
        ["SM0901 job.ended: expected `{job.ended}`"]
    );
    assert_eq!(
        of("job.begun"),
        ["SM0901 job.begun: expected letters, digits, `_` and `:`"]
    );
}
