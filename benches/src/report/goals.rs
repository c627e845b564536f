//! This project's goals, and whether it reaches them.

use std::fmt::Write;

use super::table::figure;
use crate::peers::Kind;
use crate::run::RowResult;

/// The figure to compare with.
enum Against {
    /// The fastest peer that does the same work in the row.
    Fastest,
    /// A peer, by name.
    Peer(&'static str),
    /// This project's own figure in another row.
    OwnRow(&'static str),
}

struct Goal {
    row: &'static str,
    at_most: f64,
    against: Against,
}

const fn goal(row: &'static str, at_most: f64, against: Against) -> Goal {
    Goal {
        row,
        at_most,
        against,
    }
}

const GOALS: &[Goal] = &[
    goal("counter", 0.4, Against::Fastest),
    goal("counter", 0.05, Against::Peer("prometheus")),
    goal("counter", 1.2, Against::Peer("limit")),
    goal("counter-call", 1.3, Against::Peer("limit")),
    goal("updown", 1.3, Against::Peer("limit")),
    goal("updown-pair", 1.3, Against::Peer("limit")),
    goal("updown-call", 1.3, Against::Peer("limit")),
    goal("histogram", 1.15, Against::Peer("limit")),
    goal("histogram", 1.05, Against::Peer("limit-duration")),
    goal("histogram-call", 1.15, Against::Peer("limit")),
    goal("histogram-call", 1.05, Against::Peer("limit-duration")),
    goal("histogram", 0.25, Against::Fastest),
    goal("histogram20", 0.2, Against::Fastest),
    goal("counter-2", 1.2, Against::OwnRow("counter")),
    goal("counter-4", 1.2, Against::OwnRow("counter")),
    goal("histogram-2", 1.1, Against::OwnRow("histogram")),
    goal("histogram-call-2", 1.1, Against::OwnRow("histogram-call")),
    goal("histogram-4", 1.2, Against::OwnRow("histogram")),
    goal("counter-registries", 1.3, Against::OwnRow("counter-call")),
    goal("open", 1.0, Against::Fastest),
    goal("open", 1.5, Against::Peer("limit")),
    goal("open-kept", 1.2, Against::OwnRow("counter")),
    goal("open-kept", 1.2, Against::OwnRow("closed-array")),
    goal("open-kept", 1.2, Against::Peer("limit")),
    goal("timer", 0.75, Against::Fastest),
    goal("scrape", 0.6, Against::Fastest),
    goal("scrape", 1.0 / 50.0, Against::Peer("prometheus")),
    goal("scrape-om", 0.6, Against::Fastest),
    goal("scrape-families", 0.6, Against::Fastest),
    goal("scrape-families", 1.2, Against::Peer("three-piece")),
    goal("scrape-families-om", 0.6, Against::Fastest),
    goal("scrape-families-om", 1.3, Against::Peer("three-piece")),
    goal("heap-counter", 1.0, Against::Fastest),
    goal("heap-histogram", 1.0, Against::Fastest),
    goal("heap-counter-scraped", 1.0, Against::Fastest),
    goal("heap-histogram-scraped", 1.0, Against::Fastest),
    goal("heap-counter-8", 1.0, Against::Peer("prometheus")),
    goal("heap-histogram-8", 1.0, Against::Peer("prometheus")),
];

/// Returns a table of the goals whose rows were measured.
#[must_use]
pub fn table(results: &[RowResult]) -> String {
    let lines: Vec<String> = GOALS.iter().filter_map(|goal| goal.line(results)).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("\ngoals\n{}", lines.concat())
}

impl Goal {
    fn line(&self, results: &[RowResult]) -> Option<String> {
        let row = |name: &str| results.iter().find(|result| result.row.name == name);
        let result = row(self.row)?;
        let own = result.median_of_kind(Kind::Own)?;
        let (other, name) = match self.against {
            Against::Fastest => result
                .fastest_peer()
                .map(|(peer, median)| (median, format!("fastest peer, {}", peer.name)))?,
            Against::Peer(peer) => (result.median_of(peer)?, peer.to_owned()),
            Against::OwnRow(name) => (
                row(name)?.median_of_kind(Kind::Own)?,
                format!("own `{name}`"),
            ),
        };
        let ratio = own / other;
        let verdict = if ratio <= self.at_most {
            "met"
        } else {
            "MISSED"
        };
        let mut line = String::new();
        let _ = writeln!(
            line,
            "  {:18} {verdict:7} {ratio:>6.3} of the {name} ({} of {}); goal: at most {:.3}",
            self.row,
            figure(own),
            figure(other),
            self.at_most,
        );
        Some(line)
    }
}
