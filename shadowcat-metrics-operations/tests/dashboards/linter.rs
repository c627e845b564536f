//! The rules of grafana/dashboard-linter as we read them, under their names in its `docs/index.md` and `lint/`.

use std::collections::BTreeSet;

use promql_parser::parser::{self, Expr};

use super::{all, charts, list, parsed, queries, text, variables};

/// Calls `visit` with each part of a query and the functions around it, outermost first.
fn walk<'e>(expr: &'e Expr, around: &mut Vec<&'e str>, visit: &mut dyn FnMut(&'e Expr, &[&str])) {
    visit(expr, around);
    match expr {
        Expr::Aggregate(of) => walk(&of.expr, around, visit),
        Expr::Unary(of) => walk(&of.expr, around, visit),
        Expr::Paren(of) => walk(&of.expr, around, visit),
        Expr::Subquery(of) => walk(&of.expr, around, visit),
        Expr::Binary(of) => {
            walk(&of.lhs, around, visit);
            walk(&of.rhs, around, visit);
        }
        Expr::Call(call) => {
            around.push(call.func.name);
            for argument in &call.args.args {
                walk(argument, around, visit);
            }
            around.pop();
        }
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::VectorSelector(_)
        | Expr::MatrixSelector(_)
        | Expr::Extension(_) => {}
    }
}

#[test]
fn template_datasource_rule() {
    for (path, dashboard) in all() {
        let sources = variables(&dashboard)
            .iter()
            .filter(|one| text(one, "/type") == "datasource");
        let sources: Vec<_> = sources.collect();
        assert_eq!(sources.len(), 1, "{path}");
        assert_eq!(text(sources[0], "/name"), "datasource", "{path}");
        assert_eq!(text(sources[0], "/label"), "Data source", "{path}");
        assert_eq!(text(sources[0], "/query"), "prometheus", "{path}");
    }
}

#[test]
fn template_job_rule_and_template_instance_rule() {
    for (path, dashboard) in all() {
        for (name, label) in [("job", "Job"), ("instance", "Instance")] {
            let found = variables(&dashboard)
                .iter()
                .find(|one| text(one, "/name") == name);
            let found = found.unwrap_or_else(|| panic!("{path}: no variable {name}"));
            assert_eq!(text(found, "/type"), "query", "{path}");
            assert_eq!(text(found, "/label"), label, "{path}");
            assert_eq!(text(found, "/datasource/uid"), "${datasource}", "{path}");
            // Other programs may expose this name, so the variable lists this program's jobs instead of matching any.
            let query = text(found, "/query/query");
            if found.get("allValue").is_some() {
                assert_eq!(text(found, "/allValue"), ".+", "{path}");
            } else {
                let foreign = charts(&dashboard)
                    .flat_map(queries)
                    .any(|query| !["shadowcat_", "all_"].iter().any(|own| query.contains(own)));
                assert!(foreign || path.ends_with("/overview.json"), "{path}");
            }
            assert!(!query.contains("(process_"), "{path}: {query}");
            assert_eq!(found["multi"], true, "{path}");
            assert_eq!(found["includeAll"], true, "{path}");
        }
    }
}

#[test]
fn template_label_promql_rule_and_template_on_time_change_reload_rule() {
    for (path, dashboard) in all() {
        let mut names = BTreeSet::new();
        for one in variables(&dashboard) {
            assert!(names.insert(text(one, "/name")), "{path}: duplicate {one}");
            if text(one, "/type") != "query" {
                continue;
            }
            assert_eq!(one["refresh"], 2, "{path}: {one}");
            let query = text(one, "/query/query");
            let inner = query
                .strip_prefix("label_values(")
                .and_then(|rest| rest.strip_suffix(')'));
            let (series, label) = inner
                .and_then(|inner| inner.rsplit_once(", "))
                .expect(query);
            parsed(series);
            assert!(
                label.chars().all(|c| c.is_alphanumeric() || c == '_'),
                "{path}: {query}"
            );
        }
    }
}

