//! `[policy]`, `[operations]`, `[slos]` and `[alerts]`: meaning, messages about mistakes, and agreement with the JSON Schema.

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod common;
mod include;
mod json_schema;
#[path = "../../../shadowcat-metrics-codegen/tests/frontend/mistakes.rs"]
mod mistakes;
mod model;

use common::compiled;
use shadowcat_metrics_operations::compile;
