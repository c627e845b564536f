//! Texts and words: help sentences, words from a fixed list, and strings that must not be empty.

use super::Checker;
use crate::codes::{Code, codes};
use crate::diagnostic::Reported;
use crate::fix::Fix;
use crate::model::{Annotations, Kind, Notes, Stability, Unit};
use crate::parse::ast::{Field, Given, Metric};
use crate::source::Span;
use crate::{sentence, suggest};

codes! {
    table WORDS;

    MISSING_KEY = "SM0006" "missing-key": "a missing key",
    "The message names the missing key and its possible values. For example, a schema needs `format` and `namespace`, a label \
     needs `values`, `open` or `of`, a metric needs `type`, and a progression needs `start`, `count`, and `factor` or \
     `width`.",
    example: r#"+ format = 1
+ namespace = "app"
+
[groups.http]
help = "Requests over HTTP."

[metrics.http.requests]
+ type = "counter"
help = "Requests answered."
"#;

    MISSING_HELP = "SM0010" "missing-help": "`help` is missing or empty",
    "Every label, group and metric needs a sentence that explains it. The `help` of a metric is the documentation of \
     its method in Rust, its text in the reference, and the `# HELP` line in the exposition.",
    example: r#"[metrics.http.requests]
type = "counter"
+ help = "Requests answered."
"#;

    HELP_WITHOUT_FULL_STOP = "SM0011" "help-without-full-stop": "`help` does not end with a period",
    "`help` is a sentence, and other sentences follow it in the reference and in rustdoc. `!`, `?`, `…` and the \
     periods of other scripts are accepted too.",
    example: r#"[metrics.http.requests]
type = "counter"
- help = "Requests answered"
+ help = "Requests answered."
"#;

    EMPTY_TEXT = "SM0012" "empty-text": "an empty text value",
    "The values of keys such as `owner` and `note` must not be empty. Write a value, or remove the key.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
- owner = ""
+ owner = "@team/http"
"#;

    UNKNOWN_KIND = "SM0101" "unknown-kind": "unknown metric type",
    "A metric has one of these types: `counter` (only goes up), `gauge` (set to a value), `updown_counter` (goes up \
     and down), `histogram` (observations in buckets), `state` (one of several states), `info` (facts in labels) or \
     `ratio` (of other metrics).",
    example: r#"[metrics.http.requests]
- type = "count"
+ type = "counter"
help = "Requests answered."
"#;

    UNKNOWN_UNIT = "SM0102" "unknown-unit": "unknown unit",
    "Units are the base units of Prometheus and OpenMetrics: `seconds`, `bytes`, `ratio`, `celsius`, `meters`, `volts`, \
     `amperes`, `joules`, `watts`, `grams`, `hertz`. Multiples such as milliseconds are not available: a metric in `seconds` \
     records a `Duration`, so you do not have to convert. Leave `unit` out for a plain number.",
    example: r#"[metrics.http.duration]
type = "counter"
- unit = "milliseconds"
+ unit = "seconds"
help = "Time spent on requests."
"#;

    UNKNOWN_STABILITY = "SM0107" "unknown-stability": "unknown stability",
    "An `experimental` metric may change in any release, a `stable` metric only in a major release, and a \
     `deprecated` metric should no longer be used.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
- stability = "beta"
+ stability = "experimental"
"#;
}

