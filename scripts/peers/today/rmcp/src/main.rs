//! A client and a server of `rmcp`. `peers-rmcp client CALLS TARGETS` does the same as client.py; `peers-rmcp server [http PORT]`
//! serves over standard input and output by default.

use std::error::Error;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolRequestParams, CallToolResult, ClientConfig, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt, RoleClient, RunningService};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{
    StreamableHttpClientTransport, StreamableHttpServerConfig, StreamableHttpService,
    TokioChildProcess, stdio,
};
use rmcp::{ServiceExt, schemars, tool, tool_router};
use serde_json::{Value, json};
use tokio::process::Command;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["client", calls, targets] => {
            let targets: Vec<Vec<String>> = serde_json::from_str(targets)?;
            for target in targets {
                let seen = see(calls.parse()?, &target).await;
                println!("{}", seen.unwrap_or_else(|error| json!(error.to_string())));
            }
        }
        ["server"] => {
            Today.serve(stdio()).await?.waiting().await?;
        }
        ["server", "http", port] => {
            let service = StreamableHttpService::new(
                || Ok(Today),
                LocalSessionManager::default().into(),
                StreamableHttpServerConfig::default(),
            );
            let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
            axum::serve(listener, axum::Router::new().nest_service("/mcp", service)).await?;
        }
        _ => return Err("usage: peers-rmcp client CALLS TARGETS | server [http PORT]".into()),
    }
    Ok(())
}

/// Calls tools of the server at this target, and returns a report.
async fn see(calls: i64, target: &[String]) -> Outcome<Value> {
    let client = connect(target).await?;
    let mut tools: Vec<_> = client
        .list_all_tools()
        .await?
        .into_iter()
        .map(|tool| tool.name)
        .collect();
    tools.sort();
    for number in 0..calls {
        let answer = call(&client, "add", json!({ "a": number, "b": 1 })).await?;
        let answer = serde_json::to_value(answer)?;
        if answer["content"][0]["text"] != (number + 1).to_string() {
            return Err(answer.to_string().into());
        }
    }
    let failed = call(&client, "fail", json!({})).await?;
    if failed.is_error != Some(true) {
        return Err(format!("{failed:?}").into());
    }
    let revision = client
        .peer_info()
        .map(|info| info.protocol_version.to_string());
    client.cancel().await?;
    Ok(json!({ "revision": revision, "tools": tools, "add": calls, "fail": 1 }))
}

type Client = RunningService<RoleClient, ClientConfig>;

/// Speaks the newest revision if the server does, else an older one. The library's own fallback has a timeout, which a slow
/// server exceeds.
async fn connect(target: &[String]) -> Outcome<Client> {
    let newest = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    match open(target, newest).await {
        Ok(client) => Ok(client),
        Err(_) => open(target, ClientLifecycleMode::Initialize).await,
    }
}

async fn open(target: &[String], mode: ClientLifecycleMode) -> Outcome<Client> {
    let client = ClientConfig::default();
    Ok(match target {
        [kind, url] if kind == "http" => {
            let transport = StreamableHttpClientTransport::from_uri(url.as_str());
            client.serve_with_lifecycle(transport, mode).await?
        }
        [kind, program, words @ ..] if kind == "stdio" => {
            let mut command = Command::new(program);
            command.args(words);
            let transport = TokioChildProcess::new(command)?;
            client.serve_with_lifecycle(transport, mode).await?
        }
        _ => return Err(format!("not a target: {target:?}").into()),
    })
}

async fn call(client: &Client, tool: &'static str, arguments: Value) -> Outcome<CallToolResult> {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    let request = CallToolRequestParams::new(tool).with_arguments(arguments);
    Ok(client.call_tool(request).await?)
}

/// The numbers that the tool `add` takes.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Numbers {
    a: i64,
    b: i64,
}

/// The server, which has the same tools as that of server.py.
#[derive(Clone)]
struct Today;

#[tool_router(server_handler)]
impl Today {
    #[tool(description = "Adds two numbers.")]
    fn add(&self, Parameters(Numbers { a, b }): Parameters<Numbers>) -> String {
        (a + b).to_string()
    }

    #[tool(description = "Fails.")]
    fn fail(&self) -> Result<String, String> {
        Err("no".to_owned())
    }
}
