//! One side of the proxy as a transport sees it, and the recorders it keeps for that.

use std::sync::Arc;

use shadowcat_metrics::labels::{Health, Operation, Phase, Side, Status, Transport};
use shadowcat_metrics::{Metrics, OwnedTimer, TransportRecorder};

use crate::jsonrpc::Message;
use crate::pool::{PooledBuffer, Pools};
use crate::process::health::HealthState;
use crate::transport::first_byte::FirstByte;
use crate::transport::{Incoming, MAX_MESSAGE};

/// What the tasks of one link share: settings, pools and recorders.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Which neighbour this is.
    pub side: Side,
    /// Size limit of one message, in bytes.
    pub max_message: usize,
    /// Where buffers come from.
    pub pools: Pools,
    /// What happens here is recorded with this.
    pub recorder: TransportRecorder,
    /// Watches for the first byte of answers, where the proxy is the side that asks.
    pub first_byte: Option<Arc<FirstByte>>,
}

impl Edge {
    /// The side that clients are on.
    #[must_use]
    pub fn to_client(metrics: &Metrics, transport: Transport, pools: Pools) -> Self {
        let recorder = metrics.transport(transport);
        Self {
            side: Side::Client,
            max_message: MAX_MESSAGE,
            pools,
            recorder,
            first_byte: None,
        }
    }

    /// The side that servers are on.
    #[must_use]
    pub fn to_server(metrics: &Metrics, transport: Transport, pools: Pools) -> Self {
        let recorder = metrics.transport(transport);
        let first_byte = Some(Arc::new(FirstByte::new(recorder.clone())));
        Self {
            side: Side::Server,
            max_message: MAX_MESSAGE,
            pools,
            recorder,
            first_byte,
        }
    }

    /// The same with another size limit.
    #[must_use]
    pub fn with_max_message(self, max_message: usize) -> Self {
        Self {
            max_message,
            ..self
        }
    }

    /// The same with a first-byte watch of its own, as every link needs.
    #[must_use]
    pub fn for_new_link(&self) -> Self {
        let first_byte = self
            .first_byte
            .as_ref()
            .map(|_| Arc::new(FirstByte::new(self.recorder.clone())));
        Self {
            first_byte,
            ..self.clone()
        }
    }

    /// Turns the bytes of what should be a message into one.
    #[must_use]
    pub fn read(&self, bytes: &[u8]) -> Incoming {
        let parsing = self
            .recorder
            .phase_duration(Phase::Deserialize)
            .start_timer();
        let parsed = Message::parse(bytes);
        parsing.stop();
        match parsed {
            Ok(message) => {
                self.count(Operation::Receive, Status::Ok);
                self.recorder.message_size(self.side).observe(bytes.len());
                Incoming::Message(message)
            }
            Err(malformed) => {
                self.count(Operation::Receive, Status::Malformed);
                Incoming::Malformed(malformed)
            }
        }
    }

    /// Turns a message into bytes, without a line break.
    #[must_use]
    pub fn write(&self, message: &Message) -> PooledBuffer {
        let mut bytes = self.pools.json.take();
        let serializing = self.recorder.phase_duration(Phase::Serialize).start_timer();
        message.write_to(&mut bytes);
        serializing.stop();
        bytes
    }

    /// Counts one operation on this side.
    pub fn count(&self, operation: Operation, status: Status) {
        self.recorder.operations(self.side, operation, status).inc();
    }
}

/// Waits for the first valid reply of a child that was just started. Whether it comes decides how the connecting ended.
#[derive(Debug)]
pub struct FirstReply {
    edge: Edge,
    health: Arc<HealthState>,
    connecting: Option<OwnedTimer>,
}

impl FirstReply {
    /// Begins to wait, now.
    #[must_use]
    pub fn expected(edge: &Edge, health: Arc<HealthState>) -> Self {
        let connecting = edge
            .recorder
            .phase_duration(Phase::Connect)
            .start_timer_owned();
        Self {
            edge: edge.clone(),
            health,
            connecting: Some(connecting),
        }
    }

    /// The reply has come.
    pub fn seen(mut self) {
        if let Some(connecting) = self.connecting.take() {
            connecting.stop();
            self.edge.count(Operation::Connect, Status::Ok);
            self.health.advance(Health::Running);
        }
    }
}

impl Drop for FirstReply {
    fn drop(&mut self) {
        if let Some(connecting) = self.connecting.take() {
            // A connection that never came has no duration.
            connecting.discard();
            self.edge.count(Operation::Connect, Status::Failed);
        }
    }
}