#[test]
fn panel_datasource_rule_and_panel_title_description_rule() {
    for (path, dashboard) in all() {
        for panel in charts(&dashboard) {
            let title = text(panel, "/title");
            assert!(
                !title.is_empty() && !text(panel, "/description").is_empty(),
                "{path}: {panel}"
            );
            assert_eq!(
                text(panel, "/datasource/uid"),
                "${datasource}",
                "{path}: {title}"
            );
            for target in list(panel, "/targets") {
                assert_eq!(
                    text(target, "/datasource/uid"),
                    "${datasource}",
                    "{path}: {title}"
                );
            }
        }
    }
}

#[test]
fn panel_units_rule() {
    // The units of the rule's list that are used here.
    const VALID: [&str; 18] = [
        "none",
        "short",
        "s",
        "bytes",
        "percentunit",
        "celsius",
        "lengthm",
        "volt",
        "amp",
        "joule",
        "watt",
        "massg",
        "hertz",
        "cps",
        "binBps",
        "velocityms",
        "dateTimeFromNow",
        "string",
    ];
    for (path, dashboard) in all() {
        for panel in charts(&dashboard) {
            let unit = text(panel, "/fieldConfig/defaults/unit");
            assert!(
                VALID.contains(&unit),
                "{path}: {}: `{unit}`",
                text(panel, "/title")
            );
        }
    }
}

#[test]
fn panel_no_targets_rule_and_target_promql_rule() {
    for (path, dashboard) in all() {
        for panel in charts(&dashboard) {
            assert!(!list(panel, "/targets").is_empty(), "{path}: {panel}");
            queries(panel).for_each(|query| drop(parsed(&query)));
        }
    }
}

#[test]
fn target_job_rule_and_target_instance_rule() {
    for (path, dashboard) in all() {
        for query in charts(&dashboard).flat_map(queries) {
            walk(&parsed(&query), &mut Vec::new(), &mut |part, _| {
                let selector = match part {
                    Expr::VectorSelector(selector) => selector,
                    Expr::MatrixSelector(matrix) => &matrix.vs,
                    _ => return,
                };
                let matches = |label: &str, variable: &str| {
                    let matchers = &selector.matchers.matchers;
                    matchers.iter().any(|matcher| {
                        matcher.name == label
                            && matcher.op.to_string() == "=~"
                            && matcher.value == variable
                    })
                };
                assert!(matches("job", "$job"), "{path}: {query}");
                // An objective covers all instances together, and so do its recorded series.
                let name = selector.name.as_deref().unwrap_or_default();
                assert!(
                    name.contains(':') || matches("instance", "$instance"),
                    "{path}: {query}"
                );
            });
        }
    }
}

#[test]
fn target_rate_interval_rule() {
    for (path, dashboard) in all() {
        for panel in charts(&dashboard) {
            for target in list(panel, "/targets") {
                let query = text(target, "/expr");
                let ranges = query.matches('[').count();
                assert_eq!(
                    ranges,
                    query.matches("[$__rate_interval]").count(),
                    "{path}: {query}"
                );
            }
        }
    }
}

#[test]
fn target_counter_agg_rule_and_target_histogram_rule() {
    let mut counters = 0;
    for (path, dashboard) in all() {
        for query in charts(&dashboard).flat_map(queries) {
            walk(&parsed(&query), &mut Vec::new(), &mut |part, around| {
                let (Expr::VectorSelector(selector)
                | Expr::MatrixSelector(parser::MatrixSelector { vs: selector, .. })) = part
                else {
                    return;
                };
                let name = selector.name.as_deref().unwrap_or_default();
                if !["_total", "_bucket"].iter().any(|end| name.ends_with(end)) {
                    return;
                }
                counters += 1;
                let inner = around.last().copied().unwrap_or_default();
                assert!(["rate", "increase"].contains(&inner), "{path}: {query}");
            });
        }
    }
    assert!(counters > 50, "only {counters} counters were looked at");
}

#[test]
fn template_uneditable_rule() {
    for (path, dashboard) in all() {
        assert_eq!(dashboard["editable"], false, "{path}");
        assert!(
            dashboard.get("id").is_none(),
            "{path}: an id is another Grafana's"
        );
    }
}
