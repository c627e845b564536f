//! Random choices that are independent of each other. A reference to another part is an [`Index`] into the final number of such
//! parts.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::strategy::Union;
use shadowcat_metrics_codegen::model::{self, Stability, Unit};

use super::words;

#[derive(Debug, Clone)]
pub(super) struct Schema {
    pub(super) namespace: &'static str,
    pub(super) labels: Vec<Label>,
    pub(super) sums: Vec<Sum>,
    pub(super) groups: Vec<Group>,
    /// Whether bounds are declared under `[buckets]` instead of in the metrics.
    pub(super) named_buckets: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Label {
    /// Whether its exposed name is not its key.
    pub(super) named: bool,
    pub(super) help: String,
    pub(super) values: Values,
}

#[derive(Debug, Clone)]
pub(super) enum Values {
    List(Vec<&'static str>),
    /// Values, their meaning, and whether each has a former name.
    Table(Vec<&'static str>, String, bool),
    Open {
        max: u32,
        overflow: bool,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Sum {
    pub(super) help: String,
    /// One of the closed labels.
    pub(super) of: Index,
    /// One of its values, and labels or earlier sum labels that depend on it.
    pub(super) with: Vec<(Index, Vec<Index>)>,
}

#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) help: String,
    pub(super) labels: Vec<LabelUse>,
    pub(super) metrics: Vec<Metric>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct LabelUse {
    /// A label or a sum label.
    pub(super) label: Index,
    /// Whether series may lack it.
    pub(super) optional: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Metric {
    pub(super) kind: Kind,
    pub(super) unit: Unit,
    pub(super) help: String,
    pub(super) labels: Vec<LabelUse>,
    /// Whether it has an exact `name`.
    pub(super) exact: bool,
    /// Whether the exact name lacks the suffixes that lints require.
    pub(super) bare: bool,
    /// Whether it has a former name.
    pub(super) former: bool,
    pub(super) owner: Option<&'static str>,
    pub(super) life: Life,
}

#[derive(Debug, Clone)]
pub(super) enum Life {
    Undecided,
    Promised(Stability),
    Deprecated { since: bool, instead: Option<Index> },
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Counter { callback: bool },
    Gauge { callback: bool },
    UpDownCounter,
    Histogram(Bounds, Option<Native>),
    State(Index),
    Info,
    Ratio,
}

/// Bounds that become valid in every unit after division by the unit's divisor.
#[derive(Debug, Clone)]
pub(super) enum Bounds {
    /// Steps between the bounds, in thousandths of the largest bound.
    List(Vec<u32>),
    Exponential {
        factor: u32,
        count: u32,
    },
    Linear {
        width: u32,
        count: u32,
    },
}

/// Native buckets. The ends of the range become valid in every unit like bounds.
#[derive(Debug, Clone)]
pub(super) struct Native {
    pub(super) factor: &'static str,
    pub(super) from: u32,
    pub(super) width: u32,
}

pub(super) fn schemas() -> impl Strategy<Value = Schema> {
    (
        select(words::NAMESPACES),
        vec(labels(), 0..=words::LABELS.len()),
        vec(sums(), 0..=words::SUMS.len()),
        vec(groups(), 1..=3),
        any::<bool>(),
    )
        .prop_map(|(namespace, labels, sums, groups, named_buckets)| Schema {
            namespace,
            labels,
            sums,
            groups,
            named_buckets,
        })
}

fn labels() -> impl Strategy<Value = Label> {
    let some_values = || subsequence(words::VALUES, 1..=4);
    let values = prop_oneof![
        some_values().prop_map(Values::List),
        (some_values(), words::HELP, any::<bool>())
            .prop_map(|(values, help, former)| Values::Table(values, help, former)),
        (1_u32..=3, any::<bool>()).prop_map(|(max, overflow)| Values::Open { max, overflow }),
    ];
    (any::<bool>(), words::HELP, values).prop_map(|(named, help, values)| Label {
        named,
        help,
        values,
    })
}

fn sums() -> impl Strategy<Value = Sum> {
    let with = (any::<Index>(), vec(any::<Index>(), 0..=2));
    (words::HELP, any::<Index>(), vec(with, 1..=3)).prop_map(|(help, of, with)| Sum {
        help,
        of,
        with,
    })
}

fn groups() -> impl Strategy<Value = Group> {
    (words::HELP, label_uses(), vec(metrics(), 1..=4)).prop_map(|(help, labels, metrics)| Group {
        help,
        labels,
        metrics,
    })
}

fn label_uses() -> impl Strategy<Value = Vec<LabelUse>> {
    let label_use = (any::<Index>(), prop::bool::weighted(0.3));
    vec(
        label_use.prop_map(|(label, optional)| LabelUse { label, optional }),
        0..=2,
    )
}

fn metrics() -> impl Strategy<Value = Metric> {
    let units: Vec<_> = std::iter::once(Unit::None).chain(Unit::NAMED).collect();
    let sparse = || prop::bool::weighted(0.2);
    (
        kinds(),
        select(units),
        words::HELP,
        label_uses(),
        (sparse(), sparse(), sparse()),
        option::weighted(0.3, select(words::OWNERS)),
        lives(),
    )
        .prop_map(
            |(kind, unit, help, labels, (exact, bare, former), owner, life)| Metric {
                kind,
                unit,
                help,
                labels,
                exact,
                bare,
                former,
                owner,
                life,
            },
        )
}

fn kinds() -> impl Strategy<Value = Kind> {
    let each = model::Kind::each().map(|kind| match kind {
        model::Kind::Counter { .. } => {
            let counter = any::<bool>().prop_map(|callback| Kind::Counter { callback });
            (2, counter.boxed())
        }
        model::Kind::Gauge { .. } => {
            let gauge = any::<bool>().prop_map(|callback| Kind::Gauge { callback });
            (2, gauge.boxed())
        }
        model::Kind::UpDownCounter => (2, Just(Kind::UpDownCounter).boxed()),
        model::Kind::Histogram { .. } => {
            let histogram = (bounds(), option::weighted(0.4, natives()));
            let histogram = histogram.prop_map(|(bounds, native)| Kind::Histogram(bounds, native));
            (2, histogram.boxed())
        }
        model::Kind::State { .. } => (1, any::<Index>().prop_map(Kind::State).boxed()),
        model::Kind::Info => (1, Just(Kind::Info).boxed()),
        model::Kind::Ratio { .. } => (1, Just(Kind::Ratio).boxed()),
    });
    Union::new_weighted(each.collect())
}

fn bounds() -> impl Strategy<Value = Bounds> {
    prop_oneof![
        vec(1_u32..=100, 1..=8).prop_map(Bounds::List),
        (2_u32..=3, 1_u32..=6).prop_map(|(factor, count)| Bounds::Exponential { factor, count }),
        (1_u32..=100, 1_u32..=8).prop_map(|(width, count)| Bounds::Linear { width, count }),
    ]
}

fn natives() -> impl Strategy<Value = Native> {
    // The schemas of Prometheus from 6 to -3.
    let factors = vec!["1.02", "1.1", "1.5", "2", "10", "300"];
    (select(factors), 1_u32..=100, 1_u32..=899).prop_map(|(factor, from, width)| Native {
        factor,
        from,
        width,
    })
}

fn lives() -> impl Strategy<Value = Life> {
    prop_oneof![
        3 => Just(Life::Undecided),
        1 => Just(Life::Promised(Stability::Stable)),
        1 => Just(Life::Promised(Stability::Experimental)),
        1 => (any::<bool>(), option::of(any::<Index>()))
            .prop_map(|(since, instead)| Life::Deprecated { since, instead }),
    ]
}
