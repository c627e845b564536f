//! Changes of objectives, alerts and the `[operations]` settings.

use shadowcat_metrics_codegen::model::{Registry, Stability};
use shadowcat_metrics_operations::duration;
use shadowcat_metrics_operations::model::{
    Alert, AlertTest, Counted, Indicator, Selection, Settings, Slo,
};
use shadowcat_metrics_operations::{Histograms, Schema};

use super::{Changes, Impact, list};

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
            None => removed("slo", &slo.name, changes),
        }
    }
    for slo in &new.slos {
        if !slos.iter().any(|other| other.name == slo.name) {
            added("slo", &slo.name, changes);
        }
    }
    for alert in alerts {
        changes.about("alert", &alert.name, Stability::Experimental);
        match new.alerts.iter().find(|other| other.name == alert.name) {
            Some(other) => compare_alert((old_registry, alert), (&new.registry, other), changes),
            None => removed("alert", &alert.name, changes),
        }
    }
    for alert in &new.alerts {
        if !alerts.iter().any(|other| other.name == alert.name) {
            added("alert", &alert.name, changes);
        }
    }
}

/// Removes a subject. This breaks routes, silences and dashboards that name an alert or an objective's recorded series.
fn removed(subject: &'static str, name: &str, changes: &mut Changes) {
    changes.field(
        subject,
        Some(name.to_owned()),
        None,
        Impact::Breaking,
        Impact::Cosmetic,
    );
}

fn added(subject: &'static str, name: &str, changes: &mut Changes) {
    changes.about(subject, name, Stability::Experimental);
    changes.field(
        subject,
        None,
        Some(name.to_owned()),
        Impact::Additive,
        Impact::Cosmetic,
    );
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
    let names = |names: &[String]| list(names.iter().map(String::as_str));
    changes.cosmetic("external", names(external), names(&new.external));
    changes.cosmetic(
        "target_labels",
        names(target_labels),
        names(&new.target_labels),
    );
    changes.cosmetic("runbook_url", runbook_url.clone(), new.runbook_url.clone());
    changes.cosmetic(
        "dashboard_url",
        dashboard_url.clone(),
        new.dashboard_url.clone(),
    );
    changes.cosmetic(
        "reference_url",
        reference_url.clone(),
        new.reference_url.clone(),
    );
    changes.cosmetic(
        "prometheus_url",
        prometheus_url.clone(),
        new.prometheus_url.clone(),
    );
    // If a form is removed, the rules and dashboards have no results on servers that store histograms in that form.
    let impact = if new.histograms.includes(*histograms) {
        Impact::Additive
    } else {
        Impact::Breaking
    };
    let form = |histograms: Histograms| Some(histograms.name().to_owned());
    changes.field(
        "histograms",
        form(*histograms),
        form(new.histograms),
        impact,
        Impact::Cosmetic,
    );
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
    changes.cosmetic("help", Some(help.clone()), Some(slo.help.clone()));
    let mut shown = |field, old, new, impact| {
        changes.field(field, Some(old), Some(new), impact, Impact::Cosmetic);
    };
    // The objective promises something else, but every recorded series and alert still exists.
    shown(
        "objective",
        objective.to_string(),
        slo.objective.to_string(),
        Impact::Additive,
    );
    shown(
        "window",
        duration::format(*window),
        duration::format(slo.window),
        Impact::Additive,
    );
    shown(
        "events",
        events(old.0, indicator),
        events(new.0, &slo.indicator),
        Impact::Additive,
    );
    // Recorded series get different labels and names.
    changes.field(
        "by",
        list(by.iter().map(|id| &*old.0.labels[id.0].name)),
        list(slo.by.iter().map(|id| &*new.0.labels[id.0].name)),
        Impact::Breaking,
        Impact::Cosmetic,
    );
    changes.cosmetic("impact", impact.clone(), slo.impact.clone());
    changes.cosmetic("runbook", runbook.clone(), slo.runbook.clone());
    changes.cosmetic("owner", owner.clone(), slo.owner.clone());
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
    changes.cosmetic(
        "summary",
        Some(summary.clone()),
        Some(alert.summary.clone()),
    );
    let mut shown = |field, old, new| {
        changes.field(
            field,
            Some(old),
            Some(new),
            Impact::Additive,
            Impact::Cosmetic,
        );
    };
    shown("expr", expr.promql(old.0), alert.expr.promql(new.0));
    shown("for", duration::format(*hold), duration::format(alert.hold));
    // Alertmanager may route the alert differently.
    changes.field(
        "severity",
        Some(severity.name().to_owned()),
        Some(alert.severity.name().to_owned()),
        Impact::Breaking,
        Impact::Cosmetic,
    );
    changes.cosmetic(
        "description",
        description.clone(),
        alert.description.clone(),
    );
    changes.cosmetic("impact", impact.clone(), alert.impact.clone());
    changes.cosmetic("runbook", runbook.clone(), alert.runbook.clone());
    changes.cosmetic("owner", owner.clone(), alert.owner.clone());
    let tested = |test: &Option<AlertTest>| test.as_ref().map(|_| "tested".to_owned());
    changes.cosmetic("test", tested(test), tested(&alert.test));
}
