//! The answers of a server by tool and prompt, and their sizes: clients put lists of tools and results into the context of a model.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::value::RawValue;
use shadowcat_metrics::shadowcat::labels::{Answer, Call, Method, Prompt, Server, Tool};
use shadowcat_metrics::shadowcat::{ContextRecorder, Metrics, RequestRecorder};

use crate::jsonrpc::{Payload, Request, object};

/// Maximum number of tools, and of prompts, whose names are kept. Others share the label's overflow value.
const MAX_NAMES: usize = 256;

/// Maximum length of a name that is kept, in bytes. Longer ones share the overflow value, too.
const MAX_NAME: usize = 1024;

/// Maximum length of a cursor that is remembered, in bytes.
const MAX_CURSOR: usize = 4096;

/// Maximum number of pages of unfinished lists to remember.
const MAX_PAGES: usize = 64;

/// The label's overflow value, for tools and prompts that may not exist.
const OTHER: &str = "__other__";

/// The part of a request that its result is attributed to.
#[derive(Debug)]
pub enum Subject {
    /// A call of this tool.
    Tool(String),
    /// A prompt.
    Prompt(String),
    /// A page of the list of tools, after this cursor.
    Tools(Option<String>),
    /// Any other request.
    Other,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    cursor: Option<Cow<'a, str>>,
}

impl Subject {
    /// Returns the subject of a request.
    #[must_use]
    pub fn of(method: Method, request: &Request) -> Self {
        if !matches!(
            method,
            Method::ToolsCall | Method::PromptsGet | Method::ToolsList
        ) {
            return Self::Other;
        }
        let params = request.params.as_deref().map_or("{}", RawValue::get);
        let params = object::<Params<'_>>(params);
        let (name, cursor) = params.map_or((None, None), |params| (params.name, params.cursor));
        let name = name.map(Cow::into_owned);
        match (method, name) {
            (Method::ToolsList, _) => Self::Tools(cursor.map(Cow::into_owned)),
            (Method::ToolsCall, Some(name)) => Self::Tool(name),
            (Method::PromptsGet, Some(name)) => Self::Prompt(name),
            _ => Self::Other,
        }
    }
}

/// Tools on the pages of a list so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Listed {
    tools: u32,
    bytes: usize,
}

/// A page of a server's list of tools.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow)]
    tools: Vec<&'a RawValue>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// Records the answers of one server.
#[derive(Debug)]
pub struct ContextCost {
    metrics: Metrics,
    requests: RequestRecorder,
    recorder: ContextRecorder,
    tools: Names<Tool>,
    prompts: Names<Prompt>,
    /// The totals before each page that a client may request next, by cursor, the oldest first.
    pages: Mutex<VecDeque<(String, Listed)>>,
}

impl ContextCost {
    /// Creates the recorder of a server.
    #[must_use]
    pub fn new(metrics: &Metrics, server: &Server) -> Self {
        Self {
            metrics: metrics.clone(),
            requests: metrics.request(server),
            recorder: metrics.context(server),
            tools: Names::new(metrics.tool(OTHER)),
            prompts: Names::new(metrics.prompt(OTHER)),
            pages: Mutex::default(),
        }
    }

    /// Records the end of a forwarded request: the time since it was forwarded, and the peer's answer, if there is one.
    pub fn record(
        &self,
        method: Method,
        subject: &Subject,
        time: Duration,
        answer: Option<(&Payload, Answer)>,
    ) {
        let exists = answer.is_some_and(|(_, answer)| answer == Answer::Ok);
        let (named_tool, named_prompt);
        let (mut tool, mut prompt) = (&self.tools.other, &self.prompts.other);
        match subject {
            Subject::Tool(name) => {
                named_tool = self.tool(name, exists);
                tool = &named_tool;
            }
            Subject::Prompt(name) => {
                named_prompt = self.prompt(name, exists);
                prompt = &named_prompt;
            }
            Subject::Tools(_) | Subject::Other => {}
        }
        if method == Method::ToolsCall {
            self.requests.tool_duration(tool).observe(time);
        }
        let Some((payload, answer)) = answer else {
            return;
        };
        let call = call(method, tool, prompt);
        self.requests.answers(call, answer).inc();
        if let Payload::Result(result) = payload {
            self.requests.returned(call).add(result.get().len());
            if let Subject::Tools(cursor) = subject {
                self.record_page(cursor.as_deref(), result);
            }
        }
    }

    /// Records that a call of a tool was not answered in time. A call without a name counts as one of a tool that may not exist.
    pub fn record_timeout(&self, subject: &Subject) {
        let tool = match subject {
            Subject::Tool(name) => self.tool(name, false),
            Subject::Prompt(_) | Subject::Tools(_) | Subject::Other => self.tools.other.clone(),
        };
        self.requests.tool_timeouts(&tool).inc();
    }

