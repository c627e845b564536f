//! OpenTelemetry's registries: a schema as a registry of Weaver, and a registry as a schema.
//!
//! <https://github.com/open-telemetry/weaver/blob/main/schemas/semconv-syntax.v2.md>

pub mod export;

pub use export::{Export, export};

/// The annotation key for schema keys and values that a Weaver registry cannot represent otherwise.
const ANNOTATION: &str = "shadowcat_metrics";

shadowcat_metrics_codegen::codes! {
    table CODES;

    /// A part of the schema has no place in a registry.
    NOT_IN_REGISTRY = "SM0921" "not-in-registry": "a part of a schema that a Weaver registry cannot hold",
    "`generate --format weaver` writes labels, groups and metrics. What a registry has no keys for, such as buckets, is \
     in annotations. Objectives, alerts, policies and settings for operators are left out, because they are not part of \
     a registry. Dates and infinite numbers in annotations become strings. This is a warning.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
annotations = { reviewed = 2026-11-29 }
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
annotations = { reviewed = "2026-11-29" }
"#;
}
