//! Checks the store under every interleaving of the main thread and two more. Run with `RUSTFLAGS="--cfg loom" cargo test -p
//! shadowcat-metrics --no-default-features --test loom --release`.
#![cfg(loom)]

use loom::thread;
use shadowcat_metrics::private as p;

static TENANT: p::Label = p::Label {
    name: "tenant",
    otel_name: "tenant",
    values: p::Values::Open {
        index: 0,
        max: 1,
        overflow: "other",
    },
    choices: 2,
    optional: false,
    former: &[],
};

const fn family(
    kind: p::Kind,
    encoding: p::Encoding,
    labels: &'static [&'static p::Label],
    first_slab: u32,
) -> p::Family {
    p::Family {
        name: "family",
        help: "Help.",
        kind,
        encoding,
        unit: "",
        labels,
        first_slab,
        slabs: if labels.is_empty() { 1 } else { 2 },
        series: 1,
        fixed: 0,
        continues: false,
        rejected_index: None,
        text_metadata: "",
        otel_name: "",
        otel_unit: "",
        open_metrics_metadata: "",
        sample_names: &["family"],
        created: None,
        exemplars: false,
    }
}

const fn schema(
    families: &'static [p::Family],
    open_labels: &'static [&'static p::Label],
) -> p::Schema {
    p::Schema {
        namespace: "",
        families,
        former_families: &[],
        open_labels,
        overflow_family: None,
        rejected_family: None,
    }
}

static COUNTER: p::Schema = schema(
    &[family(p::Kind::Counter, p::Encoding::Unsigned, &[], 0)],
    &[],
);

/// Schema of one counter with a fixed cell.
static FIXED: p::Schema = schema(
    &[p::Family {
        fixed: 1,
        ..family(p::Kind::Counter, p::Encoding::Unsigned, &[], 0)
    }],
    &[],
);

static FLOATS: p::Schema = schema(&[family(p::Kind::Counter, p::Encoding::Float, &[], 0)], &[]);

/// Schema of one counter with an open label that has room for one value.
static OPEN: p::Schema = schema(
    &[family(
        p::Kind::Counter,
        p::Encoding::Unsigned,
        &[&TENANT],
        0,
    )],
    &[&TENANT],
);

/// Schema of one counter with exemplars and an open label that has room for one value.
static EXEMPLARS: p::Schema = schema(
    &[p::Family {
        exemplars: true,
        ..family(p::Kind::Counter, p::Encoding::Unsigned, &[&TENANT], 0)
    }],
    &[&TENANT],
);

/// Three threads have too many interleavings to try all, so the number of preemptions is limited.
fn model(run: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(run);
}

fn registry(schema: &'static p::Schema, blocks: usize) -> p::Registry {
    p::Registry::new(schema, p::Options::default().max_thread_blocks(blocks))
}

fn inc(registry: &p::Registry) {
    let fixed = registry.schema().families[0].fixed;
    let binding = p::Binding::<0>::new(registry);
    p::Counter::<p::Dimensionless>::new(binding.at(0).fixed(fixed)).inc();
}

fn count(registry: &p::Registry) -> u64 {
    p::Snapshot::take(registry).bind().at(0).number()
}

fn spawn(
    registry: &p::Registry,
    run: impl FnOnce(&p::Registry) + 'static,
) -> thread::JoinHandle<()> {
    let registry = registry.clone();
    thread::spawn(move || run(&registry))
}

fn join(thread: thread::JoinHandle<()>) {
    thread.join().expect("recording never panics");
}

/// A reader sees either all or none of a slab or block that another thread publishes.
#[test]
fn cells_are_published_while_they_are_read() {
    for schema in [&COUNTER, &FIXED] {
        model(move || {
            let registry = registry(schema, 1);
            let writer = spawn(&registry, |registry| {
                inc(registry);
                inc(registry);
            });
            let (first, second) = (count(&registry), count(&registry));
            assert!(first <= second && second <= 2);
            join(writer);
            assert_eq!(count(&registry), 2);
        });
    }
}

