//! The history of releases: a file with one row per release, and a plot.
//!
//! A row has the versions of the peers, and the figures of this project and of the fastest peer for each of [`ROWS`], measured in
//! one run. The plot shows their ratio, which depends less on the machine than either figure.

use std::fs;
use std::path::{Path, PathBuf};

use crate::peers::{Kind, PEERS, Peer};
use crate::plot::{Line, plot};
use crate::report::table::figure;
use crate::run::RowResult;

/// The rows of the comparison that the history follows.
pub const ROWS: [&str; 11] = [
    "counter",
    "histogram",
    "open-kept",
    "timer",
    "scrape",
    "scrape-om",
    "scrape-families",
    "heap-counter",
    "heap-histogram",
    "heap-counter-scraped",
    "heap-histogram-scraped",
];

/// The contents of the history file.
#[derive(Debug, Default)]
pub struct History(Vec<Release>);

#[derive(Debug)]
struct Release {
    name: String,
    /// Names and versions of the peers.
    peers: String,
    /// By row: this project's figure and the fastest peer's.
    figures: Vec<Option<(f64, f64)>>,
}

impl History {
    /// Reads the history.
    ///
    /// # Errors
    /// If a line is invalid.
    pub fn read() -> Result<Self, String> {
        let Ok(text) = fs::read_to_string(file()) else {
            return Ok(Self::default());
        };
        let releases = text.lines().skip(1).map(Release::parse);
        releases.collect::<Result<_, _>>().map(Self)
    }

    /// Adds a release, or replaces its row with the same versions of the peers.
    pub fn add(&mut self, name: &str, results: &[RowResult]) {
        let figures = ROWS.iter().map(|row| {
            let result = results.iter().find(|result| result.row.name == *row)?;
            let own = result.median_of_kind(Kind::Own)?;
            result.fastest_peer().map(|(_, peer)| (own, peer))
        });
        let release = Release {
            name: name.to_owned(),
            peers: peers(include_str!("../Cargo.lock")),
            figures: figures.collect(),
        };
        let is_same = |known: &&mut Release| known.name == name && known.peers == release.peers;
        match self.0.iter_mut().find(is_same) {
            Some(known) => *known = release,
            None => self.0.push(release),
        }
    }

    /// Writes the file and the plot. Returns their paths.
    ///
    /// # Errors
    /// If one of them cannot be written.
    pub fn write(&self) -> Result<[PathBuf; 2], String> {
        let columns = ROWS.map(|row| format!("{row},{row} (fastest peer)"));
        let mut text = format!("release,peers,{}\n", columns.join(","));
        for release in &self.0 {
            text.push_str(&release.line());
        }
        let lines: Vec<Line> = ROWS
            .iter()
            .enumerate()
            .map(|(at, row)| self.line(at, row))
            .collect();
        let names: Vec<&str> = self.0.iter().map(|release| release.name.as_str()).collect();
        let paths = [file(), picture()];
        for (path, text) in paths.iter().zip([text, plot(&names, &lines)]) {
            fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(paths)
    }

    fn line(&self, at: usize, row: &'static str) -> Line {
        let ratio = |release: &Release| {
            let (own, peer) = (*release.figures.get(at)?)?;
            Some(own / peer)
        };
        Line {
            name: row,
            values: self.0.iter().map(ratio).collect(),
        }
    }
}

impl Release {
    fn parse(line: &str) -> Result<Self, String> {
        let mut fields = line.split(',');
        let name = fields.next().unwrap_or_default().to_owned();
        let peers = fields.next().unwrap_or_default().to_owned();
        let fields: Vec<Option<f64>> = fields.map(|field| field.parse().ok()).collect();
        if name.is_empty() || fields.len() != 2 * ROWS.len() {
            return Err(format!(
                "{}: not a release with {} rows: {line}",
                file().display(),
                ROWS.len()
            ));
        }
        let pairs = fields
            .chunks_exact(2)
            .map(|pair| Some((pair[0]?, pair[1]?)));
        Ok(Self {
            name,
            peers,
            figures: pairs.collect(),
        })
    }

    fn line(&self) -> String {
        let fields = self.figures.iter().map(|pair| {
            pair.map_or_else(
                || ",".to_owned(),
                |(own, peer)| format!("{},{}", figure(own), figure(peer)),
            )
        });
        let fields: Vec<String> = fields.collect();
        format!("{},{},{}\n", self.name, self.peers, fields.join(","))
    }
}

/// Returns the names of the peers with the versions that this program depends on, as in `prometheus 0.14.0; vise 0.3.2`.
fn peers(lock: &str) -> String {
    let package = |name: &str| {
        let name = format!("name = \"{name}\"");
        let mut packages = lock.split("[[package]]");
        packages.find(|package| package.lines().any(|line| line == name))
    };
    let version = |package: &str| {
        let line = package.lines().find(|line| line.starts_with("version"))?;
        line.split('"').nth(1).map(str::to_owned)
    };
    let own = package(env!("CARGO_PKG_NAME")).unwrap_or_default();
    let dependencies = own.lines().filter_map(|line| line.strip_prefix(" \""));
    let versions = dependencies.filter_map(|dependency| {
        let dependency = dependency.trim_end_matches("\",");
        // The list has the version if there are several versions of a package.
        let (name, listed) = match dependency.split_once(' ') {
            Some((name, version)) => (name, Some(version.to_owned())),
            None => (dependency, None),
        };
        let is_peer = |peer: &Peer| peer.kind == Kind::Peer && peer.name == name;
        PEERS.iter().any(is_peer).then_some(())?;
        let version = listed.or_else(|| version(package(name)?))?;
        Some(format!("{name} {version}"))
    });
    versions.collect::<Vec<_>>().join("; ")
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("history.csv")
}

fn picture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/performance.svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_lines_round_trip() {
        let mut figures = vec![Some((1.5, 20.0)); ROWS.len()];
        figures[2] = None;
        let release = Release {
            name: "0.1.0".to_owned(),
            peers: "prometheus 0.14.0; vise 0.3.2".to_owned(),
            figures,
        };
        let line = release.line();
        let read = Release::parse(line.trim_end()).expect("it was written here");
        assert_eq!(read.peers, release.peers);
        assert_eq!(read.figures, release.figures);
        assert!(Release::parse("0.1.0,,1").is_err());
    }

    #[test]
    fn peers_have_the_versions_of_the_lock_file() {
        let lock = "\
[[package]]
name = \"prometheus-client\"
version = \"0.18.1\"

[[package]]
name = \"shadowcat-metrics-benches\"
version = \"0.0.0\"
dependencies = [
 \"clap\",
 \"prometheus-client 0.26.0\",
 \"vise\",
]

[[package]]
name = \"vise\"
version = \"0.3.2\"
";
        assert_eq!(peers(lock), "prometheus-client 0.26.0; vise 0.3.2");
    }
}