impl Checker<'_> {
    /// Checks a `help`, which every label, group and metric requires. `what` is the item: "the label".
    pub fn check_help(&mut self, help: &Field<String>, what: &str, owner: Span) -> String {
        let Field::Given(given) = help else {
            if help.is_absent() {
                self.error(MISSING_HELP, owner, format!("{what} has no `help`"))
                    .label("expected `help = \"One sentence that says what it means.\"`");
            }
            return String::new();
        };
        let text = given.value.trim();
        if text.is_empty() {
            let message = format!("the `help` of {what} is empty");
            self.error(MISSING_HELP, given.span, message)
                .label("expected one sentence that says what it means");
        } else if !sentence::ends(text) {
            let is_end = sentence::lacks_full_stop(text);
            let message = format!("the `help` of {what} does not end with a period");
            self.error(HELP_WITHOUT_FULL_STOP, given.span, message)
                .label("expected a sentence that ends with `.`")
                .fix(is_end.then(|| Fix::append(given.span, ".")));
        }
        text.to_owned()
    }

    /// Checks that a text is not empty.
    pub fn check_text(&mut self, field: &Field<String>, key: &str) -> Option<String> {
        let given = field.given()?;
        if given.value.trim().is_empty() {
            self.error(EMPTY_TEXT, given.span, format!("`{key}` is empty"))
                .label("expected some text; remove the key if there is none");
            return None;
        }
        Some(given.value.clone())
    }

    /// Checks an item's note and annotations.
    pub(super) fn check_notes(
        &mut self,
        note: &Field<String>,
        annotations: &Field<Annotations>,
    ) -> Notes {
        Notes {
            note: self.check_text(note, "note"),
            annotations: annotations.value().cloned().unwrap_or_default(),
        }
    }

    /// Reports a missing key of a table.
    pub fn missing_key(&mut self, what: &str, key: &str, owner: Span, expected: &str) {
        self.missing(what, key, owner)
            .label(format!("expected `{expected}`"));
    }

    pub(super) fn missing(&mut self, what: &str, key: &str, owner: Span) -> Reported<'_> {
        self.error(MISSING_KEY, owner, format!("{what} has no `{key}`"))
    }

    /// Returns a required value, or reports that `what` lacks it.
    pub(super) fn required<'f, T>(
        &mut self,
        field: &'f Field<T>,
        what: &str,
        key: &str,
        owner: Span,
        expected: &str,
    ) -> Option<&'f Given<T>> {
        if field.is_absent() {
            self.missing(what, key, owner).label(expected);
        }
        field.given()
    }

    /// Returns the kind that `type` names, without its data.
    pub(super) fn check_kind_word(&mut self, metric: &Metric) -> Option<Kind> {
        let words = Kind::names();
        let what = format!("the metric `{}`", metric.key.value);
        let list = suggest::list(words.iter().copied());
        let expected = format!("expected `type = ...` with {list}");
        let given = self.required(&metric.kind, &what, "type", metric.key.span, &expected)?;
        let word = self.check_word(given, "metric type", UNKNOWN_KIND, &words, kind_hint)?;
        Kind::named(word).cloned()
    }

    pub(super) fn check_unit(&mut self, field: &Field<String>) -> Unit {
        let Some(given) = field.given() else {
            return Unit::None;
        };
        let words = Unit::names();
        let word = self.check_word(given, "unit", UNKNOWN_UNIT, &words, unit_hint);
        word.and_then(Unit::named).unwrap_or(Unit::None)
    }

    /// Checks a `stability` against the words in `of`.
    pub(super) fn check_stability(
        &mut self,
        field: &Field<String>,
        of: &[Stability],
    ) -> Option<Stability> {
        let given = field.given()?;
        let mut words = Vec::new();
        for stability in of {
            words.push(stability.name());
        }
        let no_hint = |_: &str| (None, None);
        let word = self.check_word(given, "stability", UNKNOWN_STABILITY, &words, no_hint)?;
        of.iter()
            .find(|stability| stability.name() == word)
            .copied()
    }

    /// Checks a word from a fixed list. An unknown one becomes the hinted or nearest word.
    pub fn check_word<'w>(
        &mut self,
        given: &Given<String>,
        noun: &str,
        code: Code,
        words: &[&'w str],
        hint: fn(&str) -> Hint,
    ) -> Option<&'w str> {
        let (written, span) = (given.value.as_str(), given.span);
        let find = |word: &str| words.iter().copied().find(|known| *known == word);
        if let Some(word) = find(written) {
            return Some(word);
        }
        let (hinted, help) = hint(written);
        let meant = match hinted {
            Some(hinted) => find(hinted),
            None => suggest::nearest(written, words.iter().copied()),
        };
        let mut problem = self.error(code, span, format!("unknown {noun} `{written}`"));
        problem = match meant {
            // A misspelling has an automatic fix. A word from elsewhere may need a different way of recording.
            Some(meant) if hinted.is_none() => {
                problem.did_you_mean(meant, Fix::replace_text(span, meant))
            }
            Some(meant) => problem.did_you_mean(meant, None),
            None => problem.label(format!("expected {}", suggest::list(words.iter().copied()))),
        };
        if let Some(help) = help {
            problem.help(help);
        }
        meant
    }
}

/// Our word for a word of another tool, and the difference.
pub type Hint = (Option<&'static str>, Option<&'static str>);

/// Returns whether a `type` is a word from elsewhere, so that the assumed kind may need other keys.
pub(super) fn is_foreign_kind(kind: &Field<String>) -> bool {
    kind.value().is_some_and(|word| kind_hint(word).0.is_some())
}

/// Returns whether a metric's unit is one of ours. A unit from elsewhere has another scale, and so do its
/// bounds.
pub(super) fn is_known_unit(unit: &Field<String>) -> bool {
    unit.value().is_none_or(|word| Unit::named(word).is_some())
}

