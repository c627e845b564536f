//! Properties for every page: the schema compiles without findings, exposes the page's names, and the page conforms to it
//! except where a note says so.

mod sums;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;
use shadowcat_metrics_authoring::compile;
use shadowcat_metrics_codegen::model::{Boundary, Origin};
use shadowcat_metrics_codegen::{Outcome, Source};

use super::{Proposal, infer};
use shadowcat_metrics_conformance::page::{Family, Format, NativeBuckets, Page, Type};
use shadowcat_metrics_conformance::{Code, Expected, Finding, Options, Severity, conforms};

/// Returns the compiled schema proposed for a page, its text, and the notes.
#[track_caller]
fn proposed(page: &str) -> (Outcome, String, Vec<String>) {
    let proposal = infer(&Page::parse(page), None, "a page").expect("a proposal");
    let outcome = compile(Source::new("metrics.toml", proposal.schema.clone()));
    let problems = outcome.report.diagnostics();
    assert!(problems.is_empty(), "{problems:#?}\n{}", proposal.schema);
    (outcome, proposal.schema, proposal.notes)
}

/// Returns the exposed names of a schema's metrics, also of those that the library adds.
fn exposed(outcome: &Outcome) -> BTreeSet<&str> {
    let metrics = outcome.skeleton().metrics.iter();
    metrics.map(|metric| &*metric.exposed).collect()
}

/// Asserts that the proposal exposes every family of the page except `left_out`. Returns its text.
#[track_caller]
fn assert_names(page: &str, left_out: &[&str]) -> String {
    let (outcome, schema, notes) = proposed(page);
    let metrics = outcome.skeleton().metrics.iter();
    let own = metrics.filter(|metric| metric.origin == Origin::Schema);
    let own: BTreeSet<_> = own.map(|metric| metric.exposed.clone()).collect();
    let wanted: BTreeSet<_> = Page::parse(page)
        .families
        .iter()
        .map(|family| match family.kind {
            Type::Counter | Type::Info => family.samples[0].name.clone(),
            _ => family.name.clone(),
        })
        .filter(|name| !left_out.contains(&name.as_str()))
        .collect();
    assert_eq!(own, wanted, "{notes:#?}\n{schema}");
    for name in left_out {
        let is_noted = |note: &String| note.contains(&format!("`{name}` is left out"));
        assert!(notes.iter().any(is_noted), "{notes:#?}");
    }
    schema
}

