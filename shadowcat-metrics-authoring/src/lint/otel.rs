//! A lint about names that differ between a scrape and a collector.

use super::{Findings, Item, labels, metrics, shop};
use crate::otel::translated_label;
use shadowcat_metrics_codegen::codes::codes;
use shadowcat_metrics_codegen::model::Registry;
use shadowcat_metrics_codegen::name::translated_metric;
use shadowcat_metrics_codegen::{Diagnostic, Spanned};

codes! {
    OTEL_NAME_DIFFERS = "SM1224" "otel-name-differs": "OpenTelemetry name that Prometheus receives under another name",
    "A collector converts an OpenTelemetry name to a Prometheus name: dots become `_`, then it adds the unit, `_total` for \
     counters, and `_ratio` for gauges with the unit `ratio`. If the result differs from the exposed name, a query \
     works either for scraped series or for a collector's series, but not for both. Change `otel`, the key, or `name`.",
    example: shop!(r#"[metrics.cart.opened]
type = "counter"
help = "Carts that were opened."
- otel = "shop.carts.opened"
+ otel = "shop.cart.opened"
"#);
}

/// Reports metrics and labels whose `otel` name results in another name than the exposed one.
pub(super) fn otel_name_differs(registry: &Registry, findings: &mut Findings) {
    let finding = |otel: &Spanned<String>, exposed: &str, translated: &str| {
        let message = format!(
            "a collector exposes `{}` as `{translated}`, not as `{exposed}`",
            otel.value
        );
        Diagnostic::warning(OTEL_NAME_DIFFERS, otel.span, message)
            .label(format!("becomes `{translated}` in Prometheus"))
    };
    for (id, label) in labels(registry) {
        if let Some(otel) = &label.otel {
            let translated = translated_label(&otel.value);
            if translated != label.name {
                let problem = finding(otel, &label.name, &translated)
                    .help(format!("call the label `{translated}`, or change `otel`"));
                findings.push((Item::Label(id), problem));
            }
        }
    }
    for (id, metric) in metrics(registry) {
        if let Some(otel) = &metric.otel {
            let translated = translated_metric(&otel.value, metric.unit, &metric.kind);
            if translated != metric.exposed {
                let problem = finding(otel, &metric.exposed, &translated)
                    .help(format!("write `name = \"{translated}\"`, or change `otel`"));
                findings.push((Item::Metric(id), problem));
            }
        }
    }
}

#[test]
fn names_that_a_collector_changes() {
    crate::testing::lints(
        r#"
        opened: counter, otel = "t.cart.opened" =>
        opened: counter, otel = "t/cart.opened.total" =>
        opened: counter, otel = "cart.opened" => otel-name-differs "cart.opened"
        age: gauge, unit = "seconds", otel = "t.cart.age" =>
        fill: histogram, unit = "ratio", buckets = [0.1, 0.2, 0.5], otel = "t.cart.fill" => otel-name-differs "t.cart.fill"
        opened: counter, name = "carts_opened_total", otel = "carts.opened" =>
        pay_kind: values = ["card"], otel = "pay.kind" =>
        kind: values = ["card"], otel = "pay.kind" => otel-name-differs "pay.kind"
        kind: values = ["card"], otel = "pay.kind", allow = ["otel-name-differs"] =>
    "#,
    );
}