    fn record_page(&self, cursor: Option<&str>, result: &RawValue) {
        let Some(page) = object::<Page<'_>>(result.get()) else {
            return;
        };
        for tool in &page.tools {
            if let Some(named) = object::<Named<'_>>(tool.get()) {
                self.tool(&named.name, true);
            }
        }
        let mut pages = self.pages.lock();
        let before = match cursor {
            None => Some(Listed::default()),
            Some(cursor) => find(&pages, cursor),
        };
        // Without the previous pages, the total is unknown.
        let Some(before) = before else {
            return;
        };
        let bytes = page.tools.iter().map(|tool| tool.get().len());
        let listed = Listed {
            tools: before.tools + u32::try_from(page.tools.len()).unwrap_or(u32::MAX),
            bytes: before.bytes + bytes.sum::<usize>(),
        };
        let Some(next) = page.next_cursor else {
            self.recorder.tools().set(listed.tools);
            self.recorder.tool_list().set(listed.bytes);
            return;
        };
        if next.len() > MAX_CURSOR {
            return;
        }
        pages.retain(|(cursor, _)| *cursor != next);
        pages.push_back((next, listed));
        if pages.len() > MAX_PAGES {
            pages.pop_front();
        }
    }

    /// Returns the label of a tool.
    fn tool(&self, name: &str, exists: bool) -> Tool {
        self.tools.label(name, exists, || {
            let tool = self.metrics.tool(name);
            // The first timeout is an increase only if the series exists before.
            self.requests.tool_timeouts(&tool).add(0_u64);
            tool
        })
    }

    /// Returns the label of a prompt.
    fn prompt(&self, name: &str, exists: bool) -> Prompt {
        self.prompts
            .label(name, exists, || self.metrics.prompt(name))
    }
}

/// The labels of tools or prompts, by name.
#[derive(Debug)]
struct Names<L> {
    known: Mutex<HashMap<String, L>>,
    /// For names that may not exist.
    other: L,
}

impl<L: Clone> Names<L> {
    fn new(other: L) -> Self {
        Self {
            known: Mutex::default(),
            other,
        }
    }

    /// Returns the label of a name. If `exists` is false, only failed requests have used the name, so it may not exist.
    fn label(&self, name: &str, exists: bool, intern: impl FnOnce() -> L) -> L {
        let mut known = self.known.lock();
        if let Some(label) = known.get(name) {
            return label.clone();
        }
        if !exists || known.len() >= MAX_NAMES || name.len() > MAX_NAME {
            return self.other.clone();
        }
        let label = intern();
        known.insert(name.to_owned(), label.clone());
        label
    }
}

/// Returns the label of a request with this method.
#[must_use]
pub const fn call<'a>(method: Method, tool: &'a Tool, prompt: &'a Prompt) -> Call<'a> {
    match method {
        Method::Initialize => Call::Initialize,
        Method::Ping => Call::Ping,
        Method::ToolsList => Call::ToolsList,
        Method::ToolsCall => Call::ToolsCall(tool),
        Method::ResourcesList => Call::ResourcesList,
        Method::ResourcesRead => Call::ResourcesRead,
        Method::PromptsList => Call::PromptsList,
        Method::PromptsGet => Call::PromptsGet(prompt),
        Method::CompletionComplete => Call::CompletionComplete,
        Method::SamplingCreateMessage => Call::SamplingCreateMessage,
        Method::ElicitationCreate => Call::ElicitationCreate,
        Method::ResourcesTemplatesList => Call::ResourcesTemplatesList,
        Method::ResourcesSubscribe => Call::ResourcesSubscribe,
        Method::ResourcesUnsubscribe => Call::ResourcesUnsubscribe,
        Method::LoggingSetLevel => Call::LoggingSetLevel,
        Method::RootsList => Call::RootsList,
        Method::TasksGet => Call::TasksGet,
        Method::TasksResult => Call::TasksResult,
        Method::TasksList => Call::TasksList,
        Method::TasksCancel => Call::TasksCancel,
        Method::TasksUpdate => Call::TasksUpdate,
        Method::ServerDiscover => Call::ServerDiscover,
        Method::SubscriptionsListen => Call::SubscriptionsListen,
        // The enums of another crate may grow; a test compares them.
        _ => Call::Other,
    }
}

