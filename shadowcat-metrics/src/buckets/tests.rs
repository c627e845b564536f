//! The table against a scan of the bounds, for every scale.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A table with up to four bounds, padded with infinity, which no value exceeds.
fn table(make: fn([f64; 4]) -> BucketTable<4>, bounds: &[f64]) -> Buckets {
    let mut padded = [f64::INFINITY; 4];
    padded[..bounds.len()].copy_from_slice(bounds);
    Buckets::new(Box::leak(Box::new(make(padded))), &[])
}

/// Returns the first bound that is not below the value.
fn scan<T: PartialOrd>(bounds: &[T], value: &T) -> usize {
    bounds.iter().take_while(|bound| *bound < value).count()
}

const MANY: [f64; 250] = {
    let mut bounds = [0.0; 250];
    let mut i = 0;
    while i < bounds.len() {
        bounds[i] = 1000.0 + i as f64;
        i += 1;
    }
    bounds
};
static MANY_INTEGERS: Buckets = Buckets::new(const { &BucketTable::integers(MANY) }, &[]);
static MANY_FLOATS: Buckets = Buckets::new(const { &BucketTable::floats(MANY) }, &[]);

#[test]
fn bounds_are_inclusive() {
    let buckets = table(BucketTable::nanoseconds, &[0.001, 0.3, 2.5]);
    assert_eq!(buckets.of_integer(0), 0);
    assert_eq!(buckets.of_small(0), 0);
    assert_eq!(buckets.of_small(u64::MAX >> 1), 3);
    for (bucket, bound) in [1_000_000, 300_000_000, 2_500_000_000]
        .into_iter()
        .enumerate()
    {
        assert_eq!(buckets.of_integer(bound - 1), bucket);
        assert_eq!(buckets.of_integer(bound), bucket);
        assert_eq!(buckets.of_integer(bound + 1), bucket + 1);
    }
}

#[test]
fn no_value_is_out_of_range() {
    let none = Buckets::new(const { &BucketTable::floats([]) }, &[]);
    let zero = Buckets::new(const { &BucketTable::floats([0.0]) }, &[]);
    for value in [
        0.0,
        -0.0,
        f64::MIN_POSITIVE / 2.0,
        1.0,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
        -1.0,
    ] {
        assert_eq!(none.of_float(value), 0);
        assert_eq!(zero.of_float(value), usize::from(value > 0.0), "{value}");
        assert!(MANY_FLOATS.of_float(value) <= MANY.len());
    }
    for value in [0, 1, u64::MAX] {
        assert!(MANY_INTEGERS.of_integer(value) <= MANY.len());
    }
}

#[test]
fn an_octave_can_have_many_bounds() {
    for value in 900..1400_u32 {
        let bucket = scan(&MANY, &f64::from(value));
        assert_eq!(MANY_INTEGERS.of_integer(u64::from(value)), bucket);
        assert_eq!(MANY_FLOATS.of_float(f64::from(value)), bucket);
        assert_eq!(
            MANY_FLOATS.of_float(f64::from(value) + 0.5),
            scan(&MANY, &(f64::from(value) + 0.5))
        );
    }
}

fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("a number", |value| !value.is_nan()),
        (0.0..100.0),
        Just(0.0),
        Just(-0.0),
        Just(f64::from_bits(1)),
        Just(f64::MAX),
        Just(f64::INFINITY),
    ]
}

fn increasing(strategy: impl Strategy<Value = f64>) -> impl Strategy<Value = Vec<f64>> {
    vec(strategy, 1..=4).prop_map(|mut bounds| {
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        bounds
    })
}

proptest! {
    #[test]
    fn floats_are_found(bounds in increasing(float().prop_map(f64::abs)), values in vec(float(), 64)) {
        let buckets = table(BucketTable::floats, &bounds);
        for value in bounds.iter().copied().chain(values) {
            // Bounds are not negative, so a negative value belongs to the first bucket.
            prop_assert_eq!(buckets.of_float(value), scan(&bounds, &value));
        }
    }

    #[test]
    fn integers_are_found(bounds in increasing((0_u32..1 << 20).prop_map(f64::from)), values in vec(0_u64..1 << 21, 64)) {
        let buckets = table(BucketTable::integers, &bounds);
        for value in values {
            prop_assert_eq!(buckets.of_integer(value), scan(&bounds, &(value as f64)));
        }
    }

    #[test]
    fn nanoseconds_are_found(bounds in vec(any::<u64>().prop_map(|nanos| nanos >> 20), 1..=4), values in vec(any::<(u64, u32)>(), 64)) {
        let mut keys = bounds;
        keys.sort_unstable();
        keys.dedup();
        let bounds: Vec<_> = keys.iter().map(|nanos| *nanos as f64 / 1e9).collect();
        let buckets = table(BucketTable::nanoseconds, &bounds);
        for value in values.into_iter().map(|(bits, shift)| bits >> (shift % 64)).chain(keys.clone()) {
            prop_assert_eq!(buckets.of_integer(value), scan(&keys, &value), "{:?} {}", keys, value);
            let small = value >> 1;
            prop_assert_eq!(buckets.of_small(small), scan(&keys, &small), "{:?} {}", keys, small);
        }
    }
}
