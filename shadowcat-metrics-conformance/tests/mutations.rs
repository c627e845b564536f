//! Every change of one line of a valid page, for each kind of line, that a scraper or the schema would reject is found.

use std::collections::HashMap;

use shadowcat_metrics_conformance::{Expected, Finding, Format, Options, Page, conforms};

mod metrics {
    shadowcat_metrics::metrics!("../tests/golden/everything.toml");
}

/// Number of samples tried for each name; further samples are alike.
const ALIKE: usize = 2;

/// A page that differs from another in one line.
struct Mutant {
    what: &'static str,
    line: String,
    page: String,
}

/// The text formats, for parsing and for encoding.
const TEXT_FORMATS: [(Format, shadowcat_metrics::Format); 2] = [
    (Format::Text, shadowcat_metrics::Format::PrometheusText),
    (Format::OpenMetrics, shadowcat_metrics::Format::OpenMetrics),
];

fn findings(page: impl AsRef<[u8]>, format: Format, expected: &Expected) -> Vec<Finding> {
    conforms(
        &Page::read(page.as_ref(), Some(format)),
        expected,
        &Options::default(),
    )
}

fn mutants(text: &str) -> Vec<Mutant> {
    let lines: Vec<_> = text.lines().collect();
    let mut mutants = Vec::new();
    let mut tried: HashMap<&str, usize> = HashMap::new();
    for (index, line) in lines.iter().enumerate() {
        let mut with = |what: &'static str, instead: &[&str]| {
            let page = [&lines[..index], instead, &lines[index + 1..]].concat();
            mutants.push(Mutant {
                what,
                line: (*line).to_owned(),
                page: page.join("\n") + "\n",
            });
        };
        if line.starts_with('#') {
            with("gone", &[]);
            with("twice", &[line, line]);
            with("other words", &[&format!("{line}x")]);
            continue;
        }
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let alike = tried.entry(name).or_default();
        *alike += 1;
        if *alike > ALIKE {
            continue;
        }
        with("gone", &[]);
        with("twice", &[line, line]);
        with("no value", &[series]);
        with("no number", &[&format!("{series} one")]);
        with("no time", &[&format!("{line} now")]);
        with("no name", &[&format!("1{line}")]);
        with("unknown name", &[&format!("all_{line}")]);
        if labels.is_empty() {
            with(
                "another label",
                &[&format!("{series}{{odd=\"1\"}} {value}")],
            );
            continue;
        }
        let first = labels.split("\",").next().expect("a label");
        let first = first.trim_end_matches("\"}");
        with(
            "another label",
            &[&format!("{name}{{odd=\"1\",{labels} {value}")],
        );
        with("unknown label", &[&format!("{name}{{odd_{labels} {value}")]);
        with(
            "label twice",
            &[&format!("{name}{{{first}\",{labels} {value}")],
        );
        with("no labels", &[&format!("{name} {value}")]);
        with(
            "open quotes",
            &[&format!("{} {value}", series.replacen("\"}", "}", 1))],
        );
        with(
            "open braces",
            &[&format!("{} {value}", series.trim_end_matches('}'))],
        );
    }
    mutants
}

/// Returns whether a mutant is still a valid page.
fn is_good(mutant: &Mutant) -> bool {
    let Mutant { what, line, .. } = mutant;
    match *what {
        // OpenMetrics does not require creation times, and a value of an open label may be missing from a metric. A name
        // outside the namespace does not belong to the schema.
        "gone" => line.contains("_created") || line.contains("{server=\"files\"}"),
        "unknown name" => line.starts_with("legacy_"),
        _ => false,
    }
}

#[test]
fn every_mutant_is_reported() {
    let metrics = metrics::Metrics::new();
    metrics.plain().events().inc();
    let server = metrics.server("files");
    metrics.open(&server).calls().inc();
    let expected = Expected::from(metrics.registry());
    let (mut tried, mut missed) = (0, Vec::new());
    for (format, written) in TEXT_FORMATS {
        let good = metrics.encode(written);
        assert_eq!(findings(&good, format, &expected), []);
        for mutant in mutants(&good) {
            tried += 1;
            if findings(&mutant.page, format, &expected).is_empty() && !is_good(&mutant) {
                missed.push(format!("{}: {}", mutant.what, mutant.line));
            }
        }
    }
    assert!(tried > 1000, "{tried} mutants");
    assert_eq!(missed, [""; 0], "of {tried} mutants");
}

/// A page that is cut off anywhere, between lines or within one, is reported, because OpenMetrics has an end marker.
#[test]
fn every_truncated_page_is_reported() {
    let metrics = metrics::Metrics::new();
    let good = metrics.encode(shadowcat_metrics::Format::OpenMetrics);
    let expected = Expected::from(metrics.registry());
    let end = good.trim_end().len();
    for cut in (0..end)
        .filter(|cut| good.is_char_boundary(*cut))
        .step_by(97)
    {
        let found = findings(&good[..cut], Format::OpenMetrics, &expected);
        assert!(!found.is_empty(), "{}", &good[..cut]);
    }
}

/// Protobuf messages have a length, and missing messages are reported as missing families.
#[test]
fn every_truncated_protobuf_page_is_reported() {
    let metrics = metrics::Metrics::new();
    let good = metrics.encode_protobuf();
    let expected = Expected::from(metrics.registry());
    assert_eq!(findings(&good, Format::Protobuf, &expected), []);
    for cut in (0..good.len()).step_by(97) {
        let found = findings(&good[..cut], Format::Protobuf, &expected);
        assert!(!found.is_empty(), "{cut} of {}", good.len());
    }
}
