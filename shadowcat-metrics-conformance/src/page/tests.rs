//! Pages in both formats, as they should be and not.

use super::*;

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
        "# TYPE b counter\n# UNIT b seconds\nb_total 1.5 # {trace=\"x\"} 1\nb_created 1e9\n# TYPE alone gauge\n# EOF\n",
    );
    assert!(page.problems.is_empty(), "{:?}", page.problems);
    assert_eq!(page.format, Format::OpenMetrics);
    assert_eq!(page.families[0].unit, "seconds");
    assert_eq!(page.families[0].samples.len(), 2);
    assert_eq!(page.families[1].samples, []);
}

#[test]
fn scrapers_look_at_names_and_times_too() {
    let page = Page::parse(
        "# TYPE 1a gauge\n# HELP b{ Letter.\n# TYPE c\u{1b}[31m gauge\nd 1 now\ne 1 1700000000000\n# TYPE f \u{1b}[31mred\n",
    );
    assert_eq!(lines(&page), [1, 2, 3, 4, 6], "{:#?}", page.problems);
    let told: Vec<_> = page.problems.iter().map(ToString::to_string).collect();
    assert!(!told.join("\n").contains('\u{1b}'), "{told:?}");
    let page = Page::parse("# TYPE a gauge\r\na 1\r\n");
    assert_eq!(lines(&page), [1], "{:#?}", page.problems);
    assert_eq!(page.families[0].kind, Type::Gauge);
    // To a scraper that is a comment, so nothing is told of the type.
    let page = Page::parse("#TYPE a counter\na 1\n");
    assert_eq!(lines(&page), [0; 0]);
    assert_eq!(page.families[0].kind, Type::Unknown);
}

#[test]
fn text_does_not_have_all_that_openmetrics_has() {
    let page = "# TYPE a stateset\na{a=\"x\"} 1\n# TYPE b counter\nb_total 1 1.5\nb_total{c=\"d\"} 1 2 # {trace=\"x\"} 1\n";
    assert_eq!(
        lines(&Page::read(page.as_bytes(), Some(Format::Text))),
        [1, 4, 5]
    );
    let page = format!("{page}# EOF\n");
    assert_eq!(lines(&Page::parse(&page)), [0; 0]);
}

/// The lines that are complained of.
fn lines(page: &Page) -> Vec<usize> {
    page.problems.iter().map(|problem| problem.line).collect()
}

#[test]
fn what_makes_no_sense_is_noted_and_left_out() {
    let page = Page::parse(
        "a 1\nb\nc{x=1} 2\nd{x=\"1} 2\n1e 2\nf two\n# TYPE g guage\ng 1\nh{x=\"1\" y=\"2\"} 3\n{\"quoted.name\"} 1\ni 1 2 3\n\
         j{x=\"1\",x=\"2\"} 1\nk{=\"1\"} 1\nl{a-b=\"1\"} 1\n",
    );
    let expected = [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14];
    assert_eq!(lines(&page), expected, "{:#?}", page.problems);
    assert_eq!(page.families.len(), 2);
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
fn samples_are_of_their_type() {
    let page =
        Page::parse("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh 1\nh_sum 1\nh_count 1\n");
    assert_eq!(lines(&page), [3], "{:#?}", page.problems);
    // In the text format a counter ends as it likes, and what ends otherwise is a family of its own.
    let bare = "# TYPE a counter\na 1\n";
    assert_eq!(lines(&Page::parse(bare)), [0; 0]);
    let page = Page::parse(&format!("{bare}# EOF\n"));
    assert_eq!(lines(&page), [2], "{:#?}", page.problems);
    let said = "is no sample of the counter `a_total`, whose samples are called `a_total_total` or `a_total_created`";
    let page = Page::parse("# TYPE a_total counter\na_total 1\n# EOF\n");
    assert!(
        page.problems[0].message.ends_with(said),
        "{:#?}",
        page.problems
    );
}

#[test]
fn names_do_not_make_a_page_openmetrics() {
    let families = |page: &Page| {
        let families = page.families.iter();
        let family = |family: &Family| (family.name.clone(), family.kind, family.samples.len());
        families.map(family).collect::<Vec<_>>()
    };
    let counter = |name: &str, samples| (name.to_owned(), Type::Counter, samples);
    // Two counters, of which the one seems to be a sample of the other.
    let both = "# HELP a Bare.\n# TYPE a counter\na 1\n# HELP a_total Whole.\n# TYPE a_total counter\na_total 2\n";
    let page = Page::parse(both);
    assert_eq!(lines(&page), [0; 0], "{:#?}", page.problems);
    assert_eq!(page.format, Format::Text);
    assert_eq!(families(&page), [counter("a", 1), counter("a_total", 1)]);
    assert_eq!(page.families[1].help, "Whole.");
    // OpenMetrics has one of them at most.
    assert_eq!(lines(&Page::parse(&format!("{both}# EOF\n"))), [3, 4, 5]);
    // One of which nothing is told but its samples.
    let page = Page::parse("# TYPE a counter\na_total{b=\"c\"} 2\na 1\n");
    assert_eq!(lines(&page), [0; 0], "{:#?}", page.problems);
    let of_no_type = ("a_total".to_owned(), Type::Unknown, 1);
    assert_eq!(families(&page), [counter("a", 1), of_no_type]);
    // Python's client has families of times.
    let times = "# HELP h Ages.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n\
                 # HELP h_created Ages.\n# TYPE h_created gauge\nh_created 1\n";
    let page = Page::parse(times);
    assert_eq!(lines(&page), [0; 0], "{:#?}", page.problems);
    assert_eq!(page.families.len(), 1);
    // One that is named as in OpenMetrics beside one that is not.
    let page = Page::parse("# TYPE a counter\na_total 2\n# TYPE b counter\nb 1\n");
    assert_eq!(lines(&page), [0; 0], "{:#?}", page.problems);
    assert_eq!(page.format, Format::Text);
}

#[test]
fn open_metrics_says_where_it_ends() {
    let page = "# TYPE a counter\na_total 1\n# EOF\n";
    assert_eq!(lines(&Page::parse(page)), [0; 0]);
    assert_eq!(lines(&Page::parse(page.trim_end())), [0; 0]);
    let cut = page.replace("# EOF\n", "");
    // Nothing but OpenMetrics has counters that their family's name does not end as its samples do.
    assert_eq!(lines(&Page::parse(&cut)), [3]);
    assert_eq!(
        lines(&Page::read(cut.as_bytes(), Some(Format::Text))),
        [0; 0]
    );
    assert_eq!(lines(&Page::read(b"", Some(Format::OpenMetrics))), [1]);
    assert_eq!(lines(&Page::parse(&format!("{page}b 1\nc 1\n"))), [4]);
    assert_eq!(lines(&Page::parse(&format!("\n{page}"))), [1]);
}
