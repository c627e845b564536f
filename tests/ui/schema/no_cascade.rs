//! One mistake in the schema adds no errors at the call sites of what is right, or can be guessed.

shadowcat_metrics::metrics!("ui/schema/no_cascade.toml");

fn main() {
    let metrics = Metrics::new();
    let customer = metrics.customer("ada");
    let cart = metrics.cart(labels::Shelf::Food);
    cart.added().inc();
    cart.age(&customer).start_timer().stop();
    cart.orders().add(2);
}
