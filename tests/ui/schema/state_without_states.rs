//! States are the values of a closed label.

shadowcat_metrics::metrics!("ui/schema/state_without_states.toml");

fn main() {}
