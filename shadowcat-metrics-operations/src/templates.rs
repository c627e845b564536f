//! Templates in annotations and labels of alerts, which Prometheus expands with Go's `text/template`: checks
//! their syntax, their labels, and their queries. Also finds the labels in legends of Grafana.

mod parser;

use std::ops::Range;

use crate::codes;
use shadowcat_metrics_codegen::suggest;

use crate::promql::{Finding, Labels, Query, Vocabulary};
use parser::{Keyword, Literal, Node, Operand, OperandKind, Parser, Pipe};

shadowcat_metrics_codegen::codes! {
    table CODES;

    TEMPLATE_WITHOUT_LABEL = "SM0915" "template-without-label": "a template with a missing label",
    "`{{ $labels.NAME }}` in an annotation is replaced with the value of a label of the alert. A label that the \
     expression does not keep is empty. The same is true of `{{NAME}}` in the legend of a Grafana query.",
    example: r#"[labels.server]
help = "Server."
open = { max = 8 }

[metrics.http.requests]
type = "counter"
labels = ["server"]
help = "Requests answered."

[alerts.example]
summary = "{{ $labels.server }} gets many requests."
- expr = "sum by (job) (rate({http.requests}[5m])) > 100"
+ expr = "sum by (server) (rate({http.requests}[5m])) > 100"
severity = "info"
"#;

    TEMPLATE_SYNTAX = "SM0919" "template-syntax": "an invalid template",
    "Annotations and labels of alerts are templates in the language of Go's `text/template`. Prometheus rejects a \
     file with a template that it cannot parse, such as one with an unknown function or variable.",
    example: r#"[alerts.example]
- summary = "The machine has been busy for {{ $value | humaniseDuration }}."
+ summary = "The machine has been busy for {{ $value | humanizeDuration }}."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
"#;
}

/// Variables that Prometheus declares before each template.
const DECLARED: [(&str, Value); 4] = [
    ("labels", Value::Labels),
    ("externalLabels", Value::Any),
    ("externalURL", Value::Any),
    ("value", Value::Number),
];

/// Returns a template that expands to `text`.
pub(crate) fn literal(text: &str) -> String {
    text.replace("{{", r#"{{ "{{" }}"#)
}

/// Maximum nesting of templates.
const MAX_DEPTH: usize = 50;
/// Maximum number of template expansions, counting each use.
const MAX_EXPANSIONS: usize = 1_000;

/// The context of a template.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c> {
    pub(crate) vocabulary: &'c Vocabulary,
    /// Whether to look for names similar to those of unknown series.
    pub(crate) suggests: bool,
    /// The labels of the alert's series, if they are known.
    pub(crate) labels: Option<&'c Labels>,
    /// Additional labels, such as those that the rule sets.
    pub(crate) is_set: &'c dyn Fn(&str) -> bool,
    /// Whether vmalert expands the templates. It has more functions and variables than Prometheus.
    pub(crate) of_vmalert: bool,
}

/// Checks a template. Ranges are relative to its text.
pub(crate) fn check(text: &str, context: Context<'_>) -> Vec<Finding> {
    let mut parser = Parser::new(text, context);
    let parsed = parser.parse();
    match parsed {
        Err(finding) => vec![*finding],
        Ok(body) => {
            let mut walk = Walk {
                context,
                defines: &parser.defines,
                findings: Vec::new(),
                variables: DECLARED
                    .map(|(name, value)| (format!("${name}"), value))
                    .to_vec(),
                depth: 0,
                expansions: 0,
            };
            walk.variables.insert(0, ("$".to_owned(), Value::Data));
            walk.body(&body, &Value::Data);
            walk.findings.sort_by_key(|finding| finding.range.start);
            walk.findings.dedup();
            walk.findings
        }
    }
}

/// Returns the labels in a legend of Grafana, such as `{{server}}`, with their positions.
pub(crate) fn labels_of_legend(legend: &str) -> impl Iterator<Item = (usize, &str)> {
    legend.match_indices("{{").filter_map(|(open, braces)| {
        let inner = &legend[open + braces.len()..];
        let inner = &inner[..inner.find("}}")?];
        let name = inner.trim();
        let is_name =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let start = open + braces.len() + (inner.len() - inner.trim_start().len());
        is_name.then_some((start, name))
    })
}

