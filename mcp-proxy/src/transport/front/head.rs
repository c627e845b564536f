//! What a request's head asks for, and whether it may.

use std::sync::Arc;

use hyper::header::{HOST, HeaderMap, ORIGIN};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Method, StatusCode, Uri};
use shadowcat_metrics::labels::Transport;

use super::Shared;
use super::client::Client;
use super::history::EventId;
use super::refusal::Refusal;
use crate::transport::http::headers::{
    EVENT_STREAM, JSON, LAST_EVENT_ID, MediaType, PROTOCOL_VERSION, SESSION_ID, accepts, media_type,
};

/// What a client is to do at an address.
const MCP_METHODS: &str = "POST, GET, DELETE, OPTIONS";
const SSE_METHODS: &str = "GET, OPTIONS";
const MESSAGES_METHODS: &str = "POST, OPTIONS";

/// What a request is for.
pub(super) enum Task {
    /// A message of streamable HTTP; the first of a session belongs to none yet.
    Post {
        route: Arc<str>,
        client: Option<Arc<Client>>,
        /// Whether the client takes event streams.
        events: bool,
    },
    /// The standing stream, or any stream again.
    Listen {
        client: Arc<Client>,
        last: Option<EventId>,
    },
    /// The end of a session.
    End(Arc<Client>),
    /// A session of the older transport.
    Open { route: Arc<str>, address: String },
    /// A message of the older transport.
    PostOlder(Arc<Client>),
    /// Which methods there are.
    Methods(&'static str),
}

/// What is at an address.
enum Endpoint {
    Mcp,
    Sse,
    Messages,
}

/// Finds out what a request is for.
pub(super) fn check(head: &Parts, shared: &Shared) -> Result<Task, Refusal> {
    check_origin(&head.headers, shared)?;
    let (route, endpoint) = find(head.uri.path(), shared)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this address"))?;
    match endpoint {
        Endpoint::Mcp => check_mcp(head, shared, route),
        Endpoint::Sse => match head.method {
            Method::GET => {
                require(
                    accepts(&head.headers, EVENT_STREAM),
                    StatusCode::NOT_ACCEPTABLE,
                    EVENT_STREAM,
                )?;
                let path = head.uri.path().trim_end_matches("sse");
                Ok(Task::Open {
                    route,
                    address: format!("{path}messages?sessionId="),
                })
            }
            Method::OPTIONS => Ok(Task::Methods(SSE_METHODS)),
            _ => Err(Refusal::method(SSE_METHODS)),
        },
        Endpoint::Messages => match head.method {
            Method::POST => {
                check_content_type(&head.headers)?;
                let id = session_of(&head.uri).ok_or_else(|| {
                    Refusal::new(StatusCode::BAD_REQUEST, "the address has no sessionId")
                })?;
                find_client(id, Transport::Sse, shared).map(Task::PostOlder)
            }
            Method::OPTIONS => Ok(Task::Methods(MESSAGES_METHODS)),
            _ => Err(Refusal::method(MESSAGES_METHODS)),
        },
    }
}

fn check_mcp(head: &Parts, shared: &Shared, route: Arc<str>) -> Result<Task, Refusal> {
    let headers = &head.headers;
    match head.method {
        Method::OPTIONS => return Ok(Task::Methods(MCP_METHODS)),
        Method::POST | Method::GET | Method::DELETE => {}
        _ => return Err(Refusal::method(MCP_METHODS)),
    }
    check_protocol_version(headers)?;
    let events = accepts(headers, EVENT_STREAM);
    match head.method {
        Method::POST => {
            require(
                events || accepts(headers, JSON),
                StatusCode::NOT_ACCEPTABLE,
                "application/json and text/event-stream",
            )?;
            check_content_type(headers)?;
        }
        Method::GET => require(events, StatusCode::NOT_ACCEPTABLE, EVENT_STREAM)?,
        _ => {}
    }
    let client = match headers.get(&SESSION_ID) {
        Some(id) => {
            let id = id.to_str().map_err(|_| Refusal::no_session())?;
            Some(find_client(id, Transport::Http, shared)?)
        }
        None => None,
    };
    match (&head.method, client) {
        (&Method::POST, client) => Ok(Task::Post {
            route,
            client,
            events,
        }),
        (_, None) => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "the header Mcp-Session-Id is missing",
        )),
        (&Method::DELETE, Some(client)) => Ok(Task::End(client)),
        (_, Some(client)) => {
            let last = headers.get(&LAST_EVENT_ID).map(|last| {
                let last = last.to_str().ok().and_then(|last| last.parse().ok());
                last.ok_or_else(|| {
                    Refusal::new(StatusCode::BAD_REQUEST, "Last-Event-ID is none of ours")
                })
            });
            Ok(Task::Listen {
                client,
                last: last.transpose()?,
            })
        }
    }
}

