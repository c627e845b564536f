//! `new`: adds a metric to a schema, from flags or answers, and shows the Rust code that records it.

mod ask;
mod call;
mod insert;

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

use shadowcat_metrics_codegen::lint::metric_path;
use shadowcat_metrics_codegen::model::{Kind, Origin, Registry};
use shadowcat_metrics_codegen::name::is_snake_case;
use shadowcat_metrics_codegen::sentence::lacks_full_stop;
use shadowcat_metrics_codegen::{Diagnostic, Files, Report, Source};
use toml_edit::{InlineTable, Value};

use call::call;
use insert::{NewMetric, insert};

use crate::answer::{Answer, Verdict};
use crate::cli::kind_parser;
use crate::failure::{Failure, GOOD};
use crate::files::{NewFolders, replace_text, retry};
use crate::fix::compile_changed;
use crate::including_schema::IncludingSchema;
use crate::report;
use crate::schema::{DEFAULT, FileArg, Schema, SchemaArg};
use crate::text_diff::unified;

/// Add a metric to a schema, and show how to record it
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub(crate) struct Args {
    /// Group and key of the new metric
    #[arg(value_name = "GROUP.METRIC")]
    metric: String,
    /// The schema, or an included file for a new group, which is created if needed; `-` reads standard input and writes to
    /// standard output
    #[arg(long, value_name = "FILE", default_value = DEFAULT)]
    file: FileArg,
    /// Type of the metric
    #[arg(long = "type", value_parser = kind_parser(), value_name = "TYPE")]
    kind: Option<&'static Kind>,
    /// What the metric measures, in one sentence
    #[arg(long, value_name = "SENTENCE")]
    help_text: Option<String>,
    /// Base unit; leave it out for a plain number
    #[arg(long)]
    unit: Option<String>,
    /// Labels of the metric, separated by commas; `NAME?` is an optional label
    #[arg(long, value_delimiter = ',')]
    labels: Vec<String>,
    /// Buckets of a histogram: the name of a set, or bounds such as `[0.1, 1, 10]`
    #[arg(long)]
    buckets: Option<String>,
    /// Native buckets of a histogram: `{ factor = 1.1, from = "1ms", to = "60s" }`
    #[arg(long, value_name = "TABLE")]
    native: Option<String>,
    /// For a state: the closed label whose values are the states
    #[arg(long, value_name = "LABEL")]
    states: Option<String>,
    /// For a counter or gauge: read the value from a function at each scrape
    #[arg(long)]
    callback: bool,
    /// For a counter: each count means that something went wrong
    #[arg(long)]
    bad: bool,
    /// For a counter or histogram: its series keep the ID of a recent trace
    #[arg(long)]
    exemplars: bool,
    /// For a histogram: generate recording rules for quantiles
    #[arg(long)]
    quantiles: bool,
    /// For a ratio: metrics of the numerator, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "METRICS")]
    numerator: Vec<String>,
    /// For a ratio: metrics of the denominator, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "METRICS")]
    denominator: Vec<String>,
    /// Complete exposed name, instead of one derived from namespace, group and key
    #[arg(long)]
    name: Option<String>,
    /// OpenTelemetry name of the metric, such as http.server.request.duration
    #[arg(long, value_name = "NAME")]
    otel: Option<String>,
    /// Stability: experimental or stable
    #[arg(long)]
    stability: Option<String>,
    /// Version that introduces the metric
    #[arg(long, value_name = "VERSION")]
    since: Option<String>,
    /// Person or team that is responsible for the metric
    #[arg(long)]
    owner: Option<String>,
    /// Additional explanation, for the reference
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Data for other programs: `{ team = "payments" }`
    #[arg(long, value_name = "TABLE")]
    annotations: Option<String>,
    /// Also add the group, with this help text: what it measures, in one sentence
    #[arg(long, value_name = "SENTENCE")]
    group_help: Option<String>,
    /// Write nothing; show what would be written
    #[arg(long)]
    dry_run: bool,
}

const HELP: &str = "\
The table is added after the last metric of its group. The rest of the file does not change, and nothing is written if the \
schema would have errors. On a terminal, the command asks for what is missing.

Examples:
  shadowcat-metrics new request.retries
  shadowcat-metrics new request.retries --type counter --labels method --help-text 'Requests sent again.'
  shadowcat-metrics new sse.gaps --type counter --help-text 'Gaps seen.' --dry-run";

/// The schema for the new metric.
struct Target {
    schema: SchemaArg,
    /// The included file, if one was named.
    part: Option<IncludingSchema>,
    /// Whether that file does not exist yet.
    is_new: bool,
}