/// The value of a part of a template.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    /// The template's data: `.Labels`, `.Value` and so on.
    Data,
    /// The labels of the alert.
    Labels,
    /// The result of a query, with the labels of its series, if known.
    Samples(Option<Labels>),
    Sample(Option<Labels>),
    LabelsOfSample(Option<Labels>),
    /// A string literal, or one formatted with `printf`.
    Text(Literal),
    /// The value of a series.
    Number,
    Any,
}

struct Walk<'w> {
    context: Context<'w>,
    defines: &'w [(String, Vec<Node>)],
    findings: Vec<Finding>,
    variables: Vec<(String, Value)>,
    /// Nesting of the templates being expanded.
    depth: usize,
    /// Number of expanded templates.
    expansions: usize,
}

impl Walk<'_> {
    fn body(&mut self, nodes: &[Node], dot: &Value) {
        for node in nodes {
            match node {
                Node::Action(pipe) => {
                    self.pipe(pipe, dot);
                }
                Node::Branch {
                    keyword,
                    pipe,
                    body,
                    otherwise,
                } => {
                    let scope = self.variables.len();
                    let value = self.pipe(pipe, dot);
                    let inner = match (keyword, value) {
                        (Keyword::If, _) => dot.clone(),
                        (Keyword::With, value) => value,
                        (Keyword::Range, value) => {
                            let element = match value {
                                Value::Samples(labels) => Value::Sample(labels),
                                _ => Value::Any,
                            };
                            for (at, name) in pipe.declared.iter().rev().enumerate() {
                                let value = if at == 0 { element.clone() } else { Value::Any };
                                self.declare(name, value);
                            }
                            element
                        }
                    };
                    self.body(body, &inner);
                    self.body(otherwise, dot);
                    self.variables.truncate(scope);
                }
                Node::Template { name, pipe } => {
                    let value = pipe
                        .as_ref()
                        .map_or(Value::Any, |pipe| self.pipe(pipe, dot));
                    self.template(name, &value);
                }
            }
        }
    }

    fn template(&mut self, name: &str, dot: &Value) {
        let defines = self.defines;
        let Some((_, body)) = defines.iter().rfind(|(known, _)| known == name) else {
            return;
        };
        // Templates may use each other and themselves.
        if self.depth == MAX_DEPTH || self.expansions == MAX_EXPANSIONS {
            return;
        }
        let around = std::mem::replace(&mut self.variables, vec![("$".to_owned(), dot.clone())]);
        self.depth += 1;
        self.expansions += 1;
        self.body(body, dot);
        self.depth -= 1;
        self.variables = around;
    }

    fn declare(&mut self, name: &str, value: Value) {
        self.variables.push((name.to_owned(), value));
    }

    fn pipe(&mut self, pipe: &Pipe, dot: &Value) -> Value {
        let mut piped = None;
        for command in &pipe.commands {
            piped = Some(self.command(command, piped, dot));
        }
        let value = piped.unwrap_or(Value::Any);
        for name in &pipe.declared {
            self.declare(name, value.clone());
        }
        value
    }

    fn command(&mut self, operands: &[Operand], piped: Option<Value>, dot: &Value) -> Value {
        let Some((first, rest)) = operands.split_first() else {
            return Value::Any;
        };
        let OperandKind::Function(name) = &first.kind else {
            let value = self.operand(first, dot);
            for operand in rest {
                self.operand(operand, dot);
            }
            return value;
        };
        let mut args: Vec<_> = rest
            .iter()
            .map(|operand| self.operand(operand, dot))
            .collect();
        args.extend(piped);
        self.call(name, args)
    }

    fn call(&mut self, name: &str, args: Vec<Value>) -> Value {
        let mut args = args.into_iter();
        match (name, args.next(), args.next()) {
            ("query", Some(Value::Text(query)), None) => Value::Samples(self.query(&query)),
            ("query", ..) => Value::Samples(None),
            ("first", Some(Value::Samples(labels)), None)
            | ("index", Some(Value::Samples(labels)), Some(_)) => Value::Sample(labels),
            ("first", ..) => Value::Sample(None),
            ("sortByLabel", _, Some(samples @ Value::Samples(_))) => samples,
            ("label", Some(Value::Text(label)), Some(Value::Sample(labels)))
            | ("index", Some(Value::LabelsOfSample(labels)), Some(Value::Text(label))) => {
                self.label(&label.value, range_of(&label), labels.as_ref());
                Value::Any
            }
            ("index", Some(Value::Labels), Some(Value::Text(label))) => {
                self.label_of_alert(&label.value, range_of(&label));
                Value::Any
            }
            ("printf", Some(Value::Text(format)), _) => {
                formatted(format).map_or(Value::Any, Value::Text)
            }
            _ => Value::Any,
        }
    }

    fn operand(&mut self, operand: &Operand, dot: &Value) -> Value {
        let mut value = match &operand.kind {
            OperandKind::Dot => dot.clone(),
            OperandKind::Variable(name) => {
                let known = self.variables.iter().rfind(|(known, _)| known == name);
                known.map_or(Value::Any, |(_, value)| value.clone())
            }
            OperandKind::Function(name) => self.call(name, Vec::new()),
            OperandKind::Text(literal) => Value::Text(literal.clone()),
            OperandKind::Pipe(pipe) => {
                let scope = self.variables.len();
                let value = self.pipe(pipe, dot);
                self.variables.truncate(scope);
                value
            }
            OperandKind::Other => Value::Any,
        };
        for (name, range) in &operand.fields {
            value = self.field(value, name, range);
        }
        value
    }

    fn field(&mut self, of: Value, name: &str, range: &Range<usize>) -> Value {
        let range = range.end - name.len()..range.end;
        let known: &[&str] = match of {
            Value::Data if self.context.of_vmalert && name != "Labels" => return Value::Any,
            Value::Data => &["Labels", "ExternalLabels", "ExternalURL", "Value"],
            Value::Sample(_) => &["Labels", "Value"],
            Value::Labels => {
                self.label_of_alert(name, range);
                return Value::Any;
            }
            Value::LabelsOfSample(labels) => {
                self.label(name, range, labels.as_ref());
                return Value::Any;
            }
            Value::Number => {
                let message = format!("a number has no field `{name}`");
                let label = "expected the number alone, or a function such as `humanize`";
                self.findings
                    .push(Finding::new(codes::TEMPLATE_SYNTAX, range, message, label));
                return Value::Any;
            }
            Value::Samples(_) | Value::Text(_) | Value::Any => return Value::Any,
        };
        match (of, name) {
            (Value::Data, "Labels") => return Value::Labels,
            (Value::Sample(labels), "Labels") => return Value::LabelsOfSample(labels),
            (_, "Value") => return Value::Number,
            _ if known.contains(&name) => return Value::Any,
            _ => {}
        }
        let label = suggest::expected(name, known.iter().copied());
        let message = format!("the template has no field `{name}` here");
        self.findings
            .push(Finding::new(codes::TEMPLATE_SYNTAX, range, message, label));
        Value::Any
    }

    /// Checks a label of the alert.
    fn label_of_alert(&mut self, name: &str, range: Range<usize>) {
        let Some(labels) = self.context.labels else {
            return;
        };
        if labels.contains(name) || (self.context.is_set)(name) {
            return;
        }
        self.without_label("the alert", name, range, labels);
    }

    /// Checks a label of a query's result.
    fn label(&mut self, name: &str, range: Range<usize>, labels: Option<&Labels>) {
        let Some(labels) = labels.filter(|labels| name != "__name__" && !labels.contains(name))
        else {
            return;
        };
        self.without_label("the result of the query", name, range, labels);
    }

    /// Reports a label that `owner` does not have.
    fn without_label(&mut self, owner: &str, name: &str, range: Range<usize>, labels: &Labels) {
        let message = format!("{owner} has no label `{name}`");
        let label = labels.expected(name);
        let finding = Finding::new(codes::TEMPLATE_WITHOUT_LABEL, range, message, label);
        self.findings.push(Finding {
            help: labels.help(name).map(str::to_owned),
            ..finding
        });
    }

    /// Checks a query. Returns the labels of its result.
    fn query(&mut self, query: &Literal) -> Option<Labels> {
        let promql = Query::parse(&query.value);
        let Context {
            vocabulary,
            suggests,
            ..
        } = self.context;
        let analysis = promql.checked(vocabulary, suggests);
        let offset = |at: usize| query.offsets.get(at).copied().unwrap_or_default();
        for mut finding in analysis
            .findings
            .into_iter()
            .filter(|finding| !finding.in_doubt)
        {
            finding.range = offset(finding.range.start)..offset(finding.range.end);
            self.findings.push(finding);
        }
        analysis.labels
    }
}

