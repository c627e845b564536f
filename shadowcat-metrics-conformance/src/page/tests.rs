//! Valid and invalid pages in both text formats.

#[path = "../../../tests/rows.rs"]
mod rows;

use super::*;
use rows::rows;

#[test]
fn both_formats_are_read() {
    let page = Page::parse(
        "# HELP a_total Adds\\nup \\\\.\n# TYPE a_total counter\na_total{x=\"1\\\"\\n\",y=\"}\"} 5 1700000000000\n\
         # TYPE h histogram\nh_bucket{le=\"+Inf\",} +Inf\nh_sum NaN\nh_count 3\nfree{} -Inf\n\n# just so\n",
    );
    assert!(page.problems.is_empty(), "{:?}", page.problems);
    assert_eq!(page.format, Format::Text);
    let found: Vec<_> = page
        .families
        .iter()
        .map(|family| (&*family.name, family.kind, family.samples.len()))
        .collect();
    assert_eq!(
        found,
        [
            ("a_total", Type::Counter, 1),
            ("h", Type::Histogram, 3),
            ("free", Type::Unknown, 1)
        ]
    );
    assert_eq!(page.families[0].help, "Adds\nup \\.");
    let labels = &page.families[0].samples[0].labels;
    assert_eq!(labels[0], ("x".to_owned(), "1\"\n".to_owned()));

    let page = Page::parse(
        "# TYPE b_seconds counter\n# UNIT b_seconds seconds\nb_seconds_total 1.5 # {trace=\"x\"} 1\nb_seconds_created 1e9\n# TYPE alone gauge\n# EOF\n",
    );
    assert!(page.problems.is_empty(), "{:?}", page.problems);
    assert_eq!(page.format, Format::OpenMetrics);
    assert_eq!(page.families[0].unit, "seconds");
    assert_eq!(page.families[0].samples.len(), 2);
    assert_eq!(page.families[1].samples, []);
}

#[test]
fn names_and_timestamps_are_checked() {
    let page = Page::parse(
        "# TYPE 1a gauge\n# HELP b{ Letter.\n# TYPE c\u{1b}[31m gauge\nd 1 now\ne 1 1700000000000\n# TYPE f \u{1b}[31mred\n",
    );
    assert_eq!(lines(&page), [1, 2, 3, 4, 6], "{:#?}", page.problems);
    let messages: Vec<_> = page.problems.iter().map(ToString::to_string).collect();
    assert!(!messages.join("\n").contains('\u{1b}'), "{messages:?}");
    let page = Page::parse("# TYPE a gauge\r\na 1\r\n");
    assert_eq!(lines(&page), [1], "{:#?}", page.problems);
    assert_eq!(page.families[0].kind, Type::Gauge);
    // A scraper treats this as a comment, so the type stays unknown.
    let page = Page::parse("#TYPE a counter\na 1\n");
    assert_eq!(lines(&page), [0; 0]);
    assert_eq!(page.families[0].kind, Type::Unknown);
}

#[test]
fn openmetrics_features_are_reported_in_text() {
    let page = "# TYPE a stateset\na{a=\"x\"} 1\n# TYPE b counter\nb_total 1 1.5\nb_total{c=\"d\"} 1 2 # {trace=\"x\"} 1\n";
    assert_eq!(
        lines(&Page::read(page.as_bytes(), Some(Format::Text))),
        [1, 4, 5]
    );
    let page = format!("{page}# EOF\n");
    assert_eq!(lines(&Page::parse(&page)), [0; 0]);
}

/// Returns the lines with problems.
fn lines(page: &Page) -> Vec<usize> {
    page.problems.iter().map(|problem| problem.line).collect()
}

#[test]
fn meaningless_lines_are_reported_and_skipped() {
    let page = Page::parse(
        "a 1\nb\nc{x=1} 2\nd{x=\"1} 2\n1e 2\nf two\n# TYPE g guage\ng 1\nh{x=\"1\" y=\"2\"} 3\n{\"quoted.name\"} 1\ni 1 2 3\n\
         j{x=\"1\",x=\"2\"} 1\nk{=\"1\"} 1\nl{a-b=\"1\"} 1\n",
    );
    let expected = [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14];
    assert_eq!(lines(&page), expected, "{:#?}", page.problems);
    let names: Vec<_> = page.families.iter().map(|family| &*family.name).collect();
    assert_eq!(names, ["a", "g", "h"]);
}