/// One block for two threads: the second thread gets it after the first ends, or uses the shared block until then.
#[test]
fn a_block_is_reused_by_another_thread() {
    for schema in [&COUNTER, &FIXED] {
        model(move || {
            let registry = registry(schema, 1);
            let one = spawn(&registry, inc);
            let two = spawn(&registry, inc);
            join(one);
            join(two);
            assert_eq!(count(&registry), 2);
            inc(&registry);
            assert_eq!(count(&registry), 3);
        });
    }
}

/// A thread that gets another thread's block continues from its counts.
#[test]
fn a_block_is_handed_over_with_its_counts() {
    for schema in [&COUNTER, &FIXED] {
        model(move || {
            let registry = registry(schema, 1);
            let one = spawn(&registry, inc);
            let two = spawn(&registry, |registry| {
                inc(registry);
                inc(registry);
            });
            let seen = count(&registry);
            assert!(seen <= 3);
            join(one);
            join(two);
            assert_eq!(count(&registry), 3);
        });
    }
}

/// Threads without a block write the same cells. The first of them allocates the slab, if the cells are in one.
#[test]
fn the_shared_block_loses_nothing() {
    for schema in [&COUNTER, &FIXED] {
        model(move || {
            let registry = registry(schema, 0);
            let one = spawn(&registry, inc);
            let two = spawn(&registry, inc);
            inc(&registry);
            join(one);
            join(two);
            assert_eq!(count(&registry), 3);
        });
    }
}

#[test]
fn the_shared_block_loses_no_floats() {
    fn add(registry: &p::Registry) {
        p::Counter::<p::Joules>::new(p::Binding::<0>::new(registry).at(0)).add(0.5);
    }
    model(|| {
        let registry = registry(&FLOATS, 0);
        let one = spawn(&registry, add);
        add(&registry);
        join(one);
        let total: f64 = p::Snapshot::take(&registry).bind().at(0).number();
        assert_eq!(total.to_bits(), 1.0_f64.to_bits());
    });
}

fn inc_open(registry: &p::Registry, value: &p::OpenValue) {
    p::Counter::<p::Dimensionless>::new(
        p::Binding::<0>::new(registry).open(value).start(&[0]).at(0),
    )
    .inc();
}

fn count_open(snapshot: &p::Snapshot, value: &str) -> u64 {
    snapshot.bind().open(0, value.as_ref()).at(0).number()
}

/// A thread retires a value that another thread recorded, while a reader scrapes and a new value takes the slot: no count
/// appears under the wrong value.
#[test]
fn a_slot_is_retired_during_a_read_and_a_reuse() {
    model(|| {
        let registry = registry(&OPEN, 2);
        let first = registry.intern(0, "first".as_ref());
        inc_open(&registry, &first);
        let other = spawn(&registry, move |registry| {
            inc_open(registry, &first);
            drop(first);
        });
        let second = registry.intern(0, "second".as_ref());
        inc_open(&registry, &second);
        let snapshot = p::Snapshot::take(&registry);
        let (firsts, seconds) = (
            count_open(&snapshot, "first"),
            count_open(&snapshot, "second"),
        );
        assert!(firsts <= 2);
        if second.as_str() == "second" {
            // The second value took the slot, so the first value was retired together with its counts.
            assert_eq!((firsts, seconds), (0, 1));
        } else {
            assert_eq!((seconds, count_open(&snapshot, "other")), (0, 1));
        }
        join(other);
        let snapshot = p::Snapshot::take(&registry);
        assert_eq!(count_open(&snapshot, "first"), 0);
        assert_eq!(count_open(&snapshot, second.as_str()), 1);
    });
}

/// Two threads look up the same value and drop it: its slot ends up free, and the value never takes two slots.
#[test]
fn a_value_is_dropped_during_a_lookup() {
    fn use_once(registry: &p::Registry) {
        let value = registry.intern(0, "same".as_ref());
        inc_open(registry, &value.clone());
    }
    model(|| {
        let registry = registry(&OPEN, 2);
        let other = spawn(&registry, use_once);
        use_once(&registry);
        join(other);
        assert_eq!(count_open(&p::Snapshot::take(&registry), "same"), 0);
        let next = registry.intern(0, "next".as_ref());
        assert_eq!(next.as_str(), "next");
        inc_open(&registry, &next);
        assert_eq!(count_open(&p::Snapshot::take(&registry), "next"), 1);
    });
}