fn range_of(literal: &Literal) -> Range<usize> {
    let start = literal.offsets.first().copied().unwrap_or_default();
    start..literal.offsets.last().copied().unwrap_or(start)
}

/// Returns the text that `printf` produces, with a Grafana variable for each value, or `None` if that changes
/// its length.
fn formatted(mut format: Literal) -> Option<Literal> {
    let mut letters = format.value.chars();
    while let Some(letter) = letters.next() {
        if letter == '%'
            && !letters
                .next()
                .is_some_and(|verb| verb.is_ascii_alphabetic())
        {
            return None;
        }
    }
    format.value = format.value.replace('%', "$");
    Some(format)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::rows;

    /// Returns each finding as `text: message`.
    fn found(text: &str) -> Vec<String> {
        let labels = Labels::certain(["host".to_owned(), "job".to_owned()]);
        let context = Context {
            vocabulary: &Vocabulary::default(),
            suggests: true,
            labels: Some(&labels),
            is_set: &|name| name == "severity",
            of_vmalert: false,
        };
        let shown = check(text, context).into_iter().map(|finding| {
            let place = &text[finding.range];
            format!("{place}: {}; {}", finding.message, finding.label)
        });
        shown.collect()
    }

    #[test]
    fn valid_templates() {
        for text in [
            "",
            "plain }} text",
            "{{ $labels.host }} {{ .Labels.job }} {{$labels.severity}} {{ $value | humanize }}",
            "{{- with $labels -}} {{ .host }}{{ $.Labels.job }} {{- end -}}",
            "{{ range $k, $v := .Labels }}{{ $k }}={{ $v }}{{ else }}none{{ end }}",
            "{{ $l := $labels }}{{ $l.host }}{{ index $l \"job\" }}{{ index .Labels `host` }}",
            "{{ if eq $labels.host \"a\" }}a{{ else if gt $value 1.5 }}b{{ else }}c{{ end }}",
            "{{ define \"x\" }}{{ .Labels.host }}{{ end }}{{ template \"x\" . }}",
            "{{ block \"x\" $labels }}{{ .host }}{{ end }}",
            "{{/* a comment with }} */}}{{- /* another */ -}}",
            "{{ printf \"%.2f %s\" $value $labels.host | title }}",
            "{{ with query \"time()\" }}{{ . | first | value | humanizeDuration }}{{ end }}",
            "{{ range query \"vector(1)\" | sortByLabel \"x\" }}{{ .Value }}{{ end }}",
            "{{ ($labels).host }} {{ (index $labels \"host\") }} {{ $externalLabels.any }} {{ .ExternalURL }}",
            "{{ range query \"x\" }}{{ if .Value }}{{ break }}{{ end }}{{ end }}",
            "{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}",
            "{{ reReplaceAll \"a(.*)\" \"$1\" $labels.host | toUpper }}{{ '}' }}",
        ] {
            let found: Vec<_> = found(text)
                .into_iter()
                .filter(|found| !found.contains("series `x`"))
                .collect();
            assert_eq!(found, [""; 0], "{text}");
        }
    }

    #[test]
    fn unknown_labels_in_templates() {
        let cases = r#"
            {{ $labels.hst }} => hst
            {{ .Labels.instance }} => instance
            {{ $.Labels.instance }} => instance
            {{ with $labels }}{{ .instance }}{{ end }} => instance
            {{ with .Labels }}{{ if .instance }}{{ end }}{{ end }} => instance
            {{ $l := .Labels }}{{ $l.instance }} => instance
            {{ $l := $labels }}{{ with $l }}{{ .instance }}{{ end }} => instance
            {{ index $labels "instance" }} => instance
            {{ "instance" | index $labels }} => instance
            {{ ($labels).instance | title }} => instance
            {{ $labels.host | printf "%s %s" $labels.instance }} => instance
            {{ if and $labels.host (eq .Labels.instance "a") }}{{ end }} => instance
            {{ define "x" }}{{ .Labels.instance }}{{ end }}{{ template "x" . }} => instance
            {{ define "x" }}{{ .instance }}{{ end }}{{ template "x" $labels }} => instance
            é{{ else_ := 1 }} => else_
        "#;
        for (text, place) in rows(cases) {
            let found = found(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(
                found[0].starts_with(&format!("{place}: ")),
                "{text}: {found:?}"
            );
        }
        assert_eq!(
            found("{{ $labels.hst }}"),
            ["hst: the alert has no label `hst`; did you mean `host`?"]
        );
    }

    #[test]
    fn unparsable_templates() {
        let cases = r#"
        {{ $label.host }} => $label: there is no variable `$label`; did you mean `$labels`?
        {{ $value | humanise }} => humanise: there is no template function `humanise`; did you mean `humanize`?
        {{ $labels.host => {{: the template action is not closed; expected `}}` for this `{{`
        {{ if $value }}x => if: `if` is not closed; expected `{{ end }}` after it
        x{{ end }} => end: `end` without `if`, `with` or `range`; remove it
        {{ "x }} => ": the string is not closed; expected a closing `"`
        {{ }} => }}: a value is missing; expected a value before this
        {{ break }} => break: `break` is not in a `range`; remove it
        {{ 1 | 2 }} => 2: `2` takes no value from a pipe; expected a function
        {{ 1x }} => 1x: `1x` is not a number; expected a number
        {{ 'ab' }} => 'ab': single quotes are for one character; expected double quotes
        {{ len($labels) }} => (: unexpected `(` after `len`; expected a space or `}}`; other names are read with `index`
        {{-$value}} => -: `-` is not a number; expected a number
        {{ "\d" }} => \d: there is no escape `\d`; expected `\\d`
        {{ $a, $b := 1 }} => $b: too many variables are declared here; expected at most 1
        {{ if true }}{{ define "x" }}{{ end }}{{ end }} => define: `define` is inside another action; move it outside
        {{ define "x" }}a{{ end }}{{ define "x" }}{{ .Value }}{{ define "y" }}{{ end }}{{ end }} => define: `define` is inside another action; move it outside
        {{ ($value }} => (: the parenthesis is not closed; expected `)` for this `(`
        {{ $value ) }} => ): unexpected `)` in the template; expected `}}`
        {{ $labels.host-name }} => -: unexpected `-` after `.host`; expected a space or `}}`; other names are read with `index`
        {{ .Label.host }} => Label: the template has no field `Label` here; did you mean `Labels`?
        {{/* x }} => {{/*: the comment is not closed; expected `*/}}` after it
        {{ if true }}{{ $x := 1 }}{{ end }}{{ $x }} => $x: there is no variable `$x`; did you mean `$`?
        {{ define "x" }}{{ $labels.host }}{{ end }} => $labels: there is no variable `$labels`; expected `$`
        {{ template x }} => x: `template` has no name; expected a name in quotes
        {{ $value % 2 }} => %: unexpected `%` in the template; not valid here
        "#;
        for (text, expected) in rows(cases) {
            assert_eq!(found(text), [expected], "{text}");
        }
    }

    #[test]
    fn deeply_nested_templates() {
        for (open, inner, close) in [
            ("(", "$value", ")"),
            ("{{ if true }}", "", "{{ end }}"),
            ("{{ if true }}{{ else }}", "", "{{ end }}"),
            ("{{ if true }}{{ else if true }}", "", "{{ end }}"),
        ] {
            for count in [20, 100_000] {
                let text = format!("{}{inner}{}", open.repeat(count), close.repeat(count));
                let text = if open == "(" {
                    format!("{{{{ {text} }}}}")
                } else {
                    text
                };
                assert_eq!(found(&text).len(), usize::from(count > 20), "{open}");
            }
        }
        let chain =
            "{{ if true }}".to_owned() + &"{{ else if true }}".repeat(100_000) + "{{ end }}";
        assert_eq!(found(&chain).len(), 1);
        let twice = "{{ define \"x\" }}{{ template \"x\" . }}{{ template \"x\" . }}{{ .Labels.no }}{{ end }}{{ \
             template \"x\" . }}";
        assert_eq!(found(twice).len(), 1);
    }

    #[test]
    fn queries_in_templates() {
        assert_eq!(
            found("{{ query \"sum(x\" | first | value }}"),
            ["(: this is not PromQL: the parenthesis is not closed; expected `)` for this `(`"]
        );
        assert_eq!(
            found("{{ with query \"sum by (a) (vector(1) * on () x{b='\\\"'})\" }}{{ (. | first).Labels.c }}{{ end \
                 }}").len(),
            3
        );
        assert_eq!(found("{{ printf \"x{a='%s', b=%q}\" $labels.host $labels.job | query | first | label \"a\" \
             }}").len(), 1);
    }
}
