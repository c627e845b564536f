//! The demo: the proxy, its servers in child processes and on a faulty network, and clients that count what
//! they send. At the end, the metrics are compared with the clients' counts.

mod books;
mod checks;
mod client;
mod network;
mod report;
pub(crate) mod server;
mod stage;
mod traffic;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::{Pool, Prompt, Tool};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::demo::books::{Books, Peaks, Tally, watch};
use crate::demo::client::ClientError;
use crate::demo::report::Report;
use crate::demo::server::{PROMPT, list};
use crate::demo::stage::{Proxy, Stage};
use crate::demo::traffic::{PERSONAS, Persona, Step, plan};
use mcp_proxy::arrival::ServerRecorders;
use mcp_proxy::backoff::BackoffPolicy;
use mcp_proxy::pool::Pools;
use mcp_proxy::resources::Runtime;
use mcp_proxy::transport::client::HttpSettings;
use mcp_proxy::upstream::{Limits, Opener};

/// Size limit of one message in the demo, in bytes. It is small, so that exceeding it is cheap.
pub(crate) const MAX_MESSAGE: usize = 1024 * 1024;

/// Capacity of the pipe between a client and the proxy, in bytes.
const PIPE: usize = 64 * 1024;

/// Delays between attempts to restart servers. They are short, so that much happens in little time.
const BACKOFF: BackoffPolicy = BackoffPolicy {
    first: Duration::from_millis(50),
    longest: Duration::from_secs(1),
    stable_after: Duration::from_millis(500),
    most_attempts: 20,
    jitter: false,
};
const LIMITS: Limits = Limits {
    max_message: MAX_MESSAGE,
    answer_timeout: Duration::from_secs(15),
    drain: Duration::from_secs(30),
    end_grace: Duration::from_millis(250),
    term_grace: Duration::from_millis(150),
    max_restarts: BACKOFF.most_attempts,
};

/// Time limits for HTTP. They are short for the same reason.
const HTTP: HttpSettings = HttpSettings {
    connect: Duration::from_secs(5),
    control: Duration::from_secs(5),
    body_idle: Duration::from_secs(10),
    stream_idle: Duration::from_secs(60),
    pool_idle: Duration::from_secs(4),
    most_in_flight: 64,
    window: 64,
    reconnect: BackoffPolicy {
        first: Duration::from_millis(30),
        longest: Duration::from_millis(500),
        stable_after: Duration::from_millis(500),
        ..BackoffPolicy::STREAMS
    },
};

/// The label values of the demo. Their series exist while it does: from before the first request, so that a scraper
/// sees them at zero, until the report is written.
#[derive(Debug)]
pub(crate) struct LabelValues {
    _servers: Vec<Arc<ServerRecorders>>,
    _tools: Vec<Tool>,
    _prompt: Prompt,
}

impl LabelValues {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let tools = list();
        let tools = tools["tools"].as_array().into_iter().flatten();
        Self {
            _servers: PERSONAS
                .iter()
                .map(|persona| ServerRecorders::new(metrics, &metrics.server(persona.server)))
                .collect(),
            _tools: tools
                .filter_map(|tool| Some(metrics.tool(tool["name"].as_str()?)))
                .collect(),
            _prompt: metrics.prompt(PROMPT),
        }
    }
}

/// State that the demo's clients share.
#[derive(Debug, Clone)]
struct Demo {
    proxy: Proxy,
    /// The clients' counts, by server.
    tallies: BTreeMap<&'static str, Arc<Tally>>,
    seed: u64,
    stop: CancellationToken,
}

/// Runs traffic until `stop` is cancelled, and at least until every client has finished its first session.
///
/// # Errors
///
/// If this program's path, which starts the children, cannot be found, or no local port is free.
pub(crate) async fn run(
    metrics: &Metrics,
    runtime: &Runtime,
    values: LabelValues,
    seed: u64,
    stop: CancellationToken,
) -> std::io::Result<Report> {
    let pools = Pools::new(metrics);
    let opener = Opener::new(metrics.clone(), pools.clone(), LIMITS)
        .with_backoff(BACKOFF)
        .with_http(HTTP);
    let demo = Demo {
        proxy: Proxy {
            metrics: metrics.clone(),
            pools,
            opener,
            runtime: runtime.clone(),
            program: std::env::current_exe()?.into_os_string(),
        },
        tallies: PERSONAS
            .iter()
            .map(|persona| (persona.server, Arc::default()))
            .collect(),
        seed,
        stop,
    };
    let watching = CancellationToken::new();
    let watcher = tokio::spawn(watch(metrics.clone(), watching.clone()));
    let mut clients = JoinSet::new();
    for (number, persona) in (0..).zip(&PERSONAS) {
        let stage = Stage::set(&demo.proxy, persona).await?;
        clients.spawn(demo.clone().run_client(number, persona, stage));
    }
    let clients = clients.join_all().await;
    let clients_succeeded = clients.into_iter().all(|succeeded| succeeded);
    watching.cancel();
    let peaks: Peaks = watcher.await.unwrap_or_default();
    settle(metrics).await;

    Ok(Report::new(
        metrics,
        demo.books(),
        &peaks,
        clients_succeeded,
        (values, demo.proxy.pools),
    ))
}

/// Waits until the last pipe readers have returned their buffers, which happens soon after the session when
/// they see the end of their pipe. A buffer that is never returned is a leak, and the report will show it.
async fn settle(metrics: &Metrics) {
    const TIMEOUT: Duration = Duration::from_secs(10);
    const PAUSE: Duration = Duration::from_millis(10);
    let returned = async {
        let in_use = |pool: &Pool| metrics.snapshot().buffer_pool(*pool).in_use() != 0;
        while Pool::ALL.iter().any(in_use) {
            sleep(PAUSE).await;
        }
    };
    let _ = timeout(TIMEOUT, returned).await;
}

impl Demo {
    /// Returns the counts of the clients.
    fn books(&self) -> Books {
        let mut books = Books::default();
        for persona in &PERSONAS {
            let counts = self.tallies[persona.server].lock().clone();
            books.add(persona.server, persona.transport, counts);
        }
        books
    }

    /// Runs a client's sessions one after the other. Returns whether all succeeded.
    async fn run_client(self, number: u64, persona: &'static Persona, stage: Stage) -> bool {
        let mut succeeded = true;
        for session in 0.. {
            if session > 0 && self.stop.is_cancelled() {
                break;
            }
            if let Err(error) = self.run_session(number, persona, &stage, session).await {
                error!(server = persona.server, %error, "a client failed");
                succeeded = false;
                break;
            }
        }
        stage.tear_down().await;
        succeeded
    }

    async fn run_session(
        &self,
        number: u64,
        persona: &'static Persona,
        stage: &Stage,
        session: u64,
    ) -> Result<(), ClientError> {
        let tally = &self.tallies[persona.server];
        let (client, over) = stage.connect(tally).await?;
        let client = client.speaking(persona.is_stateless());
        client.begin().await?;
        // As most clients do. Only listed tools have a name in metrics if all their calls fail.
        client.perform(Step::ListTools).await?;
        for step in plan(persona, self.seed, number, session) {
            if session > 0 && self.stop.is_cancelled() {
                break;
            }
            match step {
                Step::Fault(fault) => traffic::cause_fault(fault, &client, stage, tally).await?,
                step => client.perform(step).await?,
            }
            if step == Step::Crash {
                tally.lock().crashes += 1;
            }
        }
        client.hang_up().await?;
        // Requests without a session share connections, which end with the proxy.
        if !persona.is_stateless() {
            over.await;
        }
        tally.lock().sessions += 1;
        Ok(())
    }
}
