//! Grouping, and the operands of binary operators.

use super::assert_rows;

#[test]
fn grouping_and_matching() {
    assert_rows(
        r#"
        sum by (server, outcome, cluster) (rate(app_http_requests_total[5m])) =>
        sum(rate(app_http_requests_total[5m])) by (servers) => SM0909 servers
        max by (outcome) (sum by (server) (rate(app_http_requests_total[5m]))) => SM0909 outcome
        sum without (le) (app_http_open) =>
        sum without (servr) (app_http_open) => SM0909 servr
        app_http_open / app_http_open =>
        rate(app_http_requests_total[5m]) / app_http_open => SM0910 app_http_open
        rate(app_http_requests_total[5m]) / ignoring (outcome) group_left app_http_open =>
        rate(app_http_requests_total[5m]) / on (server, job) group_left () app_http_open =>
        app_http_open * ignoring (servr, outcome, servers) app_http_open => SM0909 servr; SM0909 servers
        // `ignoring` names a label that the sum has removed, so the series never match.
        sum by (server) (rate(app_http_duration_seconds_bucket{le="1.0"}[5m])) / ignoring (le) sum by (server) (rate(app_http_duration_seconds_count[5m])) =>
        app_http_open * on (servr) app_http_open => SM0909 servr
        app_http_open * on (server) group_left (version) app_http_software_info =>
        sum by (version) (app_http_open * on (server, job, instance, cluster) group_left (version) app_http_software_info) =>
        app_http_open * on (server) group_left (versoin) app_http_software_info => SM0909 versoin
        app_http_software_info * on (server) group_right (version) app_http_open =>
        sum by (host, port) (label_replace(app_http_open, "host", "$1", "server", "(.*):.*")) => SM0909 port
        label_replace(app_http_open, "host", "$1", "srver", "(.*)") => SM0909 label_replace
        label_replace(app_http_open, "team", "shop", "", "") + label_replace(app_http_open, "team", "shop", "none", ".*") =>
        label_join(app_http_open, "at", ":", "server", "prt") => SM0909 label_join
        app_http_open or rate(app_http_requests_total[5m]) =>
        app_http_open unless sum(app_http_open) => SM0910 app_http_open
        app_http_open + label_replace(up, "x", "$1", "job", "(.*)") => SM0910 up
        sum(app_http_open) + vector(1) =>
    "#,
    );
}

#[test]
fn operands_with_different_values_never_match() {
    let rows = r#"
        ERRORS / OK => SM0910 ok
        ERRORS / on (server, outcome) OK > 0.1 => SM0910 ok
        ERRORS unless OK > 5 => SM0910 ok
        sum by (outcome) (ERRORS) / sum by (outcome) (OK) => SM0910 ok
        max without (server) (ERRORS) / max without (server) (OK) => SM0910 ok
        up{job="a"} == up{job="b"} => SM0910 b
        up{job="a"} == up{x="y", job="b"} => SM0910 b
        ALERTS{alertname="A"} and ALERTS{alertname="B"} => SM0910 B
        (node_load1{job="a"} and up{job="a"}) > node_load5{job="b"} => SM0910 b
        ERRORS / ignoring (outcome) OK =>
        ERRORS / on (server) OK =>
        sum by (server) (ERRORS) / sum by (server) (OK) =>
        sum(ERRORS) / sum(OK) =>
        ERRORS or OK =>
        ERRORS / ERRORS =>
        app_http_mood{app_http_mood="good"} * ignoring (app_http_mood) app_http_open =>
        ERRORS + label_replace(OK, "outcome", "error", "", "") =>
        up{job="a"} == up{job=~"b"} =>
        up{job="$a"} == up{job="b"} =>
        up{job="a"} == on ($by) up{job="b"} =>
        absent(up{job="a"}) and absent(up{job="b"}) =>
        ALERTS{alertname="A"} and on () ALERTS{alertname="B"} =>
    "#;
    let errors = "rate(app_http_requests_total{outcome=\"error\"}[5m])";
    let rows = rows.replace("OK", &errors.replace("error", "ok"));
    assert_rows(&rows.replace("ERRORS", errors));
}
