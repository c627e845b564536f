//! Options of `serve`.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use crate::cli::{Limits, Metrics};
use crate::upstream::Spec;

pub(super) const EXAMPLES: &str = "\
A SERVER is stdio:COMMAND, http:URL or sse:URL, with NAME= before it if you like.

Examples:
  mcp-proxy serve --upstream 'stdio:npx -y @modelcontextprotocol/server-everything stdio'
  mcp-proxy serve --upstream files=stdio:./files-server --upstream web=http://127.0.0.1:3001/mcp
  mcp-proxy serve --listen 127.0.0.1:0 --upstream http://127.0.0.1:3001/mcp
  mcp-proxy serve --upstream old=sse:http://127.0.0.1:3002/sse --metrics off

Clients reach a server at /NAME/mcp over streamable HTTP, and at /NAME/sse over the older transport; the first \
server is at /mcp and /sse as well. A server without NAME= is called like its program or its host.";

/// Options of `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where metrics go.
    #[command(flatten)]
    pub metrics: Metrics,
    /// Address that MCP clients connect to; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8750")]
    pub listen: SocketAddr,
    /// A server, as below; may be given several times
    #[arg(long = "upstream", value_name = "SERVER", required = true)]
    pub upstreams: Vec<Spec>,
    /// Web origin that may connect, beside those of this machine; may be given several times
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    pub origins: Vec<String>,
    /// Most sessions at once; more are turned away with status 503
    #[arg(long, value_name = "COUNT", default_value_t = 256)]
    pub max_sessions: usize,
    /// Time after which a session ends in which no request and no stream is open
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = humantime::parse_duration)]
    pub idle: Duration,
    /// What a server may cost.
    #[command(flatten)]
    pub limits: Limits,
}