impl Target {
    fn of(FileArg(file): &FileArg) -> Self {
        let path = file.path();
        let is_new = !path.exists() && !file.is_stream();
        let part = if is_new {
            // Another process may have created the file in the meantime.
            IncludingSchema::of_new(path).or_else(|| IncludingSchema::of(path))
        } else {
            IncludingSchema::of(path)
        };
        let schema = match &part {
            Some(part) => SchemaArg::exact(part.schema.clone()),
            None => file.clone(),
        };
        Self {
            schema,
            part,
            is_new,
        }
    }

    fn load(&self) -> Result<Schema, Failure> {
        let outcome = match &self.part {
            // It may be the first file that matches a pattern.
            Some(part) if self.is_new => part.compile_with_empty_part()?,
            Some(_) | None => self.schema.compile_to_edit()?,
        };
        Schema::valid(outcome)
            .map_err(|failure| failure.help("fix the schema before you add to it"))
    }
}

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let (group, key) = split(&self.metric)?;
        let target = Target::of(&self.file);
        let schema = target.load()?;
        let mut args = self.clone();
        args.refuse_existing(schema.registry(), group, key)?;
        let is_incomplete = !args.missing(schema.registry(), group).is_empty();
        if is_incomplete && !target.schema.is_stream() && io::stdin().is_terminal() {
            ask::complete(
                &mut args,
                schema.registry(),
                group,
                &mut io::stdin().lock(),
                &mut anstream::stderr().lock(),
            )
            .map_err(|error| Failure::new(format!("cannot ask: {error}")))?;
        }
        let mut first = Some((target, schema));
        retry(|| {
            let (target, schema) = if let Some(first) = first.take() {
                first
            } else {
                let target = Target::of(&self.file);
                let schema = target.load()?;
                (target, schema)
            };
            args.refuse_existing(schema.registry(), group, key)?;
            args.refuse_incomplete(schema.registry(), group)?;
            args.add(&target, &schema, group, key)
        })
    }

    /// Adds the metric. Returns `None` if another process has changed the file in the meantime.
    fn add(
        &self,
        target: &Target,
        schema: &Schema,
        group: &str,
        key: &str,
    ) -> Result<Option<Answer>, Failure> {
        let source = schema.source();
        let Place { file: name, text } =
            place(source, schema.registry(), group, target.part.as_ref());
        let new = insert(
            &text,
            NewMetric {
                group,
                key,
                entries: self.entries()?,
                group_help: self.group_help.as_deref().map(sentence),
            },
        )?;
        let disk = target.schema.files();
        let files = disk.as_ref().map(|disk| disk as &dyn Files);
        let compiled = compile_changed(source, (name, &new), files);
        let added = added(&schema.outcome().report, &compiled.report);
        let mut answer = Answer::ok("");
        answer.stderr = report::human_about(&compiled.source, &added);
        let Some(registry) = compiled.registry() else {
            answer.help(format!("{name} was not changed"));
            answer.verdict = Verdict::Failed;
            return Ok(Some(answer));
        };
        let path = target.schema.path_of(name, source);
        let is_stream = target.schema.is_stream();
        let is_new = !is_stream && !path.exists();
        if self.dry_run {
            let present = (!is_new).then_some(text.as_bytes());
            answer.stdout = unified(name, present, new.as_bytes());
        } else if is_stream {
            // The schema goes to standard output, so everything else goes to standard error.
            show(&target.schema, registry, (group, key), &mut answer.stderr);
            answer.stdout = new;
            return Ok(Some(answer));
        } else {
            let mut folders = NewFolders::default();
            if is_new {
                folders.create_for(&path)?;
            }
            let mut files = source.files();
            let before = files.find(|(file, _)| *file == name).filter(|_| !is_new);
            if !replace_text(&path, before.map(|(_, span)| source.slice(span)), &new)? {
                return Ok(None);
            }
            answer.stdout = format!("{GOOD}wrote{GOOD:#} [metrics.{group}.{key}] into {name}\n");
        }
        show(&target.schema, registry, (group, key), &mut answer.stdout);
        Ok(Some(answer))
    }
    /// Refuses a metric that exists. A new group may exist with the same help, because another process may
    /// have added it in the meantime.
    fn refuse_existing(
        &mut self,
        registry: &Registry,
        group: &str,
        key: &str,
    ) -> Result<(), Failure> {
        let Some(id) = registry.groups.iter().position(|known| known.name == group) else {
            return Ok(());
        };
        let mut metrics = registry.metrics.iter();
        if let Some(existing) = metrics.find(|metric| metric.group.0 == id && metric.key == key) {
            return Err(
                Failure::new(format!("the metric `{group}.{key}` already exists")).help(format!(
                    "it is exposed as `{}`; choose another name, or edit the metric by hand",
                    existing.exposed
                )),
            );
        }
        if let Some(help) = self.group_help.take()
            && sentence(&help) != registry.groups[id].help
        {
            return Err(Failure::new(format!("the group `{group}` already exists"))
                .help("leave out `--group-help`"));
        }
        Ok(())
    }

    /// Returns the missing flags that a metric of this kind requires.
    fn missing(&self, registry: &Registry, group: &str) -> Vec<&'static str> {
        let new_group = !group_names(registry).contains(&group);
        let takes = |key| self.kind.is_some_and(|kind| takes(kind, key));
        let flags = [
            ("--group-help", new_group && self.group_help.is_none()),
            ("--type", self.kind.is_none()),
            ("--help-text", self.help_text.is_none()),
            ("--buckets", takes("buckets") && self.buckets.is_none()),
            ("--states", takes("states") && self.states.is_none()),
            (
                "--numerator",
                takes("numerator") && self.numerator.is_empty(),
            ),
            (
                "--denominator",
                takes("denominator") && self.denominator.is_empty(),
            ),
        ];
        let missing = flags.into_iter().filter(|(_, missing)| *missing);
        missing.map(|(flag, _)| flag).collect()
    }

    /// Refuses an incomplete metric.
    fn refuse_incomplete(&self, registry: &Registry, group: &str) -> Result<(), Failure> {
        let missing = self.missing(registry, group);
        if missing.contains(&"--group-help") {
            return Err(
                Failure::new(format!("the schema has no group `{group}`")).help(format!(
                    "{}; `--group-help \"What it measures.\"` adds a new one",
                    known_groups(&group_names(registry))
                )),
            );
        }
        if missing.contains(&"--states") && ask::closed_labels(registry).is_empty() {
            return Err(Failure::new(
                "the schema has no label with a list of values, for the states",
            )
            .help("declare one first: `[labels.NAME]` with `help`, and the states as `values`"));
        }
        if !missing.is_empty() {
            return Err(
                Failure::new(format!("`{}` must be given", missing.join("` and `")))
                    .help("on a terminal, the command asks for what is missing"),
            );
        }
        Ok(())
    }

    /// Returns the keys of the metric's table, in any order.
    fn entries(&self) -> Result<Vec<(&'static str, Value)>, Failure> {
        let mut entries: Vec<(&'static str, Value)> = Vec::new();
        entries.extend(self.kind.map(|kind| ("type", kind.name().into())));
        let texts = [
            ("unit", &self.unit),
            ("states", &self.states),
            ("name", &self.name),
            ("otel", &self.otel),
            ("stability", &self.stability),
            ("since", &self.since),
            ("owner", &self.owner),
            ("note", &self.note),
        ];
        for (key, text) in texts {
            entries.extend(text.as_ref().map(|text| (key, text.into())));
        }
        let help = self.help_text.as_deref();
        entries.extend(help.map(|text| ("help", sentence(text).into())));
        if !self.labels.is_empty() {
            entries.push(("labels", self.labels.iter().map(label_use).collect()));
        }
        for (key, list) in [
            ("numerator", &self.numerator),
            ("denominator", &self.denominator),
        ] {
            if !list.is_empty() {
                entries.push((key, list.iter().collect()));
            }
        }
        if let Some(buckets) = &self.buckets {
            entries.push(("buckets", buckets_value(buckets)?));
        }
        for (key, table, example) in [
            (
                "native",
                &self.native,
                "{ factor = 1.1, from = \"1ms\", to = \"60s\" }",
            ),
            ("annotations", &self.annotations, "{ team = \"payments\" }"),
        ] {
            if let Some(text) = table {
                let table = table_value(text).ok_or_else(|| {
                    Failure::new(format!("`--{key}` is not a table: `{text}`"))
                        .help(format!("write it as in the schema: `{example}`"))
                })?;
                entries.push((key, table));
            }
        }
        for (key, is_set) in [
            ("callback", self.callback),
            ("bad", self.bad),
            ("exemplars", self.exemplars),
            ("quantiles", self.quantiles),
        ] {
            if is_set {
                entries.push((key, true.into()));
            }
        }
        Ok(entries)
    }
}

