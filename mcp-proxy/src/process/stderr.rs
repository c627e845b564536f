//! What a child writes to its standard error becomes log lines of the proxy, and can never block the child.

use tokio::io::AsyncRead;
use tracing::{debug, info};

use crate::pool::BytesPool;
use crate::transport::lines::{Line, LineReader};

/// Longest line that is logged whole, in bytes.
const MAX_LINE: usize = 4 * 1024;

/// Logs the lines of `stderr` until it ends.
pub async fn forward<R: AsyncRead + Unpin>(stderr: R, server: String, pool: BytesPool) {
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

/// The text without control characters, which would let a child write to the proxy's terminal as it likes.
fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(printable(b"\x1b[31mred\x07 \xff"), " [31mred  \u{fffd}");
    }
}
