//! A child's pipes: how full they are, and the log of its standard error.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use parking_lot::Mutex;
use shadowcat_metrics::CallbackGuard;
use shadowcat_metrics::shadowcat::StdioRecorder;
use shadowcat_metrics::shadowcat::labels::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tracing::{debug, info};

use crate::pool::BytesPool;
use crate::transport::lines::{Line, LineReader};

/// The open pipes of one stream.
type Open = Arc<Mutex<Vec<Arc<OwnedFd>>>>;

/// The pipes of all children of one server. Each gauge shows the fullest one.
#[derive(Debug)]
pub struct ServerPipes {
    /// The open pipes of each stream, in the order of `Stream::ALL`.
    open: [Open; Stream::ALL.len()],
    recorder: StdioRecorder,
    _gauges: [CallbackGuard; Stream::ALL.len()],
}

impl ServerPipes {
    /// Creates an empty set of pipes.
    #[must_use]
    pub fn new(recorder: &StdioRecorder) -> Self {
        let open: [Open; _] = Default::default();
        let gauges = Stream::ALL.map(|stream| {
            let open = Arc::clone(&open[stream as usize]);
            let gauge = recorder.pipe_utilization(stream);
            gauge.register_optional(move || fullest(&open))
        });
        Self {
            open,
            recorder: recorder.clone(),
            _gauges: gauges,
        }
    }
}

/// Returns the highest known utilization.
fn fullest(open: &Open) -> Option<f64> {
    let open = open.lock();
    let shares = open.iter().filter_map(|pipe| fill(pipe.as_fd(), 0));
    shares.reduce(f64::max)
}

/// One end of a pipe that its server's gauge includes.
///
/// The gauge has a duplicate of the descriptor, because a scrape may happen at any time. If the duplicate
/// outlived the writing end, the child would never see the end of its input.
#[derive(Debug)]
pub struct Gauged<P> {
    pipe: P,
    stream: Stream,
    recorder: StdioRecorder,
    open: Option<(Open, Arc<OwnedFd>)>,
}

impl<P: AsFd> Gauged<P> {
    /// Includes `pipe` in the gauge of `stream` while it is open.
    pub fn new(pipe: P, stream: Stream, pipes: &ServerPipes) -> Self {
        let gauged = pipe.as_fd().try_clone_to_owned().ok().map(|descriptor| {
            let open = Arc::clone(&pipes.open[stream as usize]);
            let descriptor = Arc::new(descriptor);
            let gauged = Arc::clone(&descriptor);
            open.lock().push(gauged);
            (open, descriptor)
        });
        Self {
            pipe,
            stream,
            recorder: pipes.recorder.clone(),
            open: gauged,
        }
    }

    /// Records how full the pipe is, or was while it held `more` bytes that were read just now.
    fn record_fill(&self, more: usize) {
        if let Some(fill) = fill(self.pipe.as_fd(), more) {
            self.recorder.pipe_fill(self.stream).observe(fill);
        }
    }
}

impl<P> Drop for Gauged<P> {
    fn drop(&mut self) {
        if let Some((open, descriptor)) = self.open.take() {
            let mut open = open.lock();
            open.retain(|other| !Arc::ptr_eq(other, &descriptor));
        }
    }
}

/// Returns the filled share of a pipe's buffer as if it held `more` bytes, or `None` if the kernel does not report it.
#[cfg(target_os = "linux")]
fn fill(pipe: BorrowedFd<'_>, more: usize) -> Option<f64> {
    let filled = rustix::io::ioctl_fionread(pipe).ok()?;
    let capacity = rustix::pipe::fcntl_getpipe_size(pipe)
        .ok()
        .filter(|&capacity| capacity > 0)?;
    Some(((filled as f64 + more as f64) / capacity as f64).min(1.0))
}

/// Returns `None`: other systems do not report a pipe's capacity.
#[cfg(not(target_os = "linux"))]
fn fill(_: BorrowedFd<'_>, _: usize) -> Option<f64> {
    None
}

/// Minimum size of a read or write, in bytes, for which the kernel is asked how full the pipe is.
const LARGE: usize = 4 * 1024;

impl<P: AsyncRead + AsFd + Unpin> AsyncRead for Gauged<P> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.pipe).poll_read(cx, buf))?;
        let read = buf.filled().len() - before;
        if read >= LARGE {
            self.record_fill(read);
        }
        Poll::Ready(Ok(()))
    }
}

impl<P: AsyncWrite + AsFd + Unpin> AsyncWrite for Gauged<P> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.pipe).poll_write(cx, bytes);
        match wrote {
            Poll::Ready(Ok(written)) if written < LARGE => {}
            Poll::Ready(Ok(_)) | Poll::Pending => self.record_fill(0),
            Poll::Ready(Err(_)) => {}
        }
        wrote
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}

/// Longest line to log in full, in bytes.
const MAX_LINE: usize = 4 * 1024;

/// Logs the lines of `stderr` until it ends.
pub async fn forward_stderr<R: AsyncRead + Unpin>(stderr: R, server: String, pool: BytesPool) {
    let mut lines = LineReader::new(stderr, pool, MAX_LINE);
    loop {
        match lines.next().await {
            Ok(Some(Line::Whole { bytes, .. })) => info!(%server, "{}", printable(bytes)),
            Ok(Some(Line::TooLong { head })) => info!(%server, "{}... (cut)", printable(&head)),
            Ok(None) => break,
            Err(error) => {
                debug!(%server, %error, "reading stderr failed");
                break;
            }
        }
    }
}

/// Replaces control characters, so that a child cannot control the proxy's terminal.
fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(all(test, target_os = "linux"))]
mod pipes_tests {
    use super::*;

    #[test]
    fn the_utilization_of_a_pipe_is_read() {
        let (reader, writer) = rustix::pipe::pipe().expect("a pipe");
        assert_eq!(fill(writer.as_fd(), 0), Some(0.0));
        let capacity = rustix::pipe::fcntl_getpipe_size(&writer).expect("a capacity");
        rustix::io::write(&writer, &vec![0; capacity / 4]).expect("room");
        assert_eq!(fill(writer.as_fd(), 0), Some(0.25));
        assert_eq!(fill(reader.as_fd(), 0), Some(0.25));
    }

    #[test]
    fn only_pipes_have_a_utilization() {
        let file = std::fs::File::open("/dev/null").expect("/dev/null");
        assert_eq!(fill(file.as_fd(), 0), None);
    }
}

#[cfg(test)]
mod stderr_tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(printable(b"\x1b[31mred\x07 \xff"), " [31mred  \u{fffd}");
    }
}
