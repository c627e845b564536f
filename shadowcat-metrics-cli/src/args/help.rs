//! What `--help` says below the options: examples, exit codes, and the JSON that each command writes.

pub(super) const COMMAND: &str = "\
Examples:
  shadowcat-metrics init                   set up the crate in this folder
  shadowcat-metrics new request.retries    add a metric to ./metrics.toml
  shadowcat-metrics check                  check it
  shadowcat-metrics fmt                    bring it into the one layout
  shadowcat-metrics diff HEAD:metrics.toml say what changed, and whom it breaks
  shadowcat-metrics generate               write its documents into docs/
  shadowcat-metrics generate --check       fail if those are not what metrics.toml says
  shadowcat-metrics explain SM1004         say what a code means, with an example

Exit codes:
  0  all is well
  1  the schema has problems, its documents have drifted, or what was to be guarded has changed
  2  the command line was wrong, or a file could not be read or written";

macro_rules! check {
    ($more:literal) => {
        concat!(
            "\
Examples:
  shadowcat-metrics check
  shadowcat-metrics check --deny-warnings services/shop/metrics.toml
  shadowcat-metrics check --fix
  git show HEAD:metrics.toml | shadowcat-metrics check --format json -",
            $more,
        )
    };
}

pub(super) const CHECK: &str = check!("");

pub(super) const CHECK_LONG: &str = check!(
    "

What --fix mends: keys, references, types, units and lints that are a slip away from the right one; `true`, `false` and \
integers in quotes, a label's values without them; a string where an array of strings is due; a missing full stop; an `allow` \
that is not needed; a unit or a group that a key repeats, if the exposed name stays the same and the metric is not stable. \
Comments and layout stay. A fix after which there would be another error is not made.

JSON, on standard output:
  version           version of this format: 1
  file              the schema as it was named; `<stdin>` for standard input
  errors, warnings  how many there are of each
  diagnostics       every problem, in the order of the file:
    code            stable code: SM1004
    name            the code's name, which `allow` lists hold: type-in-name
    severity        error or warning
    message         what is wrong, in one line
    label           what was expected there, or null
    help            how to mend it, or null
    file            as above
    line, column    where it begins, from 1; columns count characters
    end             where it ends, the same way: the line and column behind its last character
    related         other places that have part in it: label, file, line, column, end
    fix             what `--fix` would do, or null: file, line, column and end as above,
                    and the replacement
  mended            with --fix, what was mended: code, name, message, line, column, and
                    what it was and is now"
);

macro_rules! check_rules {
    ($more:literal) => {
        concat!(
            "\
Examples:
  shadowcat-metrics check-rules alerts.yml dashboard.json
  shadowcat-metrics check-rules --schema services/shop/metrics.toml 'ops/**/*.yml' 'ops/**/*.json'

Every query under `expr`, and of dashboards those of the variables, is held against the schema: names, labels, label \
values, bucket bounds, functions by kind. What one of the files records may be named in all of them. Files inside of a \
ConfigMap are looked into.",
            $more,
        )
    };
}

pub(super) const CHECK_RULES: &str = check_rules!("");

pub(super) const CHECK_RULES_LONG: &str = check_rules!(
    "

JSON, on standard output:
  version           version of this format: 1
  queries           how many there are in all files
  errors            how many there are in them
  files             every file, in the order of the command line:
    file            its name
    errors          how many it has
    warnings        queries that cannot be read, but may be right with what Grafana puts in for a variable
    diagnostics     its problems, as `check` writes them"
);

macro_rules! diff {
    ($more:literal) => {
        concat!(
            "\
Each change is judged twice: for queries, alerts and dashboards, and for programs that record. A change breaks them, adds \
to them, or is cosmetic. The release that it asks for is major if something stable or deprecated breaks, minor if \
something experimental breaks or something is new, and patch otherwise.

Examples:
  shadowcat-metrics diff HEAD~1:metrics.toml
  shadowcat-metrics diff v1.2.0:metrics.toml --format markdown
  shadowcat-metrics diff origin/main:metrics.toml --fail-on major --notes CHANGELOG.md
  git show HEAD:metrics.toml | shadowcat-metrics diff - metrics.toml",
            $more,
        )
    };
}

pub(super) const DIFF: &str = diff!("");

