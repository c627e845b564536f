//! Expected counts, and the counts that a contestant exposes.

use std::collections::BTreeMap;

/// Tolerance for rounding in sums of floats.
const TOLERANCE: f64 = 1e-6;

/// The values of one metric family.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Values by label values (see [`key`]). Series at zero may be missing.
    series: BTreeMap<String, f64>,
    /// Sum of a histogram's observations over all series; `None` for other kinds and for libraries without sums.
    pub sum: Option<f64>,
    /// Cumulative buckets of a histogram over all series, by upper bound; empty without explicit bounds.
    pub buckets: Vec<(f64, f64)>,
    /// Whether repeated passes leave the values unchanged: true for a gauge.
    pub constant: bool,
}

/// Returns a series' name from its label values.
#[must_use]
pub fn key<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let values: Vec<&str> = values.into_iter().collect();
    values.join("/")
}

impl Counts {
    /// Adds to a series.
    pub fn add(&mut self, series: String, value: f64) {
        *self.series.entry(series).or_default() += value;
    }

    /// Sets a series.
    pub fn set(&mut self, series: String, value: f64) {
        self.series.insert(series, value);
    }

    /// Adds to the bucket of an upper bound.
    pub fn add_bucket(&mut self, bound: f64, value: f64) {
        match self
            .buckets
            .iter_mut()
            .find(|(known, _)| close(*known, bound))
        {
            Some((_, total)) => *total += value,
            None => self.buckets.push((bound, value)),
        }
    }

    /// Adds to the sum.
    pub fn add_sum(&mut self, value: f64) {
        *self.sum.get_or_insert_default() += value;
    }

    /// Subtracts the counts of `before`, for libraries with one registry per process.
    #[must_use]
    pub fn minus(mut self, before: &Self) -> Self {
        for (series, value) in &before.series {
            self.add(series.clone(), -value);
        }
        for (bound, value) in &before.buckets {
            self.add_bucket(*bound, -value);
        }
        self.sum = self.sum.map(|sum| sum - before.sum.unwrap_or_default());
        self
    }

    /// Compares the exposed counts after `passes` passes with those of one pass. Compares sums and buckets if both sides have
    /// them.
    ///
    /// # Errors
    /// If a count was lost or belongs to another series or bucket.
    pub fn check(&self, one_pass: &Self, passes: u64) -> Result<(), String> {
        let times = if one_pass.constant {
            1.0
        } else {
            passes as f64
        };
        for series in self.series.keys().chain(one_pass.series.keys()) {
            let expected = one_pass.series.get(series).copied().unwrap_or_default() * times;
            let found = self.series.get(series).copied().unwrap_or_default();
            if !close(expected, found) || expected.fract() == 0.0 && (expected - found).abs() >= 0.5
            {
                return Err(format!(
                    "series `{series}`: {expected} recorded, {found} counted"
                ));
            }
        }
        for (bound, found) in &self.buckets {
            let expected = one_pass
                .buckets
                .iter()
                .find(|(known, _)| close(*known, *bound));
            if let Some((_, expected)) = expected
                && (expected * times - found).abs() >= 0.5
            {
                return Err(format!(
                    "bucket {bound}: {} recorded, {found} counted",
                    expected * times
                ));
            }
        }
        if let (Some(expected), Some(found)) = (one_pass.sum, self.sum)
            && !close(expected * times, found)
        {
            return Err(format!(
                "sum: {} recorded, {found} counted",
                expected * times
            ));
        }
        Ok(())
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE * a.abs().max(b.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, f64)]) -> Counts {
        let mut counts = Counts::default();
        for (series, value) in pairs {
            counts.add((*series).to_owned(), *value);
        }
        counts
    }

    #[test]
    fn a_lost_count_is_found_in_any_number_of_counts() {
        let one_pass = counts(&[("a", 100.0)]);
        let all = counts(&[("a", 100_000_000.0)]);
        assert_eq!(all.check(&one_pass, 1_000_000), Ok(()));
        let lost = counts(&[("a", 99_999_999.0)]);
        assert!(lost.check(&one_pass, 1_000_000).is_err());
    }

    #[test]
    fn a_count_in_another_series_is_found() {
        let one_pass = counts(&[("a", 1.0), ("b", 1.0)]);
        assert!(counts(&[("a", 2.0)]).check(&one_pass, 1).is_err());
        assert!(
            counts(&[("a", 1.0), ("b", 1.0), ("c", 1.0)])
                .check(&one_pass, 1)
                .is_err()
        );
        assert!(
            counts(&[("a", 1.0), ("b", 1.0), ("c", 0.0)])
                .check(&one_pass, 1)
                .is_ok()
        );
    }
}
