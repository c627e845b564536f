//! Runs the program as a child process, and acts as its MCP client and as a scraper.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Time limit for every wait. Reaching it means that something hangs.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The program under test.
pub(crate) fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_remove("RUST_LOG");
    command
}

/// Its path.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_mcp-proxy");

/// The `Accept` header of a scraper for the text format.
pub(crate) const TEXT: &str = "text/plain;version=0.0.4";

/// The mode that serves clients and metrics at free ports.
pub(crate) const SERVE: &str = "serve --listen 127.0.0.1:0 --metrics 127.0.0.1:0";

/// The mode that proxies one server, without serving metrics.
pub(crate) const STDIO: &str = "stdio --metrics off";

/// Quotes a word for a shell.
pub(crate) fn quote(word: &str) -> Cow<'_, str> {
    shlex::try_quote(word).expect("no NUL")
}

/// Splits a command line as a shell does.
pub(crate) fn words(line: &str) -> Vec<String> {
    shlex::split(line).expect("closed quotes")
}

/// A running program, killed at the end of the test if it has not exited.
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    next_id: u64,
}

impl Running {
    /// Starts the program with the arguments in this command line.
    pub(crate) fn start(line: &str) -> Self {
        Self::start_in(&[], line)
    }

    /// Starts the program with these environment variables.
    pub(crate) fn start_in(environment: &[(&str, &str)], line: &str) -> Self {
        let mut command = program();
        command.args(words(line)).envs(environment.iter().copied());
        Self::spawn(command)
    }

    /// Runs these commands in a shell, which the program then replaces.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_after(commands: &str, line: &str) -> Self {
        let mut command = Command::new("sh");
        let script = format!("{commands}exec \"$0\" \"$@\"");
        command
            .args(["-c", &script, PROGRAM])
            .args(words(line))
            .env_remove("RUST_LOG");
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdin = child.stdin.take();
        let stdout = lines(child.stdout.take().expect("it is piped"));
        let stderr = lines(child.stderr.take().expect("it is piped"));
        Self {
            child,
            stdin,
            stdout,
            stderr,
            next_id: 1,
        }
    }

    /// Starts the proxy with the demo's server behind it.
    pub(crate) fn proxy(options: &str) -> Self {
        Self::start(&format!(
            "stdio --metrics 127.0.0.1:0 {options} --name tested -- {PROGRAM} server"
        ))
    }

    /// Starts the proxy with a shell that runs `script` as the server.
    pub(crate) fn before_shell(name: &str, script: &str) -> Self {
        let script = quote(script);
        Self::start(&format!(
            "stdio --metrics 127.0.0.1:0 --name {name} -- sh -c {script}"
        ))
    }

    /// Returns the process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the next line of standard output.
    pub(crate) fn line(&self) -> String {
        self.stdout
            .recv_timeout(TIMEOUT)
            .expect("a line on standard output")
    }

    /// Returns the address of the metrics, `127.0.0.1:PORT`, as announced on standard error.
    pub(crate) fn metrics_address(&self) -> String {
        self.announced("metrics: http://", "/metrics")
    }

    /// Returns the address for clients, as announced on standard error.
    pub(crate) fn serving_address(&self) -> String {
        self.announced("serving: http://", "/mcp and /sse")
    }

    /// Waits for a line on standard error that contains this text.
    pub(crate) fn logged(&self, text: &str) {
        while !self.log_line().contains(text) {}
    }

    fn log_line(&self) -> String {
        let line = self.stderr.recv_timeout(TIMEOUT);
        line.expect("a line on standard error")
    }

    /// Waits for a line on standard error that begins with `before`, and returns the part between `before` and `after`.
    pub(crate) fn announced(&self, before: &str, after: &str) -> String {
        loop {
            if let Some(rest) = self.log_line().strip_prefix(before) {
                return rest.trim_end_matches(after).to_owned();
            }
        }
    }

    /// Writes a line to standard input.
    pub(crate) fn send_line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("standard input is open");
        writeln!(stdin, "{line}").expect("it is read");
    }

    /// Sends a request and waits for its answer, skipping other messages.
    pub(crate) fn request(&mut self, method: &str, params: &Value) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        self.send_line(
            &json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string(),
        );
        loop {
            let message: Value = serde_json::from_str(&self.line()).expect("every line is JSON");
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    /// Opens the session.
    pub(crate) fn initialize(&mut self) -> Value {
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "0" },
        });
        let answer = self.request("initialize", &params);
        self.send_line(
            &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string(),
        );
        answer
    }

    /// Calls a tool.
    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        self.request(
            "tools/call",
            &json!({ "name": tool, "arguments": arguments }),
        )
    }

    /// Takes the program's input out, for another thread to write.
    pub(crate) fn take_input(&mut self) -> ChildStdin {
        self.stdin.take().expect("standard input is open")
    }

    /// Puts the input back.
    pub(crate) fn give_input(&mut self, stdin: ChildStdin) {
        self.stdin = Some(stdin);
    }

    /// Closes its input.
    pub(crate) fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// Closes its input and waits for it to exit.
    pub(crate) fn finish(mut self) -> ExitStatus {
        self.hang_up();
        self.wait()
    }

    /// Sends it a signal, such as `INT`.
    pub(crate) fn signal(&self, signal: &str) {
        send_signal(signal, self.id());
    }

    /// Kills it with SIGKILL and waits for it.
    #[cfg(target_os = "linux")]
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it is our child");
        self.wait();
    }

    /// Waits for it to exit.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + TIMEOUT;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the program does not end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails if it has already exited.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Sends a signal, such as `INT`, to a process.
