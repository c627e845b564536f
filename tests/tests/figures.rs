//! Checks figures that documents repeat: those of `docs/performance.md`, and the series budget.

use std::collections::HashMap;

const PERFORMANCE: &str = include_str!("../../docs/performance.md");

/// The columns of `docs/performance.md` in the order of the tables that quote them.
const LIBRARIES: [&str; 5] = [
    "us",
    "prometheus",
    "prometheus-client",
    "metrics",
    "opentelemetry",
];

#[test]
fn the_readme_has_the_figures_of_the_performance_page() {
    let page = include_str!("../../README.md");
    assert_figures(
        page,
        "time to increment a counter with two labels",
        "counter, 2 labels",
        "ns",
    );
}

#[test]
fn the_comparison_has_the_figures_of_the_performance_page() {
    let page = include_str!("../../docs/about/comparison.md");
    let rows = "
time to increment a counter with two labels | counter, 2 labels | ns
the same, with a kept handle | counter, kept handle | ns
time to record into a histogram with two labels | histogram, 11 bounds, 2 labels | ns
heap per series of a counter that 8 threads have recorded | heap of a counter, 8 threads | B
";
    for line in rows.trim().lines() {
        let [row, source, unit] = cells(line)[..] else {
            panic!("{line}");
        };
        assert_figures(page, row, source, unit);
    }
}

#[test]
fn prometheus_accepts_as_many_series_as_the_schema() {
    let number = |text: &str, key: &str| {
        let (_, rest) = text.split_once(key).expect(key);
        let line = rest.lines().next().expect("a value");
        line.trim().replace('_', "").parse::<u32>().expect(line)
    };
    let config = include_str!("../../docs/operations/scale/prometheus.yml");
    let schema = include_str!("../../metrics.toml");
    let limit = number(config, "sample_limit:");
    assert_eq!(limit, number(schema, "series_budget ="));
}

/// Asserts that a row of `page` has the figures of the row `source` of the performance page, rounded for readers.
fn assert_figures(page: &str, row: &str, source: &str, unit: &str) {
    let figures = measured(source);
    let expected = LIBRARIES.map(|library| format!("{} {unit}", rounded(figures[library])));
    assert_eq!(cells(find(page, row))[1..], expected, "{row}");
}

/// Returns the figures in a row of the performance page, by library.
fn measured(row: &str) -> HashMap<&'static str, &'static str> {
    let line = find(PERFORMANCE, row);
    let tables = PERFORMANCE[..PERFORMANCE.find(line).expect("the line is on the page")].lines();
    let header = tables
        .rev()
        .find(|line| line.starts_with("| |"))
        .expect("a table has a header");
    cells(header).into_iter().zip(cells(line)).collect()
}

/// Returns the line of the table row with the given first cell.
fn find<'a>(page: &'a str, row: &str) -> &'a str {
    let mut lines = page
        .lines()
        .filter(|line| line.starts_with(&format!("| {row} |")));
    lines.next().unwrap_or_else(|| panic!("no row `{row}`"))
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// Rounds a figure: one decimal below ten, none above. Bold figures lose their stars.
fn rounded(figure: &str) -> String {
    let value: f64 = figure
        .trim_matches('*')
        .parse()
        .expect("a figure is a number");
    if value < 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}
