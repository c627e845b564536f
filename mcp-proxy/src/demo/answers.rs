//! The questions that an operator has, answered from the metrics.

use std::time::Duration;

use serde_json::{Map, Value, json};
use shadowcat_metrics::Snapshot;
use shadowcat_metrics::labels::{Phase, Pool, Reconnection, Resumption, Side, Transport};

use crate::demo::traffic::PERSONAS;

/// The answers.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Share of buffer requests that were served from the pool, for each pool that was used.
    pub hit_ratios: Vec<(Pool, Option<f64>)>,
    /// What became of each server's children.
    pub servers: Vec<ServerAnswer>,
    /// What became of the event streams of each server that is reached over the network.
    pub streams: Vec<StreamAnswer>,
    /// Share of exchanges over HTTP that needed no new connection, with each side.
    pub reuse_ratios: Vec<(Side, Option<f64>)>,
    /// Where the time went.
    pub phases: Vec<PhaseAnswer>,
}

/// What became of one server's children.
#[derive(Debug, Clone, Copy)]
pub struct ServerAnswer {
    /// The server.
    pub server: &'static str,
    /// Children started again.
    pub restarts: u64,
    /// Share of shutdowns in which the child exited by itself.
    pub graceful_ratio: Option<f64>,
}

/// What became of one server's event streams.
#[derive(Debug, Clone, Copy)]
pub struct StreamAnswer {
    /// The server.
    pub server: &'static str,
    /// Share of events that were dropped as repeated.
    pub dedup_ratio: Option<f64>,
    /// Streams that were open again after they had broken off.
    pub reconnected: u64,
    /// Attempts at that which came to nothing.
    pub not_reconnected: u64,
    /// Streams that went on where they had broken off.
    pub resumed: u64,
}

/// How long one phase took.
#[derive(Debug, Clone, Copy)]
pub struct PhaseAnswer {
    /// The transport.
    pub transport: Transport,
    /// The phase.
    pub phase: Phase,
    /// How often.
    pub count: u64,
    /// On average; none if never.
    pub mean: Option<Duration>,
    /// All of it.
    pub total: Duration,
}

/// The servers that are reached over some transports.
fn servers(over: fn(Transport) -> bool) -> impl Iterator<Item = &'static str> {
    PERSONAS
        .iter()
        .filter(move |persona| over(persona.transport))
        .map(|persona| persona.server)
}

impl Answers {
    /// Reads them from the metrics.
    #[must_use]
    pub fn read(snapshot: &Snapshot, transports: impl Iterator<Item = Transport>) -> Self {
        let hit_ratio = |pool| (pool, snapshot.buffer_pool(pool).hit_ratio());
        let server = |server| {
            let process = snapshot.process(server);
            ServerAnswer {
                server,
                restarts: process.restarts(),
                graceful_ratio: process.graceful_ratio(),
            }
        };
        let stream = |server| {
            let sse = snapshot.sse(server);
            StreamAnswer {
                server,
                dedup_ratio: sse.dedup_ratio(),
                reconnected: sse.reconnections(Reconnection::Ok),
                not_reconnected: sse.reconnections(Reconnection::Rejected)
                    + sse.reconnections(Reconnection::Failed),
                resumed: sse.resumptions(Resumption::Resumed),
            }
        };
        let phase = |(transport, phase)| {
            let duration = snapshot.transport(transport).phase_duration(phase);
            let (count, total) = (duration.count(), duration.sum());
            let mean = (count > 0).then(|| total.div_f64(count as f64));
            PhaseAnswer {
                transport,
                phase,
                count,
                mean,
                total,
            }
        };
        Self {
            hit_ratios: Pool::ALL.map(hit_ratio).into(),
            servers: servers(|transport| transport == Transport::Stdio)
                .map(server)
                .collect(),
            streams: servers(|transport| transport != Transport::Stdio)
                .map(stream)
                .collect(),
            reuse_ratios: Side::ALL
                .map(|side| (side, snapshot.http(side).connection_reuse_ratio()))
                .into(),
            phases: transports
                .flat_map(|transport| Phase::ALL.map(|phase| (transport, phase)))
                .map(phase)
                .collect(),
        }
    }

    /// The answers, for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let hit_ratios: Map<_, _> = self
            .hit_ratios
            .iter()
            .map(|(pool, ratio)| (pool.to_string(), json!(ratio)))
            .collect();
        let server = |answer: &ServerAnswer| {
            let value =
                json!({ "restarts": answer.restarts, "graceful_ratio": answer.graceful_ratio });
            (answer.server.to_owned(), value)
        };
        let phase = |answer: &PhaseAnswer| {
            let mean = answer.mean.map(|mean| mean.as_secs_f64());
            let value = json!({ "count": answer.count, "mean_seconds": mean, "seconds": answer.total.as_secs_f64() });
            (answer.phase.to_string(), value)
        };
        let stream = |answer: &StreamAnswer| {
            let value = json!({
                "dedup_ratio": answer.dedup_ratio,
                "reconnected": answer.reconnected,
                "not_reconnected": answer.not_reconnected,
                "resumed": answer.resumed,
            });
            (answer.server.to_owned(), value)
        };
        let reuse_ratios: Map<_, _> = self
            .reuse_ratios
            .iter()
            .map(|(side, ratio)| (side.to_string(), json!(ratio)))
            .collect();
        let mut phases = Map::new();
        for answer in &self.phases {
            let of_transport = phases
                .entry(answer.transport.as_str())
                .or_insert_with(|| json!({}));
            let (name, value) = phase(answer);
            of_transport[name] = value;
        }
        json!({
            "hit_ratio": hit_ratios,
            "servers": self.servers.iter().map(server).collect::<Map<_, _>>(),
            "streams": self.streams.iter().map(stream).collect::<Map<_, _>>(),
            "connection_reuse_ratio": reuse_ratios,
            "phases": phases,
        })
    }
}
