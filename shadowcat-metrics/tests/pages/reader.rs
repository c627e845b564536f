//! A strict reader of both text formats: stricter than any scraper, so that a page that passes is read alike by all.
//!
//! It knows nothing of the writer. What it asks beyond the formats' grammar: metadata once for each family and before its
//! samples, families in one piece, no series twice, values that add up in histograms, canonical `le`, `# EOF` at the end.

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics::Format;

/// A family, as read.
#[derive(Debug, Default)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) unit: Option<String>,
    pub(crate) help: String,
    pub(crate) samples: Vec<Sample>,
}

/// A sample, as read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: String,
}

/// Every sample of a page by its name and labels, but not the times when series began.
pub(crate) type Series = BTreeMap<(String, BTreeMap<String, String>), String>;

pub(crate) fn series(families: &[Family]) -> Series {
    let samples = families.iter().flat_map(|family| &family.samples);
    samples
        .filter(|sample| !sample.name.ends_with("_created"))
        .map(|sample| {
            (
                (sample.name.clone(), sample.labels.clone()),
                sample.value.clone(),
            )
        })
        .collect()
}

/// Reads a page, or panics at the first thing that is wrong with it.
pub(crate) fn read(page: &str, format: Format) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut ended = false;
    assert!(
        page.is_empty() || page.ends_with('\n'),
        "the last line has no end"
    );
    for line in page.split_terminator('\n') {
        assert!(!ended, "a line behind the end: {line:?}");
        if line == "# EOF" {
            ended = true;
        } else if let Some(comment) = line.strip_prefix("# ") {
            let [keyword, name, text] = words(comment);
            assert!(is_name(name, true), "not a name: {line:?}");
            if families.last().is_none_or(|family| family.name != name) {
                assert!(
                    families.iter().all(|family| family.name != name),
                    "in pieces: {line:?}"
                );
                families.push(Family {
                    name: name.to_owned(),
                    ..Family::default()
                });
            }
            let family = families.last_mut().expect("one was pushed");
            assert!(
                family.samples.is_empty(),
                "metadata behind samples: {line:?}"
            );
            assert!(
                seen.insert(format!("# {keyword} {name}")),
                "twice: {line:?}"
            );
            match keyword {
                "HELP" => family.help = unescape(text, format == Format::OpenMetrics),
                "TYPE" => text.clone_into(&mut family.kind),
                "UNIT" if format == Format::OpenMetrics => family.unit = Some(text.to_owned()),
                _ => panic!("not a comment of the format: {line:?}"),
            }
        } else {
            let sample = read_sample(line);
            let key = format!("{} {:?}", sample.name, sample.labels);
            assert!(seen.insert(key), "a series twice: {line:?}");
            let family = families.last_mut().expect("a sample behind its metadata");
            family.samples.push(sample);
        }
    }
    assert_eq!(ended, format == Format::OpenMetrics, "the end");
    for family in &families {
        check(family, format);
    }
    families
}

fn check(family: &Family, format: Format) {
    let Family { name, kind, .. } = family;
    let suffixes: &[&str] = match (kind.as_str(), format) {
        ("counter", Format::OpenMetrics) => &["_total", "_created"],
        ("histogram", Format::OpenMetrics) => &["_bucket", "_sum", "_count", "_created"],
        ("histogram", _) => &["_bucket", "_sum", "_count"],
        ("info", Format::OpenMetrics) => &["_info"],
        ("gauge" | "counter", _) | ("stateset" | "unknown", Format::OpenMetrics) => &[""],
        _ => panic!("not a type of the format: {kind}"),
    };
    assert!(!family.samples.is_empty(), "no samples: {name}");
    assert!(family.help.ends_with('.'), "help lost its end: {name}");
    if let Some(unit) = &family.unit {
        assert!(
            name.ends_with(&format!("_{unit}")),
            "unit without suffix: {name}"
        );
    }
    for sample in &family.samples {
        let suffix = sample.name.strip_prefix(name.as_str());
        let suffix = suffix.unwrap_or_else(|| panic!("{} in family {name}", sample.name));
        assert!(
            suffixes.contains(&suffix),
            "{} in family {name}",
            sample.name
        );
        assert!(is_number(&sample.value), "not a number: {sample:?}");
        if kind == "stateset" {
            assert!(sample.labels.contains_key(name), "no state: {sample:?}");
            assert!(matches!(sample.value.as_str(), "0" | "1"), "{sample:?}");
        }
    }
    if kind == "histogram" {
        check_histogram(family);
    }
}

