//! The golden recorders are a file of Rust like any other: here it is compiled, with every lint, and used.

/// In place of the recorders that the macro makes.
#[deny(missing_debug_implementations, unused, clippy::all, clippy::pedantic)]
#[expect(dead_code, reason = "the schema has a label that nothing uses")]
#[expect(
    clippy::unreadable_literal,
    reason = "what a macro makes is written by no one"
)]
pub mod everything {
    include!("../golden/recorders.rs");
}

/// The same records as in the test `golden`, made with the module above.
#[path = "../src/sequence.rs"]
pub mod sequence;

use shadowcat_metrics::Format;

#[test]
fn golden_recorders_give_the_golden_page() {
    let recorded = sequence::record();
    let page = recorded.metrics.encode(Format::PrometheusText);
    assert_eq!(page, include_str!("../golden/page.txt"));
}