/// Returns an entry of `labels`: a name, or a table for an optional label, which ends with `?`.
fn label_use(label: &String) -> Value {
    match label.strip_suffix('?') {
        Some(name) => {
            let mut table = InlineTable::new();
            table.insert("name", name.into());
            table.insert("optional", true.into());
            Value::InlineTable(table)
        }
        None => label.into(),
    }
}

/// A file of a schema, and its text. A new file contains the line for editors.
struct Place<'s> {
    file: &'s str,
    text: String,
}

/// Returns the file for a new metric: that of its group or, for a new group, the named file.
fn place<'s>(
    source: &'s Source,
    registry: &Registry,
    group: &str,
    named: Option<&'s IncludingSchema>,
) -> Place<'s> {
    let known = registry.groups.iter().find(|known| known.name == group);
    let at = |offset: usize| {
        let (file, span) = source.file_at(offset);
        let text = source.slice(span).to_owned();
        Place { file, text }
    };
    match (known, named) {
        (Some(known), _) => at(known.span.start),
        (None, None) => at(0),
        (None, Some(whole)) => {
            let found = source.files().find(|(file, _)| *file == whole.part);
            let text = found.map_or("", |(_, span)| source.slice(span));
            let first = if text.trim().is_empty() {
                whole.first_line(source.own_text())
            } else {
                None
            };
            Place {
                file: &whole.part,
                text: first.unwrap_or_else(|| text.to_owned()),
            }
        }
    }
}

