//! The expected value of one series, and its change by a record.

use shadowcat_metrics_codegen::model::{Kind, Metric, Registry, Unit};

use super::events::Event;
use super::labels::cardinality;
use super::typed;

/// The value of one series.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Value of a counter, gauge or up-down counter.
    Number(f64),
    /// Value of a callback metric or a ratio; `None` without a value.
    Read(Option<f64>),
    /// Value of a histogram.
    Histogram {
        /// Number of observations up to each bound; the last bound is `+Inf`.
        cumulative: Vec<u64>,
        /// Sum of the observations.
        sum: f64,
    },
    /// Index of the current state; `None` before it is set.
    State(Option<u32>),
    /// Facts of an info metric; `None` before they are set.
    Facts(Option<Vec<String>>),
}

impl Cell {
    /// Returns the value before any record.
    pub(super) fn zero(model: &Registry, metric: &Metric) -> Self {
        match metric.kind {
            Kind::Counter { callback: false }
            | Kind::Gauge { callback: false }
            | Kind::UpDownCounter => Cell::Number(0.0),
            Kind::Counter { callback: true }
            | Kind::Gauge { callback: true }
            | Kind::Ratio { .. } => Cell::Read(None),
            Kind::Histogram { .. } => Cell::Histogram {
                cumulative: vec![0; bounds(model, metric).len() + 1],
                sum: 0.0,
            },
            Kind::State { .. } => Cell::State(None),
            Kind::Info => Cell::Facts(None),
        }
    }

    /// Returns the value after a record, or `None` if the metric rejects it.
    pub(super) fn after(self, model: &Registry, metric: &Metric, event: &Event) -> Option<Self> {
        let amount = quantity(metric, event.amount);
        let is_level = metric.kind == Kind::UpDownCounter;
        let valid = match (&metric.kind, metric.unit) {
            (Kind::UpDownCounter, Unit::None | Unit::Bytes)
            | (
                Kind::Counter { .. } | Kind::Gauge { .. } | Kind::Histogram { .. },
                Unit::Seconds | Unit::Bytes,
            )
            | (Kind::State { .. } | Kind::Info | Kind::Ratio { .. }, _) => true,
            (Kind::Gauge { .. } | Kind::Histogram { .. }, Unit::Ratio) => {
                (0.0..=1.0).contains(&amount)
            }
            (Kind::UpDownCounter | Kind::Gauge { .. }, _) => amount.is_finite(),
            (Kind::Counter { .. } | Kind::Histogram { .. }, _) => {
                amount >= 0.0 && amount.is_finite()
            }
        };
        let is_read = matches!(
            metric.kind,
            Kind::Counter { callback: true } | Kind::Gauge { callback: true }
        );
        if !valid && !is_read {
            return None;
        }
        Some(match self {
            Cell::Number(before) if is_level => {
                let up = event.amount.fract() == 0.0;
                Cell::Number(if up { before + amount } else { before - amount })
            }
            Cell::Number(before) if matches!(metric.kind, Kind::Counter { .. }) => {
                Cell::Number(before + amount)
            }
            Cell::Number(_) => Cell::Number(amount),
            Cell::Read(_) => Cell::Read(valid.then_some(amount)),
            Cell::Histogram { cumulative, sum } => {
                let bounds = bounds(model, metric).iter().copied().chain([f64::INFINITY]);
                let counts = cumulative.into_iter().zip(bounds);
                Cell::Histogram {
                    cumulative: counts
                        .map(|(count, bound)| count + u64::from(amount <= bound))
                        .collect(),
                    sum: sum + amount,
                }
            }
            Cell::State(_) => match metric.kind {
                Kind::State { states } => {
                    let states = cardinality(model, states);
                    Cell::State(Some(typed::state(states, event.amount)))
                }
                _ => unreachable!("only a state has states"),
            },
            Cell::Facts(_) => Cell::Facts(Some(event.facts.iter().map(|fact| cut(fact)).collect())),
        })
    }
}

fn bounds<'m>(model: &'m Registry, metric: &Metric) -> &'m [f64] {
    model.bounds(metric).unwrap_or_default()
}

/// Converts an amount to the precision of the metric's methods.
fn quantity(metric: &Metric, amount: f64) -> f64 {
    let counts = matches!(metric.kind, Kind::Counter { .. } | Kind::UpDownCounter);
    match metric.unit {
        Unit::Seconds if metric.kind != Kind::UpDownCounter => {
            typed::duration(amount).as_secs_f64()
        }
        Unit::Bytes => typed::whole(amount) as f64,
        Unit::None if counts => typed::whole(amount) as f64,
        Unit::None
        | Unit::Seconds
        | Unit::Ratio
        | Unit::Celsius
        | Unit::Meters
        | Unit::Volts
        | Unit::Amperes
        | Unit::Joules
        | Unit::Watts
        | Unit::Grams
        | Unit::Hertz => amount,
    }
}

/// Cuts a text of more than 128 bytes so that it fits with the mark at its end.
pub(super) fn cut(text: &str) -> String {
    const MAX_LENGTH: usize = 128;
    const MARK: char = '…';
    if text.len() <= MAX_LENGTH {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        if kept.len() + character.len_utf8() + MARK.len_utf8() > MAX_LENGTH {
            break;
        }
        kept.push(character);
    }
    kept.push(MARK);
    kept
}
