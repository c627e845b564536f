//! From a server's name on the command line to an [`Upstream`] that a session can use.

use shadowcat_metrics::Metrics;
use shadowcat_metrics::labels::{Server, Transport};
use url::Url;

use crate::cli::Limits;
use crate::pool::Pools;
use crate::process::{ProcessManager, ShutdownPolicy};
use crate::resources::Children;
use crate::transport::Edge;
use crate::transport::http::HttpSettings;
use crate::upstream::{Backoff, BackoffPolicy, RemoteServer, Spec, Target, Upstream};

/// Makes upstreams of the servers that the user has named: one for each session.
#[derive(Debug, Clone)]
pub struct Opener {
    metrics: Metrics,
    pools: Pools,
    children: Children,
    limits: Limits,
    backoff: BackoffPolicy,
    http: HttpSettings,
}

impl Opener {
    /// Of servers that may cost what `limits` say.
    #[must_use]
    pub fn new(metrics: Metrics, pools: Pools, limits: Limits) -> Self {
        let children = Children::new(&metrics);
        Self {
            metrics,
            pools,
            children,
            limits,
            backoff: BackoffPolicy {
                most_restarts: limits.max_restarts,
                ..BackoffPolicy::default()
            },
            http: HttpSettings::default(),
        }
    }

    /// The same with other waits before a server is reached anew.
    #[must_use]
    pub fn with_backoff(self, backoff: BackoffPolicy) -> Self {
        Self { backoff, ..self }
    }

    /// The same with other limits on what is exchanged with servers over HTTP.
    #[must_use]
    pub fn with_http(self, http: HttpSettings) -> Self {
        Self { http, ..self }
    }

    /// The server `spec`, not reached yet.
    ///
    /// Its name is interned here and held by what is returned, so that its series live as long as its sessions.
    #[must_use]
    pub fn open(&self, spec: &Spec) -> Upstream {
        let server = self.metrics.server(&spec.name);
        let backoff = Backoff::new(self.backoff);
        match &spec.target {
            Target::Stdio(command) => {
                let edge = self.edge(Transport::Stdio);
                let mut manager = ProcessManager::new(
                    &self.metrics,
                    server,
                    command.clone(),
                    edge,
                    &self.children,
                );
                manager.backoff = backoff;
                manager.shutdown = ShutdownPolicy {
                    after_end_of_input: self.limits.end_grace,
                    after_sigterm: self.limits.term_grace,
                };
                Upstream::Stdio(manager)
            }
            Target::Http(url) => Upstream::Http(self.remote(server, url, Transport::Http, backoff)),
            Target::Sse(url) => Upstream::Sse(self.remote(server, url, Transport::Sse, backoff)),
        }
    }

    fn remote(
        &self,
        server: Server,
        url: &Url,
        transport: Transport,
        backoff: Backoff,
    ) -> RemoteServer {
        let settings = HttpSettings {
            answer: self.limits.answer_timeout,
            ..self.http
        };
        let edge = self.edge(transport);
        RemoteServer::new(&self.metrics, server, url, edge, settings, backoff)
    }

    fn edge(&self, transport: Transport) -> Edge {
        Edge::to_server(&self.metrics, transport, self.pools.clone())
            .with_max_message(self.limits.max_message)
    }
}
