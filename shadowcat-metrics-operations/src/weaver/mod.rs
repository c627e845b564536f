//! Exports schemas as OpenTelemetry registries for Weaver, and imports such registries as schemas.
//!
//! <https://github.com/open-telemetry/weaver/blob/main/schemas/semconv-syntax.v2.md>

mod draft;
pub mod export;
pub mod import;
mod read;

pub use export::{Export, NOT_IN_REGISTRY, export, export_program};
pub use import::{IMPORT_GAP, Import, Imported, NOT_IMPORTED, UNREADABLE_REGISTRY, import};
use shadowcat_metrics_codegen::Code;

/// The annotation key for schema keys and values that a Weaver registry cannot represent otherwise.
const ANNOTATION: &str = "shadowcat_metrics";

/// The codes of exports and imports, sorted by id.
pub const CODES: &[Code] = &[
    NOT_IN_REGISTRY,
    UNREADABLE_REGISTRY,
    NOT_IMPORTED,
    IMPORT_GAP,
];
