//! Processes that a server starts in sessions of their own, so that they are not in the process group of the server.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::processes::{Process, still_alive_after, with_argument};
use crate::serve::Front;
use crate::support::{PROGRAM, Running, STDIO, quote, send_signal};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Sleeps for a time that no other process sleeps for.
struct Sleepers {
    /// The argument of `sleep`, in seconds.
    time: String,
}

impl Sleepers {
    fn new(test: &str) -> Self {
        Self {
            time: format!("6{test}{}", std::process::id()),
        }
    }

    /// Returns shell commands that start a daemon, which starts a process of its own. Its parent exits at once.
    fn daemon(&self) -> String {
        let time = &self.time;
        format!("(setsid sh -c \"sleep {time} & exec sleep {time}\" >/dev/null 2>&1 &); ")
    }

    /// Returns shell commands that start a process without the environment of its parent.
    fn without_environment(&self) -> String {
        let time = &self.time;
        format!("env -i \"PATH=$PATH\" setsid sleep {time} >/dev/null 2>&1 & ")
    }

    /// Waits for this number of sleeping processes.
    fn wait_for(&self, count: usize) -> Vec<Process> {
        let begun = Instant::now();
        loop {
            let found = with_argument(&self.time);
            // `env` and `setsid` have the argument, too, until they become `sleep`.
            if found.len() == count && found.iter().all(|process| is_asleep(*process)) {
                return found;
            }
            assert!(begun.elapsed() < TIMEOUT, "{found:?}");
            sleep(Duration::from_millis(10));
        }
    }
}

fn is_asleep(process: Process) -> bool {
    let name = std::fs::read_to_string(format!("/proc/{}/comm", process.id()));
    name.is_ok_and(|name| name.trim() == "sleep")
}

/// Answers a line, and then exits only on SIGTERM.
const ANSWER: &str = r#"trap "exit 0" TERM; read one; echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"; while :; do sleep 0.05; done"#;

/// Starts the proxy with a shell that runs `script` as the server.
fn before(script: &str, options: &str) -> Running {
    Running::start(&format!("{STDIO} {options} -- sh -c {}", quote(script)))
}

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

#[test]
fn processes_that_a_server_leaves_behind_end_with_its_session() {
    let sleepers = Sleepers::new("01");
    let script = sleepers.daemon() + &sleepers.without_environment() + ANSWER;
    let mut proxy = before(&script, "--end-grace 100ms");
    proxy.send_line(PING);
    proxy.line();
    sleepers.wait_for(3);
    assert!(proxy.finish().success());
    assert_eq!(with_argument(&sleepers.time), []);
}

#[test]
fn processes_that_a_crashed_server_leaves_behind_are_killed() {
    let sleepers = Sleepers::new("02");
    let crash =
        r#"read one; echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"; read two; exit 7"#;
    let script = sleepers.daemon() + crash;
    let mut proxy = before(&script, "");
    proxy.send_line(PING);
    proxy.line();
    let first = sleepers.wait_for(2);
    proxy.send_line(PING);
    assert_eq!(still_alive_after(first, TIMEOUT), [], "of the first server");
    sleepers.wait_for(2);
    drop(proxy.take_input());
    proxy.wait();
    assert_eq!(with_argument(&sleepers.time), []);
}

#[test]
fn the_end_of_a_session_kills_no_process_of_another_one() {
    let sleepers = Sleepers::new("03");
    let script = format!("{}exec {PROGRAM} server", sleepers.daemon());
    let front = Front::before("", &format!("sh -c {}", quote(&script)));
    let [one, other] = ["/first/mcp", "/second/mcp"].map(|path| {
        let before = with_argument(&sleepers.time);
        let session = front.initialize(path);
        let mut now = sleepers.wait_for(before.len() + 2);
        now.retain(|process| !before.contains(process));
        (path, session, now)
    });
    let end = |(path, session, processes): (&str, String, Vec<Process>)| {
        assert_eq!(front.end(path, &session), 200);
        assert_eq!(still_alive_after(processes, TIMEOUT), [], "{path}");
    };
    end(one);
    assert_eq!(sleepers.wait_for(2), other.2);
    end(other);
}

#[test]
fn a_second_signal_leaves_no_process_behind() {
    let sleepers = Sleepers::new("04");
    // Nothing shows which server the last process belongs to, except that no other program has started it.
    let hidden = format!("({}); ", sleepers.without_environment());
    let script = sleepers.daemon() + &sleepers.without_environment() + &hidden + ANSWER;
    let mut proxy = before(&script, "--end-grace 10m");
    proxy.send_line(PING);
    proxy.line();
    sleepers.wait_for(4);
    proxy.signal("TERM");
    proxy.signal("INT");
    assert_eq!(proxy.wait().code(), Some(130));
    assert_eq!(with_argument(&sleepers.time), []);
}

#[test]
fn jobs_of_the_script_that_becomes_the_proxy_live_on() {
    let sleepers = Sleepers::new("05");
    let job = format!("sleep {} >/dev/null 2>&1 & ", sleepers.time);
    let proxy = Running::start_after(&job, &format!("{STDIO} -- cat"));
    let job = sleepers.wait_for(1);
    assert!(proxy.finish().success());
    assert_eq!(with_argument(&sleepers.time), job);
    send_signal("TERM", job[0].id());
}