/// Returns the problems that the new metric adds to the schema.
fn added(before: &Report, after: &Report) -> Report {
    let identity = |problem: &Diagnostic| (problem.code, problem.message.clone());
    let existing: Vec<_> = before.diagnostics().iter().map(identity).collect();
    let mut added = Report::default();
    let new = |problem: &&Diagnostic| !existing.contains(&identity(problem));
    added.extend(after.diagnostics().iter().filter(new).cloned());
    added
}

fn split(metric: &str) -> Result<(&str, &str), Failure> {
    match metric.split_once('.') {
        Some((group, key)) if is_snake_case(group) && is_snake_case(key) => Ok((group, key)),
        Some(_) | None => Err(
            Failure::new(format!("`{metric}` is not of the form GROUP.METRIC"))
                .help("write both in lowercase words with underscores, such as `request.retries`"),
        ),
    }
}

/// Returns whether metrics of a kind accept a key.
fn takes(kind: &Kind, key: &str) -> bool {
    kind.spec().keys.contains(&key)
}

/// Returns the names of the groups to which metrics can be added.
fn group_names(registry: &Registry) -> Vec<&str> {
    let groups = registry.groups.iter();
    let declared = groups.filter(|group| group.origin == Origin::Schema);
    declared.map(|group| group.name.as_str()).collect()
}

/// Returns the groups of a schema, as help about an unknown one.
pub(super) fn known_groups(names: &[&str]) -> String {
    if names.is_empty() {
        "it has no groups yet".to_owned()
    } else {
        format!("its groups are: {}", names.join(", "))
    }
}

/// Adds a period if it is missing.
fn sentence(text: &str) -> String {
    let stop = if lacks_full_stop(text) { "." } else { "" };
    format!("{text}{stop}")
}

/// Parses the name of a bucket set or, in brackets or braces, bounds in TOML.
fn buckets_value(text: &str) -> Result<Value, Failure> {
    if !text.starts_with(['[', '{']) {
        return Ok(text.into());
    }
    text.parse().map_err(|_| {
        Failure::new(format!("`{text}` is not a list of bounds"))
            .help("name a set of `[buckets]`, or write bounds as in the schema: `[0.1, 1, 10]`")
    })
}

/// Parses an inline table in TOML.
fn table_value(text: &str) -> Option<Value> {
    let value = text.parse::<Value>().ok();
    value.filter(Value::is_inline_table)
}

/// Shows how the metric is exposed, recorded and documented.
fn show(schema: &SchemaArg, registry: &Registry, (group, key): (&str, &str), stdout: &mut String) {
    let mut metrics = registry.metrics.iter();
    let path = format!("{group}.{key}");
    let Some(metric) = metrics.find(|metric| metric_path(registry, metric) == path) else {
        return;
    };
    let _ = writeln!(stdout, "\nexposed as  {}", metric.exposed);
    match call(registry, metric) {
        Some(call) => {
            let _ = writeln!(stdout, "recorded by {call}");
        }
        None => stdout.push_str("computed at each scrape, so nothing records it\n"),
    }
    let argument = schema.as_argument();
    let _ = writeln!(
        stdout,
        "next        run `shadowcat-metrics generate{argument}`"
    );
}
