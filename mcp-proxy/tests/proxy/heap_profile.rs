//! Profiles of the heap, decoded with message types of our own.

use std::io::Read;

use flate2::read::GzDecoder;
use prost::Message;

use crate::support::{Running, STDIO, exchange, exchange_as, program, quote, words};

/// A server that answers one request, and then reads no more.
const UNREADING: &str = r#"read ask; printf '{"jsonrpc":"2.0","id":1,"result":{}}\n'; sleep 600"#;

/// The parts of a `pprof` profile that are checked.
#[derive(Message)]
struct Profile {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
}

#[derive(Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    kind: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

#[derive(Message)]
struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    location: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
}

#[derive(Message)]
struct Function {
    #[prost(int64, tag = "2")]
    name: i64,
}

impl Profile {
    fn text(&self, index: i64) -> &str {
        let index = usize::try_from(index).expect("an index");
        &self.string_table[index]
    }
}

const GET: &str = "GET /debug/pprof/heap";

#[test]
fn a_profile_names_the_functions_that_hold_memory() {
    let mut proxy = Running::start(&format!(
        "{STDIO} --heap-profile 127.0.0.1:0 -- sh -c {}",
        quote(UNREADING)
    ));
    let address = proxy.announced("heap profile: http://", "/debug/pprof/heap");
    proxy.request("initialize", &serde_json::json!({}));
    // Messages that nobody reads stay in the proxy: 8 MiB, so that at one sample per 64 KiB, some are certain.
    for id in 2..4 {
        let text = "x".repeat(4 * 1024 * 1024);
        proxy.send_line(&format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"ping","params":{{"text":"{text}"}}}}"#
        ));
    }
    let answer = exchange(&address, GET, "", "");
    assert_eq!(answer.status, 200, "{}", answer.head);
    let mut profile = Vec::new();
    GzDecoder::new(&*answer.body)
        .read_to_end(&mut profile)
        .expect("gzip");
    let profile = Profile::decode(&*profile).expect("a profile");
    let types = profile.sample_type.iter();
    let types: Vec<_> = types
        .map(|each| (profile.text(each.kind), profile.text(each.unit)))
        .collect();
    assert_eq!(types, [("inuse_space", "bytes")]);
    assert!(profile.sample.iter().all(|sample| {
        !sample.location.is_empty() && sample.value.len() == 1 && sample.value[0] >= 0
    }));
    let total: i64 = profile.sample.iter().map(|sample| sample.value[0]).sum();
    assert!(total > 1024 * 1024, "{total}");
    let names = profile.function.iter();
    let mut names = names.map(|function| profile.text(function.name));
    assert!(names.any(|name| name.contains("mcp_proxy::")));
}

#[test]
fn web_pages_get_no_profile() {
    let proxy = Running::start(&format!("{STDIO} --heap-profile 127.0.0.1:0 -- cat"));
    let address = proxy.announced("heap profile: http://", "/debug/pprof/heap");
    for (host, fields) in [
        ("rebound.example", ""),
        ("localhost", "Origin: https://example.com"),
    ] {
        let answer = exchange_as(host, &address, GET, fields, "");
        assert_eq!(answer.status, 403, "{host} {fields}");
    }
}

#[test]
fn profiles_are_for_this_machine_only() {
    let mut command = program();
    command.args(words("stdio --heap-profile 0.0.0.0:0 -- cat"));
    let output = command.output().expect("it starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("loopback"), "{error}");
}
