//! Places panels on a dashboard's grid: rows by meaning, panels next to each other, ids from names.

use std::collections::BTreeMap;

use super::grafana::{Chart, GridPos, Panel, Row};
use super::meaning;

/// Width of Grafana's grid.
const COLUMNS: u32 = 24;

/// A panel without a position.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Its row.
    pub(super) row: meaning::Row,
    /// Its key, unique in the dashboard.
    pub(super) key: String,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) chart: Chart,
}

/// Places panels in their rows, in the given order.
pub(super) fn place(mut drafts: Vec<Draft>) -> Vec<Panel> {
    drafts.sort_by_key(|draft| draft.row);
    let row_key = |row: meaning::Row| format!("row {}", row.title());
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
            panels.push(Panel::Row(Row {
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