pub(super) const DIFF_LONG: &str = diff!(
    "

JSON, on standard output:
  version           version of this format: 1
  old, new          the schemas as they were named
  release           none, patch, minor or major
  changes           every change:
    subject         schema, label, group or metric
    name            its name, a metric's as GROUP.KEY; empty for the schema
    exposed         the name that a metric is exposed under, or was; null for others
    stability       how firmly it was promised; a label or group as firmly as the
                    firmest metric that has it
    field           the key that changed, or the subject's word if it came or went
    old, new        what it was and is, as text, or null
    dashboards, rust
                    breaking, additive or cosmetic"
);

pub(super) const FMT: &str = "\
Tables come as [defaults], [labels], [buckets], then groups and metrics as they are mixed in the file; keys come in the \
order of the documentation; a list that fits has one line. No value is written another way, and nothing that has an order \
of its own is moved: metrics, labels, label values. A comment goes where the thing below it goes; one directly below a \
table's last line stays at its foot, if a blank line follows. A file with CRLF keeps it. A file that is not TOML is left \
alone.

Examples:
  shadowcat-metrics fmt
  shadowcat-metrics fmt --check            in CI: write nothing, show the difference
  shadowcat-metrics fmt - < metrics.toml   as editors do it";

pub(super) const GENERATE: &str = "\
Nothing is written while the schema has errors. Each file is replaced at once, so that no reader sees half of one, and \
one that is right already is not touched.

Examples:
  shadowcat-metrics generate
  shadowcat-metrics generate --check       in CI: write nothing, show what has drifted
  shadowcat-metrics generate --out-dir site/reference services/shop/metrics.toml";

macro_rules! explain {
    ($more:literal) => {
        concat!(
            "\
Examples:
  shadowcat-metrics explain                list all codes
  shadowcat-metrics explain SM1004
  shadowcat-metrics explain type-in-name   by the name that `allow` lists hold",
            $more,
        )
    };
}

pub(super) const EXPLAIN: &str = explain!("");

pub(super) const EXPLAIN_LONG: &str = explain!(
    "

JSON, for one code; without one, an object with `version` (1) and `codes`, an array of these:
  code, name        SM1004, type-in-name
  severity          error or warning
  allowable         whether it is a lint, which `allow` can silence
  title             what is wrong, in a few words
  explanation       why, and what to do
  wrong, right      a schema that yields the code, and the same mended"
);

pub(super) const INFER: &str = "\
The proposal checks clean, and exposes the names that the page has; what it cannot say is noted on standard error. It has \
guesses: which labels are open and how many values they may have, what a summary's bounds should be. Read it through.

Examples:
  shadowcat-metrics infer http://127.0.0.1:9100/metrics
  shadowcat-metrics infer page.txt --namespace shop --out metrics.toml
  curl -s https://shop.example/metrics | shadowcat-metrics infer -";

pub(super) const INIT: &str = "\
Writes metrics.toml, its documents in docs/, src/metrics.rs and, where there is a .github, a workflow; adds the dependency \
to Cargo.toml. What is there already is kept as it is. The answer says what was written, and what is left to do.

Examples:
  shadowcat-metrics init
  shadowcat-metrics init services/shop --namespace shop --path ../../shadowcat-metrics/shadowcat-metrics";

pub(super) const NEW: &str = "\
The table goes behind the last metric of its group; nothing else in the file is touched, and nothing is written unless the \
whole schema is right with it. On a terminal, what is missing is asked for.

Examples:
  shadowcat-metrics new request.retries
  shadowcat-metrics new request.retries --type counter --labels method --help-text 'Requests sent again.'
  shadowcat-metrics new sse.gaps --type counter --help-text 'Gaps seen.' --dry-run";

macro_rules! list {
    ($more:literal) => {
        concat!(
            "\
Examples:
  shadowcat-metrics list
  shadowcat-metrics list --group process --kind counter
  shadowcat-metrics list --format json | jq -r '.metrics[].name'",
            $more,
        )
    };
}

pub(super) const LIST: &str = list!("");

