//! Writes mutated pages and a list of those that our parser expects to be refused: `mutated-pages OUTDIR [SEED]` writes
//! `OUTDIR/pages` and `OUTDIR/refused.json`. `scripts/pages.sh` compares the list with Prometheus.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use shadowcat_metrics_conformance::{Format, Page};

/// Number of mutations of each page.
const MUTATIONS: usize = 150;

const TEXT: &[&str] = &[
    "# HELP a_total Adds\\nup \\\\ \"all\".\n# TYPE a_total counter\na_total{x=\"1\\\"\\n\",y=\"}\"} 5 1700000000000\na_total{x=\"2\"} 6\n",
    "#  comment\n\n# TYPE h histogram\nh_bucket{le=\"0.5\",} 1\nh_bucket {le = \"+Inf\"} +Inf\nh_sum NaN\nh_count\t3\n",
    "# TYPE g gauge\ng{} -1.5e-3 \nfree{a=\"\"} .5\n# TYPE u untyped\nu 0\n# TYPE q summary\nq{quantile=\"0.9\"} 1\nq_sum 1\nq_count 2",
];

const OPEN_METRICS: &[&str] = &[
    "# HELP a Adds\\nup.\n# TYPE a counter\na_total{x=\"1\\\"\\n\",y=\"}\"} 5 1700000000.5\na_total{x=\"2\"} 6 # {trace=\"z\"} 1 2.5\na_created 1\n# EOF\n",
    "# TYPE h_seconds histogram\n# UNIT h_seconds seconds\nh_seconds_bucket{le=\"0.5\"} 1 1 # {} 0.5\nh_seconds_bucket{le=\"+Inf\"} 2\nh_seconds_sum NaN\nh_seconds_count 2\n# EOF",
    "# TYPE s stateset\n# HELP s \ns{s=\"on\"} 1\ns{s=\"off\"} 0\n# TYPE i info\ni_info{v=\"1\"} 1\n# TYPE u unknown\nu -Inf\n# EOF\n",
];

/// Text to insert into pages: bytes with a meaning in the formats, and some without.
const PIECES: &[&[u8]] = &[
    b" ",
    b"  ",
    b"\t",
    b"\n",
    b"\n\n",
    b"\r",
    b"\r\n",
    b"{",
    b"}",
    b"{}",
    b"\"",
    b"\\",
    b"\\n",
    b"\\\"",
    b",",
    b"=",
    b"#",
    b"# ",
    b" # ",
    b" # {} 1",
    b"# EOF\n",
    b"# HELP ",
    b"# TYPE ",
    b"# UNIT ",
    b"# TYPE b gauge\n",
    b"1",
    b"-",
    b"+",
    b".",
    b"e9",
    b"e999",
    b"_",
    b":",
    b"x",
    b"NaN",
    b"Inf",
    b"0x",
    b"\xff",
    b"\xc3\xa9",
    b"__name__",
    b"{x=\"1\",x=\"2\"}",
    b"a=\"b\"",
    b"_total",
    b"gauge",
    b"unknown",
    b"untyped",
    b"info",
    b"seconds",
];

fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    let Some(out) = args.next() else {
        eprintln!("usage: mutated-pages OUTDIR [SEED]");
        return ExitCode::from(2);
    };
    let seed = args.next().and_then(|seed| seed.to_str()?.parse().ok());
    match write(Path::new(&out), seed.unwrap_or(1)) {
        Ok(count) => {
            println!("{count} pages are in {}", Path::new(&out).display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot write to {}: {error}", Path::new(&out).display());
            ExitCode::FAILURE
        }
    }
}

fn write(out: &Path, seed: u64) -> io::Result<usize> {
    let folder = out.join("pages");
    fs::create_dir_all(&folder)?;
    let mut random = Random(seed);
    let mut pages: Vec<(String, Format, Vec<u8>)> = Vec::new();
    for (extension, format, originals) in [
        ("txt", Format::Text, TEXT),
        ("om", Format::OpenMetrics, OPEN_METRICS),
        ("om0", Format::OpenMetrics, OPEN_METRICS),
    ] {
        for original in originals {
            let original = original.as_bytes();
            let mutated = (0..MUTATIONS).map(|_| mutate(original, &mut random));
            for page in std::iter::once(original.to_vec()).chain(mutated) {
                pages.push((format!("{}.{extension}", pages.len()), format, page));
            }
        }
    }
    for page in protobuf::pages() {
        pages.push((format!("{}.pb", pages.len()), Format::Protobuf, page));
    }
    let mut refused = BTreeMap::new();
    for (name, format, page) in &pages {
        fs::write(folder.join(name), page)?;
        if let Some(problem) = Page::read(page, Some(*format)).refusal() {
            refused.insert(name, problem.to_string());
        }
    }
    let entries = refused
        .iter()
        .map(|(name, problem)| format!("{name:?}: {}", json(problem)));
    let entries: Vec<_> = entries.collect();
    fs::write(
        out.join("refused.json"),
        format!("{{{}}}\n", entries.join(",\n")),
    )?;
    Ok(pages.len())
}

