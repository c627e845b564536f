//! A tool with a method that has none, a method without its tool, and the method alone.

shadowcat_metrics::metrics!("ui/labels/sum.toml");

fn main() {
    let metrics = Metrics::new();
    let tool = metrics.tool_name("hammer");
    metrics.request().handled(labels::Action::Ping(&tool)).inc();
    metrics.request().handled(labels::Action::ToolsCall).inc();
    metrics.request().handled(labels::Method::Ping).inc();
}