fn find(pages: &VecDeque<(String, Listed)>, cursor: &str) -> Option<Listed> {
    let mut pages = pages.iter();
    let page = pages.find(|(of, _)| of == cursor);
    page.map(|(_, listed)| *listed)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, value::to_raw_value};

    use super::*;

    fn record(cost: &ContextCost, subject: &Subject, result: &Value, answer: Answer) -> u64 {
        let result = to_raw_value(result).expect("JSON");
        let bytes = result.get().len() as u64;
        let method = match subject {
            Subject::Tool(_) => Method::ToolsCall,
            Subject::Prompt(_) => Method::PromptsGet,
            Subject::Tools(_) => Method::ToolsList,
            Subject::Other => Method::Other,
        };
        let answer = (&Payload::Result(result), answer);
        cost.record(method, subject, Duration::ZERO, Some(answer));
        bytes
    }

    #[test]
    fn each_method_has_a_call() {
        let metrics = Metrics::new();
        let requests = metrics.request(&metrics.server("files"));
        let (tool, prompt) = (metrics.tool("t"), metrics.prompt("p"));
        for &method in Method::ALL {
            requests.returned(call(method, &tool, &prompt)).add(1_u64);
        }
        let page = metrics.encode(shadowcat_metrics::Format::PrometheusText);
        for method in Method::ALL {
            let series = format!(
                "shadowcat_request_returned_bytes_total{{server=\"files\",method=\"{method}\""
            );
            let line = page.lines().find(|line| line.starts_with(&series));
            assert!(line.is_some_and(|line| line.ends_with(" 1")), "{line:?}");
        }
    }

    #[test]
    fn the_last_complete_list_counts() {
        let metrics = Metrics::new();
        let cost = ContextCost::new(&metrics, &metrics.server("files"));
        let listed = || {
            let snapshot = metrics.snapshot();
            let context = snapshot.context("files");
            (context.tools(), context.tool_list())
        };
        let tool = |name: &str| json!({ "name": name });
        let page = |tools: &[Value], next: Option<&str>| match next {
            Some(next) => json!({ "tools": tools, "nextCursor": next }),
            None => json!({ "tools": tools }),
        };
        let first = Subject::Tools(None);
        record(
            &cost,
            &first,
            &page(&[tool("a"), tool("bc")], Some("2")),
            Answer::Ok,
        );
        assert_eq!(listed(), (0.0, 0));
        let second = Subject::Tools(Some("2".to_owned()));
        for _ in 0..2 {
            // Two clients may read the same page.
            record(&cost, &second, &page(&[tool("d")], None), Answer::Ok);
            assert_eq!(listed(), (3.0, 12 + 13 + 12));
        }
        let unknown = Subject::Tools(Some("9".to_owned()));
        record(&cost, &unknown, &page(&[tool("e")], None), Answer::Ok);
        record(&cost, &first, &json!({ "tools": 7 }), Answer::Ok);
        assert_eq!(listed(), (3.0, 37));
        record(&cost, &first, &page(&[], None), Answer::Ok);
        assert_eq!(listed(), (0.0, 0));
    }

    #[test]
    fn results_count_by_tool_and_only_existing_tools_have_a_name() {
        let metrics = Metrics::new();
        let cost = ContextCost::new(&metrics, &metrics.server("files"));
        let tool = |name: &str| Subject::Tool(name.to_owned());
        let ok = json!({ "content": [] });
        let failure = json!({ "isError": true });
        let mut bytes = record(&cost, &tool("read"), &ok, Answer::Ok);
        bytes += record(&cost, &tool("read"), &failure, Answer::ToolError);
        let unknown = record(&cost, &tool("invented"), &failure, Answer::ToolError);
        let prompt = record(&cost, &Subject::Prompt("greet".to_owned()), &ok, Answer::Ok);
        let error = Payload::Error(to_raw_value(&json!({})).expect("JSON"));
        let read = tool("read");
        let answer = (&error, Answer::Error);
        cost.record(Method::ToolsCall, &read, Duration::ZERO, Some(answer));
        let snapshot = metrics.snapshot();
        let requests = snapshot.request("files");
        let counted = |call: Call<'_>| {
            (
                Answer::ALL.map(|answer| requests.answers(call, answer)),
                requests.returned(call),
            )
        };
        let called = |name| counted(Call::ToolsCall(&metrics.tool(name)));
        assert_eq!(called("read"), ([1, 1, 1], bytes));
        assert_eq!(called(OTHER), ([0, 0, 1], unknown));
        assert_eq!(called("invented"), ([0, 0, 0], 0));
        let greet = metrics.prompt("greet");
        assert_eq!(counted(Call::PromptsGet(&greet)), ([1, 0, 0], prompt));
        for number in 0..2 * MAX_NAMES {
            record(&cost, &tool(&number.to_string()), &ok, Answer::Ok);
        }
        assert_eq!(cost.tools.known.lock().len(), MAX_NAMES);
    }
}
