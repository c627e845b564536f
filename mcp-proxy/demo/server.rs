//! The MCP server behind the proxy in the demo, in tests and in benchmarks. It misbehaves on request.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use mcp_proxy::jsonrpc::{Id, Message, Notification, Payload, Request, Response, code};
use mcp_proxy::transport::stateless::{self, Stateless};
use mcp_proxy::transport::{Incoming, Link, Outgoing};

/// Protocol version to use if the client names none.
const PROTOCOL: &str = "2025-06-18";

/// Answers the messages of `link` until it ends.
pub(crate) async fn serve(link: Link) {
    let Link {
        mut incoming,
        outgoing,
        writer,
    } = link;
    let client = Client {
        outgoing,
        asked: Arc::default(),
        next_id: Arc::default(),
    };
    let mut calls = Calls::default();
    while let Some(incoming) = incoming.next().await {
        match incoming {
            Incoming::Message(Message::Request(request)) => calls.begin(request, client.clone()),
            Incoming::Message(Message::Notification(notification)) => calls.notice(&notification),
            Incoming::Message(Message::Response(response)) => client.answered(response),
            Incoming::Malformed(malformed) => {
                for refusal in malformed.refusals() {
                    client.send(refusal).await;
                }
            }
            Incoming::Unanswered { id, cause } => {
                client.answered(Response::error(Some(id), code::SERVER_GONE, &cause.reason));
            }
            Incoming::TooLarge { id, limit } => {
                let reason = format!("the message is longer than {limit} bytes");
                client
                    .send(Response::error(id, code::INVALID_REQUEST, &reason))
                    .await;
            }
        }
        calls.forget_finished();
    }
    calls.finish().await;
    drop(client);
    // Answers are written before the process exits, unless the client no longer reads them.
    let _ = writer.await;
}

/// Requests in progress, each in a task, so that a slow one does not delay the others.
#[derive(Debug, Default)]
struct Calls {
    tasks: JoinSet<()>,
    running: HashMap<Id, AbortHandle>,
}

impl Calls {
    fn begin(&mut self, request: Request, client: Client) {
        let id = request.id.clone();
        let task = self.tasks.spawn(async move {
            let arrival = request.arrival.clone();
            let is_stateless = Stateless::of(&request).is_some();
            let mut response = answer(request, &client).await;
            if is_stateless {
                response.payload = completed(response.payload);
            }
            if let Some(arrival) = arrival {
                arrival.end(arrival.outcome(&response.payload));
            }
            client.send(response).await;
        });
        self.running.insert(id, task);
    }

    fn notice(&mut self, notification: &Notification) {
        notification.delivered();
        if let Some(task) = notification
            .cancelled_request()
            .and_then(|id| self.running.remove(&id))
        {
            task.abort();
        }
    }

    fn forget_finished(&mut self) {
        while self.tasks.try_join_next().is_some() {}
        self.running.retain(|_, task| !task.is_finished());
    }