#[test]
fn metadata_comes_once_and_first() {
    let page = Page::parse(
        "# HELP a One.\n# HELP a Two.\n# TYPE a gauge\n# TYPE a counter\na 1\nb 1\n# TYPE b gauge\n",
    );
    assert_eq!(lines(&page), [2, 4, 7], "{:#?}", page.problems);
    assert_eq!(
        (&*page.families[0].help, page.families[0].kind),
        ("One.", Type::Gauge)
    );
    let page = Page::parse(
        "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# UNIT a_seconds bytes\na_seconds 1\n# EOF\n",
    );
    assert_eq!(lines(&page), [3], "{:#?}", page.problems);
}

#[test]
fn samples_match_their_type() {
    let page =
        Page::parse("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh 1\nh_sum 1\nh_count 1\n");
    assert_eq!(lines(&page), [3], "{:#?}", page.problems);
    // In the text format, a counter may have any suffix, and a name with another suffix is a separate family.
    let bare = "# TYPE a counter\na 1\n";
    assert_eq!(lines(&Page::parse(bare)), [0; 0]);
    let page = Page::parse(&format!("{bare}# EOF\n"));
    assert_eq!(lines(&page), [2], "{:#?}", page.problems);
    let expected = "is not a sample of the counter `a_total`, whose samples are called `a_total_total` or `a_total_created`";
    let page = Page::parse("# TYPE a_total counter\na_total 1\n# EOF\n");
    assert!(
        page.problems[0].message.ends_with(expected),
        "{:#?}",
        page.problems
    );
}

#[test]
fn openmetrics_is_not_detected_by_names_alone() {
    let families = |page: &Page| {
        let families = page.families.iter();
        let family = |family: &Family| (family.name.clone(), family.kind, family.samples.len());
        families.map(family).collect::<Vec<_>>()
    };
    let counter = |name: &str, samples| (name.to_owned(), Type::Counter, samples);
    // Two counters, one of which looks like a sample of the other.
    let both = "# HELP a Bare.\n# TYPE a counter\na 1\n# HELP a_total Whole.\n# TYPE a_total counter\na_total 2\n";
    let page = Page::parse(both);
    assert_eq!(lines(&page), [0; 0], "{:#?}", page.problems);
    assert_eq!(page.format, Format::Text);
    assert_eq!(families(&page), [counter("a", 1), counter("a_total", 1)]);
    assert_eq!(page.families[1].help, "Whole.");
    // OpenMetrics allows at most one of them.
    assert_eq!(lines(&Page::parse(&format!("{both}# EOF\n"))), [3, 4, 5]);
    // A counter without any metadata.
    let page = Page::parse("# TYPE a counter\na_total{b=\"c\"} 2\na 1\n");
    assert_eq!(lines(&page), [0; 0], "{:#?}", page.problems);
    let of_no_type = ("a_total".to_owned(), Type::Unknown, 1);
    assert_eq!(families(&page), [counter("a", 1), of_no_type]);
    // Python's client declares families of creation times.
    let times = "# HELP h Ages.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n\
                 # HELP h_created Ages.\n# TYPE h_created gauge\nh_created 1\n";
    let page = Page::parse(times);
    assert_eq!(lines(&page), [0; 0], "{:#?}", page.problems);
    assert_eq!(page.families.len(), 1);
    // A counter with an OpenMetrics name next to one without.
    let page = Page::parse("# TYPE a counter\na_total 2\n# TYPE b counter\nb 1\n");
    assert_eq!(lines(&page), [0; 0], "{:#?}", page.problems);
    assert_eq!(page.format, Format::Text);
}

#[test]
fn openmetrics_needs_an_end_marker() {
    let page = "# TYPE a counter\na_total 1\n# EOF\n";
    assert_eq!(lines(&Page::parse(page)), [0; 0]);
    assert_eq!(lines(&Page::parse(page.trim_end())), [0; 0]);
    let cut = page.replace("# EOF\n", "");
    // Only OpenMetrics has counters whose samples have a suffix that the family's name lacks.
    assert_eq!(lines(&Page::parse(&cut)), [3]);
    assert_eq!(
        lines(&Page::read(cut.as_bytes(), Some(Format::Text))),
        [0; 0]
    );
    assert_eq!(lines(&Page::read(b"", Some(Format::OpenMetrics))), [1]);
    assert_eq!(lines(&Page::parse(&format!("{page}b 1\nc 1\n"))), [4]);
    assert_eq!(lines(&Page::parse(&format!("\n{page}"))), [1]);
}

