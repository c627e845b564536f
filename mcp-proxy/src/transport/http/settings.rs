//! How long a client of HTTP waits, and how much it holds.

use std::time::Duration;

use crate::transport::sse::ReconnectPolicy;

/// Limits on exchanges with one server.
#[derive(Debug, Clone, Copy)]
pub struct HttpSettings {
    /// For name lookup, TCP and TLS together.
    pub connect: Duration,
    /// For the head of the answer to a request. A tool may run for as long.
    pub answer: Duration,
    /// For the head of any other answer: to a notification, to the opening of a stream, to the end of a session. Also
    /// for the `endpoint` of the older transport, and for what is still to be sent at the end.
    pub control: Duration,
    /// Between two pieces of a body that is one message.
    pub body_idle: Duration,
    /// Between two pieces of a stream; one that rests for longer is opened anew.
    pub stream_idle: Duration,
    /// How long a connection waits to be used again. Node closes its own after 5 s, and a request must not meet that.
    pub pool_idle: Duration,
    /// Requests that may wait for their answers at once; those beyond are refused.
    pub most_in_flight: usize,
    /// Ids of events that are remembered, for each stream, so as to know repeated ones.
    pub window: usize,
    /// When to open a stream again that broke off, and when to give up.
    pub reconnect: ReconnectPolicy,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(300),
            control: Duration::from_secs(10),
            body_idle: Duration::from_secs(30),
            stream_idle: Duration::from_secs(300),
            pool_idle: Duration::from_secs(4),
            most_in_flight: 256,
            window: 256,
            reconnect: ReconnectPolicy::default(),
        }
    }
}
