//! Connections from a client to the proxy: over a pipe or over the network.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{ACCEPT, CONTENT_TYPE};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::rt::TokioExecutor;
use parking_lot::Mutex;
use shadowcat_metrics::shadowcat::Metrics;
use tokio::io::{AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinHandle;
use url::Url;

use crate::demo::client::ClientError;
use crate::demo::{BACKOFF, LIMITS};
use mcp_proxy::jsonrpc::Message;
use mcp_proxy::pool::Pools;
use mcp_proxy::transport::lines::{Line, LineReader};
use mcp_proxy::transport::{Inbox, Incoming, Link, Outgoing};
use mcp_proxy::upstream::{Connection, Opener, Peer, Spec, Target};

/// The sending end.
#[derive(Debug)]
pub(super) enum Sender {
    /// Over a pipe.
    Pipe(AsyncMutex<WriteHalf<DuplexStream>>),
    /// Over the network.
    Network {
        /// `None` once the client has closed the connection.
        link: Mutex<Option<(Outgoing, JoinHandle<()>, Peer)>>,
        /// URL for posting malformed messages.
        url: Url,
    },
}

/// The receiving end.
#[derive(Debug)]
pub(super) enum Receiver {
    /// Over a pipe.
    Pipe(LineReader<ReadHalf<DuplexStream>>),
    /// Over the network.
    Network(Inbox),
}

/// Creates both ends of a pipe. The client's pools are not the proxy's, so they record nothing.
pub(super) fn pipe(stream: DuplexStream) -> (Sender, Receiver) {
    let (reader, writer) = tokio::io::split(stream);
    let pool = Pools::new(&Metrics::disabled()).stdio;
    let lines = LineReader::new(reader, pool, usize::MAX);
    (Sender::Pipe(writer.into()), Receiver::Pipe(lines))
}

/// Connects to the proxy. For its client, the proxy is a server like any other.
pub(super) async fn network(proxy: Target) -> Result<(Sender, Receiver), ClientError> {
    let url = match &proxy {
        Target::Http(url) | Target::Sse(url) => url.clone(),
        Target::Stdio(_) => return Err(ClientError::NoNetwork),
    };
    let spec = Spec {
        name: "proxy".to_owned(),
        target: proxy,
    };
    let metrics = Metrics::disabled();
    let pools = Pools::new(&metrics);
    let opener = Opener::new(metrics, pools, LIMITS).with_backoff(BACKOFF);
    let Connection { link, peer } = opener.open(&spec).start().await?;
    let Link {
        incoming,
        outgoing,
        writer,
    } = link;
    let link = Mutex::new(Some((outgoing, writer, peer)));
    Ok((Sender::Network { link, url }, Receiver::Network(incoming)))
}

impl Sender {
    /// Sends a message.
    pub(super) async fn send(&self, message: Message) -> Result<(), ClientError> {
        match self {
            Self::Pipe(_) => {
                let mut line = Vec::new();
                message.write_to(&mut line);
                self.send_bytes(line).await
            }
            Self::Network { link, .. } => {
                let outgoing = {
                    let link = link.lock();
                    link.as_ref().map(|(outgoing, ..)| outgoing.clone())
                };
                let sent = match outgoing {
                    Some(outgoing) => outgoing.send(message).await.is_ok(),
                    None => false,
                };
                sent.then_some(()).ok_or_else(ClientError::hung_up)
            }
        }
    }

    /// Sends bytes that may not be a message.
    pub(super) async fn send_bytes(&self, mut bytes: Vec<u8>) -> Result<(), ClientError> {
        match self {
            Self::Pipe(writer) => {
                bytes.push(b'\n');
                Ok(writer.lock().await.write_all(&bytes).await?)
            }
            Self::Network { url, .. } => post(url, bytes).await,
        }
    }

    /// Closes the connection, and waits until everything is sent.
    pub(super) async fn hang_up(&self) -> Result<(), ClientError> {
        match self {
            Self::Pipe(writer) => Ok(writer.lock().await.shutdown().await?),
            Self::Network { link, .. } => {
                let link = {
                    let mut link = link.lock();
                    link.take()
                };
                if let Some((outgoing, mut writer, peer)) = link {
                    drop(outgoing);
                    peer.shut_down(&mut writer).await;
                }
                Ok(())
            }
        }
    }
}

impl Receiver {
    /// Returns the next message, skipping malformed ones, or `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Message> {
        loop {
            match self {
                Self::Pipe(lines) => match lines.next().await {
                    Ok(Some(Line::Whole { bytes, .. })) => {
                        if let Ok(message) = Message::parse(bytes) {
                            return Some(message);
                        }
                    }
                    Ok(Some(Line::TooLong { .. })) => {}
                    Ok(None) | Err(_) => return None,
                },
                Self::Network(inbox) => match inbox.next().await? {
                    Incoming::Message(message) => return Some(message),
                    Incoming::Malformed(_)
                    | Incoming::TooLarge { .. }
                    | Incoming::Unanswered { .. } => {}
                },
            }
        }
    }
}

/// Posts bytes that the proxy must refuse.
async fn post(url: &Url, bytes: Vec<u8>) -> Result<(), ClientError> {
    let request = Request::post(url.as_str())
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "application/json, text/event-stream")
        .body(Full::new(Bytes::from(bytes)))
        .map_err(std::io::Error::other)?;
    let client = HttpClient::builder(TokioExecutor::new()).build_http();
    let answer = client
        .request(request)
        .await
        .map_err(std::io::Error::other)?;
    if answer.status().is_client_error() {
        Ok(())
    } else {
        Err(ClientError::Accepted {
            status: answer.status().as_u16(),
        })
    }
}