/// Checks the expected refusal by Prometheus 2.42 or 3.5, as observed with their servers, and the report.
#[track_caller]
fn assert_refused(format: Format, page: &str, refused: Option<&str>) {
    let read = Page::read(page.as_bytes(), Some(format));
    let refusal = read.refusal().map(ToString::to_string);
    assert_eq!(
        refusal.as_deref(),
        refused,
        "{page:?}: {:#?}",
        read.problems
    );
}

/// Checks rows of the form `PAGE => REFUSAL`. All pages have the same end.
#[track_caller]
fn assert_refusals(format: Format, end: &str, rows: &str) {
    for (page, refusal) in self::rows(rows) {
        let escapes = [("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t")];
        let unescape = |page: String, (written, read)| page.replace(written, read);
        let page = escapes.into_iter().fold(page.to_owned(), unescape) + end;
        assert_refused(format, &page, Some(refusal).filter(|text| !text.is_empty()));
    }
}

#[test]
fn text_is_refused_as_prometheus_refuses_it() {
    assert_refusals(
        Format::Text,
        "",
        r#"
        # HELP a{ x\na 1\n =>
        # TYPE a{gauge\na 1\n =>
        # TYPE a gauge \na 1\n => line 1: there is whitespace after the type
        #\tTYPE\t a\tgauge\na\t{ x = "1" , }\t1 \t 5 \n =>
        a{x="1"y="2"}1\n =>
        a{x="",x="2"} 1\n =>
        a{x="1",x="1"} 1\n => line 1: the label `x` appears twice
        // The labels `a` have no value, so Prometheus drops them.
        a{a="",a="",x="1",x="1"} 1\n => line 1: the label `x` appears twice
        a{x="1",,} 1\n => line 1: `,` is not a label name
        a{__name__="a"} 1\n => line 1: the label name `__name__` is reserved for the metric name
        a{x="u\nv"} 1\nb c\n => line 3: `c` is not a number
        a 1e400\n => line 1: `1e400` is too large for a 64-bit float
        a +NaN\n => line 1: `+NaN` is not a number
        a nan\na +infinity\na .5\na+1\n =>
        a 0x1p3\n => line 1: `0x1p3` is not a number
        a 1_0\n => line 1: `1_0` is not a number
        a 1 -5\n => line 1: in the text format, times have no sign and no fraction
        a 1 99999999999999999999\n => line 1: `99999999999999999999` is not a time in milliseconds
        # HELP a x\r\n# y\r\na 1\n =>
        # HELP a x\r\na 1\r\n => line 2: the line ends with CR LF
        # HELP \na 1\n => line 1: expected a metric's name
        # HELP\n# TYPE\n#TYPE a b\na 1 =>
        # TYPE a\na 1\n => line 1: the `# TYPE` line has no type
        # TYPE a unknown\na 1\n => line 1: the text format has no type `unknown`
        a{"x.y"="1"} 1\n => line 1: `"x.y"` is a name in quotes, which Prometheus 2 rejects
    "#,
    );
    assert_refused(
        Format::Text,
        "a{x=\"u\\\nv\"} 1\n",
        Some("line 1: the value of `x` has no closing quote"),
    );
    assert_refused(
        Format::Text,
        " a 1\n",
        Some(
            "line 1: there is whitespace before the name, which Prometheus reads as part of the name",
        ),
    );
    assert_refused(Format::Text, "  # TYPE a gauge\n \na 1\n", None);
    // The format allows it but Prometheus refuses it, so it is a warning.
    let page = Page::read(b"# TYPE a  gauge\na 1\n", Some(Format::Text));
    assert_eq!(page.families[0].kind, Type::Gauge);
    assert_eq!(page.problems[0].severity, Severity::Warning);
    assert!(page.refusal().is_some(), "{page:?}");
    // Prometheus takes a NUL byte for the end of the page.
    let page = Page::read(b"a 1\n\0b c d\n", Some(Format::Text));
    assert_eq!((lines(&page), page.refusal()), (vec![2], None));
}

#[test]
fn a_family_knows_whether_it_has_exemplars() {
    for (line, expected) in [
        ("a_total 1", false),
        ("a_total 1 # {trace_id=\"b\"} 1", true),
        ("a_total 1 # {trace_id=\"b\"} no", false),
    ] {
        let page = Page::parse(&format!("# TYPE a counter\n{line}\n# EOF\n"));
        assert_eq!(page.families[0].has_exemplars, expected, "{line}");
    }
}

