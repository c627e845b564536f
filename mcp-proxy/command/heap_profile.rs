//! Profiles of the heap, for `pprof`: the allocator samples allocations, and a server on loopback returns those that are in use.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper_util::service::TowerToHyperService;
use mcp_proxy::front::is_this_machine;
use shadowcat_metrics::exporter::listen::{self, Limits, WriteTimeout};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tracing::warn;

use crate::run::Failure;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The allocator's settings, which it reads before `main`. It takes no samples until `--heap-profile` starts them, and then one
/// about every 64 KiB that the program allocates.
#[expect(unsafe_code, reason = "the allocator finds its settings by this name")]
// SAFETY: the allocator declares this name as a weak symbol, for a pointer to text that ends with 0. Nothing else has the name.
#[unsafe(export_name = "_rjem_malloc_conf")]
pub(crate) static SETTINGS: &[u8; 46] = b"prof:true,prof_active:false,lg_prof_sample:16\0";

/// Path of the profile.
const PATH: &str = "/debug/pprof/heap";

/// Time limit for one profile.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Starts to take samples, and serves profiles at an address until the program ends. Prints the address on standard error.
///
/// # Errors
///
/// If another machine can reach the address, it cannot be bound, or the allocator takes no samples.
pub(crate) async fn serve(address: SocketAddr) -> Result<(), Failure> {
    if !address.ip().is_loopback() {
        return Err(Failure::Usage(format!(
            "--heap-profile {address}: expected a loopback address such as 127.0.0.1:6060, because profiles show what the program does"
        )));
    }
    let listener = TcpListener::bind(address).await.map_err(|error| {
        let text = format!("cannot serve heap profiles on {address}: {error}");
        Failure::Io(io::Error::new(error.kind(), text))
    })?;
    jemalloc_pprof::activate_jemalloc_profiling().await;
    eprintln!("heap profile: http://{}{PATH}", listener.local_addr()?);
    // One profile at a time, because each walks all samples and all loaded symbols.
    let one = Arc::new(Semaphore::new(1));
    let router = Router::new()
        .route(PATH, get(profile))
        .with_state(Arc::clone(&one));
    let service = TowerToHyperService::new(router);
    let limits = Limits {
        max_connections: 4,
        header_timeout: TIMEOUT,
        write: WriteTimeout::Whole(TIMEOUT),
        buffer: 16 * 1024,
        max_headers: 64,
        half_close: true,
    };
    let connect = move |stream| (stream, service.clone());
    tokio::spawn(listen::serve(
        listener,
        limits,
        connect,
        || {},
        std::future::pending(),
    ));
    Ok(())
}

async fn profile(State(one): State<Arc<Semaphore>>, headers: HeaderMap) -> Response {
    if !is_local(&headers) {
        let text = "Profiles are for programs on this machine.\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let Ok(permit) = one.try_acquire_owned() else {
        let text = "Another profile is being taken.\n";
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], text).into_response();
    };
    let taking = tokio::task::spawn_blocking(move || {
        // Held until the profile is finished, even if nobody waits for it any more.
        let _permit = permit;
        let control = jemalloc_pprof::PROF_CTL.as_ref();
        let control = control.ok_or("the allocator takes no samples")?;
        let profile = control.blocking_lock().dump_pprof();
        profile.map_err(|error| error.to_string())
    });
    let failed = match timeout(TIMEOUT, taking).await {
        Ok(Ok(Ok(profile))) => {
            let kind = [(CONTENT_TYPE, "application/octet-stream")];
            return (kind, profile).into_response();
        }
        Ok(Ok(Err(error))) => error,
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no profile within {TIMEOUT:?}"),
    };
    warn!("no heap profile: {failed}");
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{failed}\n")).into_response()
}

/// Returns whether a request comes from no web page, not even from one that has pointed its own name at this machine.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    !headers.contains_key(ORIGIN) && host.is_some_and(is_this_machine)
}
