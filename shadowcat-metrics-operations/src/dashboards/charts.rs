//! The kinds of panels, with the settings that all panels of a kind share.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shadowcat_metrics_codegen::model::{LabelId, Registry};

use super::grafana::{
    Chart, DATA_SOURCE, Defaults, FieldConfig, GridPos, Link, Step, Target, Thresholds,
};

/// Creates a query and the legend of its series.
pub(super) fn target(expr: String, legend: String) -> Target {
    Target {
        ref_id: String::new(),
        datasource: DATA_SOURCE,
        expr,
        legend_format: legend,
        format: "time_series",
        instant: false,
        range: true,
    }
}

/// Returns the legend of series with these labels.
pub(super) fn legend(registry: &Registry, labels: &[LabelId]) -> String {
    let names = registry.label_names(labels).into_iter();
    let names = names.map(|name| format!("{{{{{name}}}}}"));
    names.collect::<Vec<_>>().join(" ")
}

fn chart(
    kind: &'static str,
    title: &str,
    description: String,
    mut targets: Vec<Target>,
    defaults: Defaults,
    options: Value,
) -> Chart {
    for (position, target) in targets.iter_mut().enumerate() {
        target.ref_id = ref_id(position);
    }
    Chart {
        id: 0,
        kind,
        title: title.to_owned(),
        description,
        grid_pos: GridPos::default(),
        datasource: DATA_SOURCE,
        links: Vec::new(),
        targets,
        field_config: FieldConfig {
            defaults,
            overrides: [],
        },
        options,
        transformations: Vec::new(),
    }
}

/// Returns A to Z, then AA and so on, as Grafana counts.
fn ref_id(position: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(position % 26).expect("less than 26"));
    match position / 26 {
        0 => letter.to_string(),
        more => ref_id(more - 1) + &letter.to_string(),
    }
}

/// Creates a line chart. Values of `limit` and above are marked as too high.
pub(super) fn lines(
    title: &str,
    description: String,
    targets: Vec<Target>,
    unit: &'static str,
    limit: Option<f64>,
) -> Chart {
    let mut custom = BTreeMap::from([("fillOpacity", json!(10)), ("showPoints", json!("never"))]);
    if limit.is_some() {
        custom.insert("thresholdsStyle", json!({ "mode": "dashed+area" }));
    }
    let defaults = Defaults {
        unit,
        color: Some(json!({ "mode": "palette-classic" })),
        custom,
        thresholds: limit.map(|limit| thresholds(&[(None, "green"), (Some(limit), "red")])),
        ..Defaults::default()
    };
    let options = json!({
        "legend": { "calcs": ["mean", "lastNotNull", "max"], "displayMode": "table", "placement": "bottom", "showLegend": true },
        "tooltip": { "mode": "multi", "sort": "desc" },
    });
    chart("timeseries", title, description, targets, defaults, options)
}

/// Creates a heatmap of observations over time.
pub(super) fn heatmap(
    title: &str,
    description: String,
    mut target: Target,
    unit: &'static str,
) -> Chart {
    target.format = "heatmap";
    let options = json!({
        "calculate": false,
        "cellGap": 1,
        "color": { "exponent": 0.5, "fill": "dark-orange", "mode": "scheme", "reverse": false, "scale": "exponential", "scheme": "Oranges", "steps": 64 },
        "exemplars": { "color": "rgba(255,0,255,0.7)" },
        "filterValues": { "le": 1e-9 },
        "legend": { "show": true },
        "rowsFrame": { "layout": "auto" },
        "showValue": "never",
        "tooltip": { "mode": "single", "yHistogram": true },
        "yAxis": { "axisPlacement": "left", "reverse": false, "unit": unit },
    });
    let defaults = Defaults {
        unit: "short",
        ..Defaults::default()
    };
    chart(
        "heatmap",
        title,
        description,
        vec![target],
        defaults,
        options,
    )
}

/// Creates a panel with the last value in large type, colored by thresholds in ascending order.
pub(super) fn stat(
    title: &str,
    description: String,
    targets: Vec<Target>,
    unit: &'static str,
    steps: &[(Option<f64>, &'static str)],
) -> Chart {
    let defaults = Defaults {
        unit,
        color: Some(json!({ "mode": "thresholds" })),
        thresholds: Some(thresholds(steps)),
        ..Defaults::default()
    };
    let options = json!({
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "orientation": "auto",
        "percentChangeColorMode": "standard",
        "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
        "showPercentChange": false,
        "textMode": "auto",
        "wideLayout": true,
    });
    chart("stat", title, description, targets, defaults, options)
}

/// Creates a timeline with a band for each series that names its state. The first state is 1. Each state has
/// a color.
pub(super) fn states(
    title: &str,
    description: String,
    target: Target,
    states: &[(&str, &'static str)],
) -> Chart {
    let mut names = serde_json::Map::new();
    names.insert(
        "0".to_owned(),
        json!({ "color": "text", "index": 0, "text": "none yet" }),
    );
    for (position, (state, color)) in states.iter().enumerate() {
        let index = position + 1;
        names.insert(
            index.to_string(),
            json!({ "color": color, "index": index, "text": state }),
        );
    }
    let defaults = Defaults {
        unit: "short",
        color: Some(json!({ "mode": "thresholds" })),
        custom: BTreeMap::from([("fillOpacity", json!(70)), ("lineWidth", json!(0))]),
        mappings: vec![json!({ "options": names, "type": "value" })],
        ..Defaults::default()
    };
    let options = json!({
        "alignValue": "left",
        "legend": { "calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": true },
        "mergeValues": true,
        "rowHeight": 0.8,
        "showValue": "auto",
        "tooltip": { "mode": "single", "sort": "none" },
    });
    chart(
        "state-timeline",
        title,
        description,
        vec![target],
        defaults,
        options,
    )
}

/// Creates a table with the labels of series as columns.
pub(super) fn facts(title: &str, description: String, mut target: Target) -> Chart {
    target.format = "table";
    target.instant = true;
    target.range = false;
    let options = json!({ "cellHeight": "sm", "frameIndex": 0, "showHeader": true });
    let defaults = Defaults {
        unit: "none",
        ..Defaults::default()
    };
    let mut chart = chart("table", title, description, vec![target], defaults, options);
    chart.transformations = vec![json!({
        "id": "organize",
        "options": { "excludeByName": { "Time": true, "Value": true, "__name__": true } },
    })];
    chart
}

fn thresholds(steps: &[(Option<f64>, &'static str)]) -> Thresholds {
    let step = |(value, color): &(Option<f64>, &'static str)| Step {
        color,
        value: *value,
    };
    Thresholds {
        mode: "absolute",
        steps: steps.iter().map(step).collect(),
    }
}

/// Creates a link to another page.
pub(super) fn link(title: &str, url: String, is_dashboard: bool) -> Link {
    Link {
        kind: "link",
        title: title.to_owned(),
        tooltip: String::new(),
        icon: if is_dashboard { "dashboard" } else { "doc" },
        url: Some(url),
        tags: Vec::new(),
        as_dropdown: false,
        include_vars: is_dashboard,
        keep_time: is_dashboard,
        target_blank: !is_dashboard,
    }
}