#[test]
fn exemplars_keep_to_their_bucket_and_length() {
    let rows = r#"
        a_bucket{le="1.0"} 1 # {trace_id="ab"} 1.0 2.5 =>
        a_bucket{le="+Inf"} 1 # {trace_id="ab"} 7 =>
        a_total{le="1.0"} 9 # {trace_id="ab"} 7 =>
        a_bucket{le="1.0"} 1 # {trace_id="ab"} 1.5 => the exemplar's value 1.5 is above the bucket's bound 1
        a_bucket{le="1.0"} 1 # {trace_id="ab"} NaN => the exemplar's value NaN is above the bucket's bound 1
        a_bucket{le="+Inf"} 1 # {trace_id="ab"} NaN =>
        a_total 1 # {b="1",b="2"} 1 => the label `b` appears twice in the exemplar
        a_total 1 # {} 1 253402300799.999 =>
        a_total 1 # {} 1 -1.5 =>
        a_total 1 # {} 1 1700000000000 => the exemplar's time 1700000000000 is not a Unix time in seconds before the year 10000
        a_total 1 # {b="LONG"} 1 =>
        a_total 1 # {b="xLONG"} 1 => the labels of the exemplar have 129 characters: Prometheus drops an exemplar with more than 128
    "#;
    for (line, expected) in self::rows(&rows.replace("LONG", &"x".repeat(127))) {
        let page = Page::read(
            format!("{line}\n# EOF\n").as_bytes(),
            Some(Format::OpenMetrics),
        );
        let found = page
            .problems
            .first()
            .map(|problem| problem.message.as_str());
        assert_eq!(found.unwrap_or_default(), expected, "{line}");
        assert_eq!(page.refusal(), None, "{line}");
    }
}

#[test]
fn open_metrics_is_refused_as_prometheus_refuses_it() {
    assert_refusals(
        Format::OpenMetrics,
        "\n# EOF\n",
        r#"
        a  4 => line 1: OpenMetrics has exactly one space before the value
        a{}4 => line 1: OpenMetrics has exactly one space before the value
        a {x="1"} 4 => line 1: OpenMetrics allows no whitespace before `{`
        a{ x="1"} 4 => line 1: OpenMetrics allows no whitespace after `{`
        a 4  => line 1: OpenMetrics allows no whitespace at the line's end
        a\t4 => line 1: OpenMetrics has exactly one space before the value
        a{x="1",} 4 => line 1: there is a comma after the last label, which Prometheus 2 rejects
        # TYPE a untyped => line 1: OpenMetrics has no type `untyped`
        # TYPE a  gauge => line 1: OpenMetrics has exactly one space before the type
        #  TYPE a gauge => line 1: OpenMetrics separates the words of metadata by exactly one space
        # HELP a => line 1: there is no space after the name
        # HELP a \tx\ty\n# UNIT a  =>
        # UNIT a seconds => line 1: `a` does not end with its unit `seconds`
        # a comment => line 1: OpenMetrics has no comments other than metadata
        a 1 1.5\nb 1 -1 =>
        a 1 Inf => line 1: `Inf` is not a time
        a 1 # {b="c"} 1 => line 1: only a sample named `_total` or `_bucket` may have an exemplar: Prometheus 2 rejects others
        a_total 1 # {b="c",b="d"} 1 2.5\na_bucket 1 1 # {} 1 =>
        a_total 1 # {b="c"} => line 1: the exemplar cannot be read: it has no value
        a_total 1 #{b="c"} 1 => line 1: the exemplar cannot be read: expected ` # {`
        a_total 1 # {b="c"} 1 2 3 => line 1: the exemplar cannot be read: it has more than a value and a time
    "#,
    );
    assert_refused(
        Format::OpenMetrics,
        " a 4\n# EOF\n",
        Some(
            "line 1: there is whitespace before the name, which Prometheus reads as part of the name",
        ),
    );
    let after = "there is something after `# EOF`";
    assert_refused(
        Format::OpenMetrics,
        "a 1\n# EOF\n\n",
        Some(&format!("line 3: {after}")),
    );
    assert_refused(
        Format::OpenMetrics,
        "a 1\n# EOF ",
        Some("line 2: the last line is not exactly `# EOF`"),
    );
}

#[test]
fn invalid_lines_are_still_read() {
    let page = Page::read(b"a  4\nb_total 1 # {\n# EOF\n", Some(Format::OpenMetrics));
    let samples = page.families.iter().map(|family| family.samples.len());
    assert_eq!(samples.collect::<Vec<_>>(), [1, 1], "{page:?}");
    assert_eq!(lines(&page), [1, 2]);
}
