//! Changes of objectives, alerts and the `[operations]` settings.

use shadowcat_metrics_codegen::model::{Registry, Stability};
use shadowcat_metrics_operations::Schema;
use shadowcat_metrics_operations::model::{
    Alert, AlertTest, Counted, Indicator, Selection, Settings, Slo,
};

use super::{Changes, Impact, breaking_unless, label_names};

pub(super) fn compare(old: &Schema, new: &Schema, changes: &mut Changes) {
    let Schema {
        // Compared separately.
        registry: old_registry,
        settings,
        slos,
        alerts,
        // Positions only.
        sections: _,
        is_part: _,
    } = old;
    compare_settings(settings, &new.settings, changes);
    for slo in slos {
        changes.about("slo", &slo.name, Stability::Experimental);
        match new.slos.iter().find(|other| other.name == slo.name) {
            Some(other) => compare_slo((old_registry, slo), (&new.registry, other), changes),
            None => removed(&slo.name, changes),
        }
    }
    let is_known = |name: &String| slos.iter().any(|slo| slo.name == *name);
    let names = new.slos.iter().map(|slo| &slo.name);
    added("slo", names.filter(|name| !is_known(name)), changes);
    for alert in alerts {
        changes.about("alert", &alert.name, Stability::Experimental);
        match new.alerts.iter().find(|other| other.name == alert.name) {
            Some(other) => compare_alert((old_registry, alert), (&new.registry, other), changes),
            None => removed(&alert.name, changes),
        }
    }
    let is_known = |name: &String| alerts.iter().any(|alert| alert.name == *name);
    let names = new.alerts.iter().map(|alert| &alert.name);
    added("alert", names.filter(|name| !is_known(name)), changes);
}

/// Removes a subject. This breaks routes, silences and dashboards that name an alert or an objective's recorded series.
fn removed(name: &str, changes: &mut Changes) {
    let removed = changes.removed(name);
    removed.impact(Impact::Breaking, Impact::Cosmetic);
}

fn added<'n>(
    subject: &'static str,
    names: impl Iterator<Item = &'n String>,
    changes: &mut Changes,
) {
    for name in names {
        changes.about(subject, name, Stability::Experimental);
        let added = changes.added(name);
        added.impact(Impact::Additive, Impact::Cosmetic);
    }
}

fn compare_settings(old: &Settings, new: &Settings, changes: &mut Changes) {
    let Settings {
        external,
        target_labels,
        runbook_url,
        dashboard_url,
        reference_url,
        prometheus_url,
        histograms,
    } = old;
    changes.about("operations", "", Stability::Experimental);
    changes.field("external", external, &new.external);
    changes.field("target_labels", target_labels, &new.target_labels);
    changes.field("runbook_url", runbook_url, &new.runbook_url);
    changes.field("dashboard_url", dashboard_url, &new.dashboard_url);
    changes.field("reference_url", reference_url, &new.reference_url);
    changes.field("prometheus_url", prometheus_url, &new.prometheus_url);
    // If a form is removed, the rules and dashboards have no results on servers that store histograms in that form.
    let impact = breaking_unless(new.histograms.includes(*histograms));
    let change = changes.field("histograms", histograms, &new.histograms);
    change.impact(impact, Impact::Cosmetic);
}

fn compare_slo(old: (&Registry, &Slo), new: (&Registry, &Slo), changes: &mut Changes) {
    let Slo {
        name: _,
        help,
        objective,
        window,
        indicator,
        by,
        impact,
        runbook,
        owner,
        span: _,
    } = old.1;
    let slo = new.1;
    changes.field("help", help, &slo.help);
    // The objective promises something else, but every recorded series and alert still exists.
    let change = changes.field("objective", objective, &slo.objective);
    change.impact(Impact::Additive, Impact::Cosmetic);
    let change = changes.field("window", window, &slo.window);
    change.impact(Impact::Additive, Impact::Cosmetic);
    let (before, after) = (events(old.0, indicator), events(new.0, &slo.indicator));
    let change = changes.field("events", &before, &after);
    change.impact(Impact::Additive, Impact::Cosmetic);
    // Recorded series get different labels and names.
    let (before, after) = (label_names(old.0, by), label_names(new.0, &slo.by));
    let change = changes.field("by", &before, &after);
    change.impact(Impact::Breaking, Impact::Cosmetic);
    changes.field("impact", impact, &slo.impact);
    changes.field("runbook", runbook, &slo.runbook);
    changes.field("owner", owner, &slo.owner);
}

fn events(registry: &Registry, indicator: &Indicator) -> String {
    let selection = |Selection { metric, matchers }: &Selection| {
        let matchers = matchers.iter().map(|matcher| {
            let label = &registry.labels[matcher.label.0].name;
            format!("{label}={}", matcher.values.join("|"))
        });
        let matchers: Vec<_> = matchers.collect();
        format!(
            "{}{{{}}}",
            registry.metrics[metric.0].exposed,
            matchers.join(",")
        )
    };
    match indicator {
        Indicator::Latency { of, bound } => format!("{} under {bound}", selection(of)),
        Indicator::Availability { counted, total } => {
            let (word, counted) = match counted {
                Counted::Good(counted) => ("good", counted),
                Counted::Bad(counted) => ("bad", counted),
            };
            format!("{word} {} of {}", selection(counted), selection(total))
        }
    }
}

fn compare_alert(old: (&Registry, &Alert), new: (&Registry, &Alert), changes: &mut Changes) {
    let Alert {
        name: _,
        summary,
        expr,
        query: _,
        hold,
        severity,
        description,
        impact,
        runbook,
        owner,
        test,
        spans: _,
    } = old.1;
    let alert = new.1;
    changes.field("summary", summary, &alert.summary);
    let (before, after) = (expr.promql(old.0), alert.expr.promql(new.0));
    let change = changes.field("expr", &before, &after);
    change.impact(Impact::Additive, Impact::Cosmetic);
    let change = changes.field("for", hold, &alert.hold);
    change.impact(Impact::Additive, Impact::Cosmetic);
    // Alertmanager may route the alert differently.
    let change = changes.field("severity", severity, &alert.severity);
    change.impact(Impact::Breaking, Impact::Cosmetic);
    changes.field("description", description, &alert.description);
    changes.field("impact", impact, &alert.impact);
    changes.field("runbook", runbook, &alert.runbook);
    changes.field("owner", owner, &alert.owner);
    let tested = |test: &Option<AlertTest>| test.as_ref().map(|_| "tested");
    changes.field("test", &tested(test), &tested(&alert.test));
}