pub(super) const LIST_LONG: &str = list!(
    "

JSON: `version` (1) and `metrics`, an array of metrics as they are in the catalogue, docs/metrics.json:
  name              as exposed; `open_metrics_name` is the family's name in OpenMetrics
  group, key        where it is in the schema
  type              the kind; `exposed_type` is the Prometheus type that it is exposed as
  unit              the base unit, or null
  help              what it measures
  origin            schema, or library for what the library reports about itself
  labels            names of its labels
  facts, buckets, states, numerator, denominator
                    what only some kinds have, else null
  callback          whether it is read when scraped
  series            how many series it may have, in the worst case
  stability         experimental, stable or deprecated
  since, owner      as in the schema, or null
  deprecated        null, or since, use and note"
);

macro_rules! budget {
    ($more:literal) => {
        concat!(
            "\
Examples:
  shadowcat-metrics budget --top 5
  shadowcat-metrics budget --scrape http://127.0.0.1:9464/metrics
  shadowcat-metrics budget --format json | jq '.labels[0]'",
            $more,
        )
    };
}

pub(super) const BUDGET: &str = budget!("");

pub(super) const BUDGET_LONG: &str = budget!(
    "

JSON, on standard output:
  version           version of this format: 1
  budget            the schema's series_budget
  worst_case, now   series of all metrics: at most, and on the page; `now` is null without --scrape
  metrics           the largest first: name, worst_case, now, lines of each combination, and
    product         its labels that multiply: label, values
  labels            the most expensive first: name, open, values it may have, now, and
    series          most series of the metrics that have it
    costs           how many of them there would not be without it"
);

macro_rules! unused {
    ($more:literal) => {
        concat!(
            "\
rustc itself says what is used: cargo checks the project with recorders that warn where they are used, in every crate of the \
workspace and under any name. It keeps the result beside that of ordinary builds in `target`. Code that is not compiled, \
such as tests, does not count; neither do values that are only matched against. Where a program takes all values of a \
label at once, by `ALL` or from strings, all count as passed, and it says so.

Examples:
  shadowcat-metrics unused
  shadowcat-metrics unused services/shop --allow cart.abandoned
  shadowcat-metrics unused --format json -- --all-features --all-targets
  shadowcat-metrics unused --except-in src/demo -- --package shop",
            $more,
        )
    };
}

pub(super) const UNUSED: &str = unused!("");

pub(super) const UNUSED_LONG: &str = unused!(
    "

JSON, on standard output:
  version           version of this format: 1
  file              the schema
  metrics, values   how many were looked for: neither ratios, nor what the library records itself
  unused            what was not found, in the order of the file:
    what            metric or value
    name            cart.open; a value with its label: shelf.tools
    file, line, column
                    where it is declared, from 1
  all_passed        labels of which a program takes all values: label, and the
                    place: file, line, column"
);

pub(super) const COMPLETIONS: &str = "\
Examples:
  shadowcat-metrics completions bash > ~/.local/share/bash-completion/completions/shadowcat-metrics
  shadowcat-metrics completions fish > ~/.config/fish/completions/shadowcat-metrics.fish";

pub(super) const MAN: &str = "\
Examples:
  shadowcat-metrics man | man -l -
  shadowcat-metrics man --out-dir ~/.local/share/man/man1";

macro_rules! live_check {
    ($more:literal) => {
        concat!(
            "\
A URL is read twice, as text 0.0.4 and as OpenMetrics, and both pages are checked: families, types, units, help, labels, \
label values, buckets, states, series that are missing, twice or too many. With `--for` the page is read again and again, and \
what has not moved is told as well. `explain LC01` says what a code means.

Examples:
  shadowcat-metrics live-check http://127.0.0.1:9464/metrics
  shadowcat-metrics live-check http://127.0.0.1:9464/metrics --for 60s --fail-on warning
  shadowcat-metrics live-check page.txt --schema services/shop/metrics.toml --format json
  curl -s https://shop.example/metrics | shadowcat-metrics live-check - --allow-label instance",
            $more,
        )
    };
}

pub(super) const LIVE_CHECK: &str = live_check!("");

pub(super) const LIVE_CHECK_LONG: &str = live_check!(
    "

JSON, on standard output:
  version           version of this format: 1
  from              the page as it was named
  errors, warnings  how many there are of each
  findings          every finding:
    code, name      stable code, and a word for it: LC03, missing-family
    severity        error or warning
    family          the metric's exposed name, or null
    format          text or openmetrics: the page that it is about
    line            line of that page, or null
    message         what was found, and what was expected
    advice          what to do about it"
);
