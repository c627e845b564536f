//! Parses a contestant's own text page, as far as checking its counts requires.

use super::counts::{Counts, key};

/// The labels of the rows, in the order of a series' name. Other labels, such as `otel_scope_name`, are ignored.
const LABELS: [&str; 3] = ["transport", "outcome", "server"];

struct Sample<'a> {
    name: &'a str,
    labels: Vec<(&'a str, &'a str)>,
    value: f64,
}

impl<'a> Sample<'a> {
    /// Parses a sample line. Label values must contain neither `"` nor `,`, which is true for those of the rows.
    fn parse(line: &'a str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let line = line.split(" # ").next()?;
        let (name, labels, rest) = if let Some((name, rest)) = line.split_once('{') {
            let (labels, value) = rest.rsplit_once('}')?;
            (name, labels, value)
        } else {
            let (name, value) = line.split_once(' ')?;
            (name, "", value)
        };
        let labels = labels
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(label, value)| (label.trim(), value.trim_matches('"')))
            .collect();
        Some(Self {
            name,
            labels,
            value: rest.split_whitespace().next()?.parse().ok()?,
        })
    }

    fn label(&self, name: &str) -> Option<&'a str> {
        self.labels
            .iter()
            .find(|(label, _)| *label == name)
            .map(|(_, value)| *value)
    }

    fn series(&self) -> String {
        key(LABELS.into_iter().filter_map(|label| self.label(label)))
    }
}

fn samples(page: &str) -> impl Iterator<Item = Sample<'_>> {
    page.lines().filter_map(Sample::parse)
}

/// Returns the number of sample lines of a page.
#[must_use]
pub fn lines(page: &str) -> usize {
    page.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .count()
}

/// Reads the values of a counter, gauge or histogram. Upper bounds and sums are multiplied by `scale`, to convert them to
/// seconds.
#[must_use]
pub fn read(page: &str, family: &str, scale: f64) -> Counts {
    let mut counts = Counts::default();
    for sample in samples(page) {
        let Some(part) = sample.name.strip_prefix(family) else {
            continue;
        };
        match part {
            "" | "_total" | "_count" => counts.add(sample.series(), sample.value),
            "_sum" => counts.add_sum(sample.value * scale),
            "_bucket" => {
                let bound = sample.label("le").and_then(|le| le.parse::<f64>().ok());
                if let Some(bound) = bound.filter(|bound| bound.is_finite()) {
                    counts.add_bucket(bound * scale, sample.value);
                }
            }
            _ => {}
        }
    }
    counts
}

/// Returns the sum of all counters and of the counts of all histograms.
#[must_use]
pub fn total(page: &str) -> f64 {
    samples(page)
        .filter(|sample| {
            ["_sum", "_bucket", "_created"]
                .iter()
                .all(|suffix| !sample.name.ends_with(suffix))
                && sample.label("lane").is_some()
        })
        .map(|sample| sample.value)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# TYPE h histogram\n\
        h_bucket{transport=\"http\",le=\"0.1\"} 1\n\
        h_bucket{transport=\"http\",le=\"+Inf\"} 3 # {trace=\"1\"} 0.2\n\
        h_sum{transport=\"http\"} 1.5\n\
        h_count{transport=\"http\"} 3\n\
        h_created{transport=\"http\"} 1700000000\n\
        c_total{outcome=\"ok\",transport=\"http\"} 7 1700000000\n";

    #[test]
    fn a_histogram_is_read_with_its_sum_and_its_buckets() {
        let counts = read(PAGE, "h", 1.0);
        assert_eq!(counts.sum, Some(1.5));
        assert_eq!(counts.buckets, [(0.1, 1.0)]);
        let mut expected = Counts::default();
        expected.add("http".to_owned(), 3.0);
        assert_eq!(counts.check(&expected, 1), Ok(()));
    }

    #[test]
    fn a_series_is_named_by_its_labels_in_one_order() {
        let mut expected = Counts::default();
        expected.add("http/ok".to_owned(), 7.0);
        assert_eq!(read(PAGE, "c", 1.0).check(&expected, 1), Ok(()));
    }

    #[test]
    fn comments_are_not_counted() {
        assert_eq!(lines(PAGE), 6);
    }
}
