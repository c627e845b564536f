//! Grafana's dashboard format: the parts that are used here, in the order in which they are serialized, and the ids
//! of units.
//!
//! The names are those of `Dashboard` in the npm package `@grafana/schema`; `scripts/dashboards.sh` checks
//! them against it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use shadowcat_metrics_codegen::model::Unit;

/// Version of the format, as in Grafana 12 and 13. Grafana migrates older versions and does not know newer
/// ones.
pub(super) const SCHEMA_VERSION: u32 = 42;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dashboard {
    pub(super) uid: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) tags: Vec<String>,
    pub(super) schema_version: u32,
    pub(super) editable: bool,
    pub(super) graph_tooltip: u8,
    pub(super) timezone: &'static str,
    pub(super) time: Time,
    pub(super) refresh: &'static str,
    pub(super) links: Vec<Link>,
    pub(super) annotations: Annotations,
    pub(super) templating: Templating,
    pub(super) panels: Vec<Panel>,
}

#[derive(Debug, Serialize)]
pub(super) struct Time {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
}

/// No annotations besides Grafana's own.
#[derive(Debug, Serialize)]
pub(super) struct Annotations {
    pub(super) list: [(); 0],
}

#[derive(Debug, Serialize)]
pub(super) struct Templating {
    pub(super) list: Vec<Variable>,
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Variable {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) datasource: Option<DataSource>,
    pub(super) query: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) all_value: Option<&'static str>,
    pub(super) include_all: bool,
    pub(super) multi: bool,
    pub(super) refresh: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sort: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) current: Option<Value>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct DataSource {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) uid: &'static str,
}

/// The data source that the variable `datasource` selects.
pub(super) const DATA_SOURCE: DataSource = DataSource {
    kind: "prometheus",
    uid: "${datasource}",
};

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the format defines them, and they are independent"
)]
pub(super) struct Link {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) tooltip: String,
    pub(super) icon: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) as_dropdown: bool,
    pub(super) include_vars: bool,
    pub(super) keep_time: bool,
    pub(super) target_blank: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(super) struct GridPos {
    pub(super) h: u32,
    pub(super) w: u32,
    pub(super) x: u32,
    pub(super) y: u32,
}

/// A panel, or a row: a heading between panels.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(super) enum Panel {
    Row(Row),
    Chart(Box<Chart>),
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) id: u32,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) collapsed: bool,
    pub(super) grid_pos: GridPos,
    /// Panels that a collapsed row hides. The panels of an expanded row follow it.
    pub(super) panels: [(); 0],
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chart {
    pub(super) id: u32,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) grid_pos: GridPos,
    pub(super) datasource: DataSource,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) links: Vec<Link>,
    pub(super) targets: Vec<Target>,
    pub(super) field_config: FieldConfig,
    pub(super) options: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) transformations: Vec<Value>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Target {
    pub(super) ref_id: String,
    pub(super) datasource: DataSource,
    pub(super) expr: String,
    pub(super) legend_format: String,
    pub(super) format: &'static str,
    pub(super) instant: bool,
    pub(super) range: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct FieldConfig {
    pub(super) defaults: Defaults,
    pub(super) overrides: [(); 0],
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Defaults {
    pub(super) unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) color: Option<Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) custom: BTreeMap<&'static str, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) mappings: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thresholds: Option<Thresholds>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Thresholds {
    pub(super) mode: &'static str,
    pub(super) steps: Vec<Step>,
}

/// A color for values from this one up to the next step. The first step has no value: it has no lower limit.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Step {
    pub(super) color: &'static str,
    pub(super) value: Option<f64>,
}

/// Returns the id of a unit, from `categories.ts` of `@grafana/data`.
pub(super) const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "short",
        Unit::Seconds => "s",
        Unit::Bytes => "bytes",
        Unit::Ratio => "percentunit",
        Unit::Celsius => "celsius",
        Unit::Meters => "lengthm",
        Unit::Volts => "volt",
        Unit::Amperes => "amp",
        Unit::Joules => "joule",
        Unit::Watts => "watt",
        Unit::Grams => "massg",
        Unit::Hertz => "hertz",
    }
}

/// Returns the id of the unit of a rate per second, for values in `unit`.
pub(super) const fn unit_of_rate(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "cps",
        // Seconds per second: a share of the time, which exceeds 1 if several durations overlap.
        Unit::Seconds => "percentunit",
        Unit::Bytes => "binBps",
        Unit::Meters => "velocityms",
        Unit::Joules => "watt",
        Unit::Ratio
        | Unit::Celsius
        | Unit::Volts
        | Unit::Amperes
        | Unit::Watts
        | Unit::Grams
        | Unit::Hertz => "short",
    }
}
