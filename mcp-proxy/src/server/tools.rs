//! The tools: one that works, and one for each thing that can go wrong.

use std::io::Write;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::jsonrpc::{Id, Payload, Response, code};
use crate::server::Client;

/// Exit code of the tool `crash`.
const CRASHED: i32 = 70;

/// Most bytes that the tool `big` answers with, before they become JSON.
const BIGGEST: usize = 32 * 1024 * 1024;

/// Parameters of `tools/call`; the tool's name says which arguments there are.
#[derive(Debug, Deserialize)]
#[serde(tag = "name", content = "arguments", rename_all = "lowercase")]
enum Call {
    Echo { text: String },
    Slow { milliseconds: u64 },
    Big { bytes: usize },
    Ask { question: String },
    Fail {},
    Crash {},
    Garbage {},
}

/// The answer to `tools/list`.
#[must_use]
pub fn list() -> Value {
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
        tool("fail", "Answers with an error.", None),
        tool("crash", "Ends the server without an answer.", None),
        tool("garbage", "Prints lines that are no messages, then answers.", None),
    ]})
}

/// Runs the tool that `params` name.
pub async fn call(id: Id, params: Option<&RawValue>, client: &Client) -> Response {
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
        // MCP lets a client leave out the arguments of a tool that takes none.
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

/// Writes past the transport, as servers do that print to standard output.
fn print_garbage() {
    let mut stdout = std::io::stdout().lock();
    let lines: [&[u8]; 3] = [
        b"Listening on stdio...\n",
        b"{\"jsonrpc\":\"2.0\"\n",
        b"\xff\xfe\n",
    ];
    for line in lines {
        // A client that is gone has no use for it.
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
