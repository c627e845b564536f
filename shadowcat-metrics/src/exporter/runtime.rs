//! What a server needs of the tokio runtime, asked for when it starts and not at the first connection.
//!
//! A runtime is built with timers and IO, or without, and cannot be asked which. What it lacks makes a panic where it is
//! first used, so the panic is caught there, once, and made an error.

use std::future::{Future, poll_fn};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;

/// An error if no runtime is there, or it has no timers.
pub(super) fn require_timers() -> io::Result<()> {
    if Handle::try_current().is_err() {
        return Err(io::Error::other(
            "the exporter must be started inside a tokio runtime",
        ));
    }
    catch_unwind(|| drop(sleep(Duration::ZERO))).map_err(|_| {
        io::Error::other(
            "the tokio runtime has no timers: call `enable_time` or `enable_all` on its builder",
        )
    })
}

/// The outcome of the first use of IO, or an error if the runtime has none.
pub(super) async fn require_io<T>(io: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let mut io = pin!(io);
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| io.as_mut().poll(context))).unwrap_or_else(|_| {
            let error =
                "the tokio runtime has no IO: call `enable_io` or `enable_all` on its builder";
            Err(io::Error::other(error)).into()
        })
    })
    .await
}
