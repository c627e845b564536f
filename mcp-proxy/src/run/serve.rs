//! `mcp-proxy serve`: many sessions, whose clients connect over HTTP, with whichever server each wants.

use std::collections::HashSet;
use std::sync::Arc;

use shadowcat_metrics::Metrics;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::cli;
use crate::exit::Failure;
use crate::pool::Pools;
use crate::proxy::{Ended, Session, Settings};
use crate::resources::Runtime;
use crate::run::stop_on_signals;
use crate::telemetry::{BindError, Telemetry};
use crate::transport::front::{self, Accept, Arrival, FrontSettings};
use crate::upstream::{Opener, Spec};

pub(super) async fn run(options: cli::Serve) -> Result<(), Failure> {
    check_names(&options.upstreams)?;
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(|error| BindError::of_front(options.listen, error))?;
    let telemetry = Telemetry::start(options.metrics.metrics).await?;
    telemetry.announce();
    let metrics = telemetry.metrics();
    let pools = Pools::new(metrics);
    let stop = stop_on_signals()?;

    let routes = options.upstreams.iter().map(|spec| spec.name.clone());
    let settings = FrontSettings {
        routes: routes.collect(),
        allowed_origins: options.origins,
        max_message: options.limits.max_message,
        max_sessions: options.max_sessions,
        idle: options.idle,
        ..FrontSettings::default()
    };
    let sessions = Sessions {
        metrics: metrics.clone(),
        opener: Opener::new(metrics.clone(), pools.clone(), options.limits),
        servers: options.upstreams.into(),
        settings: Settings {
            answer: options.limits.answer_timeout,
            ..Settings::default()
        },
        runtime: telemetry.runtime().clone(),
    };
    announce(&listener, &sessions.servers)?;
    let front = front::serve(
        listener,
        settings,
        metrics,
        &pools,
        sessions.accept(),
        &stop,
    )?;
    stop.cancelled().await;
    front.shutdown().await;
    telemetry.stop().await;
    Ok(())
}

/// Each server has a path of its own, so each needs a name of its own.
fn check_names(servers: &[Spec]) -> Result<(), Failure> {
    let mut names = HashSet::new();
    let again = servers.iter().find(|spec| !names.insert(&spec.name));
    again.map_or(Ok(()), |spec| {
        Err(Failure::Usage(format!(
            "two servers are called {0:?}: write --upstream NAME=... with another name for one of them",
            spec.name
        )))
    })
}

/// Says on standard error where the servers are.
fn announce(listener: &TcpListener, servers: &[Spec]) -> std::io::Result<()> {
    let address = listener.local_addr()?;
    eprintln!("serving: http://{address}/mcp and /sse");
    for spec in servers {
        eprintln!("serving: http://{address}/{0}/mcp and /{0}/sse", spec.name);
    }
    Ok(())
}

/// What every session is made from.
#[derive(Debug)]
struct Sessions {
    metrics: Metrics,
    opener: Opener,
    servers: Arc<[Spec]>,
    settings: Settings,
    runtime: Runtime,
}

impl Sessions {
    fn accept(self) -> Accept {
        let sessions = Arc::new(self);
        Arc::new(move |arrival| {
            let runtime = sessions.runtime.clone();
            Box::pin(runtime.watch(Arc::clone(&sessions).carry(arrival)))
        })
    }

    async fn carry(self: Arc<Self>, arrival: Arrival) {
        let Some(spec) = self
            .servers
            .iter()
            .find(|spec| *spec.name == *arrival.route)
        else {
            return;
        };
        let upstream = self.opener.open(spec);
        // The front ends its sessions itself when it is stopped: each gets to hear that its client has no more to say.
        let never = CancellationToken::new();
        let session = Session::new(
            &self.metrics,
            arrival.transport,
            upstream,
            self.settings,
            never,
        );
        let server = &spec.name;
        match session.run(arrival.link).await {
            Ended::ByClient | Ended::Stopped => info!(server, "a session is over"),
            Ended::ServerNotStarted(error) => warn!(server, %error, "a session has no server"),
            Ended::ServerGivenUp => warn!(server, "the server kept going away, and was given up"),
        }
    }
}