/// Returns the errors of `live-check` on a page under its inferred schema that no note explains.
fn unexplained(page: &Page, proposal: &Proposal) -> Vec<Finding> {
    let outcome = compile(Source::new("metrics.toml", proposal.schema.clone()));
    let registry = outcome.registry().expect("the schema is valid");
    let findings = conforms(page, &Expected::new(registry, None), &Options::default());
    let quoted = |text: &str| {
        let words = text.split('`').skip(1).step_by(2);
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let (labels, families): (Vec<_>, Vec<_>) = proposal
        .notes
        .iter()
        .partition(|note| note.contains("the label `"));
    let first_quoted = |note: &&String| quoted(note).into_iter().next();
    // A label with another key is exposed under its own name.
    let labels = labels.iter();
    let labels = labels.filter(|note| !note.contains("in the schema and in Rust"));
    let labels: BTreeSet<_> = labels.filter_map(first_quoted).collect();
    // In OpenMetrics, a family's name lacks the suffix of its samples.
    let families = families.iter().filter_map(first_quoted).flat_map(|name| {
        let short =
            ["_total", "_info"].map(|suffix| name.strip_suffix(suffix).unwrap_or(&name).to_owned());
        short.into_iter().chain([name])
    });
    let families: BTreeSet<_> = families.collect();
    let is_explained = |finding: &Finding| {
        let mut words = quoted(&finding.message).into_iter();
        labels.iter().any(|label| finding.message.contains(label))
            || words.any(|word| families.contains(&word))
    };
    // Faults of the page itself, not differences from the schema.
    let is_of_the_page = |finding: &Finding| {
        let is_of_open_metrics = |family: &&Family| {
            family.name == finding.family && matches!(family.kind, Type::StateSet | Type::Info)
        };
        // A family with the name of one of the library's own metrics gets the library's labels.
        let is_own = [
            "_metrics_label_overflow_total",
            "_metrics_rejected_values_total",
        ];
        if is_own.iter().any(|name| finding.family.ends_with(name)) {
            return true;
        }
        match finding.code {
            Code::UNREADABLE_LINE
            | Code::BROKEN_HISTOGRAM
            | Code::DUPLICATE_SERIES
            | Code::BROKEN_COUNTER => true,
            Code::BROKEN_STATE | Code::MISSING_SERIES => {
                page.families.iter().find(is_of_open_metrics).is_some()
            }
            _ => false,
        }
    };
    let findings = findings.into_iter();
    findings
        .filter(|finding| finding.code.severity() == Severity::Error)
        .filter(|finding| !is_explained(finding) && !is_of_the_page(finding))
        .collect()
}

#[track_caller]
fn assert_conforms(page: &str) -> Proposal {
    let parsed = Page::parse(page);
    let proposal = infer(&parsed, None, "a page").expect("a proposal");
    let unexplained = unexplained(&parsed, &proposal);
    let Proposal { schema, notes, .. } = &proposal;
    assert_eq!(unexplained, [], "{notes:#?}\n{schema}\n{page}");
    proposal
}

/// Asserts that a schema has these parts.
#[track_caller]
fn assert_has(schema: &str, parts: &[&str]) {
    for part in parts {
        assert!(schema.contains(part), "{part} is missing in\n{schema}");
    }
}

/// Asserts how many notes begin like this.
#[track_caller]
fn assert_noted(notes: &[String], start: &str, times: usize) {
    let found = notes.iter().filter(|note| note.starts_with(start));
    assert_eq!(found.count(), times, "{start}: {notes:#?}");
}

/// Returns the notes for a page, except those on help and missing types.
#[track_caller]
fn notes(page: &str) -> Vec<String> {
    let mut notes = assert_conforms(page).notes;
    notes.retain(|note| !note.starts_with("the help of"));
    notes
}

#[test]
fn pages_of_others_conform_to_their_schemas() {
    for page in [NODE, ETCD, OPEN_METRICS] {
        assert_conforms(page);
    }
}

#[test]
fn shared_bounds_that_do_not_fit_the_unit() {
    let histogram = |name: &str, bounds: &[&str]| {
        let mut text = format!("# TYPE {name} histogram\n");
        for bound in bounds {
            let _ = writeln!(text, "{name}_bucket{{le=\"{bound}\"}} 1");
        }
        let _ = writeln!(
            text,
            "{name}_bucket{{le=\"+Inf\"}} 1\n{name}_sum 1\n{name}_count 1"
        );
        text
    };
    let many: Vec<_> = (1..=300).map(|bound| (bound * bound).to_string()).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let fine = ["0.0000000001", "1"];
    let page = [
        histogram("app_wait_seconds", &fine),
        histogram("app_work_seconds", &fine),
        histogram("app_free", &fine),
        histogram("app_sent_bytes", &["0.5", "1"]),
        histogram("app_received_bytes", &["0.5", "1"]),
        histogram("app_used_ratio", &["0.5", "2"]),
        histogram("app_left_ratio", &["0.5", "2"]),
        histogram("app_cold_celsius", &["-5", "0", "5"]),
        histogram("app_warm_celsius", &["-5", "0", "5"]),
        histogram("app_a", &many),
        histogram("app_b", &many),
        "# TYPE app_depth gauge\napp_depth 3\n".to_owned(),
    ];
    let proposal = assert_conforms(&page.concat());
    for name in split("wait_seconds work_seconds sent_bytes received_bytes used_ratio left_ratio") {
        let note = format!("`app_{name}` loses its unit: ");
        assert_noted(&proposal.notes, &note, 1);
    }
    for name in ["cold_celsius", "warm_celsius", "a", "b"] {
        let note = format!("`app_{name}` is left out: ");
        assert_noted(&proposal.notes, &note, 1);
    }
    assert_eq!(proposal.metrics, 8, "{}", proposal.schema);
    assert_has(&proposal.schema, &["buckets = \"plain\""]);
    // Without other problems, the note gives the true reason.
    let page = histogram("app_a", &many) + &histogram("app_b", &many) + "app_c oops\n";
    let refusal = infer(&Page::parse(&page), None, "a page").expect_err("no metric fits");
    assert_eq!(refusal.reason, "a schema can have none of its metrics");
    assert_noted(&refusal.notes, "line 609: `oops` is not a number", 1);
    assert_noted(&refusal.notes, "`app_a` is left out: ", 1);
}

#[test]
fn open_labels_shrink_before_a_metric_is_left_out() {
    let series = |value: &str| {
        let labels = "abcdefgh"
            .chars()
            .map(|label| format!("{label}=\"{value}\""));
        format!("{{{}}} 4\n", labels.collect::<Vec<_>>().join(","))
    };
    let reads = format!(
        "# TYPE app_reads_total counter\napp_reads_total{}app_reads_total{}",
        series("1"),
        series("2")
    );
    let page = format!("{reads}# TYPE app_up gauge\napp_up{{a=\"1\",z=\"1\"}} 1\n");
    let proposal = assert_conforms(&page);
    assert_eq!(proposal.metrics, 2, "{:#?}", proposal.notes);
    let parts = [
        "[labels.b]\nhelp = \"Say what it means.\"\nopen = { max = 2 } # 2 seen",
        "[labels.z]\nhelp = \"Say what it means.\"\nopen = { max = 8 } # 1 seen",
    ];
    assert_has(&proposal.schema, &parts);
    let shrunk = proposal
        .notes
        .iter()
        .filter(|note| note.contains("allows only the"));
    assert_eq!(shrunk.count(), 8, "{:#?}", proposal.notes);
    // Metrics that still do not fit are removed; the others stay.
    let wide = (0..40).map(|value| format!("app_writes_total{}", series(&value.to_string())));
    let proposal = assert_conforms(&format!("{page}{}", wide.collect::<String>()));
    assert_noted(&proposal.notes, "`app_writes_total` is left out: ", 1);
    assert_eq!(proposal.metrics, 2, "{:#?}", proposal.notes);
}

#[test]
fn labels_that_some_series_lack_are_optional() {
    let head = "# HELP app_jobs_total Jobs done.\n# TYPE app_jobs_total counter\n";
    let series = "app_jobs_total{owner=\"me\"} 1\napp_jobs_total{owner=\"you\"} 1\n";
    let optional = "{ name = \"owner\", optional = true }";
    for (rest, values) in [
        // Every choice is there, so the label is closed.
        ("app_jobs_total 1\n", "values = [\"me\", \"you\"]"),
        (
            "app_jobs_total{owner=\"\"} 1\n",
            "values = [\"me\", \"you\"]",
        ),
        (
            "app_jobs_total 1\napp_jobs_total{owner=\"me\",kind=\"a\"} 1\n",
            "open = { max = 8 } # 2 seen",
        ),
    ] {
        let page = format!("{head}{series}{rest}");
        let schema = assert_conforms(&page).schema;
        assert_has(&schema, &[values, optional]);
        assert_eq!(notes(&page), [""; 0], "{schema}");
    }
    // Facts cannot be optional, but the series of a gauge can have any labels.
    let builds = "# HELP app_build_info The build.\n# TYPE app_build_info gauge\napp_build_info{rev=\"a\",tag=\"b\"} 1\napp_build_info{rev=\"c\"} 1\n";
    let schema = assert_conforms(builds).schema;
    assert_has(&schema, &["type = \"gauge\""]);
}

#[test]
fn losses_are_noted() {
    let up = "# HELP app_up Up, or not.\n# TYPE app_up gauge\n";
    assert_eq!(notes(&format!("{up}app_up 1\n")), [""; 0]);
    assert_eq!(
        notes(&format!(
            "{up}app_up 1\n# HELP app_gone_total Gone.\n# TYPE app_gone_total counter\n"
        )),
        ["`app_gone_total` is left out: the page has its metadata, but no series of it"]
    );
    let facts = "# TYPE app_build info\n# HELP app_build The build.\napp_build_info{rev=\"a\",tag=\"b\"} 1\napp_build_info{rev=\"c\"} 1\n# EOF\n";
    assert_eq!(
        notes(facts),
        [
            "the label `tag` is missing or empty on some series of `app_build_info`; in the schema, every series has it, because facts cannot be optional"
        ]
    );
    assert_eq!(
        notes(
            "# HELP app_in_total In.\n# TYPE app_in_total counter\napp_in_total{type=\"x\"} 1\napp_in_total{type=\"y\"} 1\n"
        ),
        [
            "the label `type` has the key `type_name` in the schema and in Rust, because its name cannot be a key"
        ]
    );
    assert_eq!(
        notes(
            "# HELP app_in In.\n# TYPE app_in gauge\napp_in{A_B=\"x\",a_b=\"y\"} 1\napp_in{A_B=\"y\",a_b=\"x\"} 1\n"
        ),
        [
            "the label `A_B` has the key `a_b_2` in the schema and in Rust, because its name cannot be a key"
        ]
    );
    let mode = "# HELP app_mode Mode of it.\n# TYPE app_mode gauge\napp_mode{app_mode=\"on\"} 0\napp_mode{app_mode=\"off\"} 0\n";
    assert_eq!(
        notes(mode),
        ["`app_mode` has series of which no state is 1; a program sets one"]
    );
    assert_eq!(
        notes(
            "# TYPE app_x_bytes counter\n# UNIT app_x_bytes bytes\n# HELP app_x_bytes Xs.\napp_x_bytes_total 1\n\
               # TYPE app_y_parsecs gauge\n# UNIT app_y_parsecs parsecs\n# HELP app_y_parsecs Ys.\napp_y_parsecs 1\n# EOF\n"
        ),
        ["`app_y_parsecs` loses its unit `parsecs`: the language lacks it"]
    );
    assert_eq!(
        notes(
            "# HELP app_q A summary.\n# TYPE app_q summary\napp_q_sum 1\napp_q_count 1\n# HELP app_u Us.\napp_u 1\n"
        ),
        [
            "`app_q` becomes a histogram: it was a summary. Queries compute quantiles from the histogram. The bounds are a guess",
            "`app_u` becomes a gauge: the page does not state its type"
        ]
    );
    assert_eq!(
        notes(
            "# HELP app_h Hs.\n# TYPE app_h histogram\napp_h_bucket{le=\"1\",a=\"b\"} 1\napp_h_bucket{le=\"+Inf\",a=\"b\"} 1\n\
               app_h_sum{a=\"b\"} 1\napp_h_count{a=\"b\"} 1\napp_h_bucket{le=\"2\",a=\"c\"} 1\napp_h_bucket{le=\"+Inf\",a=\"c\"} 1\n\
               app_h_sum{a=\"c\"} 1\napp_h_count{a=\"c\"} 1\n"
        ),
        ["the series of `app_h` have different buckets; the schema has all of them"]
    );
}

#[test]
fn labels_are_closed_only_if_every_series_exists() {
    let page = "# TYPE app_a counter\napp_a{x=\"one\",y=\"red\"} 1\napp_a{x=\"two\",y=\"red\"} 1\n\
                app_a{x=\"one\",y=\"blue\"} 1\n# TYPE app_b counter\napp_b{z=\"up\",y=\"red\"} 1\n\
                app_b{z=\"down\",y=\"red\"} 1\napp_b{z=\"up\",y=\"blue\"} 1\napp_b{z=\"down\",y=\"blue\"} 1\n";
    let schema = assert_conforms(page).schema;
    let parts = [
        "[labels.z]\nhelp = \"Say what it means.\"\nvalues = [\"down\", \"up\"]",
        "[labels.x]\nhelp = \"Say what it means.\"\nopen",
        "[labels.y]\nhelp = \"Say what it means.\"\nopen",
    ];
    assert_has(&schema, &parts);
    // A state set needs all of its states, too.
    let page = "# TYPE app_m gauge\napp_m{app_m=\"on\",a=\"1\"} 1\napp_m{app_m=\"off\",a=\"1\"} 0\napp_m{app_m=\"on\",a=\"2\"} 1\n";
    assert!(assert_conforms(page).schema.contains("type = \"gauge\""));
}

const NODE: &str = include_str!("pages/node.txt");
const ETCD: &str = include_str!("pages/etcd.txt");
const OPEN_METRICS: &str = include_str!("pages/openmetrics.txt");

#[test]
fn openmetrics_is_not_detected_by_names_alone() {
    // Both names are the same in OpenMetrics, so the schema has one of them, under its name on the page.
    let page = "# TYPE app_x counter\napp_x 3\n# TYPE app_x_total counter\napp_x_total 7\n\
                # TYPE app_jobs gauge\napp_jobs 3\n# TYPE app_jobs_total counter\napp_jobs_total 7\n";
    assert_names(page, &["app_x_total", "app_jobs_total"]);
    let page = "# TYPE app_x_total counter\napp_x_total 7\n# TYPE app_x counter\napp_x 3\n";
    assert_names(page, &["app_x"]);
    let page = "# TYPE app_x counter\napp_x 3\n# TYPE app_y counter\napp_y_total 3\n";
    assert_names(page, &[]);
}

#[test]
fn pages_like_those_of_node_exporter() {
    let schema = assert_names(NODE, &["go_memstats_alloc_bytes_total"]);
    let parts = [
        "namespace = \"node\"",
        "[metrics.cpu_group.seconds]",
        "[labels.mode]\nhelp = \"Say what it means.\"\nopen = { max = 8 } # 3 seen",
        "[labels.cpu]\nhelp = \"Say what it means.\"\nopen = { max = 8 } # 2 seen",
        "name = \"go_goroutines\"",
        "[metrics.network.receive]\ntype = \"counter\"",
    ];
    assert_has(&schema, &parts);
}

#[test]
fn pages_like_those_of_etcd() {
    let schema = assert_names(ETCD, &[]);
    let seconds = "seconds = { exponential = { start = 0.001, factor = 2, count = 6 } }";
    assert_has(&schema, &[seconds, "# It was a summary"]);
    let uses = schema.matches("buckets = \"seconds\"");
    assert_eq!(uses.count(), 2, "{schema}");
}

#[test]
fn pages_in_openmetrics() {
    let schema = assert_names(OPEN_METRICS, &[]);
    let (outcome, ..) = proposed(OPEN_METRICS);
    let metrics = outcome.skeleton().metrics.iter();
    let kinds: Vec<_> = metrics.map(|metric| metric.kind.name()).collect();
    let expected = ["counter", "state", "info", "histogram"];
    assert_eq!(&kinds[..4], expected, "{schema}");
}

#[test]
fn pages_of_this_library() {
    for page in [
        include_str!("../../../tests/golden/page.txt"),
        include_str!("../../../tests/golden/page.openmetrics.txt"),
    ] {
        let (outcome, schema, _) = proposed(page);
        let names = exposed(&outcome);
        for family in Page::parse(page).families {
            let kept = names.contains(&*family.name) || names.contains(&*family.samples[0].name);
            assert!(kept, "{} is missing in\n{schema}", family.name);
        }
    }
}

#[test]
fn exemplars_of_a_page_are_kept() {
    let page = "# HELP app_made Requests.\n# TYPE app_made counter\n\
        app_made_total{a=\"b\"} 1 # {trace_id=\"c\"} 1\napp_made_total{a=\"c\"} 1\n\
        # HELP app_wait Waiting.\n# TYPE app_wait histogram\n\
        app_wait_bucket{le=\"1.0\"} 1\napp_wait_bucket{le=\"+Inf\"} 1\napp_wait_sum 1\napp_wait_count 1\n# EOF\n";
    let schema = assert_conforms(page).schema;
    assert_eq!(schema.matches("exemplars = true").count(), 1, "{schema}");
    let (counter, _) = schema.split_once("wait").expect("both metrics");
    assert!(counter.contains("exemplars = true"), "{schema}");
    // In protobuf, a counter of any name can have exemplars.
    let mut page = Page::parse("# TYPE app_made counter\napp_made 1\n");
    page.format = Format::Protobuf;
    page.families[0].has_exemplars = true;
    let proposal = infer(&page, None, "a page").expect("a proposal");
    let note = "`app_made` loses its exemplars: `app_made` cannot have exemplars";
    assert!(proposal.notes.contains(&note.to_owned()), "{proposal:?}");
}

/// The schema, the zero threshold and the used buckets of a series.
type Native = (i32, f64, Option<(i32, i32)>);

/// Returns a page in protobuf with a histogram in seconds, whose series have native buckets.
fn native_page(native: &[Native]) -> Page {
    let mut page = Page::parse(
        "# HELP app_wait_seconds Waiting.\n# TYPE app_wait_seconds histogram\n\
         app_wait_seconds_bucket{le=\"0.1\"} 1\napp_wait_seconds_bucket{le=\"1.0\"} 2\n\
         app_wait_seconds_bucket{le=\"+Inf\"} 3\napp_wait_seconds_sum 9\napp_wait_seconds_count 3\n",
    );
    page.format = Format::Protobuf;
    let native = native
        .iter()
        .map(|(schema, zero_threshold, used)| NativeBuckets {
            labels: Vec::new(),
            schema: *schema,
            zero_threshold: *zero_threshold,
            zero_count: 0.0,
            counted: 3.0,
            used: *used,
            count: 3.0,
            sum: 9.0,
        });
    page.families[0].native = native.collect();
    page
}

/// Returns the native buckets that are proposed for series, and the notes on them.
fn native_of(series: &[Native]) -> (Option<String>, Vec<String>) {
    let page = native_page(series);
    let mut proposal = infer(&page, None, "a page").expect("a proposal");
    let schema = &proposal.schema;
    assert_eq!(unexplained(&page, &proposal), [], "{schema}");
    let outcome = compile(Source::new("metrics.toml", schema.clone()));
    assert_eq!(outcome.report.diagnostics(), [], "{schema}");
    let line = schema.lines().find(|line| line.starts_with("native"));
    proposal.notes.retain(|note| note.contains("native"));
    (line.map(str::to_owned), proposal.notes)
}

#[test]
fn native_buckets_are_proposed() {
    // The zero threshold of `factor = 1.1, from = "100us"`.
    let own_threshold = Boundary::of(3, -107).to_f64();
    // The default of `client_golang`, which also reduces the resolution of series with many buckets.
    let go_threshold = 2_f64.powi(-128);
    for (series, native, note) in [
        (
            // Bucket 40 ends at 32.
            &[(3, own_threshold, Some((-30, 40)))][..],
            "factor = 1.1, from = 0.0001, to = 30",
            "up to 30: this is a guess, because the page shows only buckets with observations",
        ),
        (
            &[(3, 0.001, Some((-30, 20)))],
            "factor = 1.1, from = 0.001, to = 5.65685",
            "from 0.0009765625: the page has them from 0.001",
        ),
        // Without observations, native buckets end at the last bound of the classic buckets.
        (&[(0, 0.125, None)], "factor = 2, from = 0.2, to = 1", ""),
        (
            &[
                (3, go_threshold, Some((-30, 20))),
                (2, go_threshold, Some((-20, 24))),
            ],
            "factor = 1.1, from = 0.027, to = 60",
            "from 0.027: the page has them from 2.938735877055719e-39",
        ),
    ] {
        let (found, notes) = native_of(series);
        assert_eq!(
            found,
            Some(format!("native = {{ {native} }}")),
            "{notes:#?}"
        );
        let start = format!("`app_wait_seconds` has native buckets {note}");
        assert!(
            notes.iter().any(|note| note.starts_with(&start)),
            "{notes:#?}"
        );
    }
    for threshold in [-1.0, f64::NEG_INFINITY, f64::NAN, f64::INFINITY] {
        let (native, notes) = native_of(&[(3, threshold, Some((-30, 20)))]);
        assert!(native.is_some(), "{threshold}: {notes:#?}");
    }
}

#[test]
fn native_buckets_that_a_schema_cannot_have() {
    for (series, reason) in [
        ((-53, 0.0, None), "a schema has no resolution -53"),
        ((3, 0.0, None), "no range has few enough of them"),
        (
            (8, 1e-6, Some((-5000, 5000))),
            "no range has few enough of them",
        ),
        (
            (3, 1e-12, Some((-300, -200))),
            "the range of native buckets",
        ),
    ] {
        let (native, notes) = native_of(&[series]);
        assert_eq!(native, None, "{notes:#?}");
        let is_explained = notes.iter().any(|note| {
            note.starts_with("`app_wait_seconds` loses its native buckets: ")
                && note.contains(reason)
        });
        assert!(is_explained, "{notes:#?}");
    }
}

#[test]
fn unsupported_names_are_fixed_or_noted() {
    let (outcome, schema, notes) = proposed(
        "# TYPE app_new_things_total counter\napp_new_things_total{type=\"a\",instanceID=\"1\"} 1\n\
         # TYPE app_new_count gauge\napp_new_count{type=\"b\"} 1\n# TYPE job:rate gauge\njob:rate 1\n\
         # TYPE app_metrics_x gauge\napp_metrics_x 1\n# TYPE app_metrics_y gauge\napp_metrics_y 1\n\
         # TYPE app_camelCase gauge\napp_camelCase 1\n# TYPE broken gauge\nbroken{a=1} 1\n",
    );
    let names = exposed(&outcome);
    for name in split("app_new_things_total app_new_count job:rate app_metrics_x app_camelCase") {
        assert!(names.contains(name), "{name} is missing in\n{schema}");
    }
    assert_has(&schema, &["\nname = \"type\"\n"]);
    for note in [
        "line 14: ",
        "the label `type` has the key `type_name` in the schema and in Rust, because its name cannot be a key",
        "the label `instanceID` has the key `instance_id` in the schema",
    ] {
        assert_noted(&notes, note, 1);
    }
    assert!(infer(&Page::parse(""), None, "a page").is_err());
}

/// Words of names on pages, including those that schemas have to work around.
const WORDS: &str = "app app http requests metrics total seconds bytes count sum bucket info ms type encode camelCase a \
     ratio created 2xx new Registry label overflow gauge";

const KINDS: &str =
    "counter gauge histogram summary untyped info stateset gaugehistogram unknown nonsense";

fn split(words: &'static str) -> Vec<&'static str> {
    words.split(' ').collect()
}

fn name() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(split(WORDS));
    proptest::collection::vec(word, 1..5).prop_map(|words| words.join("_"))
}

fn family() -> impl Strategy<Value = String> {
    let label = (name(), "[a-zA-Z0-9/ \u{e9}-]{0,6}");
    let labels = proptest::collection::vec(label, 0..3);
    let value = proptest::sample::select(&["0", "1", "0.5", "-3", "NaN", "+Inf", "1e300"][..]);
    let samples = proptest::collection::vec((labels, value), 1..4);
    let suffix =
        proptest::sample::select(&["", "_total", "_bucket", "_sum", "_count", "_info"][..]);
    (
        name(),
        proptest::sample::select(split(KINDS)),
        samples,
        suffix,
        any::<bool>(),
    )
        .prop_map(|(name, kind, samples, suffix, le)| {
            let mut text = format!("# HELP {name} Some {kind}\n# TYPE {name} {kind}\n");
            for (labels, value) in samples {
                let mut labels: Vec<_> = labels
                    .iter()
                    .map(|(name, value)| format!("{name}=\"{value}\""))
                    .collect();
                labels.extend(le.then(|| format!("le=\"{value}\"")));
                let _ = writeln!(text, "{name}{suffix}{{{}}} {value}", labels.join(","));
            }
            text
        })
}

/// Labels on pages, including those that schemas cannot have.
const LABELS: &str = "code method type instanceID le quantile app encode host";

const VALUES: &[&str] = &["", "get", "post", "200", "a b", "/", "true", ABSENT];

/// Stands for no label.
const ABSENT: &str = "absent";

const HELPS: &[&str] = &["", "Some help", "Some help.", "  odd\\n help ", "\u{e9}"];

/// Returns a family whose samples fit its type: name, kind, help, labels, and the combinations of label values on the page.
fn regular_family() -> impl Strategy<Value = (String, usize, usize, BTreeSet<usize>, Vec<usize>)> {
    let labels = proptest::collection::btree_set(0..split(LABELS).len(), 0..3);
    let values = proptest::collection::vec(0..VALUES.len() * VALUES.len(), 1..6);
    (name(), 0..8_usize, 0..HELPS.len(), labels, values)
}

/// Generates a page of regular families in one of the text formats.
fn regular_page() -> impl Strategy<Value = String> {
    (
        proptest::collection::vec(regular_family(), 1..8),
        any::<bool>(),
    )
        .prop_map(|(families, is_open_metrics)| {
            let mut names = BTreeSet::new();
            let mut text = String::new();
            for (name, kind, help, labels, values) in families {
                // A family whose name is a sample of another, such as `x_count` next to a histogram `x`, is not regular.
                const PARTS: [&str; 8] = [
                    "_bucket", "_count", "_sum", "_gcount", "_gsum", "_total", "_created", "_info",
                ];
                let is_sample = |of: &String, other: &str| {
                    other
                        .strip_prefix(of.as_str())
                        .is_some_and(|part| PARTS.contains(&part))
                };
                let clash = names
                    .iter()
                    .any(|other| is_sample(other, &name) || is_sample(&name, other));
                if !clash && names.insert(name.clone()) {
                    write_family(
                        &mut text,
                        (&name, kind, help),
                        &labels,
                        &values,
                        is_open_metrics,
                    );
                }
            }
            if is_open_metrics {
                text.push_str("# EOF\n");
            }
            text
        })
}

fn write_family(
    text: &mut String,
    (name, kind, help): (&str, usize, usize),
    labels: &BTreeSet<usize>,
    values: &[usize],
    is_open_metrics: bool,
) {
    let kinds = split(if is_open_metrics {
        "counter gauge histogram summary unknown info stateset gaugehistogram"
    } else {
        "counter gauge histogram summary untyped gauge gauge counter"
    });
    let kind = kinds[kind];
    let all_labels = split(LABELS);
    let _ = writeln!(text, "# HELP {name} {}\n# TYPE {name} {kind}", HELPS[help]);
    let mut seen = BTreeSet::new();
    for value in values {
        // `le` and `quantile` do not distinguish series.
        let is_own = |label: &&str| {
            matches!(*label, "le" | "quantile")
                && matches!(kind, "histogram" | "summary" | "gaugehistogram")
        };
        let labels = labels.iter().map(|label| all_labels[*label]);
        let labels = labels.filter(|label| !is_own(label));
        let pairs = labels.enumerate().filter_map(|(place, label)| {
            let place = u32::try_from(place).unwrap_or(0);
            let value = VALUES[value / VALUES.len().pow(place) % VALUES.len()];
            (value != ABSENT).then(|| format!("{label}=\"{value}\""))
        });
        let pairs: Vec<_> = pairs.collect();
        // Prometheus treats an empty value as a missing label, so each series occurs once.
        let identity = pairs.iter().filter(|pair| !pair.ends_with("=\"\""));
        if seen.insert(identity.cloned().collect::<Vec<_>>()) {
            let suffix = if kind == "counter" && is_open_metrics {
                "_total"
            } else {
                ""
            };
            write_samples(text, &format!("{name}{suffix}"), kind, &pairs.join(","));
        }
    }
}

/// Writes the samples of a series with these labels, which are separated by commas.
fn write_samples(text: &mut String, name: &str, kind: &str, labels: &str) {
    let mut sample = |suffix: &str, own: &str, value: u8| {
        let labels = [labels, own].into_iter().filter(|part| !part.is_empty());
        let labels = labels.collect::<Vec<_>>().join(",");
        let _ = writeln!(text, "{name}{suffix}{{{labels}}} {value}");
    };
    match kind {
        "histogram" => {
            sample("_bucket", "le=\"0.5\"", 1);
            sample("_bucket", "le=\"+Inf\"", 2);
            sample("_sum", "", 3);
            sample("_count", "", 2);
        }
        "gaugehistogram" => {
            sample("_bucket", "le=\"+Inf\"", 2);
            sample("_gsum", "", 3);
            sample("_gcount", "", 2);
        }
        "summary" => {
            sample("", "quantile=\"0.5\"", 1);
            sample("_sum", "", 3);
            sample("_count", "", 2);
        }
        "info" => sample("_info", "", 1),
        "stateset" => {
            sample("", &format!("{name}=\"on\""), 1);
            sample("", &format!("{name}=\"off\""), 0);
        }
        _ => sample("", "", 1),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// A page conforms to its inferred schema, except for families and labels named in a note.
    #[test]
    fn a_page_conforms_to_its_schema(text in regular_page()) {
        if infer(&Page::parse(&text), None, "a page").is_ok() {
            assert_conforms(&text);
        }
    }

    /// For any page, the proposal has no findings, and every family with a sample is in it or has a note.
    #[test]
    fn any_page(families in proptest::collection::vec(family(), 1..12)) {
        let page = Page::parse(&families.concat());
        let Ok(proposal) = infer(&page, None, "a page") else {
            return Ok(());
        };
        let outcome = compile(Source::new("metrics.toml", proposal.schema.clone()));
        prop_assert!(outcome.report.diagnostics().is_empty(), "{:#?}\n{}", outcome.report.diagnostics(), proposal.schema);
        for family in &page.families {
            let sample = family.samples.first().map_or(&family.name, |sample| &sample.name);
            let there = outcome.skeleton().metrics.iter().any(|metric| [&family.name, sample].contains(&&metric.exposed));
            let noted = proposal.notes.iter().any(|note| {
                [&family.name, sample].iter().any(|name| note.contains(&format!("`{name}` is left out")))
            });
            prop_assert!(there || noted, "{} is neither there nor noted\n{}", family.name, proposal.schema);
        }
    }
}
