//! A state without a closed label for its values.

shadowcat_metrics::metrics!("ui/schema/state_without_states.toml");

fn main() {}
