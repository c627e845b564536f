//! A proxy in a child process, driven as by an MCP client, and a scraper on a bare socket.

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
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-proxy"));
    command.env_remove("RUST_LOG");
    command
}

/// The arguments with which the program serves clients and metrics at free ports.
pub(crate) const SERVE: [&str; 5] = [
    "serve",
    "--listen",
    "127.0.0.1:0",
    "--metrics",
    "127.0.0.1:0",
];

/// Returns the argument for a server `echo`: a shell that runs `script`.
pub(crate) fn shell_upstream(script: &str) -> String {
    let script = shlex::try_quote(script).expect("no NUL");
    format!("echo=stdio:sh -c {script}")
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
    /// Starts the program with these arguments.
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut command = program();
        command.args(args);
        Self::spawn(command)
    }

    /// Starts the program with this log level.
    pub(crate) fn start_logging(level: &str, args: &[&str]) -> Self {
        let mut command = program();
        command.args(args).env("RUST_LOG", level);
        Self::spawn(command)
    }

    /// Starts the program with these environment variables.
    #[cfg(feature = "otlp-traces")]
    pub(crate) fn start_in(environment: &[(&str, &str)], args: &[&str]) -> Self {
        let mut command = program();
        command.args(args).envs(environment.iter().copied());
        Self::spawn(command)
    }

    /// Starts the program after these commands of a shell.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_after(commands: &str, args: &[&str]) -> Self {
        let mut command = Command::new("sh");
        let script = format!("{commands}exec \"$0\" \"$@\"");
        command
            .args(["-c", &script, env!("CARGO_BIN_EXE_mcp-proxy")])
            .args(args)
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

    /// Starts the proxy with this program's own server behind it.
    pub(crate) fn proxy(options: &[&str]) -> Self {
        let server = env!("CARGO_BIN_EXE_mcp-proxy");
        Self::start(
            &[
                &["stdio", "--metrics", "127.0.0.1:0"],
                options,
                &["--name", "tested", "--", server, "server"],
            ]
            .concat(),
        )
    }

    /// Starts the proxy with a shell that runs `script` as the server.
    pub(crate) fn before_shell(name: &str, script: &str) -> Self {
        let options = ["stdio", "--metrics", "127.0.0.1:0", "--name", name];
        Self::start(&[&options[..], &["--", "sh", "-c", script]].concat())
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
        while !self
            .stderr
            .recv_timeout(TIMEOUT)
            .expect("a line on standard error")
            .contains(text)
        {}
    }

    /// Returns the part of a line on standard error between two texts.
    pub(crate) fn announced(&self, before: &str, behind: &str) -> String {
        loop {
            let line = self
                .stderr
                .recv_timeout(TIMEOUT)
                .expect("an announcement on standard error");
            if let Some(rest) = line.strip_prefix(before) {
                return rest.trim_end_matches(behind).to_owned();
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

    /// Takes its input, to be written by another thread.
    pub(crate) fn take_input(&mut self) -> ChildStdin {
        self.stdin.take().expect("standard input is open")
    }

    /// Returns the input that was taken.
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

fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
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

/// A page of metrics.
pub(crate) struct Page(String);

impl Page {
    /// Scrapes `address` with this `Accept` header.
    pub(crate) fn scrape(address: &str, accept: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(TIMEOUT)).expect("a time-out");
        let request = format!(
            "GET /metrics HTTP/1.1\r\nHost: {address}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("it answers in UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        Self(body.to_owned())
    }

    /// Returns the value of a series, given as on the page.
    pub(crate) fn value(&self, series: &str) -> Option<f64> {
        let line = self
            .0
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        Some(line.parse().expect("a number"))
    }

    /// Returns the whole page.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}
