//! Runs the chosen rows with the chosen contestants.

use crate::harness::inputs::Inputs;
use crate::harness::population::scraping;
use crate::harness::rounds::{Outcome, Plan, measure};
use crate::harness::team::Team;
use crate::harness::work::{Work, in_turn};
use crate::heap;
use crate::peers::{Kind, Peer};
use crate::rows::{Job, Row, Way};
use shadowcat_metrics_measure::statistics::Summary;

/// The result of one row.
#[derive(Debug)]
pub struct RowResult {
    /// The measured row.
    pub row: &'static Row,
    /// Outcomes by contestant, in the order of [`PEERS`](crate::peers::PEERS). Contestants without this feature are missing.
    pub outcomes: Vec<(&'static Peer, Outcome)>,
}

/// Runs one row.
#[must_use]
pub fn row(row: &'static Row, peers: &[&'static Peer], plan: Plan) -> RowResult {
    let outcomes = match row.job {
        Job::Record(record, way) => {
            let inputs = Inputs::new();
            timed(row, peers, plan, |peer| {
                let work = || (peer.record)(record, &inputs);
                peer.ways.contains(&way).then_some(())?;
                match way {
                    Way::Loop => work(),
                    Way::Call => Some(in_turn(vec![work()?])),
                    Way::TwoRegistries => Some(in_turn(vec![work()?, work()?])),
                }
            })
        }
        Job::Scrape {
            series,
            threads,
            format,
        } => timed(row, peers, plan, |peer| {
            (peer.expose)(series).and_then(|exposed| scraping(exposed, series, threads, format))
        }),
        Job::Heap { .. } => peers
            .iter()
            .filter(|peer| peer.kind != Kind::Bare)
            .filter_map(|peer| Some((*peer, heap(peer, row)?)))
            .collect(),
    };
    RowResult { row, outcomes }
}

fn timed(
    row: &Row,
    peers: &[&'static Peer],
    plan: Plan,
    make: impl Fn(&Peer) -> Option<Box<dyn Work>>,
) -> Vec<(&'static Peer, Outcome)> {
    let (peers, works): (Vec<_>, Vec<_>) = peers
        .iter()
        .filter_map(|peer| Some((*peer, make(peer)?)))
        .unzip();
    let outcomes = measure(works, &Team::new(row.threads), plan);
    peers.into_iter().zip(outcomes).collect()
}

fn heap(peer: &Peer, row: &Row) -> Option<Outcome> {
    match heap::measure(peer, row.name) {
        Ok(bytes) => bytes.map(|bytes| Outcome::Time(Summary::new(vec![bytes]))),
        Err(fault) => Some(Outcome::Void(fault)),
    }
}