pub(crate) fn send_signal(signal: &str, id: u32) {
    let mut kill = Command::new("kill");
    let sent = kill.args(["-s", signal, &id.to_string()]).status();
    assert!(sent.expect("kill is there").success());
}

/// Returns the text of a request with these header fields, one per line.
pub(crate) fn request_text(line: &str, host: &str, fields: &str, body: &str) -> String {
    let mut text = format!("{line} HTTP/1.1\r\nHost: {host}\r\n");
    for field in fields
        .lines()
        .map(str::trim)
        .filter(|field| !field.is_empty())
    {
        text.extend([field, "\r\n"]);
    }
    if !body.is_empty() {
        let length = body.len().to_string();
        text.extend(["Content-Length: ", &length, "\r\n"]);
    }
    text.extend(["\r\n", body]);
    text
}

/// Returns the header fields for posting a message, with these media types of answers.
pub(crate) fn posting(accept: &str) -> String {
    format!("Accept: {accept}\nContent-Type: application/json")
}

/// Sends a request with these header fields, one per line, over a new connection.
pub(crate) fn send(address: &str, line: &str, fields: &str, body: &str) -> TcpStream {
    send_text(address, &request_text(line, address, fields, body))
}

fn send_text(address: &str, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(TIMEOUT)).expect("a time-out");
    stream.write_all(request.as_bytes()).expect("it reads");
    stream
}

/// A response over HTTP.
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The status line and the header fields, in lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    /// Returns the value of a header field, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find_map(|(found, value)| (found == name).then_some(value))
    }
}

/// Sends a request with these header fields, one per line, as the only one of a connection.
pub(crate) fn exchange(address: &str, line: &str, fields: &str, body: &str) -> Response {
    exchange_as(address, address, line, fields, body)
}

/// Like [`exchange`], with this `Host` header.
pub(crate) fn exchange_as(
    host: &str,
    address: &str,
    line: &str,
    fields: &str,
    body: &str,
) -> Response {
    let fields = format!("{fields}\nConnection: close");
    let mut stream = send_text(address, &request_text(line, host, &fields, body));
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an end");
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n");
    let body = answer.split_off(end.expect("a head") + 4);
    let head = String::from_utf8(answer).expect("text").to_lowercase();
    let status = head.split(' ').nth(1).expect("a status");
    Response {
        status: status.parse().expect("a number"),
        head,
        body,
    }
}

/// A page of metrics.
pub(crate) struct Page(String);

impl Page {
    /// Scrapes `address` with this `Accept` header.
    pub(crate) fn scrape(address: &str, accept: &str) -> Self {
        let page = exchange(address, "GET /metrics", &format!("Accept: {accept}"), "");
        assert_eq!(page.status, 200, "{}", page.head);
        Self(page.text().to_owned())
    }

    /// Scrapes `address` until the page has what is expected.
    pub(crate) fn scrape_until(address: &str, expected: impl Fn(&Self) -> bool) -> Self {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let page = Self::scrape(address, TEXT);
            if expected(&page) {
                return page;
            }
            assert!(Instant::now() < deadline, "{}", page.text());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Returns the value of a series, given as on the page.
    pub(crate) fn value(&self, series: &str) -> Option<f64> {
        let line = self
            .0
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        Some(line.parse().expect("a number"))
    }

    /// Returns the number of requests to a server that have ended.
    pub(crate) fn completed(&self, server: &str, method: &str, outcome: &str) -> Option<f64> {
        let labels = format!(r#"server="{server}",method="{method}",outcome="{outcome}""#);
        self.value(&format!("shadowcat_request_completed_total{{{labels}}}"))
    }

    /// Returns the whole page.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}
