//! A page of 400 families, with descriptors that are created at run time: a schema file with 400 metrics would be long.

use std::time::Duration;

use shadowcat_metrics::private::{
    Binding, BucketTable, Buckets, Counter, Dimensionless, Encoding, Family, Histogram, Kind,
    Label, Options, Registry, Schema, Seconds, Values,
};

/// Number of counter families.
pub const COUNTERS: u32 = 360;
/// Number of histogram families.
pub const HISTOGRAMS: u32 = 40;
/// Number of series in each family.
pub const SERIES: u32 = 10;

static SHARD: Label = Label {
    name: "shard",
    otel_name: "shard",
    values: Values::Closed(&["s0"]),
    choices: 1,
    former: &[],
    optional: false,
};
static LANE: Label = Label {
    name: "lane",
    otel_name: "lane",
    values: Values::Closed(&["l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "l9"]),
    choices: SERIES,
    former: &[],
    optional: false,
};
/// Lists of labels. Families of one program rarely have the same labels in the same order.
static LABELS: [&[&Label]; 2] = [&[&SHARD, &LANE], &[&LANE, &SHARD]];

/// The buckets of the histograms.
pub static BUCKETS: Buckets = Buckets::new(
    const {
        &BucketTable::nanoseconds([
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ])
    },
    &[
        "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0",
    ],
);

/// The families, and where their series are recorded.
#[derive(Debug)]
pub struct Families {
    pub registry: Registry,
    binding: Binding,
}

impl Families {
    pub fn new(options: Options) -> Self {
        let counters = (0..COUNTERS).map(|number| {
            let name = format!("bench_subsystem_{number:03}_requests");
            let (kind, names) = (Kind::Counter, (&*name, "_total", "counter"));
            family(number, kind, Encoding::Unsigned, names)
        });
        let histograms = (0..HISTOGRAMS).map(|number| {
            let name = format!("bench_subsystem_{number:03}_duration_seconds");
            let (kind, names) = (Kind::Histogram(&BUCKETS), (&*name, "", "histogram"));
            family(COUNTERS + number, kind, Encoding::Nanoseconds, names)
        });
        let families: Box<[Family]> = counters.chain(histograms).collect();
        let schema = Box::leak(Box::new(Schema {
            namespace: "bench",
            families: Box::leak(families),
            former_families: &[],
            open_labels: &[],
            overflow_family: None,
            rejected_family: None,
        }));
        let registry = Registry::new(schema, options);
        let binding = Binding::new(&registry);
        Self { registry, binding }
    }

    /// Adds to a counter, given by its family and its position in it.
    pub fn add(&self, family: u32, series: u32, amount: u64) {
        let place = self.binding.at(family).position(SERIES, series);
        Counter::<Dimensionless>::new(place).add(amount);
    }

    /// Observes in a histogram, given by its family and its position in it.
    pub fn observe(&self, family: u32, series: u32, duration: Duration) {
        let place = self.binding.at(COUNTERS + family);
        let place = place.position(SERIES, series);
        Histogram::<Seconds>::new(place, &BUCKETS).observe(duration);
    }
}

fn family(
    slab: u32,
    kind: Kind,
    encoding: Encoding,
    (base, suffix, of_type): (&str, &str, &str),
) -> Family {
    let name = leak(format!("{base}{suffix}"));
    let (unit, open_metrics_unit) = match encoding {
        Encoding::Nanoseconds => ("seconds", format!("# UNIT {base} seconds\n")),
        Encoding::Unsigned | Encoding::Signed | Encoding::Float => ("", String::new()),
    };
    let suffixes: &[&str] = if matches!(kind, Kind::Histogram(_)) {
        &["_bucket", "_sum", "_count"]
    } else {
        &[""]
    };
    let sample_names: Box<[&str]> = suffixes
        .iter()
        .map(|suffix| leak(format!("{name}{suffix}")))
        .collect();
    Family {
        help: "Events of a subsystem.",
        text_metadata: leak(format!(
            "# HELP {name} Events of a subsystem.\n# TYPE {name} {of_type}\n"
        )),
        open_metrics_metadata: leak(format!(
            "# TYPE {base} {of_type}\n{open_metrics_unit}# HELP {base} Events of a subsystem.\n"
        )),
        sample_names: Box::leak(sample_names),
        created: Some(leak(format!("{base}_created"))),
        exemplars: false,
        otel_name: name,
        otel_unit: unit,
        name,
        kind,
        encoding,
        unit,
        labels: LABELS[(slab % 2) as usize],
        continues: false,
        first_slab: slab,
        slabs: 1,
        series: SERIES as usize,
        fixed: 0,
        rejected_index: None,
    }
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into())
}