    async fn finish(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn answer(request: Request, client: &Client) -> Response {
    let Request {
        id, method, params, ..
    } = request;
    match method.as_str() {
        "initialize" => {
            let params: serde_json::Value = params
                .and_then(|params| serde_json::from_str(params.get()).ok())
                .unwrap_or_default();
            Response::result(
                id,
                &json!({
                    "protocolVersion": params.get("protocolVersion").unwrap_or(&json!(PROTOCOL)),
                    "capabilities": { "tools": {}, "prompts": {} },
                    "serverInfo": { "name": "mcp-proxy server", "version": env!("CARGO_PKG_VERSION") },
                }),
            )
        }
        "ping" => Response::result(id, &json!({})),
        "server/discover" => Response::result(
            id,
            &json!({
                "supportedVersions": stateless::REVISIONS,
                "capabilities": { "tools": {}, "prompts": {} },
                "serverInfo": { "name": "mcp-proxy server", "version": env!("CARGO_PKG_VERSION") },
            }),
        ),
        "tools/list" => Response::result(id, &list()),
        "tools/call" => call(id, params.as_deref(), client).await,
        "prompts/list" => Response::result(id, &list_prompts()),
        "prompts/get" => fill_in_prompt(id, params.as_deref()),
        _ => Response::error(
            Some(id),
            code::METHOD_NOT_FOUND,
            &format!("unknown method {method:?}"),
        ),
    }
}

/// Adds the member that the revision without sessions requires of each result.
fn completed(payload: Payload) -> Payload {
    let Payload::Result(result) = &payload else {
        return payload;
    };
    match serde_json::from_str::<Value>(result.get()) {
        Ok(mut result) if result.is_object() => {
            result["resultType"] = json!("complete");
            Response::result(Id::from(0), &result).payload
        }
        Ok(_) | Err(_) => payload,
    }
}

/// The client, as seen by a tool, which can send requests to it.
#[derive(Debug, Clone)]
struct Client {
    outgoing: Outgoing,
    asked: Arc<Mutex<HashMap<Id, oneshot::Sender<Payload>>>>,
    next_id: Arc<AtomicU64>,
}

impl Client {
    /// Sends a request to the client and waits for the answer. Returns `None` if the client goes away.
    async fn ask(&self, method: &str, params: &serde_json::Value) -> Option<Payload> {
        let request = Request::new(self.next_id.fetch_add(1, Ordering::Relaxed), method, params);
        let (answer, answered) = oneshot::channel();
        self.asked.lock().insert(request.id.clone(), answer);
        self.outgoing.send(Message::Request(request)).await.ok()?;
        answered.await.ok()
    }

    /// Sends a notification to the client.
    async fn notify(&self, method: &str, params: &serde_json::Value) {
        let notification = Message::Notification(Notification::new(method, params));
        // If sending fails, the client is gone, and the end of the input follows.
        let _ = self.outgoing.send(notification).await;
    }

    async fn send(&self, response: Response) {
        let _ = self.outgoing.send(Message::Response(response)).await;
    }

    fn answered(&self, response: Response) {
        let mut asked = self.asked.lock();
        if let Some(waiting) = response.id.and_then(|id| asked.remove(&id)) {
            let _ = waiting.send(response.payload);
        }
    }
}

/// Exit code of the tool `crash`.
const CRASHED: i32 = 70;

/// Size limit for the answer of the tool `big`, in bytes before JSON encoding.
const BIGGEST: usize = 32 * 1024 * 1024;

/// Parameters of `tools/call`. The tool's name determines the arguments.
#[derive(Debug, Deserialize)]
#[serde(tag = "name", content = "arguments", rename_all = "lowercase")]
enum Call {
    Echo { text: String },
    Slow { milliseconds: u64 },
    Big { bytes: usize },
    Ask { question: String },
    Fail {},
    Broken {},
    Crash {},
    Garbage {},
}

/// Returns the answer to `tools/list`.
pub(crate) fn list() -> Value {
    let tool = |name: &str, description: &str, argument: Option<(&str, &str)>| {
        let mut schema = json!({ "type": "object" });
        if let Some((argument, kind)) = argument {
            schema["properties"] = json!({ argument: { "type": kind } });
            schema["required"] = json!([argument]);
        }
        json!({ "name": name, "description": description, "inputSchema": schema })
    };
    json!({ "tools": [
        tool("echo", "Answers with the text.", Some(("text", "string"))),
        tool("slow", "Answers after a while, with a progress notification halfway.", Some(("milliseconds", "integer"))),
        tool("big", "Answers with that many bytes of text.", Some(("bytes", "integer"))),
        tool("ask", "Asks the client's model, and answers with what it says.", Some(("question", "string"))),
        tool("fail", "Answers with an error of the protocol.", None),
        tool("broken", "Answers that it has failed.", None),
        tool("crash", "Ends the server without an answer.", None),
        tool("garbage", "Prints lines that are no messages, then answers.", None),
    ]})
}

fn list_prompts() -> Value {
    let argument = json!({ "name": "name", "description": "Whom to greet.", "required": true });
    json!({ "prompts": [{ "name": PROMPT, "description": "A greeting.", "arguments": [argument] }] })
}

/// The only prompt.
pub(crate) const PROMPT: &str = "greet";

/// Returns the prompt that `params` names.
fn fill_in_prompt(id: Id, params: Option<&RawValue>) -> Response {
    let params = params.and_then(|params| serde_json::from_str::<Value>(params.get()).ok());
    let params = params.unwrap_or_default();
    if params["name"] != PROMPT {
        return Response::error(Some(id), code::INVALID_PARAMS, "unknown prompt");
    }
    let name = params["arguments"]["name"].as_str().unwrap_or("you");
    let content = json!({ "type": "text", "text": format!("Greet {name}.") });
    let message = json!({ "role": "user", "content": content });
    Response::result(id, &json!({ "messages": [message] }))
}

/// Runs the tool that `params` names.
async fn call(id: Id, params: Option<&RawValue>, client: &Client) -> Response {
    let call = match parse_call(params.map_or("null", RawValue::get)) {
        Ok(call) => call,
        Err(error) => return Response::error(Some(id), code::INVALID_PARAMS, &error.to_string()),
    };
    let text = match call {
        Call::Echo { text } => text,
        Call::Slow { milliseconds } => {
            let half = Duration::from_millis(milliseconds) / 2;
            sleep(half).await;
            client
                .notify(
                    "notifications/progress",
                    &json!({ "progressToken": id, "progress": 0.5 }),
                )
                .await;
            sleep(half).await;
            "done".to_owned()
        }
        Call::Big { bytes } => "x".repeat(bytes.min(BIGGEST)),
        Call::Ask { question } => match ask(&question, client).await {
            Some(answer) => answer,
            None => {
                return Response::error(Some(id), code::INTERNAL_ERROR, "the client did not say");
            }
        },
        Call::Fail {} => {
            return Response::error(Some(id), code::INTERNAL_ERROR, "this tool always fails");
        }
        Call::Broken {} => {
            let content = json!([{ "type": "text", "text": "this tool is broken" }]);
            return Response::result(id, &json!({ "content": content, "isError": true }));
        }
        Call::Crash {} => {
            eprintln!("crashing as asked");
            std::process::exit(CRASHED)
        }
        Call::Garbage {} => {
            print_garbage();
            "tidied up".to_owned()
        }
    };
    Response::result(
        id,
        &json!({ "content": [{ "type": "text", "text": text }] }),
    )
}

fn parse_call(params: &str) -> serde_json::Result<Call> {
    let mut params: Value = serde_json::from_str(params)?;
    if let Some(params) = params.as_object_mut() {
        // MCP clients may omit the arguments of a tool that takes none.
        params.entry("arguments").or_insert_with(|| json!({}));
    }
    serde_json::from_value(params)
}

async fn ask(question: &str, client: &Client) -> Option<String> {
    let params = json!({
        "messages": [{ "role": "user", "content": { "type": "text", "text": question } }],
        "maxTokens": 16,
    });
    match client.ask("sampling/createMessage", &params).await? {
        Payload::Result(result) => Some(result.get().to_owned()),
        Payload::Error(_) => None,
    }
}

/// Writes to standard output without the transport, as servers with stray prints do.
fn print_garbage() {
    let mut stdout = std::io::stdout().lock();
    let lines: [&[u8]; 3] = [
        b"Listening on stdio...\n",
        b"{\"jsonrpc\":\"2.0\"\n",
        b"\xff\xfe\n",
    ];
    for line in lines {
        // The client may be gone.
        let _ = stdout.write_all(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_called_with_and_without_arguments() {
        let call = |params: Value| parse_call(&params.to_string());
        assert!(matches!(call(json!({ "name": "fail" })), Ok(Call::Fail {})));
        assert!(matches!(
            call(json!({ "name": "fail", "arguments": {}, "_meta": {} })),
            Ok(Call::Fail {})
        ));
        let echo = json!({ "name": "echo", "arguments": { "text": "hi" } });
        assert!(matches!(call(echo), Ok(Call::Echo { text }) if text == "hi"));
        assert!(call(json!({ "name": "echo" })).is_err());
        assert!(call(json!({ "name": "fly" })).is_err());
        assert!(parse_call("null").is_err());
    }
}