fn kind_hint(word: &str) -> Hint {
    const BUCKETS: &str = "a histogram needs `buckets`";
    const CALLBACK: &str = "with `callback = true`, a function returns the value at each scrape";
    const LABELS: &str = "list the labels in `labels` of the metric or of its group";
    const SUM: &str =
        "use `counter` for a sum that only goes up, and `updown_counter` for any other sum";
    const QUANTILES: &str = "compute quantiles from a `histogram` in a query; it needs `buckets`";
    const TIMER: &str =
        "use a `histogram` with `unit = \"seconds\"` and `buckets`; its recorder starts timers";
    const STATES: &str = "`states` names a closed label, whose values are the states";
    const RATE: &str = "record a `counter`, and compute its rate in a query";
    let mut plain = word.to_lowercase();
    plain.retain(char::is_alphanumeric);
    match plain.as_str() {
        "observablegauge"
        | "asyncgauge"
        | "asynchronousgauge"
        | "gaugefunc"
        | "observableupdowncounter" => (Some("gauge"), Some(CALLBACK)),
        "observablecounter" | "asynccounter" | "asynchronouscounter" | "counterfunc" => {
            (Some("counter"), Some(CALLBACK))
        }
        "distribution" | "timingdistribution" | "memorydistribution" | "customdistribution" => {
            (Some("histogram"), Some(BUCKETS))
        }
        "quantity" => (Some("gauge"), None),
        "labeledcounter" | "countervec" => (Some("counter"), Some(LABELS)),
        "gaugevec" => (Some("gauge"), Some(LABELS)),
        "histogramvec" => (Some("histogram"), Some(BUCKETS)),
        "sum" => (None, Some(SUM)),
        "summary" => (Some("histogram"), Some(QUANTILES)),
        "timer" | "duration" => (Some("histogram"), Some(TIMER)),
        "enum" | "stateset" => (Some("state"), Some(STATES)),
        "meter" | "rate" => (Some("counter"), Some(RATE)),
        "updown" | "updownsum" => (Some("updown_counter"), None),
        _ => (None, None),
    }
}

fn unit_hint(word: &str) -> Hint {
    const PLAIN: Option<&str> = Some("a plain number has no `unit`");
    let base =
        Some("values are exposed in base units; recorders take a `Duration` or a number of bytes");
    match word {
        "s" | "sec" | "secs" | "ms" | "us" | "ns" | "millis" | "micros" | "nanos"
        | "milliseconds" | "microseconds" | "nanoseconds" | "min" | "minutes" | "h" | "hours"
        | "d" | "days" => (Some("seconds"), base),
        "b" | "B" | "kb" | "kB" | "KB" | "mb" | "MB" | "KiB" | "MiB" | "kilobytes"
        | "megabytes" | "kibibytes" | "mebibytes" | "octets" | "bits" | "By" | "kBy" | "KiBy"
        | "MBy" | "MiBy" => (Some("bytes"), base),
        "percent" | "percentage" | "%" => (Some("ratio"), Some("a ratio is a share from 0 to 1")),
        "Cel" | "°C" => (Some("celsius"), None),
        "Hz" => (Some("hertz"), None),
        "V" => (Some("volts"), None),
        "A" => (Some("amperes"), None),
        "J" => (Some("joules"), None),
        "W" => (Some("watts"), None),
        "g" => (Some("grams"), None),
        "" | "none" | "count" | "1" | "number" | "short" => (None, PLAIN),
        annotation if annotation.starts_with('{') => (None, PLAIN),
        _ => (
            None,
            Some(
                "values are exposed in base units; a plain number, such as a count of things, has no `unit`",
            ),
        ),
    }
}

#[test]
fn rules_of_words() {
    crate::testing::rules(
        r#"
        defaults.owner = ^" " => empty-text
        labels.^x = { values = ["a"] } => missing-help
        labels.^x = { help = "X." } => missing-key
        groups.^x = {} => missing-help
        groups.x = { help = ^"X" } => help-without-full-stop
        buckets.x = ^{} => missing-key
        buckets.x = ^{ exponential = { start = 1, count = 3 } } => missing-key
        metrics.app.^x = { help = "X." } => missing-key
        x: ^summary, buckets = [1] => unknown-kind
        metrics.app.^x = { type = "counter" } => missing-help
        x: counter, unit = ^"ms" => unknown-unit
        x: counter, stability = ^"good" => unknown-stability
        x: counter, deprecated = { note = ^"" } => empty-text
        x: counter, renamed_from = ^^{} => missing-key missing-key
        labels.end = { help = "End.", values = ["a"], stability = ^"deprecated" } => unknown-stability
    "#,
    );
}
