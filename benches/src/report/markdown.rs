//! All figures in one Markdown table, for `docs/performance.md`.

use std::fmt::Write as _;

use super::table::figure;
use crate::harness::rounds::Outcome;
use crate::peers::Peer;
use crate::run::RowResult;

/// Returns a table with one line per row and one column per contestant. The lowest figure of all peers is bold.
#[must_use]
pub fn table(results: &[RowResult], peers: &[&'static Peer]) -> String {
    let mut text = String::from("| |");
    for peer in peers {
        let _ = write!(text, " {} |", peer.name);
    }
    let _ = writeln!(text, "\n|---|{}", "--:|".repeat(peers.len()));
    for result in results {
        let _ = write!(text, "| {} |", result.row.title);
        let fastest = result.fastest_peer().map(|(peer, _)| peer.name);
        for peer in peers {
            let _ = write!(text, " {} |", cell(result, peer, fastest));
        }
        text.push('\n');
    }
    text
}

fn cell(result: &RowResult, peer: &Peer, fastest: Option<&str>) -> String {
    let outcome = result
        .outcomes
        .iter()
        .find(|(known, _)| known.name == peer.name);
    match outcome {
        None => String::new(),
        Some((_, Outcome::Void(_))) => "void".to_owned(),
        Some((_, Outcome::Time(summary))) => {
            let mark = if peer.lacks(result.row.job).is_some() {
                "*"
            } else {
                ""
            };
            let figure = figure(summary.median);
            if Some(peer.name) == fastest {
                format!("**{figure}**")
            } else {
                format!("{figure}{mark}")
            }
        }
    }
}
