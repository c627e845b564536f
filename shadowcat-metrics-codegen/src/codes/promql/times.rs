//! `SM09xx`: what queries say of times.

crate::codes::codes! {
    table TIMES;

    /// A range or a step is a number without a unit.
    RANGE_WITHOUT_UNIT = "SM0917" "range-without-unit": "a range without a unit",
    "Prometheus 3 takes a number in the brackets for seconds, and older ones refuse it. Mostly minutes were meant, and in so \
     few seconds there are not even two scrapes for `rate` to compare. A time with its unit says what it is. A warning.",
    wrong: alert_on!("rate({http.requests}[5]) > 1"),
    right: alert_on!("rate({http.requests}[5m]) > 1");

    /// A rules file has a key that Prometheus does not know, or lacks one.
    RULES_FORMAT = "SM0918" "rules-format": "not the format of rules files",
    "Prometheus refuses a whole rules file for one key that it does not know, a missing `expr`, or a value of the wrong \
     type. Keys that only vmalert, Loki, Thanos or Mimir knows are accepted in groups.",
    wrong: r"# groups:
# - name: shop
#   rules:
#   - alert: ShopDown
#     exp: up == 0
",
    right: r"# groups:
# - name: shop
#   rules:
#   - alert: ShopDown
#     expr: up == 0
";

    /// A template in an annotation or label cannot be parsed, or asks for what is not there.
    TEMPLATE_SYNTAX = "SM0919" "template-syntax": "a template that cannot be expanded",
    "Annotations and labels of alerts are templates of Go's `text/template`. Prometheus refuses a file with a template \
     that cannot be parsed, such as one with a function or variable that does not exist.",
    wrong: r#"[alerts.example]
summary = "The machine has been busy for {{ $value | humaniseDuration }}."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
"#,
    right: r#"[alerts.example]
summary = "The machine has been busy for {{ $value | humanizeDuration }}."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
"#;

    /// A comment that suppresses findings has no effect.
    SUPPRESSION = "SM0920" "suppression": "a comment that suppresses nothing",
    "In a rules file, `# shadowcat-metrics allow(CODE): REASON` suppresses a code for the rule that it is in, or else for the next \
     one, and `allow-file(CODE)` suppresses it for the file. A comment that is not needed, names no code or gives no \
     reason is reported. A warning.",
    wrong: r"# # shadowcat-metrics allow(unknown-series)
# - alert: ShopDown
#   expr: shop_of_others == 0
",
    right: r"# # shadowcat-metrics allow(unknown-series): the gateway exposes it
# - alert: ShopDown
#   expr: shop_of_others == 0
";
}