/// Each histogram's lines stand together: buckets in order up to `+Inf`, then the sum, then the count.
fn check_histogram(family: &Family) {
    let mut buckets: Vec<(f64, u64)> = Vec::new();
    let mut group = BTreeMap::new();
    for sample in &family.samples {
        let mut labels = sample.labels.clone();
        let le = labels.remove("le");
        if le.is_some() && buckets.is_empty() {
            group.clone_from(&labels);
        }
        assert_eq!(group, labels, "in pieces: {}", family.name);
        let count = || sample.value.parse::<u64>().expect("a count");
        match (sample.name.strip_prefix(&family.name), le) {
            (Some("_bucket"), Some(le)) => {
                assert!(is_canonical(&le), "not canonical: {le}");
                let le = le.parse().expect("a bound");
                let is_next = buckets
                    .last()
                    .is_none_or(|(bound, below)| *bound < le && *below <= count());
                assert!(is_next, "not increasing: {sample:?}");
                buckets.push((le, count()));
            }
            (Some("_count"), None) => {
                assert_eq!(
                    buckets.last(),
                    Some(&(f64::INFINITY, count())),
                    "{sample:?}"
                );
                buckets.clear();
            }
            (Some("_sum"), None) => {
                assert_eq!(buckets.last().map(|last| last.0), Some(f64::INFINITY));
            }
            (Some("_created"), None) => {}
            other => panic!("unexpected: {other:?}"),
        }
    }
}

fn read_sample(line: &str) -> Sample {
    let end = line
        .find(['{', ' '])
        .unwrap_or_else(|| panic!("no value: {line:?}"));
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name, true), "not a name: {line:?}");
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, value) = rest.split_once("=\"").expect("a label with a value");
            assert!(
                is_name(label, false),
                "not a label name: {label:?} in {line:?}"
            );
            let (value, behind) = read_quoted(value);
            assert!(
                labels.insert(label.to_owned(), value).is_none(),
                "label twice: {line:?}"
            );
            rest = behind.strip_prefix(',').unwrap_or(behind);
            if let Some(behind) = behind.strip_prefix('}') {
                rest = behind;
                break;
            }
        }
    }
    let value = rest.strip_prefix(' ').expect("one space before the value");
    Sample {
        name: name.to_owned(),
        labels,
        value: value.to_owned(),
    }
}

/// Reads up to the closing quote: the value, and what stands behind.
fn read_quoted(text: &str) -> (String, &str) {
    let mut escaped = false;
    let end = text.char_indices().find(|(_, character)| {
        let is_end = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        is_end
    });
    let (end, _) = end.expect("a closing quote");
    (unescape(&text[..end], true), &text[end + 1..])
}

fn unescape(text: &str, quotes: bool) -> String {
    let mut characters = text.chars();
    let mut plain = String::new();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next() {
                Some('\\') => '\\',
                Some('n') => '\n',
                Some('"') if quotes => '"',
                other => panic!("not an escape: {other:?} in {text:?}"),
            },
            '"' if quotes => panic!("a bare quote in {text:?}"),
            other => other,
        });
    }
    plain
}

fn words(comment: &str) -> [&str; 3] {
    let words: Vec<_> = comment.splitn(3, ' ').collect();
    words
        .try_into()
        .unwrap_or_else(|_| panic!("not three words: {comment:?}"))
}

fn is_name(name: &str, colons: bool) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || (c == ':' && colons);
    name.starts_with(starts) && name.chars().all(|c| starts(c) || c.is_ascii_digit())
}

/// OpenMetrics' grammar, whose numbers are also numbers of Prometheus text.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let starts_well = unsigned.starts_with(|c: char| c.is_ascii_digit());
    match text {
        "NaN" | "+Inf" | "-Inf" => true,
        _ => starts_well && text.parse::<f64>().is_ok_and(f64::is_finite),
    }
}

/// Like Go's shortest `%g`, and never an integer.
fn is_canonical(le: &str) -> bool {
    let Some((digits, power)) = le.split_once('e') else {
        let value: f64 = le.parse().unwrap_or(f64::NAN);
        let fixed = value == 0.0 || (1e-4..1e6).contains(&value);
        return le == "+Inf" || (fixed && format!("{value:?}") == le);
    };
    let [sign @ (b'+' | b'-'), power @ ..] = power.as_bytes() else {
        return false;
    };
    let shortest = !digits.contains('.') || !digits.ends_with('0');
    let value: f64 = le.parse().unwrap_or(f64::NAN);
    let far = if *sign == b'-' {
        value < 1e-4
    } else {
        value >= 1e6
    };
    far && shortest && power.len() >= 2 && digits.split('.').next().is_some_and(|d| d.len() == 1)
}