/// The server and the endpoint that a path names.
fn find(path: &str, shared: &Shared) -> Option<(Arc<str>, Endpoint)> {
    let path = path.strip_prefix('/')?;
    let (route, endpoint) = match path.split_once('/') {
        Some((name, endpoint)) => {
            let route = shared.routes.iter().find(|route| route.as_ref() == name)?;
            (route, endpoint)
        }
        None => (shared.routes.first()?, path),
    };
    let endpoint = match endpoint {
        "mcp" => Endpoint::Mcp,
        "sse" => Endpoint::Sse,
        "messages" => Endpoint::Messages,
        _ => return None,
    };
    Some((Arc::clone(route), endpoint))
}

fn find_client(id: &str, transport: Transport, shared: &Shared) -> Result<Arc<Client>, Refusal> {
    let client = shared.registry.find(id).ok_or_else(Refusal::no_session)?;
    if client.transport() != transport {
        return Err(Refusal::no_session());
    }
    client.touch();
    Ok(client)
}

/// The session that the older transport's message address names.
fn session_of(uri: &Uri) -> Option<&str> {
    let parameters = uri.query()?.split('&');
    let mut ids = parameters.filter_map(|parameter| parameter.strip_prefix("sessionId="));
    ids.next()
}

/// A browser shows any page that is allowed to ask for one; so a page from elsewhere must not speak for the user, neither
/// by its own name nor by a name that it has made point here.
fn check_origin(headers: &HeaderMap, shared: &Shared) -> Result<(), Refusal> {
    let forbidden = |what: &str| {
        let reason = format!("requests with this {what} are not answered");
        Err(Refusal::new(StatusCode::FORBIDDEN, reason))
    };
    let allowed = &shared.settings.allowed_origins;
    if let Some(origin) = headers.get(ORIGIN) {
        let is_allowed = origin.to_str().is_ok_and(|origin| {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some_and(is_this_machine)
                || allowed.iter().any(|allowed| allowed == origin)
        });
        if !is_allowed {
            return forbidden("Origin");
        }
    }
    if shared.local_only
        && let Some(host) = headers.get(HOST)
        && !host.to_str().is_ok_and(is_this_machine)
    {
        return forbidden("Host");
    }
    Ok(())
}

/// Whether a host, with a port or without, is a name of this machine's that no name server can take over.
fn is_this_machine(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let host = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']');
    let is_loopback = |address: std::net::IpAddr| address.is_loopback();
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_loopback)
}

/// Versions are dates. Which there are is for the server to say, not for a proxy.
fn check_protocol_version(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(version) = headers.get(&PROTOCOL_VERSION) else {
        return Ok(());
    };
    let version = version.as_bytes();
    let is_date = version.len() == 10
        && version.iter().enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if is_date {
        return Ok(());
    }
    let reason = "the header MCP-Protocol-Version is no version of the protocol";
    Err(Refusal::new(StatusCode::BAD_REQUEST, reason))
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let is_json = media_type(headers) == MediaType::Json;
    require(is_json, StatusCode::UNSUPPORTED_MEDIA_TYPE, JSON)
}

fn require(met: bool, status: StatusCode, types: &str) -> Result<(), Refusal> {
    if met {
        return Ok(());
    }
    let verb = if status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        "the body must be"
    } else {
        "the client must accept"
    };
    Err(Refusal::new(status, format!("{verb} {types}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_names_that_nobody_else_can_have() {
        for host in [
            "localhost",
            "LOCALHOST:80",
            "127.0.0.1:1",
            "127.1.2.3",
            "[::1]:8080",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "example.org",
            "localhost.example.org",
            "127.0.0.1.nip.io",
            "10.0.0.1",
            "",
            "null",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
