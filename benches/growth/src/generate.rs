//! Generates schemas of any size, and programs that use all of their metrics.

use std::fmt::Write as _;

/// Number of metrics in one generated group.
const GROUP: usize = 10;

/// Returns a schema with `metrics` metrics, in a typical mix: of ten, four counters, two histograms, two gauges, one up-down
/// counter and one ratio.
#[must_use]
pub fn schema(metrics: usize) -> String {
    let mut text = String::from(
        "format = 1\nnamespace = \"growth\"\n\n[defaults]\nseries_budget = 1_000_000\n\n\
         [labels.transport]\nhelp = \"Transport.\"\n\
         values = { stdio = \"pipes\", http = \"HTTP\", sse = \"server-sent events\" }\n\n\
         [labels.outcome]\nhelp = \"Outcome.\"\nvalues = { ok = \"well\", error = \"badly\" }\n\n\
         [buckets]\nlatency = { exponential = { start = 0.000_1, factor = 2.0, count = 16 } }\n",
    );
    for group in 0..metrics.div_ceil(GROUP) {
        let _ = write!(
            text,
            "\n[groups.part_{group}]\nhelp = \"Part {group}.\"\nlabels = [\"transport\"]\n"
        );
        for metric in 0..GROUP.min(metrics - group * GROUP) {
            let _ = write!(
                text,
                "\n[metrics.part_{group}.{}]\n{}",
                name(metric),
                body(group, metric)
            );
        }
    }
    text
}

fn name(metric: usize) -> String {
    match metric {
        0..4 => format!("events_{metric}"),
        4 | 5 => format!("duration_{metric}"),
        6 | 7 => format!("level_{metric}"),
        8 => "waiting".to_owned(),
        _ => "share".to_owned(),
    }
}

fn body(group: usize, metric: usize) -> String {
    let help = format!("help = \"Figure {metric} of part {group}.\"\n");
    let rest = match metric {
        0..3 => "type = \"counter\"\nlabels = [\"outcome\"]\n".to_owned(),
        3 => "type = \"counter\"\nunit = \"bytes\"\n".to_owned(),
        4 | 5 => "type = \"histogram\"\nunit = \"seconds\"\nbuckets = \"latency\"\n".to_owned(),
        6 | 7 => "type = \"gauge\"\n".to_owned(),
        8 => "type = \"updown_counter\"\n".to_owned(),
        _ => format!(
            "type = \"ratio\"\nlabels = [\"outcome\"]\nnumerator = \"part_{group}.events_0\"\n\
             denominator = [\"part_{group}.events_0\", \"part_{group}.events_1\"]\n"
        ),
    };
    rest + &help
}

/// Returns a program that records every metric of such a schema, with one function for each group.
#[must_use]
pub fn program(metrics: usize) -> String {
    let mut text = String::from(
        "shadowcat_metrics::metrics!(\"metrics.toml\");\nuse labels::{Outcome, Transport};\n",
    );
    let mut calls = String::new();
    for group in 0..metrics.div_ceil(GROUP) {
        let _ = writeln!(calls, "    part_{group}(&metrics);");
        let _ = write!(
            text,
            "\n#[inline(never)]\nfn part_{group}(metrics: &Metrics) {{\n    \
             let part = metrics.part_{group}(Transport::Http);\n"
        );
        for metric in 0..GROUP.min(metrics - group * GROUP) {
            let name = name(metric);
            let _ = match metric {
                0..3 => writeln!(text, "    part.{name}(Outcome::Ok).inc();"),
                3 => writeln!(text, "    part.{name}().add(10_u64);"),
                4 | 5 => writeln!(
                    text,
                    "    part.{name}().observe(std::time::Duration::from_millis(3));"
                ),
                6 | 7 => writeln!(text, "    part.{name}().set(7);"),
                8 => writeln!(text, "    part.{name}().inc();"),
                // Callbacks are read at a scrape.
                _ => Ok(()),
            };
        }
        text.push_str("}\n");
    }
    let _ = write!(
        text,
        "\nfn main() {{\n    let metrics = Metrics::new();\n{calls}    \
         println!(\"{{}}\", metrics.encode(shadowcat_metrics::Format::PrometheusText).len());\n}}\n"
    );
    text
}
