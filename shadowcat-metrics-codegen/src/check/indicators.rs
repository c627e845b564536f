//! Which events an objective counts as good and as all, and whether they can be counted. Their label values and bounds are
//! in `events`.

use super::Checker;
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{Counted, Indicator, Kind, Selection};
use crate::parse::ast::{self, Events, Field, Given};

impl Checker<'_> {
    /// What an objective is measured by; none if that cannot be told.
    pub(super) fn check_indicator(&mut self, slo: &ast::Slo, what: &str) -> Option<Indicator> {
        let (counted, key) = match (&slo.good, &slo.bad) {
            (Field::Given(good), bad) => {
                if let Field::Given(bad) = bad {
                    self.report.push(
                        Diagnostic::error(
                            errors::CONFLICTING_KEYS,
                            bad.key,
                            format!("{what} has both `good` and `bad`"),
                        )
                        .label("expected one of the two: what is not the one is the other")
                        .secondary(good.key, "`good` is here"),
                    );
                }
                (good, "good")
            }
            (_, Field::Given(bad)) => (bad, "bad"),
            (Field::Absent, Field::Absent) => {
                let expected =
                    "good = { metric = \"group.metric\", where = { label = \"value\" } }";
                self.missing_key(what, "good` or `bad", slo.name.span, expected);
                return None;
            }
            (Field::Invalid, _) | (_, Field::Invalid) => return None,
        };
        let events = self.check_events(counted, key);
        if key == "good" && matches!(counted.value.under, Field::Given(_)) {
            return self.check_latency(slo, counted, events?);
        }
        self.reject_under(&counted.value, key);
        let total = match &slo.total {
            Field::Given(total) => {
                self.reject_under(&total.value, "total");
                self.check_events(total, "total")
            }
            Field::Absent => events.as_ref().map(|events| Selection {
                metric: events.metric,
                matchers: Vec::new(),
            }),
            Field::Invalid => None,
        };
        let (events, total) = (events?, total?);
        let told_apart = counted
            .value
            .filters
            .given()
            .map_or(0, |given| given.value.len());
        if events == total && told_apart == events.matchers.len() {
            self.report.push(
                Diagnostic::error(
                    errors::EVENTS_ALL_ALIKE,
                    counted.span,
                    format!("{what} counts every event as {key}"),
                )
                .label("expected `where`, with the label values that tell good events from bad ones")
                .help("a histogram's observations are told apart by `under`, one of its bucket bounds"),
            );
            return None;
        }
        let counted = if key == "good" {
            Counted::Good(events)
        } else {
            Counted::Bad(events)
        };
        Some(Indicator::Availability { counted, total })
    }

    fn check_events(&mut self, given: &Given<Events>, key: &str) -> Option<Selection> {
        let events = &given.value;
        let Field::Given(name) = &events.metric else {
            if events.metric.is_absent() {
                self.missing_key(
                    &format!("`{key}`"),
                    "metric",
                    given.span,
                    "metric = \"group.metric\"",
                );
            }
            return None;
        };
        let metric = self.scope.metrics.resolve(
            &name.value,
            name.span,
            &super::scope::METRIC,
            self.report,
        )?;
        let found = &self.registry.metrics[metric.0];
        if !counts_events(&found.kind) {
            self.report.push(
                Diagnostic::error(
                    errors::NOT_EVENTS,
                    name.span,
                    format!(
                        "`{}` is of type `{}`, which counts no events",
                        name.value,
                        found.kind.name()
                    ),
                )
                .label("expected a `counter` or a `histogram`")
                .secondary(found.spans.kind, "its type"),
            );
            return None;
        }
        let filters = events
            .filters
            .given()
            .map(|filters| filters.value.as_slice());
        let matchers = self.check_filters(filters.unwrap_or_default(), metric);
        Some(Selection { metric, matchers })
    }

    fn check_latency(
        &mut self,
        slo: &ast::Slo,
        counted: &Given<Events>,
        of: Selection,
    ) -> Option<Indicator> {
        if let Field::Given(total) = &slo.total {
            self.report.push(
                Diagnostic::error(
                    errors::CONFLICTING_KEYS,
                    total.key,
                    "an objective with `under` has no `total`",
                )
                .label("remove it: all observations are counted")
                .secondary(counted.key, "`under` is here"),
            );
        }
        let bound = self.check_under(&counted.value, &of)?;
        Some(Indicator::Latency { of, bound })
    }

    fn reject_under(&mut self, events: &Events, key: &str) {
        let Field::Given(under) = &events.under else {
            return;
        };
        self.report.push(
            Diagnostic::error(
                errors::MISPLACED_UNDER,
                under.key,
                format!("`{key}` takes no `under`"),
            )
            .label("only for `good`")
            .help("a histogram counts what is up to a bound: say `good = { metric = ..., under = ... }`"),
        );
    }
}

/// Whether it counts things that happen one by one.
const fn counts_events(kind: &Kind) -> bool {
    match kind {
        Kind::Counter { .. } | Kind::Histogram { .. } => true,
        Kind::Gauge { .. }
        | Kind::UpDownCounter
        | Kind::State { .. }
        | Kind::Info
        | Kind::Ratio { .. } => false,
    }
}
