//! What a request's head asks for, and whether it may.

use std::sync::Arc;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, ORIGIN};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode, Uri};
use shadowcat_metrics::labels::{Operation, Status, Transport};
use tokio::sync::{mpsc, oneshot};

use crate::front::Shared;
use crate::front::client::Client;
use crate::front::registry::Registry;
use crate::front::request::{Refusal, Reply, read_message, whole};
use crate::front::streams::{Asker, EventId, Events};
use crate::jsonrpc;
use crate::jsonrpc::{Message, code};
use crate::transport::QUEUE;
use crate::transport::http::{
    EVENT_STREAM, JSON, LAST_EVENT_ID, MediaType, Metered, PROTOCOL_VERSION, SESSION_ID, accepts,
    media_type,
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

/// Answers a request, whatever it is.
pub(super) async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Response<Reply> {
    let checking = shared.http.header_duration().start_timer();
    let (head, body) = request.into_parts();
    let task = check(&head, shared);
    checking.stop();
    let response = match task {
        Ok(task) => perform(shared, task, body).await,
        Err(refusal) => Err(refusal),
    };
    let response = response.unwrap_or_else(Refusal::into_response);
    response.map(|body| Metered::sent(body, shared.http.clone()).boxed_unsync())
}

async fn perform(
    shared: &Arc<Shared>,
    task: Task,
    body: Incoming,
) -> Result<Response<Reply>, Refusal> {
    match task {
        Task::Post {
            route,
            client,
            events,
        } => post(shared, &route, client, events, body).await,
        Task::Listen { client, last } => listen(shared, &client, last),
        Task::End(client) => {
            client.end();
            Ok(empty(StatusCode::OK))
        }
        Task::Open { route, address } => open_older(shared, &route, &address),
        Task::PostOlder(client) => {
            let message = read(shared, &client, body).await?;
            client.hand_in(message).await?;
            Ok(empty(StatusCode::ACCEPTED))
        }
        Task::Methods(methods) => {
            let mut response = empty(StatusCode::NO_CONTENT);
            let headers = response.headers_mut();
            headers.insert(ALLOW, HeaderValue::from_static(methods));
            Ok(response)
        }
    }
}

async fn read(shared: &Shared, client: &Client, body: Incoming) -> Result<Message, Refusal> {
    let limit = shared.settings.body_timeout;
    read_message(body, client.edge(), &shared.http, limit).await
}

/// A message of streamable HTTP.
async fn post(
    shared: &Arc<Shared>,
    route: &Arc<str>,
    client: Option<Arc<Client>>,
    events: bool,
    body: Incoming,
) -> Result<Response<Reply>, Refusal> {
    let edge = &shared.streamable;
    let message = read_message(body, edge, &shared.http, shared.settings.body_timeout).await?;
    let opens = matches!(&message, Message::Request(request) if request.method == "initialize");
    let client = match client {
        None if opens => Registry::open(shared, Transport::Http, route)?,
        None => {
            let refusal = Refusal::new(
                StatusCode::BAD_REQUEST,
                "the header Mcp-Session-Id is missing",
            );
            return Err(refusal.about(id_of(&message)));
        }
        Some(_) if opens => {
            let refusal = Refusal::new(
                StatusCode::BAD_REQUEST,
                "the session is initialized already",
            );
            return Err(refusal.about(id_of(&message)));
        }
        Some(client) => client,
    };
    match message {
        Message::Request(request) => ask(shared, &client, request, events).await,
        Message::Notification(notification) => {
            let cancelled = notification.cancelled_request();
            client.hand_in(Message::Notification(notification)).await?;
            if let Some(id) = cancelled {
                client.withdraw(&id);
            }
            Ok(empty(StatusCode::ACCEPTED))
        }
        Message::Response(response) => {
            client.hand_in(Message::Response(response)).await?;
            Ok(empty(StatusCode::ACCEPTED))
        }
    }
}

/// A request is answered with a stream if the client takes streams: then the server can say something before it answers.
async fn ask(
    shared: &Shared,
    client: &Arc<Client>,
    request: jsonrpc::Request,
    events: bool,
) -> Result<Response<Reply>, Refusal> {
    let id = request.id.clone();
    if events {
        let (live, receiver) = mpsc::channel(QUEUE);
        let waiter = client.begin(&request, Asker::Events(live))?;
        let handed_in = client.hand_in(Message::Request(request)).await;
        handed_in.map_err(|refusal| refusal.about(Some(id)))?;
        waiter.leave();
        let stream = Events::new(client, Vec::new(), receiver, shared.settings.keep_alive);
        return Ok(event_stream(client, stream));
    }
    let (asker, answer) = oneshot::channel();
    let _waiter = client.begin(&request, Asker::Json(asker))?;
    let handed_in = client.hand_in(Message::Request(request)).await;
    handed_in.map_err(|refusal| refusal.about(Some(id.clone())))?;
    let json = answer.await.unwrap_or_else(|_| {
        let error =
            jsonrpc::Response::error(Some(id), code::INVALID_REQUEST, "the request was withdrawn");
        let mut json = Vec::new();
        Message::Response(error).write_to(&mut json);
        json.into()
    });
    client.edge().count(Operation::Send, Status::Ok);
    let mut response = Response::new(whole(json));
    name(&mut response, client);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Opens the standing stream, or takes up one that has broken off.
fn listen(
    shared: &Shared,
    client: &Arc<Client>,
    last: Option<EventId>,
) -> Result<Response<Reply>, Refusal> {
    let (live, receiver) = mpsc::channel(QUEUE);
    let missed = {
        let mut streams = client.open_streams()?;
        match last {
            // Who has lost a stream may know it before we do, so the new one replaces it.
            Some(last) => streams.resume(last, live).ok_or_else(|| {
                Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "nothing is known of that stream any more",
                )
            })?,
            None if streams.stands() => {
                let reason = "the session has such a stream already";
                return Err(Refusal::new(StatusCode::CONFLICT, reason));
            }
            None => streams.stand(live),
        }
    };
    let stream = Events::new(client, missed, receiver, shared.settings.keep_alive);
    Ok(event_stream(client, stream))
}

/// Opens a session of the older transport, which lasts as long as this response.
fn open_older(
    shared: &Arc<Shared>,
    route: &Arc<str>,
    address: &str,
) -> Result<Response<Reply>, Refusal> {
    let client = Registry::open(shared, Transport::Sse, route)?;
    let (live, receiver) = mpsc::channel(QUEUE);
    let missed = client.open_streams()?.stand(live);
    let stream = Events::new(&client, missed, receiver, shared.settings.keep_alive)
        .older(&format!("{address}{}", client.id()));
    let mut response = event_stream(&client, stream);
    response.headers_mut().remove(&SESSION_ID);
    Ok(response)
}

fn event_stream(client: &Client, stream: Events) -> Response<Reply> {
    let mut response = Response::new(stream.boxed_unsync());
    name(&mut response, client);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-transform"),
    );
    response
}

/// Tells the client the name of its session.
fn name(response: &mut Response<Reply>, client: &Client) {
    let id = HeaderValue::from_str(client.id()).expect("an id is hexadecimal");
    response.headers_mut().insert(SESSION_ID, id);
}

fn empty(status: StatusCode) -> Response<Reply> {
    let mut response = Response::new(whole(Vec::new()));
    *response.status_mut() = status;
    response
}

fn id_of(message: &Message) -> Option<jsonrpc::Id> {
    match message {
        Message::Request(request) => Some(request.id.clone()),
        Message::Notification(_) | Message::Response(_) => None,
    }
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
