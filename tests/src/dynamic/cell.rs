//! The value of one series, and what a record makes of it.

use shadowcat_metrics_codegen::model::{Kind, Metric, Registry, Unit};

use super::events::Event;
use super::labels::cardinality;
use super::typed;

/// The value of one series.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Of a counter, a gauge or an up-down counter.
    Number(f64),
    /// Of a callback counter or gauge, or a ratio, if it has one.
    Read(Option<f64>),
    /// Of a histogram.
    Histogram {
        /// Observations up to each bound, `+Inf` the last.
        cumulative: Vec<u64>,
        /// What they add up to.
        sum: f64,
    },
    /// Of a state, by position, once it was set.
    State(Option<u32>),
    /// Of an info metric, once they were set.
    Facts(Option<Vec<String>>),
}

impl Cell {
    /// Before any record.
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

    /// What a record makes of a value; none if the metric cannot hold it.
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

/// An amount as what the metric's methods take.
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

/// A text that is longer than 128 bytes is cut so that it has no more with the mark at its end.
pub(super) fn cut(text: &str) -> String {
    const LONGEST: usize = 128;
    const MARK: char = '…';
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        if kept.len() + character.len_utf8() + MARK.len_utf8() > LONGEST {
            break;
        }
        kept.push(character);
    }
    kept.push(MARK);
    kept
}
