//! Bodies that are one message: read whole, but not more than a message may be.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt;
use shadowcat_metrics::labels::Phase;
use tokio::time::timeout;

use crate::pool::PooledBuffer;
use crate::transport::Edge;

/// Why a body gave no message.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is over the limit, or says that it will be. The connection cannot be used again.
    #[error("the body is over {limit} bytes")]
    TooLarge {
        /// How long a message may be, in bytes.
        limit: usize,
    },
    /// It broke off.
    #[error("the body broke off: {0}")]
    Broken(String),
    /// Its next piece did not come in time.
    #[error("the body did not go on within {0:?}")]
    Slow(Duration),
}

/// Reads a body to its end into a pooled buffer. Each piece may take `patience`.
///
/// # Errors
///
/// If there is no whole body within the limit.
pub async fn read_whole<B>(
    mut body: B,
    edge: &Edge,
    patience: Duration,
) -> Result<PooledBuffer, BodyError>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let limit = edge.max_message;
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(BodyError::TooLarge { limit });
    }
    let mut whole = edge.pools.http.take();
    let mut first: Option<Instant> = None;
    let mut last = None;
    loop {
        match timeout(patience, body.frame()).await {
            Ok(Some(Ok(frame))) => {
                let Ok(piece) = frame.into_data() else {
                    // Trailers, which say nothing here.
                    continue;
                };
                if whole.len() + piece.len() > limit {
                    return Err(BodyError::TooLarge { limit });
                }
                let now = Instant::now();
                first.get_or_insert(now);
                last = Some(now);
                whole.extend_from_slice(&piece);
            }
            Ok(Some(Err(error))) => return Err(BodyError::Broken(error.to_string())),
            Ok(None) => break,
            Err(_) => return Err(BodyError::Slow(patience)),
        }
    }
    if let (Some(first), Some(last)) = (first, last) {
        let phase = edge.recorder.phase_duration(Phase::Transfer);
        phase.observe(last - first);
    }
    Ok(whole)
}