/// Returns a JSON string.
fn json(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// Changes a page in one or two positions.
fn mutate(page: &[u8], random: &mut Random) -> Vec<u8> {
    let mut page = page.to_vec();
    for _ in 0..=random.below(2) {
        let at = random.below(page.len() + 1);
        let end = (at + 1 + random.below(3)).min(page.len());
        let piece = PIECES[random.below(PIECES.len())];
        match random.below(5) {
            0 | 1 => drop(page.splice(at..at, piece.iter().copied())),
            2 => drop(page.splice(at..end, piece.iter().copied())),
            3 => drop(page.drain(at..end)),
            _ => {
                let mut lines: Vec<_> = page.split_inclusive(|byte| *byte == b'\n').collect();
                let (one, other) = (random.below(lines.len()), random.below(lines.len()));
                if random.below(2) == 0 {
                    lines.swap(one, other);
                } else {
                    lines.insert(one, lines[other]);
                }
                page = lines.concat();
            }
        }
    }
    page
}

/// Pseudorandom numbers from a seed (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) % (bound.max(1) as u64)).unwrap_or_default()
    }
}

/// Pages of `io.prometheus.client.MetricFamily` messages.
mod protobuf {
    /// Returns pages with at most one unusual field, and truncated pages.
    pub(super) fn pages() -> Vec<Vec<u8>> {
        let gauge = |value: f64| field(2, &[&[9][..], &value.to_le_bytes()].concat());
        let label = |name: &str, value: &str| {
            field(
                1,
                &[field(1, name.as_bytes()), field(2, value.as_bytes())].concat(),
            )
        };
        let family = |name: &str, help: &[u8], kind: u8, unit: &str, labels: &[(&str, &str)]| {
            let labels = labels.iter().flat_map(|(name, value)| label(name, value));
            let metric = labels.chain(gauge(1.5)).collect::<Vec<_>>();
            let parts = [
                field(1, name.as_bytes()),
                field(2, help),
                vec![3 << 3, kind],
                field(4, &metric),
                field(5, unit.as_bytes()),
            ];
            delimited(&parts.concat())
        };
        let plain = family("a_seconds", b"A.", 1, "", &[("x", "1"), ("y", "2")]);
        let without_metrics = delimited(&field(1, b"not a name"));
        let mut pages = vec![
            Vec::new(),
            family("a b", b"A.", 1, "", &[]),
            family("", b"A.", 1, "", &[]),
            family("a", b"\xff", 1, "", &[]),
            family("a_seconds", b"A.", 1, "seconds", &[]),
            family("a_seconds", b"A.", 1, "bytes", &[]),
            family("seconds", b"A.", 1, "seconds", &[]),
            family("a_seconds_total", b"A.", 0, "seconds", &[]),
            family("a", b"A.", 1, "", &[("x", "1"), ("x", "2")]),
            family("a", b"A.", 1, "", &[("x", ""), ("x", "2")]),
            family("a", b"A.", 1, "", &[("x y", "1")]),
            family("a", b"A.", 1, "", &[("x:y", "1")]),
            family("a", b"A.", 1, "", &[("", "1")]),
            family("a", b"A.", 1, "", &[("__name__", "b")]),
            [&plain[..], &without_metrics].concat(),
            [&plain[..], &[0]].concat(),
            [&plain[..], &[0xff; 11]].concat(),
        ];
        pages.extend((0..8).map(|kind| family("a", b"A.", kind, "", &[("x", "1")])));
        pages.extend((1..plain.len()).map(|end| plain[..end].to_vec()));
        pages.extend((1..plain.len()).map(|end| [&plain[..], &plain[..end]].concat()));
        pages
    }

    /// Encodes a field with fewer than 128 bytes.
    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, length(bytes)][..], bytes].concat()
    }

    fn delimited(message: &[u8]) -> Vec<u8> {
        [&[length(message)][..], message].concat()
    }

    fn length(bytes: &[u8]) -> u8 {
        u8::try_from(bytes.len())
            .ok()
            .filter(|length| *length < 128)
            .expect("short messages have lengths of one byte")
    }
}