/// A thread looks up a value again from its cache while another thread drops the last handle. Either the value is still there
/// or it starts again at zero; counts recorded with the new handle are kept.
#[test]
fn a_cached_value_is_looked_up_while_it_is_dropped() {
    model(|| {
        let registry = registry(&OPEN, 2);
        let same = registry.intern(0, "same".as_ref());
        let other = spawn(&registry, move |registry| {
            inc_open(registry, &same);
            drop(same);
        });
        let again = registry.intern(0, "same".as_ref());
        assert_eq!(again.as_str(), "same");
        inc_open(&registry, &again);
        join(other);
        let count = count_open(&p::Snapshot::take(&registry), "same");
        assert!(count == 1 || count == 2);
        drop(again);
        assert_eq!(count_open(&p::Snapshot::take(&registry), "same"), 0);
        assert_eq!(registry.intern(0, "next".as_ref()).as_str(), "next");
    });
}

/// A trace whose ids are all the same number, so that a mixture of two traces is recognized.
fn inc_in(registry: &p::Registry, value: &p::OpenValue, id: u64) {
    let trace = p::TraceContext::new(u128::from(id) << 64 | u128::from(id), id, true);
    let place = p::Binding::<0>::new(registry);
    let place = place.open(value).start(&[0]);
    p::Counter::<p::Dimensionless, p::WithExemplars>::with_exemplars(place.at(0)).inc_in(&trace);
}

/// The id on the page, if there is an exemplar.
fn exemplar(registry: &p::Registry) -> Option<u64> {
    let page = registry.encode(shadowcat_metrics::Format::OpenMetrics);
    let (_, ids) = page.split_once("trace_id=\"")?;
    let (trace, rest) = ids.split_once('"')?;
    let span = rest.split('"').nth(1)?;
    let parts = [&trace[..16], &trace[16..], span];
    let parts = parts.map(|part| u64::from_str_radix(part, 16).expect("an id"));
    assert_eq!(parts, [parts[0]; 3], "parts of two traces: {page}");
    Some(parts[0])
}

/// Two threads offer their traces to one slot while it is read: the page shows one of them whole, or none.
#[test]
fn two_exemplars_are_offered_while_they_are_read() {
    model(|| {
        let registry = registry(&EXEMPLARS, 1);
        let value = registry.intern(0, "one".as_ref());
        let kept = value.clone();
        let other = spawn(&registry, move |registry| inc_in(registry, &value, 1));
        let _ = exemplar(&registry);
        inc_in(&registry, &kept, 2);
        join(other);
        assert!(matches!(exemplar(&registry), Some(1 | 2)));
        inc_in(&registry, &kept, 3);
        assert_eq!(
            exemplar(&registry),
            Some(3),
            "it replaces that of before the scrape"
        );
    });
}

/// A slot is read while the next exemplar is written into it.
#[test]
fn an_exemplar_is_replaced_while_it_is_read() {
    model(|| {
        let registry = registry(&EXEMPLARS, 1);
        let value = registry.intern(0, "one".as_ref());
        inc_in(&registry, &value, 1);
        assert_eq!(exemplar(&registry), Some(1));
        let kept = value.clone();
        let other = spawn(&registry, move |registry| inc_in(registry, &value, 2));
        assert!(matches!(exemplar(&registry), None | Some(1 | 2)));
        join(other);
        drop(kept);
    });
}

/// A value is retired with its exemplar: its slot begins without one.
#[test]
fn an_exemplar_is_retired_with_its_value() {
    model(|| {
        let registry = registry(&EXEMPLARS, 1);
        let first = registry.intern(0, "first".as_ref());
        let other = spawn(&registry, move |registry| {
            inc_in(registry, &first, 1);
            drop(first);
        });
        let second = registry.intern(0, "second".as_ref());
        inc_in(&registry, &second, 2);
        join(other);
        assert!(matches!(exemplar(&registry), Some(2)));
    });
}
