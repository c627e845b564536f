//! The panic message of a failed assertion lists each finding with its code and line.

use std::panic::{AssertUnwindSafe, catch_unwind};

use shadowcat_metrics_conformance::{
    Expected, Format, Options, Page, assert_conforms, assert_page_conforms, conforms,
};

mod metrics {
    shadowcat_metrics::metrics!("../tests/golden/everything.toml");
}

/// Returns the assertion's panic message for a page.
fn panic_message(metrics: &metrics::Metrics, page: &str) -> String {
    let failed = catch_unwind(AssertUnwindSafe(|| assert_page_conforms(metrics, page)));
    let payload = failed.expect_err("it does not conform");
    payload.downcast_ref::<String>().expect("text").clone()
}

#[test]
fn every_finding_is_in_the_message() {
    let metrics = metrics::Metrics::new();
    assert_conforms(&metrics);
    let page = metrics.encode(shadowcat_metrics::Format::PrometheusText);
    assert_page_conforms(&metrics, &page);
    assert_page_conforms(&metrics, &format!("{page}process_open_fds 3\n"));

    let wrong = page
        .replace("all_plain_events_total 0", "all_plain_events_total -1")
        .replace(
            "# TYPE all_plain_failures_total counter",
            "# TYPE all_plain_failures_total gauge",
        );
    let message = panic_message(&metrics, &format!("{wrong}all_lost_total 1\n"));
    let lines: Vec<_> = message.lines().collect();
    assert_eq!(lines[0], "the page does not conform to the schema:");
    let codes: Vec<_> = lines[1..]
        .iter()
        .filter_map(|line| {
            line.split_once(": ")
                .map(|(code, _)| code.rsplit_once(' ').map_or(code, |(code, _)| code))
        })
        .collect();
    assert_eq!(
        codes,
        ["error[LC15] line", "error[LC04] line", "error[LC02] line"],
        "{message}"
    );
    assert!(
        message.contains("`all_plain_events_total{}` is -1"),
        "{message}"
    );
    assert!(
        message.contains("`all_plain_failures_total` is of the type gauge, expected counter"),
        "{message}"
    );
    assert!(
        message.contains("the schema has no `all_lost_total`"),
        "{message}"
    );
}

#[test]
fn native_buckets_of_protobuf_pages_are_compared() {
    let metrics = metrics::Metrics::new();
    let page = Page::read(&metrics.encode_protobuf(), Some(Format::Protobuf));
    let mut expected = Expected::from(&*metrics);
    let found = |page: &Page, expected: &Expected| {
        let findings = conforms(page, expected, &Options::default());
        let native = findings
            .into_iter()
            .filter(|finding| finding.message.contains("native"));
        native
            .map(|finding| finding.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&page, &expected), [""; 0]);

    let delay = |page: &mut Page| {
        let family = page
            .families
            .iter_mut()
            .find(|family| family.name == "all_units_delay_seconds");
        std::mem::take(&mut family.expect("it is on the page").native)
    };
    let mut classic = Page::read(&metrics.encode_protobuf(), Some(Format::Protobuf));
    let mut native = delay(&mut classic);
    assert_eq!(
        found(&classic, &expected),
        [
            "error[LC09]: `all_units_delay_seconds` has no native buckets, expected the schema 1 from 0.0009765625"
        ]
    );
    native[0].zero_count += 1.0;
    classic
        .families
        .iter_mut()
        .filter(|family| family.name == "all_units_delay_seconds")
        .for_each(|family| family.native.clone_from(&native));
    assert_eq!(
        found(&classic, &expected),
        [
            "error[LC10]: the native buckets of `all_units_delay_seconds` have 1 observations, and its count is 0"
        ]
    );
    for family in &mut expected.families {
        if let Some(native) = &mut family.kind.native {
            native.schema += 1;
        }
    }
    assert_eq!(
        found(&page, &expected),
        [
            "error[LC09]: the native buckets of `all_units_delay_seconds` have the schema 1 from 0.0009765625, \
             expected the schema 2 from 0.0009765625",
            "error[LC09]: the native buckets of `all_units_power_watts` have the schema 0 from 0.0625, expected the \
             schema 1 from 0.0625",
        ]
    );
}

/// The samples of a summary are not those of a histogram, which is one mistake.
#[test]
fn another_type_is_one_finding() {
    let metrics = metrics::Metrics::new();
    let page = metrics.encode(shadowcat_metrics::Format::PrometheusText);
    let kind = page
        .lines()
        .find(|line| line.starts_with("# TYPE ") && line.ends_with(" histogram"));
    let name = kind
        .expect("a histogram")
        .split(' ')
        .nth(2)
        .expect("a name");
    let mut lines: Vec<_> = page.lines().collect();
    lines.retain(|line| !line.starts_with(name) && !line.starts_with(&format!("# TYPE {name} ")));
    let summary = format!(
        "# TYPE {name} summary\n{name}{{quantile=\"0.5\"}} 1\n{name}_sum 1\n{name}_count 1\n"
    );
    let help = lines
        .iter()
        .position(|line| line.starts_with(&format!("# HELP {name} ")));
    let help = help.expect("its help");
    lines.insert(help + 1, summary.trim_end());
    let page = Page::read((lines.join("\n") + "\n").as_bytes(), Some(Format::Text));
    let findings = conforms(
        &page,
        &Expected::from(metrics.registry()),
        &Options::default(),
    );
    let codes: Vec<_> = findings.iter().map(|finding| finding.code.id()).collect();
    assert_eq!(codes, ["LC04"], "{findings:#?}");
}
