//! `non-base-unit`: a unit that is not a base unit as a word of the name.

use super::finding::{Finding, metrics};
use crate::model::{Registry, Unit};

/// Words for units, and the base unit to use instead. A base unit is here for its prefixes: `kilograms`.
const UNITS: [(&str, &str); 24] = [
    ("amperes", "amperes"),
    ("bytes", "bytes"),
    ("celsius", "celsius"),
    ("grams", "grams"),
    ("joules", "joules"),
    ("kelvin", "kelvin"),
    ("meters", "meters"),
    ("metres", "metres"),
    ("seconds", "seconds"),
    ("volts", "volts"),
    ("minutes", "seconds"),
    ("hours", "seconds"),
    ("days", "seconds"),
    ("weeks", "seconds"),
    ("kelvins", "kelvin"),
    ("fahrenheit", "celsius"),
    ("rankine", "celsius"),
    ("inches", "meters"),
    ("yards", "meters"),
    ("miles", "meters"),
    ("bits", "bytes"),
    ("calories", "joules"),
    ("pounds", "grams"),
    ("ounces", "grams"),
];

/// As promtool spells them, its `mibi` included; the true `mebi` is added.
const PREFIXES: [&str; 20] = [
    "", "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega",
    "mibi", "mebi", "giga", "gibi", "tera", "tebi", "peta", "pebi",
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let found = metric
            .exposed
            .split('_')
            .find_map(|word| base_unit(word).map(|base| (word, base)));
        let Some((word, base)) = found else { continue };
        let message = format!(
            "`{}` has `{word}` in its name, which is not a base unit",
            metric.exposed
        );
        let finding =
            Finding::exposed_name(id, metric, message, format!("the base unit is `{base}`"));
        let has_key = Unit::NAMED.iter().any(|unit| unit.name() == base);
        findings.push(if has_key {
            finding.help(format!(
                "if it is a unit, write `unit = \"{base}\"` instead, and record in {base}"
            ))
        } else {
            finding
        });
    }
}

/// The base unit of a word that is another unit.
fn base_unit(word: &str) -> Option<&'static str> {
    let (unit, base) = UNITS.iter().find(|(unit, _)| {
        word.strip_suffix(unit)
            .is_some_and(|p| PREFIXES.contains(&p))
    })?;
    (word != *unit || unit != base).then_some(*base)
}
