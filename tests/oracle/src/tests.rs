//! Valid pages, and an invalid page for each rule.

use super::Grammar::{OpenMetrics, PrometheusText};
use super::{Grammar, Series, parse};

const TEXT: &str = "\
# HELP a_total A \\\\ and \\n \"quoted\".
# TYPE a_total counter
a_total{x=\"1\"} 3
a_total{x=\"\\\"\\\\\\n\"} 4.5
# HELP h H.
# TYPE h histogram
h_bucket{le=\"0.5\"} 1
h_bucket{le=\"+Inf\"} 2
h_sum 7
h_count 2
";

const OPEN: &str = "\
# HELP a A.
# TYPE a counter
a_total 3
a_created 1.5
# HELP s S.
# TYPE s stateset
s{s=\"up\"} 1
s{s=\"down\"} 0
# HELP i I.
# TYPE i info
i_info{version=\"1\"} 1
# HELP t_seconds T.
# TYPE t_seconds gauge
# UNIT t_seconds seconds
t_seconds +Inf
# EOF
";

/// Returns the fault of a page. Panics if the page is valid.
fn what(grammar: Grammar, page: &str) -> String {
    match parse(grammar, page) {
        Err(fault) => fault.to_string(),
        Ok(page) => panic!("accepted: {page:#?}"),
    }
}

#[track_caller]
fn refuses(grammar: Grammar, good: &str, from: &str, to: &str, expected: &str) {
    assert!(good.contains(from), "{from:?} is not in the page");
    let fault = what(grammar, &good.replacen(from, to, 1));
    assert!(
        fault.contains(expected),
        "{fault:?} instead of {expected:?}"
    );
}

/// Checks rows of the form `FROM -> TO => EXPECTED`, with `|` for a line break.
#[track_caller]
fn refuse_all(grammar: Grammar, good: &str, rows: &str) {
    for row in rows.lines().filter(|row| !row.trim().is_empty()) {
        let row = row.trim_start().replace('|', "\n");
        let (from, rest) = row.split_once(" -> ").expect("what is replaced");
        let (to, expected) = rest.split_once(" => ").expect("what is expected");
        refuses(grammar, good, from, to, expected);
    }
}

#[test]
fn good_pages_are_read() {
    let page = parse(PrometheusText, TEXT).unwrap();
    assert_eq!(page.value("a_total", &[("x", "\"\\\n")]), Some(4.5));
    assert_eq!(page.families[0].help, "A \\ and \n \"quoted\".");
    assert_eq!(
        page.values()[&Series::new("h_sum", [])].to_bits(),
        7_f64.to_bits()
    );
    let page = parse(OpenMetrics, OPEN).unwrap();
    assert_eq!(
        page.family("t_seconds").unwrap().unit.as_deref(),
        Some("seconds")
    );
    assert_eq!(page.value("t_seconds", &[]), Some(f64::INFINITY));
    assert_eq!(parse(PrometheusText, "").unwrap().families, []);
    assert_eq!(parse(OpenMetrics, "# EOF\n").unwrap().families, []);
}

#[test]
fn grammar_of_lines() {
    refuse_all(
        PrometheusText,
        TEXT,
        r#"
        a_total{x="1"} 3 -> a_total{x="1"}  3 => not a value
        a_total{x="1"} 3 -> a_total{x="1"}3 => single space
        a_total{x="1"} 3 -> a_total{x="1"} 3 1700 => not a value
        a_total{x="1"} 3 -> a_total{x="1",} 3 => label without a value
        a_total{x="1"} 3 -> a_total{} 3 => label without a value
        a_total{x="1"} 3 -> a_total{x="1",x="2"} 3 => twice
        a_total{x="1"} 3 -> a_total{__x="1"} 3 => not a label name
        a_total{x="1"} 3 -> a_total{x="1} 3 => does not end
        a_total{x="1"} 3 -> a_total{x="\t"} 3 => unknown escape
        a_total{x="1"} 3 -> a-total{x="1"} 3 => not a metric name
        a_total{x="1"} 3 -> a_total => has no value
        a_total{x="1"} 3 ->  => is empty
        # TYPE a_total counter -> # TYPE a_total count => not a type
        # TYPE a_total counter -> # by hand => without a meaning
        # TYPE a_total counter -> # UNIT a_total total => no meaning
        \n "quoted" -> \"quoted\" => unknown escape
        h_count 2| -> h_count 2 => newline
    "#,
    );
    refuses(
        PrometheusText,
        TEXT,
        "a_total{x=\"1\"} 3",
        "a_total{x=\"1\"} 3\r",
        "carriage",
    );
    refuse_all(
        OpenMetrics,
        OPEN,
        "HELP a A. -> HELP a \"A\". => not escaped",
    );
}

#[test]
fn order_of_lines() {
    refuse_all(
        PrometheusText,
        TEXT,
        r#"
        # TYPE a_total counter| ->  => before its family's
        # HELP h H.| ->  => before its family's
        # HELP h H. -> # HELP h H.|# HELP h H. => second HELP
        h_count 2 -> h_count 2|# TYPE h histogram => behind its samples
        h_count 2 -> h_count 2|# HELP a_total A. => a second time
        h_count 2 -> h_count 2|a_total 3 => does not belong
        h_count 2 -> h_count 2|# HELP b B. => lacks HELP or TYPE
        h_count 2 -> h_count 2|# HELP b B.|# TYPE b gauge => has no samples
        h_count 2 -> h_count 2|h_created 2 => does not belong
        a_total{x="1"} 3 -> a_total{x="1"} 3|a_total{x="1"} 3 => a second ``
        a_total{x="1"} 3 -> a_total 3|a_total{x="1"} 3|a_total 4 => apart
        # HELP a_total -> b 1|# HELP a_total => before any
        h_count 2| -> h_count 2|# EOF| => without a meaning
    "#,
    );
    refuse_all(
        OpenMetrics,
        OPEN,
        r"
        # EOF| ->  => does not end with `# EOF`
        # EOF| -> # EOF|# EOF| => behind `# EOF`
    ",
    );
    let clash = "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 0\na_sum 0\na_count 0\n\
                 # HELP a_count A.\n# TYPE a_count gauge\na_count{x=\"1\"} 0\n";
    assert!(what(PrometheusText, clash).contains("two families"));
    let twice = "# HELP a A.\n# TYPE a gauge\na 0\na 1\n";
    assert!(what(PrometheusText, twice).contains("before"));
}

#[test]
fn rules_of_types() {
    refuse_all(
        PrometheusText,
        TEXT,
        r#"
        a_total{x="1"} 3 -> a_total{x="1"} -3 => negative
        a_total{x="1"} 3 -> a_total{x="1"} NaN => negative
        le="0.5" -> le="0.50" => instead of
        le="0.5" -> le="1" => instead of
        le="0.5" -> le="NaN" => above
        h_bucket{le="0.5"} 1 -> h_bucket{le="0.5"} 3 => less than
        h_bucket{le="0.5"} 1 -> h_bucket{le="0.5"} 0.5 => fraction
        h_bucket{le="0.5"} 1 -> h_bucket 1 => without `le`
        h_bucket{le="0.5"} 1 -> h_bucket{le="5.0"} 1|h_bucket{le="0.5"} 1 => above
        h_bucket{le="+Inf"} 2| ->  => `+Inf`
        h_count 2 -> h_count 1 => not that
        h_count 2| ->  => without its `_count`
        h_sum 7| ->  => without its `_sum`
        h_sum 7 -> h_sum -7 => a sum
        h_sum 7 -> h_sum 7|h_sum 7 => second `_sum`
    "#,
    );
    refuse_all(
        OpenMetrics,
        OPEN,
        r#"
        a_total 3 -> a 3 => does not belong
        a_total 3| ->  => without its `_total`
        a_created 1.5 -> a_created -1.5 => before 1970
        a_created 1.5 -> a_created 1|a_created 2 => second `_created`
        s{s="down"} 0 -> s{s="down"} 2 => neither
        s{s="up"} 1 -> s{t="up"} 1 => without its label
        i_info{version="1"} 1 -> i_info{version="1"} 2 => not 1
        # TYPE i info -> # TYPE i info|# UNIT i i => does not end
        # UNIT t_seconds seconds -> # UNIT t_seconds bytes => does not end
        # UNIT t_seconds seconds -> # UNIT t_seconds  => does not end
    "#,
    );
    let info = "# HELP i_x I.\n# TYPE i_x info\n# UNIT i_x x\ni_x_info{v=\"1\"} 1\n# EOF\n";
    assert!(what(OpenMetrics, info).contains("has no unit"));
}

#[test]
fn exemplars() {
    let page =
        |sample: &str, exemplar: &str| OPEN.replacen(sample, &format!("{sample} # {exemplar}"), 1);
    let counter = "a_total 3";
    assert!(OPEN.contains(counter), "{OPEN}");
    let good = page(counter, "{trace_id=\"ab\"} 1 1700000000.5");
    assert!(parse(OpenMetrics, &good).is_ok());
    for (exemplar, expected) in [
        ("{trace_id=\"ab\"} 1", "without a value and a time"),
        ("{trace_id=\"ab\"} x 1.5", "not a number"),
        ("{trace_id=\"ab\"} 1 -1", "without a time"),
        ("{trace_id=\"ab\",trace_id=\"ab\"} 1 1.5", "twice"),
    ] {
        let fault = parse(OpenMetrics, &page(counter, exemplar)).expect_err(exemplar);
        assert!(fault.to_string().contains(expected), "{fault}");
    }
}
