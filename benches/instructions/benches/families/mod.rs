//! A page of many families with descriptors created at run time, because a schema file with 400 metrics would be long.

use std::time::Duration;

use shadowcat_metrics::Format;
use shadowcat_metrics::private::{
    Binding, BucketTable, Buckets, Counter, Dimensionless, Encoding, Family, Gauge, Histogram,
    Kind, Label, Options, Registry, Schema, Seconds, Values,
};

use crate::requests::labels::{Outcome, Transport};

const COUNTERS: u32 = 300;
const HISTOGRAMS: u32 = 50;
const GAUGES: u32 = 50;

static TRANSPORT: Label = Label {
    name: "transport",
    otel_name: "transport",
    values: Values::Closed(&["stdio", "http", "sse"]),
    choices: 3,
    former: &[],
    optional: false,
};
static OUTCOME: Label = Label {
    name: "outcome",
    otel_name: "outcome",
    values: Values::Closed(&["ok", "error", "rejected", "cancelled"]),
    choices: 4,
    former: &[],
    optional: false,
};
static BUCKETS: Buckets = Buckets::new(
    const {
        &BucketTable::nanoseconds([
            0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ])
    },
    &[
        "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0",
    ],
);

/// Lists of labels. Families of one program rarely have the same labels in the same order.
static LABELS: [&[&Label]; 3] = [
    &[&TRANSPORT, &OUTCOME],
    &[&OUTCOME, &TRANSPORT],
    &[&OUTCOME],
];

fn leak(text: String) -> &'static str {
    Box::leak(text.into())
}

fn family(page: u32, kind: Kind, encoding: Encoding, labels: &'static [&'static Label]) -> Family {
    let (of_type, suffix, unit) = match kind {
        Kind::Counter => ("counter", "_total", ""),
        Kind::Histogram(_) => ("histogram", "", "seconds"),
        _ => ("gauge", "", ""),
    };
    let base = format!("bench_subsystem_{page:03}_events");
    let base = if unit.is_empty() {
        base
    } else {
        format!("{base}_{unit}")
    };
    let name = format!("{base}{suffix}");
    let open_metrics_unit = if unit.is_empty() {
        String::new()
    } else {
        format!("# UNIT {base} {unit}\n")
    };
    Family {
        help: "Events of a subsystem.",
        text_metadata: leak(format!(
            "# HELP {name} Events of a subsystem.\n# TYPE {name} {of_type}\n"
        )),
        open_metrics_metadata: leak(format!(
            "# TYPE {base} {of_type}\n{open_metrics_unit}# HELP {base} Events of a subsystem.\n"
        )),
        created: (of_type != "gauge").then(|| leak(format!("{base}_created"))),
        exemplars: false,
        name: leak(name),
        kind,
        encoding,
        unit,
        otel_name: "bench",
        otel_unit: "",
        labels,
        continues: false,
        first_page: page,
        pages: 1,
        series: labels.iter().map(|label| label.choices as usize).product(),
        rejected_index: None,
    }
}

/// Returns a registry with a value in every series, and the page of an earlier scrape.
pub fn scraped(format: Format) -> (Registry, Vec<u8>, Format) {
    let counter = |page| {
        let labels = LABELS[(page % 2) as usize];
        family(page, Kind::Counter, Encoding::Unsigned, labels)
    };
    let histogram = |page| {
        let labels = LABELS[(page % 2 * 2) as usize];
        family(
            page,
            Kind::Histogram(&BUCKETS),
            Encoding::Nanoseconds,
            labels,
        )
    };
    let gauge = |page| family(page, Kind::Gauge, Encoding::Signed, &[]);
    let (counters, histograms) = (0..COUNTERS, COUNTERS..COUNTERS + HISTOGRAMS);
    let gauges = histograms.end..histograms.end + GAUGES;
    let families = counters
        .clone()
        .map(counter)
        .chain(histograms.clone().map(histogram));
    let families: Box<[Family]> = families.chain(gauges.clone().map(gauge)).collect();
    let schema = Box::leak(Box::new(Schema {
        namespace: "bench",
        families: Box::leak(families),
        former_families: &[],
        open_labels: &[],
        overflow_family: None,
        rejected_family: None,
    }));
    let registry = Registry::new(schema, Options::default().created_lines(true));
    let binding = Binding::new(&registry);
    for page in counters {
        for (amount, transport) in (page..).zip(Transport::ALL) {
            for (amount, outcome) in (u64::from(amount)..).zip(Outcome::ALL) {
                let place = binding.at(page).closed(transport).closed(outcome);
                Counter::<Dimensionless>::new(place).add(1 + amount * 7_919 % 100_000);
            }
        }
    }
    for page in histograms {
        for outcome in Outcome::ALL {
            for millis in [1, 7, 80, 900, 4_000] {
                let place = binding.at(page).closed(outcome);
                Histogram::<Seconds>::new(place, &BUCKETS).observe(Duration::from_millis(millis));
            }
        }
    }
    for page in gauges {
        Gauge::<Dimensionless>::new(binding.at(page)).set(i64::from(page));
    }
    let mut page = Vec::new();
    registry.encode_into(format, &mut page);
    let lines = page.iter().filter(|byte| **byte == b'\n').count();
    assert!((9_000..15_000).contains(&lines), "{lines} lines");
    (registry, page, format)
}
