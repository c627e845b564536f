//! Exports schemas as OpenTelemetry registries for Weaver, and imports such registries as schemas.
//!
//! <https://github.com/open-telemetry/weaver/blob/main/schemas/semconv-syntax.v2.md>

mod draft;
pub mod export;
pub mod import;
mod read;

pub use export::{Export, export, export_program};
pub use import::{Import, Imported, import};

/// The annotation key for schema keys and values that a Weaver registry cannot represent otherwise.
const ANNOTATION: &str = "shadowcat_metrics";

shadowcat_metrics_codegen::codes! {
    table CODES;

    NOT_IN_REGISTRY = "SM0921" "not-in-registry": "a part of a schema that a Weaver registry cannot represent",
    "`generate --format weaver` writes labels, groups and metrics. Properties that a registry has no keys for, such as \
     buckets, become annotations. `[slos]`, `[alerts]`, `[policy]` and `[operations]` are left out, because they are not part \
     of a registry. Dates and infinite numbers in annotations become strings.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
- annotations = { reviewed = 2026-11-29 }
+ annotations = { reviewed = "2026-11-29" }
"#;

    UNREADABLE_REGISTRY = "SM0922" "unreadable-registry": "a file that is not a registry",
    "`import` reads OpenTelemetry registries in YAML or JSON: the output of `weaver registry resolve`, `weaver \
     registry package` or `generate --format weaver`, or the YAML files of semantic conventions, with all files that \
     they refer to.",
    wrong: r"# rules: []
",
    right: r#"# groups:
# - id: metric.shop.opened
#   type: metric
#   metric_name: shop.cart.opened
#   instrument: counter
#   unit: "{cart}"
#   brief: Carts that were opened.
"#;

    NOT_IMPORTED = "SM0923" "not-imported": "a part of a registry that an import leaves out or changes",
    "The value of a label is one string, so attributes that are arrays, templates or of the type `any` are left out. So are \
     opt-in attributes without `--opt-in`, attributes that would exceed the series budget, and deprecated metrics that \
     `generate --format weaver` did not write. Units become base units.",
    example: r#"# groups:
# - id: metric.shop.opened
#   type: metric
#   metric_name: shop.cart.opened
#   instrument: counter
#   unit: "{cart}"
#   brief: Carts that were opened.
#   attributes:
- #   - id: shop.tags
- #     type: string[]
- #     brief: Tags of the cart.
+ #   - id: shop.kind
+ #     type: boolean
+ #     brief: Whether the cart is shared.
#     requirement_level: required
"#;

    IMPORT_GAP = "SM0924" "import-gap": "a gap that an import leaves",
    "A registry has no key for histogram buckets. In the imported schema, a comment that begins with `GAP` takes the place of \
     `buckets`, and `check` reports the missing key until you add it. Each histogram leaves a gap, unless \
     `generate --format weaver` wrote its buckets as an annotation. Other types leave none.",
    example: r#"# groups:
- # - id: metric.shop.wait
+ # - id: metric.shop.opened
#   type: metric
- #   metric_name: shop.cart.wait
- #   instrument: histogram
- #   unit: s
- #   brief: Time in the queue.
+ #   metric_name: shop.cart.opened
+ #   instrument: counter
+ #   unit: "{cart}"
+ #   brief: Carts that were opened.
"#;
}
