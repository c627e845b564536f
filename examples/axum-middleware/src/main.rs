//! Axum middleware: one function measures every request, and `/metrics` is one more route of the same server.
//!
//! ```sh
//! cargo run -p example-axum-middleware
//! curl http://127.0.0.1:3000/users/7
//! curl http://127.0.0.1:3000/metrics
//! ```
//!
//! Each route gets its recorder when it is added, so requests need no lookup. The label is the pattern of the route, not
//! the path: the number of paths has no bound. To use another address, pass it as the argument.

use std::env;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use metrics::labels::{Method, Status};
use metrics::{HttpRecorder, Metrics};
use shadowcat_metrics::exporter;
use tokio::net::TcpListener;

mod metrics {
    shadowcat_metrics::metrics!("metrics.toml");
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let metrics = Metrics::new();
    let measured = |route: &str, handlers: MethodRouter| {
        let recorder = metrics.http(&metrics.route(route));
        Router::new().route(route, handlers.layer(from_fn_with_state(recorder, measure)))
    };
    let app = measured("/", get(async || "hello"))
        .merge(measured("/users/{id}", get(user)))
        .merge(exporter::router(&metrics));

    let address = env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:3000")).await?;
    println!("http://{}/metrics", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) })
        .await
}

async fn user(Path(id): Path<u32>) -> String {
    format!("user {id}")
}

async fn measure(State(http): State<HttpRecorder>, request: Request, next: Next) -> Response {
    let method = method(request.method());

    let _active = http.active().track(); // decremented when dropped, also if the client disconnects
    let timer = http.duration().start_timer();
    let response = next.run(request).await;
    timer.stop();

    let status = status(response.status().as_u16());
    http.requests(method, status).inc();
    response
}

fn method(method: &axum::http::Method) -> Method {
    match method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        _ => Method::Other,
    }
}

fn status(code: u16) -> Status {
    match code {
        ..200 => Status::_1xx,
        200..300 => Status::_2xx,
        300..400 => Status::_3xx,
        400..500 => Status::_4xx,
        500.. => Status::_5xx,
    }
}
