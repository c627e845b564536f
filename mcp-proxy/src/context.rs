//! The context cost of a server: its tools as it lists them, and the results of each tool and prompt. Clients put these into
//! the context of a model.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde_json::value::RawValue;
use shadowcat_metrics::shadowcat::labels::{Method, Server};
use shadowcat_metrics::shadowcat::{ContextRecorder, Metrics, PromptGetRecorder, ToolCallRecorder};

use crate::jsonrpc::{Request, object};

/// Maximum number of tools, and of prompts, whose recorders are kept. Others share the label's overflow value.
const MAX_NAMES: usize = 256;

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

/// Records the context cost of one server.
#[derive(Debug)]
pub struct ContextCost {
    metrics: Metrics,
    server: Server,
    recorder: ContextRecorder,
    tools: Mutex<HashMap<String, ToolCallRecorder>>,
    prompts: Mutex<HashMap<String, PromptGetRecorder>>,
    /// The totals before each page that a client may request next, by cursor, the oldest first.
    pages: Mutex<VecDeque<(String, Listed)>>,
}

impl ContextCost {
    /// Creates the recorder of a server.
    #[must_use]
    pub fn new(metrics: &Metrics, server: &Server) -> Self {
        Self {
            metrics: metrics.clone(),
            server: server.clone(),
            recorder: metrics.context(server),
            tools: Mutex::default(),
            prompts: Mutex::default(),
            pages: Mutex::default(),
        }
    }

    /// Records a result. `failed` tells whether it reports a failure of the tool.
    pub fn record(&self, subject: &Subject, result: &RawValue, failed: bool) {
        let bytes = result.get().len();
        match subject {
            Subject::Tool(name) => {
                let tool = self.tool(name, !failed);
                tool.results().inc();
                tool.returned().add(bytes);
                if failed {
                    tool.failures().inc();
                }
            }
            Subject::Prompt(name) => {
                let prompt = self.prompt(name);
                prompt.results().inc();
                prompt.returned().add(bytes);
            }
            Subject::Tools(cursor) => self.record_page(cursor.as_deref(), result),
            Subject::Other => {}
        }
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
        let mut pages = lock(&self.pages);
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
        pages.retain(|(cursor, _)| *cursor != next);
        pages.push_back((next, listed));
        if pages.len() > MAX_PAGES {
            pages.pop_front();
        }
    }

    /// Returns the recorder of a tool. If `exists` is false, only failed calls have used the name, so the tool may not exist.
    fn tool(&self, name: &str, exists: bool) -> ToolCallRecorder {
        let mut tools = lock(&self.tools);
        if let Some(tool) = tools.get(name) {
            return tool.clone();
        }
        let is_new = exists && tools.len() < MAX_NAMES;
        let label = self.metrics.tool(if is_new { name } else { OTHER });
        let tool = self.metrics.tool_call(&self.server, &label);
        if is_new {
            tools.insert(name.to_owned(), tool.clone());
        }
        tool
    }

    /// Returns the recorder of a prompt that has given a result.
    fn prompt(&self, name: &str) -> PromptGetRecorder {
        let mut prompts = lock(&self.prompts);
        if let Some(prompt) = prompts.get(name) {
            return prompt.clone();
        }
        let is_new = prompts.len() < MAX_NAMES;
        let label = self.metrics.prompt(if is_new { name } else { OTHER });
        let prompt = self.metrics.prompt_get(&self.server, &label);
        if is_new {
            prompts.insert(name.to_owned(), prompt.clone());
        }
        prompt
    }
}

fn find(pages: &VecDeque<(String, Listed)>, cursor: &str) -> Option<Listed> {
    let mut pages = pages.iter();
    let page = pages.find(|(of, _)| of == cursor);
    page.map(|(_, listed)| *listed)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, value::to_raw_value};

    use super::*;

    fn record(cost: &ContextCost, subject: &Subject, result: &Value, failed: bool) -> u64 {
        let result = to_raw_value(result).expect("JSON");
        cost.record(subject, &result, failed);
        result.get().len() as u64
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
            false,
        );
        assert_eq!(listed(), (0.0, 0));
        let second = Subject::Tools(Some("2".to_owned()));
        for _ in 0..2 {
            // Two clients may read the same page.
            record(&cost, &second, &page(&[tool("d")], None), false);
            assert_eq!(listed(), (3.0, 12 + 13 + 12));
        }
        let unknown = Subject::Tools(Some("9".to_owned()));
        record(&cost, &unknown, &page(&[tool("e")], None), false);
        record(&cost, &first, &json!({ "tools": 7 }), false);
        assert_eq!(listed(), (3.0, 37));
        record(&cost, &first, &page(&[], None), false);
        assert_eq!(listed(), (0.0, 0));
        let snapshot = metrics.snapshot();
        assert_eq!(snapshot.tool_call("files", "a").results(), 0);
    }

    #[test]
    fn results_count_by_tool_and_only_existing_tools_have_a_name() {
        let metrics = Metrics::new();
        let cost = ContextCost::new(&metrics, &metrics.server("files"));
        let tool = |name: &str| Subject::Tool(name.to_owned());
        let ok = json!({ "content": [] });
        let failure = json!({ "isError": true });
        let mut bytes = record(&cost, &tool("read"), &ok, false);
        bytes += record(&cost, &tool("read"), &failure, true);
        let unknown = record(&cost, &tool("invented"), &failure, true);
        let prompt = record(&cost, &Subject::Prompt("greet".to_owned()), &ok, false);
        let snapshot = metrics.snapshot();
        let read = snapshot.tool_call("files", "read");
        assert_eq!((read.results(), read.failures()), (2, 1));
        assert_eq!(read.returned(), bytes);
        let other = snapshot.tool_call("files", OTHER);
        assert_eq!((other.results(), other.failures()), (1, 1));
        assert_eq!(other.returned(), unknown);
        assert_eq!(snapshot.tool_call("files", "invented").results(), 0);
        let greet = snapshot.prompt_get("files", "greet");
        assert_eq!((greet.results(), greet.returned()), (1, prompt));
        for number in 0..2 * MAX_NAMES {
            record(&cost, &tool(&number.to_string()), &ok, false);
        }
        assert_eq!(lock(&cost.tools).len(), MAX_NAMES);
    }
}
