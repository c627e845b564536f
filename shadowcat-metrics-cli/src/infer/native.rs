//! The native buckets of a histogram, from those on a page in protobuf. The range is a guess: a page has only the buckets with
//! observations.

use shadowcat_metrics_codegen::language::MAX_NATIVE_CELLS;
use shadowcat_metrics_codegen::model::{Boundary, Native};
use shadowcat_metrics_conformance::page::{Family, NativeBuckets, Type};

/// Most decimal digits of a number after the first one.
const DIGITS: u8 = 16;

/// Returns native buckets in the schema's syntax, and adds notes.
pub(super) fn native(family: &Family, bounds: &[f64], notes: &mut Vec<String>) -> Option<String> {
    if family.kind != Type::Histogram || family.native.is_empty() {
        return None;
    }
    let name = &family.name;
    match found(&family.native, bounds) {
        Ok((native, threshold)) => {
            let [factor, from, to] = [native.factor, native.from, native.to].map(toml);
            notes.push(format!(
                "`{name}` has native buckets up to {to}: this is a guess, because the page shows only buckets with observations"
            ));
            if !native.zero_threshold().total_cmp(&threshold).is_eq() {
                let on_page = toml(threshold);
                // The range of a schema begins at a boundary.
                let begins = if from == on_page {
                    &toml(native.zero_threshold())
                } else {
                    &from
                };
                notes.push(format!(
                    "`{name}` has native buckets from {begins}: the page has them from {on_page}"
                ));
            }
            Some(format!("{{ factor = {factor}, from = {from}, to = {to} }}"))
        }
        Err(reason) => {
            notes.push(format!("`{name}` loses its native buckets: {reason}"));
            None
        }
    }
}

/// Returns native buckets like those of some series, and the highest value of the page's bucket with zero.
fn found(series: &[NativeBuckets], bounds: &[f64]) -> Result<(Native, f64), String> {
    // A program may reduce the resolution of a series with many buckets, and raise its threshold.
    let schemas = series.iter().map(|series| series.schema);
    let schema = schemas.max().unwrap_or_default();
    let thresholds = series.iter().map(|series| series.zero_threshold);
    let threshold = thresholds.fold(f64::INFINITY, f64::min);
    let number = i8::try_from(schema).ok();
    let factor = number.and_then(|schema| Some((schema, factor(schema)?)));
    let (schema, factor) = factor.ok_or_else(|| format!("a schema has no resolution {schema}"))?;
    let ranges = series.iter().filter_map(|series| {
        let (first, last) = series.used?;
        // The bucket of another resolution may be larger.
        let of = |index| i8::try_from(series.schema).map(|schema| Boundary::of(schema, index));
        let (from, to) = (of(first.checked_sub(1)?).ok()?, of(last).ok()?);
        Some((from.to_f64(), to.to_f64()))
    });
    let (lowest, highest) = ranges
        .fold((f64::INFINITY, 0.0_f64), |(lowest, highest), (from, to)| {
            (lowest.min(from), highest.max(to))
        });
    let bounded = bounds.iter().copied().filter(|bound| bound.is_finite());
    let highest = bounded.fold(highest, f64::max);
    let natives = [threshold, lowest].map(|from| Native {
        factor,
        from,
        to: highest,
    });
    let fits = |native: &Native| {
        native.from.is_normal()
            && native.from.is_sign_positive()
            && native.from < native.to
            && native.to.is_finite()
            && native.cells(bounds.len()) <= MAX_NATIVE_CELLS
    };
    let native = natives.into_iter().find(fits);
    let native = native.ok_or("no range has few enough of them")?;
    debug_assert_eq!(native.schema(), schema);
    let range = native.range();
    let with_from = |from| Native { from, ..native };
    let with_to = |to| Native { to, ..native };
    Ok((
        Native {
            factor,
            from: shortest(native.from, |from| with_from(from).range() == range),
            to: shortest(native.to, |to| with_to(to).range() == range),
        },
        threshold,
    ))
}

/// Returns the shortest factor of a resolution.
fn factor(schema: i8) -> Option<f64> {
    let growth = f64::from(-schema).exp2().exp2();
    let has_schema = |factor: f64| {
        let native = Native {
            factor,
            from: 1.0,
            to: 2.0,
        };
        factor >= growth && native.schema() == schema
    };
    let factor = shortest(growth, has_schema);
    has_schema(factor).then_some(factor)
}

/// Returns the number with the fewest digits that is near a value and for which a condition holds, or the value.
fn shortest(value: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let magnitude = value.log10().floor();
    let mut rounded = (0_u8..=DIGITS).flat_map(|digits| {
        let unit = 10_f64.powf(magnitude - f64::from(digits));
        let digits = usize::from(digits);
        let near = |value: f64| format!("{value:.digits$e}").parse().unwrap_or(value);
        [near(value), near(near(value) + unit)]
    });
    rounded.find(|rounded| holds(*rounded)).unwrap_or(value)
}

/// Formats a number as TOML.
fn toml(number: f64) -> String {
    if number.fract() == 0.0 && number < 1e15 {
        number.to_string()
    } else {
        format!("{number:?}")
    }
}
