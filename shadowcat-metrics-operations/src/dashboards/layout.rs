//! Places panels on a dashboard's grid: rows by a metric's kind, unit and `bad` mark, panels next to each other, ids from names.

use std::collections::BTreeMap;

use shadowcat_metrics_codegen::model::{Metric, Unit};

use super::grafana::{self, Chart, GridPos, Panel};
use crate::kinds::KindRow;

/// Width of Grafana's grid.
const COLUMNS: u32 = 24;

/// The rows of a dashboard, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    /// Objectives.
    Objectives,
    /// Amount of work.
    Traffic,
    /// Failures.
    Errors,
    /// Durations.
    Latency,
    /// Sizes and other distributions.
    Distributions,
    /// Utilization and states.
    Saturation,
    /// The metrics library's own metrics.
    Library,
}

impl Row {
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Objectives => "Objectives",
            Self::Traffic => "Traffic",
            Self::Errors => "Errors",
            Self::Latency => "Latency",
            Self::Distributions => "Sizes and other distributions",
            Self::Saturation => "Saturation and state",
            Self::Library => "The metrics library itself",
        }
    }

    /// Returns the row of a metric. A counter with an outcome also appears under errors.
    pub(super) fn of(metric: &Metric) -> Self {
        let kind = KindRow::of(&metric.kind);
        if metric.bad {
            Self::Errors
        } else if metric.unit == Unit::Seconds {
            kind.row_of_seconds
        } else {
            kind.row
        }
    }
}

/// A panel without a position.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Its row.
    pub(super) row: Row,
    /// Its key, unique in the dashboard.
    pub(super) key: String,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) chart: Chart,
}

/// Places panels in their rows, in the given order.
pub(super) fn place(mut drafts: Vec<Draft>) -> Vec<Panel> {
    drafts.sort_by_key(|draft| draft.row);
    let row_key = |row: Row| format!("row {}", row.title());
    let keys = drafts
        .iter()
        .flat_map(|draft| [draft.key.clone(), row_key(draft.row)]);
    let ids = ids(keys);
    let mut panels = Vec::new();
    let mut row = None;
    let (mut x, mut y, mut line) = (0, 0, 0);
    for draft in drafts {
        if row != Some(draft.row) {
            y += line;
            panels.push(Panel::Row(grafana::Row {
                id: ids[&row_key(draft.row)],
                kind: "row",
                title: draft.row.title().to_owned(),
                collapsed: false,
                grid_pos: GridPos {
                    h: 1,
                    w: COLUMNS,
                    x: 0,
                    y,
                },
                panels: [],
            }));
            row = Some(draft.row);
            (x, y, line) = (0, y + 1, 0);
        }
        if x + draft.width > COLUMNS {
            (x, y, line) = (0, y + line, 0);
        }
        let mut chart = draft.chart;
        chart.id = ids[&draft.key];
        chart.grid_pos = GridPos {
            h: draft.height,
            w: draft.width,
            x,
            y,
        };
        panels.push(Panel::Chart(Box::new(chart)));
        x += draft.width;
        line = line.max(draft.height);
    }
    panels
}

/// Returns an id for each key. It is the same in every dashboard and release, unless two keys collide.
fn ids(keys: impl Iterator<Item = String>) -> BTreeMap<String, u32> {
    let keys: std::collections::BTreeSet<_> = keys.collect();
    let mut taken = std::collections::BTreeSet::new();
    let mut ids = BTreeMap::new();
    for key in keys {
        // Positive 31-bit numbers, which Grafana keeps exactly everywhere.
        let mut id = (hash(&key) & 0x7fff_ffff).max(1);
        while !taken.insert(id) {
            id = (id % 0x7fff_ffff) + 1;
        }
        ids.insert(key, id);
    }
    ids
}

/// Computes FNV-1a, whose result never changes; the standard library's hash has no such guarantee.
pub(super) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
