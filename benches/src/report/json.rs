//! The figures as JSON, with every round, for other programs and later comparisons.

use serde::{Deserialize, Serialize};

use crate::harness::rounds::{Outcome, Plan};
use crate::peers::Kind;
use crate::run::RowResult;
use shadowcat_metrics_measure::clock::Clock;

/// The results of one run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Figures {
    /// Number of rounds.
    pub rounds: usize,
    /// Name of the clock.
    pub clock: String,
    /// Results by row.
    pub rows: Vec<RowFigures>,
}

impl Figures {
    /// Returns this project's median in a row, by name.
    #[must_use]
    pub fn median(&self, row: &str) -> Option<f64> {
        let row = self.rows.iter().find(|known| known.name == row)?;
        let own = row.contestants.iter().find(|known| known.own)?;
        own.median
    }
}

/// Results of one row.
#[derive(Debug, Serialize, Deserialize)]
pub struct RowFigures {
    /// Name of the row.
    pub name: String,
    /// Description of the work.
    pub title: String,
    /// Unit of the figures.
    pub unit: String,
    /// Results by contestant.
    pub contestants: Vec<ContestantFigures>,
}

/// Results of one contestant in one row.
#[derive(Debug, Serialize, Deserialize)]
pub struct ContestantFigures {
    /// Name of the contestant.
    pub name: String,
    /// Whether it is this project.
    pub own: bool,
    /// Median of the rounds; `None` if a count was lost.
    pub median: Option<f64>,
    /// First quartile.
    pub low: Option<f64>,
    /// Third quartile.
    pub high: Option<f64>,
    /// Every round.
    pub rounds: Vec<f64>,
    /// Description of a lost count.
    pub void: Option<String>,
    /// What it lacks for the row.
    pub lacks: Option<String>,
}

/// Returns all figures as JSON.
#[must_use]
pub fn all(results: &[RowResult], plan: Plan) -> String {
    let figures = Figures {
        rounds: plan.rounds,
        clock: match plan.clock {
            Clock::Cpu => "cpu".to_owned(),
            Clock::Wall => "wall".to_owned(),
        },
        rows: results.iter().map(row).collect(),
    };
    pretty(&figures)
}

/// Returns figures as formatted JSON.
#[must_use]
pub fn pretty(figures: &impl Serialize) -> String {
    serde_json::to_string_pretty(figures).expect("numbers, texts and lists are always JSON")
}

fn row(result: &RowResult) -> RowFigures {
    let contestants = result.outcomes.iter().map(|(peer, outcome)| {
        let (summary, void) = match outcome {
            Outcome::Time(summary) => (Some(summary), None),
            Outcome::Void(fault) => (None, Some(fault.clone())),
        };
        ContestantFigures {
            name: peer.name.to_owned(),
            own: peer.kind == Kind::Own,
            median: summary.map(|summary| summary.median),
            low: summary.map(|summary| summary.low),
            high: summary.map(|summary| summary.high),
            rounds: summary
                .map(|summary| summary.rounds.clone())
                .unwrap_or_default(),
            void,
            lacks: peer.lacks(result.row.job).map(str::to_owned),
        }
    });
    RowFigures {
        name: result.row.name.to_owned(),
        title: result.row.title.to_owned(),
        unit: result.row.unit().to_owned(),
        contestants: contestants.collect(),
    }
}
