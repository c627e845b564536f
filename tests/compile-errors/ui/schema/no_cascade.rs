//! A mistake in the schema causes no errors at call sites of valid items, or of items that can be guessed.

shadowcat_metrics::metrics!("ui/schema/no_cascade.toml");

fn main() {
    let metrics = Metrics::new();
    let customer = metrics.customer("ada");
    let cart = metrics.cart(labels::Shelf::Food);
    cart.added().inc();
    cart.age(&customer).start_timer().stop();
    cart.orders().add(2);
}
