//! Medians and spreads.

/// Statistics over the rounds of one measurement.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Median of the rounds.
    pub median: f64,
    /// First quartile of the rounds.
    pub low: f64,
    /// Third quartile of the rounds.
    pub high: f64,
    /// Every round, in chronological order.
    pub rounds: Vec<f64>,
}

impl Summary {
    /// Computes the statistics. `rounds` must not be empty.
    #[must_use]
    pub fn new(rounds: Vec<f64>) -> Self {
        let mut sorted = rounds.clone();
        sorted.sort_by(f64::total_cmp);
        Self {
            median: quantile(&sorted, 0.5),
            low: quantile(&sorted, 0.25),
            high: quantile(&sorted, 0.75),
            rounds,
        }
    }

    /// Returns half the interquartile range, as a share of the median.
    #[must_use]
    pub fn spread(&self) -> f64 {
        (self.high - self.low) / 2.0 / self.median
    }
}

/// Returns a quantile of sorted values, interpolated between neighbors.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len().saturating_sub(1)) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position in the slice"
    )]
    let below = place.floor() as usize;
    let at = |i: usize| {
        sorted
            .get(i.min(sorted.len().saturating_sub(1)))
            .copied()
            .unwrap_or(f64::NAN)
    };
    at(below) + (at(below + 1) - at(below)) * (place - place.floor())
}

/// A median and its confidence interval.
#[derive(Debug, Clone, Copy)]
pub struct Interval {
    /// Median of the sample.
    pub median: f64,
    /// Lower bound of the true median.
    pub low: f64,
    /// Upper bound of the true median.
    pub high: f64,
    /// Confidence of the bounds.
    pub confidence: f64,
}

/// Returns the narrowest interval between two of the values that contains the true median with the given confidence, for any
/// distribution: each value is below the median with probability one half. Returns `None` if there are too few values.
#[must_use]
pub fn median_interval(mut values: Vec<f64>, confidence: f64) -> Option<Interval> {
    values.sort_by(f64::total_cmp);
    let count = values.len();
    // Probability that at most a given number of values are below the median.
    let mut below = 0.5_f64.powi(i32::try_from(count).ok()?);
    let mut chance = below;
    let mut best = None;
    for outer in 0..count / 2 {
        let sure = 1.0 - 2.0 * below;
        if sure < confidence {
            break;
        }
        best = Some((outer, sure));
        chance *= (count - outer) as f64 / (outer + 1) as f64;
        below += chance;
    }
    let (outer, sure) = best?;
    Some(Interval {
        median: quantile(&values, 0.5),
        low: values[outer],
        high: values[count - 1 - outer],
        confidence: sure,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_values_give_the_interval_of_the_sign_test() {
        let values = (1..=10).map(f64::from).collect();
        let interval = median_interval(values, 0.95).expect("ten are enough");
        assert!((interval.low - 2.0).abs() < f64::EPSILON);
        assert!((interval.high - 9.0).abs() < f64::EPSILON);
        assert!((interval.confidence - 0.978_515_625).abs() < 1e-9);
    }

    #[test]
    fn few_values_give_no_interval() {
        assert!(median_interval(vec![1.0, 2.0, 3.0], 0.95).is_none());
    }

    #[test]
    fn the_median_ignores_one_slow_round() {
        let summary = Summary::new(vec![3.0, 1.0, 2.0, 1000.0, 2.0]);
        assert!((summary.median - 2.0).abs() < f64::EPSILON);
    }

    #[test]
    fn quantiles_are_interpolated() {
        assert!((quantile(&[1.0, 2.0], 0.5) - 1.5).abs() < f64::EPSILON);
        assert!((quantile(&[1.0], 0.75) - 1.0).abs() < f64::EPSILON);
    }
}
