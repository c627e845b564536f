//! The front's routes: the request's head, permission checks and the response of each.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE,
    HOST, HeaderValue, ORIGIN, VARY,
};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};
use bytes::Bytes;
use hyper::body::Body as _;
use serde::Deserialize;
use shadowcat_metrics::shadowcat::labels::{Operation, Status, Transport};
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use crate::front::client::{Client, Kind};
use crate::front::half_close::{Exchanges, HalfClosed};
use crate::front::keep_alive::{KeepAlive, LateJson};
use crate::front::registry::{Borrowed, Registry};
use crate::front::request::{PostHead, Posted, Refusal, refuse};
use crate::front::streams::{Asker, Event, EventId, Events, STANDING};
use crate::front::{Route, Shared};
use crate::jsonrpc::{self, Message, code};
use crate::transport::http::{
    EVENT_STREAM, JSON, LAST_EVENT_ID, MediaType, PROTOCOL_VERSION, SESSION_ID, accepts, drain,
    media_type, text,
};
use crate::transport::stateless::{self, Stateless};
use crate::transport::{Edge, QUEUE};

/// Methods that the MCP path supports.
const MCP_METHODS: &str = "POST, GET, DELETE, OPTIONS";
const SSE_METHODS: &str = "GET, OPTIONS";
const MESSAGES_METHODS: &str = "POST, OPTIONS";

/// Keeps reverse proxies from buffering streams.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Request headers that pages of other origins may send, in addition to those that browsers always allow.
const CORS_REQUEST_HEADERS: &str = "Accept, Authorization, Content-Type, Last-Event-ID, MCP-Protocol-Version, \
                                    Mcp-Method, Mcp-Name, Mcp-Session-Id, Traceparent, Tracestate";

/// Response headers that pages of other origins may read.
const CORS_RESPONSE_HEADERS: &str = "Mcp-Session-Id, WWW-Authenticate";

/// How long a browser may cache the permission, in seconds.
const CORS_MAX_AGE: &str = "7200";

/// Returns the router with all paths.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    let mcp = others(MCP_METHODS, &shared)
        .post(post)
        .get(listen)
        .delete(end);
    let sse = others(SSE_METHODS, &shared).get(open_older);
    let messages = others(MESSAGES_METHODS, &shared).post(post_older);
    Router::new()
        .route("/mcp", mcp.clone())
        .route("/{server}/mcp", mcp)
        .route("/sse", sse.clone())
        .route("/{server}/sse", sse)
        .route("/messages", messages.clone())
        .route("/{server}/messages", messages)
        .fallback(not_found)
        .layer(from_fn_with_state(Arc::clone(&shared), admit))
        .with_state(shared)
}

/// Measures the check of the head, and lets pages of allowed origins read the response.
async fn admit(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    if request.method() != Method::POST && !request.body().is_end_stream() {
        // Only the body of a POST is a message, but the bytes of other bodies are counted too.
        let body = std::mem::take(request.body_mut());
        let settings = &shared.settings;
        drain(body, settings.max_message, settings.body_timeout).await;
    }
    // The head and its timer are dropped together, once the handler is chosen.
    let checking = shared.http.header_duration().start_timer_owned();
    request.extensions_mut().insert(Arc::new(checking));
    let origin = request.headers().get(ORIGIN).cloned();
    let origin = origin.filter(|origin| is_allowed_origin(origin, &shared));
    let mut response = next.run(request).await;
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.append(VARY, HeaderValue::from_static("Origin"));
        let exposed = HeaderValue::from_static(CORS_RESPONSE_HEADERS);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

/// Answers OPTIONS requests, including a browser's preflight request.
fn methods(allowed: &'static str) -> Response {
    let headers = [
        (ALLOW, allowed),
        (ACCESS_CONTROL_ALLOW_METHODS, allowed),
        (ACCESS_CONTROL_ALLOW_HEADERS, CORS_REQUEST_HEADERS),
        (ACCESS_CONTROL_MAX_AGE, CORS_MAX_AGE),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Answers requests with an unsupported method.
fn others(allowed: &'static str, shared: &Arc<Shared>) -> MethodRouter<Arc<Shared>> {
    let shared = Arc::clone(shared);
    on(
        MethodFilter::OPTIONS,
        async move |Addressed { .. }: Addressed| methods(allowed),
    )
    .on(MethodFilter::HEAD, async move || Refusal::method(allowed))
    .fallback(async move |request: Request| {
        let route = shared.route_or_none(request.uri().path());
        refuse(&shared, route, request, Refusal::method(allowed)).await
    })
}

async fn not_found(State(shared): State<Arc<Shared>>, request: Request) -> Refusal {
    refuse(&shared, &shared.no_route, request, Refusal::not_found()).await
}

/// The server that a path names, after the client's permission was checked.
struct Addressed {
    route: Arc<Route>,
}

impl FromRequestParts<Arc<Shared>> for Addressed {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        check_origin(&parts.headers, shared)?;
        let route = shared.route(parts.uri.path());
        let route = route.cloned().ok_or_else(Refusal::not_found)?;
        Ok(Self { route })
    }
}

/// The head of a message of streamable HTTP. The first message of a session has no session id.
struct McpPost {
    route: Arc<Route>,
    client: Option<Arc<Client>>,
    /// Whether the client accepts event streams.
    events: bool,
    /// The headers of a request in a protocol revision without sessions.
    stateless: Option<HeaderMap>,
    /// The protocol revision that the head names.
    version: Option<String>,
}

impl FromRequestParts<Arc<Shared>> for McpPost {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        let Addressed { route } = Addressed::from_request_parts(parts, shared).await?;
        let headers = &parts.headers;
        check_protocol_version(headers)?;
        let events = accepts(headers, EVENT_STREAM);
        if !events && !accepts(headers, JSON) {
            return Err(not_acceptable("application/json and text/event-stream"));
        }
        check_content_type(headers)?;
        // In such a revision, the server ignores headers about sessions.
        let stateless = is_stateless(headers).then(|| headers.clone());
        let client = match stateless {
            None => named_client(headers, &route, shared)?,
            Some(_) => None,
        };
        Ok(Self {
            route,
            client,
            events,
            stateless,
            version: text(headers, &PROTOCOL_VERSION).map(str::to_owned),
        })
    }
}

impl PostHead for McpPost {
    fn edge(route: &Route) -> &Edge {
        &route.streamable
    }
}

/// The head of a message of the older transport.
struct OlderPost(Arc<Client>);

impl FromRequestParts<Arc<Shared>> for OlderPost {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        let Addressed { route } = Addressed::from_request_parts(parts, shared).await?;
        check_content_type(&parts.headers)?;
        let id = session_of(&parts.uri)
            .ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "the URL has no sessionId"))?;
        find_client(id, Transport::Sse, &route, shared).map(Self)
    }
}

impl PostHead for OlderPost {
    fn edge(route: &Route) -> &Edge {
        &route.older
    }
}

/// An open session of streamable HTTP.
struct InSession {
    client: Arc<Client>,
    headers: HeaderMap,
}

impl FromRequestParts<Arc<Shared>> for InSession {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        let Addressed { route } = Addressed::from_request_parts(parts, shared).await?;
        let headers = std::mem::take(&mut parts.headers);
        check_protocol_version(&headers)?;
        if is_stateless(&headers) {
            return Err(Refusal::method("POST, OPTIONS"));
        }
        if parts.method == Method::GET {
            check_accepts_events(&headers)?;
        }
        let client = named_client(&headers, &route, shared)?.ok_or_else(session_missing)?;
        Ok(Self { client, headers })
    }
}

/// Handles a message of streamable HTTP.
async fn post(
    State(shared): State<Arc<Shared>>,
    Extension(half_closed): Extension<HalfClosed>,
    Posted {
        head,
        message,
        asked,
    }: Posted<McpPost>,
) -> Result<Response, Refusal> {
    let McpPost {
        route,
        client,
        events,
        stateless,
        version: head_version,
    } = head;
    if let Some(headers) = stateless {
        let answered = ask_stateless(&shared, &route, &headers, message, events, half_closed).await;
        return answered.map_err(|refusal| asked.refused(refusal));
    }
    if let Message::Request(request) = &message
        && let Some(Stateless { version, .. }) = Stateless::of(request)
    {
        let refusal = if head_version.as_deref() == Some(version.as_str()) {
            Refusal::unsupported(&version)
        } else {
            Refusal::mismatch(&PROTOCOL_VERSION)
        };
        return Err(asked.refused(refusal));
    }
    let opening = match &message {
        Message::Request(request) if request.method == "initialize" => Some(request),
        Message::Request(_) | Message::Notification(_) | Message::Response(_) => None,
    };
    let opens = opening.is_some();
    let version = opening.map_or(head_version, requested_version);
    let answer_as = match (events, takes_priming_events(version.as_deref())) {
        (false, _) => AnswerAs::Json,
        (true, is_primed) => AnswerAs::Events { is_primed },
    };
    let client = match client {
        None if opens => Registry::open(&shared, Kind::Streamable, &route),
        None => Err(session_missing()),
        Some(_) if opens => {
            let reason = "the session is already initialized";
            Err(Refusal::new(StatusCode::BAD_REQUEST, reason))
        }
        Some(client) => Ok(client),
    };
    let passed = match client {
        Ok(client) => forward(&shared, &client, message, answer_as, half_closed).await,
        Err(refusal) => Err(refusal),
    };
    passed.map_err(|refusal| asked.refused(refusal))
}

/// The form of the answer to a request in a session.
#[derive(Debug, Clone, Copy)]
enum AnswerAs {
    Json,
    Events {
        /// Whether the stream begins with an event without a message.
        is_primed: bool,
    },
}

/// The first revision whose clients expect an event without a message at the beginning of each stream. Older clients try to
/// parse it as JSON.
const FIRST_PRIMED: &str = "2025-11-25";

fn takes_priming_events(version: Option<&str>) -> bool {
    version.is_some_and(|version| version >= FIRST_PRIMED)
}

/// Returns the revision that a client asks for in `initialize`.
fn requested_version(initialize: &jsonrpc::Request) -> Option<String> {
    #[derive(Deserialize)]
    struct Params {
        #[serde(rename = "protocolVersion")]
        version: String,
    }
    let params = initialize.params.as_ref()?;
    jsonrpc::object::<Params>(params.get()).map(|params| params.version)
}

async fn forward(
    shared: &Shared,
    client: &Arc<Client>,
    message: Message,
    answer_as: AnswerAs,
    half_closed: HalfClosed,
) -> Result<Response, Refusal> {
    match message {
        Message::Request(request) => ask(shared, client, request, answer_as, half_closed).await,
        Message::Notification(notification) => {
            pass_notification(client, notification).await?;
            Ok(StatusCode::ACCEPTED.into_response())
        }
        Message::Response(response) => {
            client.pass_to_session(Message::Response(response)).await?;
            Ok(StatusCode::ACCEPTED.into_response())
        }
    }
}

/// Passes a notification to the session. A request that it cancels gets no answer.
async fn pass_notification(
    client: &Client,
    notification: jsonrpc::Notification,
) -> Result<(), Refusal> {
    let cancelled = notification.cancelled_request();
    client
        .pass_to_session(Message::Notification(notification))
        .await?;
    if let Some(id) = cancelled {
        client.withdraw(&id);
    }
    Ok(())
}

/// Answers a request with a stream if the client accepts streams, so that the server can send messages before
/// its answer.
async fn ask(
    shared: &Shared,
    client: &Arc<Client>,
    request: jsonrpc::Request,
    answer_as: AnswerAs,
    half_closed: HalfClosed,
) -> Result<Response, Refusal> {
    let keep_alive = KeepAlive::new(shared.settings.keep_alive, half_closed.clone());
    if let AnswerAs::Events { is_primed } = answer_as {
        let (live, receiver) = mpsc::channel(QUEUE);
        let waiter = client.begin(shared, &request, Asker::Events(live))?;
        let first = is_primed.then(|| waiter.begin().priming_event());
        client.pass_to_session(Message::Request(request)).await?;
        waiter.leave();
        let stream = Events::new(client, Vec::new(), receiver, keep_alive);
        return Ok(stream_in_session(client, stream.beginning_with(first)));
    }
    let (asker, answer) = oneshot::channel();
    let waiter = client.begin(shared, &request, Asker::Json(asker))?;
    let id = request.id.clone();
    client.pass_to_session(Message::Request(request)).await?;
    let asking = Arc::clone(client);
    let json = async move {
        let _waiter = waiter;
        let json = answer.await.unwrap_or_else(|_| {
            let reason = "the request was cancelled";
            let error = jsonrpc::Response::error(Some(id), code::INVALID_REQUEST, reason);
            Message::Response(error).to_json().into()
        });
        asking.edge().count(Operation::Send, Status::Ok);
        json
    };
    let grace = shared.settings.first_message;
    let body = match json_unless_half_closed(json, &half_closed, grace).await {
        Ok(json) => json.into(),
        Err(json) => Body::new(LateJson::new(json, keep_alive)),
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(JSON)),
        (SESSION_ID, name(client)),
    ];
    Ok((headers, body).into_response())
}

/// Waits for an answer. Returns the future itself if the client has closed its sending side and there is no answer within
/// `grace`: only writing the body shows whether the client is still there.
async fn json_unless_half_closed<F: Future<Output = Bytes>>(
    json: F,
    half_closed: &HalfClosed,
    grace: Duration,
) -> Result<Bytes, Pin<Box<F>>> {
    let mut json = Box::pin(json);
    tokio::select! {
        biased;
        json = &mut json => Ok(json),
        () = half_closed.happened(grace) => Err(json),
    }
}

/// Returns whether a head uses a protocol revision without sessions.
fn is_stateless(headers: &HeaderMap) -> bool {
    text(headers, &PROTOCOL_VERSION).is_some_and(|version| version >= stateless::FIRST)
}

/// Handles a message that belongs to no session. Responds when the first message arrives: with the answer
/// itself if that is first, otherwise with a stream.
async fn ask_stateless(
    shared: &Arc<Shared>,
    route: &Arc<Route>,
    headers: &HeaderMap,
    message: Message,
    events: bool,
    half_closed: HalfClosed,
) -> Result<Response, Refusal> {
    let request = match message {
        Message::Request(request) => request,
        Message::Notification(_) | Message::Response(_) => {
            let borrowed = Registry::borrow(shared, route)?;
            borrowed.client().pass_to_session(message).await?;
            borrowed.give_back();
            return Ok(StatusCode::ACCEPTED.into_response());
        }
    };
    Stateless::of(&request)
        .ok_or(PROTOCOL_VERSION)
        .and_then(|expected| expected.check(&request.method, headers))
        .map_err(|field| Refusal::mismatch(&field))?;
    let borrowed = Registry::borrow(shared, route)?;
    let client = Arc::clone(borrowed.client());
    let (live, mut receiver) = mpsc::channel(QUEUE);
    client.begin(shared, &request, Asker::Events(live))?.leave();
    client.pass_to_session(Message::Request(request)).await?;
    let keep_alive = KeepAlive::new(shared.settings.keep_alive, half_closed.clone());
    let headers = [(CONTENT_TYPE, HeaderValue::from_static(JSON))];
    let delay = shared.settings.first_message;
    if !events {
        let json = answer_without_events(receiver, borrowed);
        return Ok(
            match json_unless_half_closed(json, &half_closed, delay).await {
                Ok(json) => (status_of(&json), headers, json).into_response(),
                // The status is not known yet.
                Err(json) => (headers, Body::new(LateJson::new(json, keep_alive))).into_response(),
            },
        );
    }
    let first = tokio::select! {
        biased;
        first = receiver.recv() => first,
        // The first message may take long, and the client should know that its request has arrived.
        () = sleep(delay) => None,
    };
    match first {
        Some(answer) if answer.is_answer => {
            client.wrote(answer.id);
            borrowed.give_back();
            let json = answer.json();
            Ok((status_of(&json), headers, json).into_response())
        }
        first => {
            let stream = Events::new(&client, first.into_iter().collect(), receiver, keep_alive);
            Ok(event_stream(stream.borrowing(borrowed)))
        }
    }
}

/// Waits for the answer to a request without a session, for a client that accepts no stream. Such a client gets no other
/// message.
async fn answer_without_events(mut receiver: mpsc::Receiver<Event>, borrowed: Borrowed) -> Bytes {
    let client = Arc::clone(borrowed.client());
    while let Some(event) = receiver.recv().await {
        if event.is_answer {
            client.wrote(event.id);
            borrowed.give_back();
            return event.json();
        }
        client.unwritten(event.id);
    }
    // A subscription that the server has ended has no answer.
    Bytes::new()
}

/// Returns the HTTP status for the answer to a request without a session.
fn status_of(answer: &[u8]) -> StatusCode {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default, deserialize_with = "jsonrpc::nested")]
        error: Option<Failed>,
    }
    #[derive(Deserialize)]
    struct Failed {
        code: i32,
    }
    let answer = serde_json::from_slice::<Answer>(answer).ok();
    match answer
        .and_then(|answer| answer.error)
        .map(|error| error.code)
    {
        Some(code::METHOD_NOT_FOUND) => StatusCode::NOT_FOUND,
        Some(code::HEADER_MISMATCH | code::UNSUPPORTED_VERSION) => StatusCode::BAD_REQUEST,
        Some(_) | None => StatusCode::OK,
    }
}

/// Opens the standing stream, or resumes an interrupted stream.
async fn listen(
    State(shared): State<Arc<Shared>>,
    Extension(half_closed): Extension<HalfClosed>,
    Extension(exchanges): Extension<Exchanges>,
    InSession { client, headers }: InSession,
) -> Result<Response, Refusal> {
    let last = headers.get(&LAST_EVENT_ID).map(|last| {
        let last = last.to_str().ok();
        let last = last.and_then(|last| last.parse::<EventId>().ok());
        last.ok_or_else(|| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "Last-Event-ID is not an ID from this proxy",
            )
        })
    });
    let last = last.transpose()?;
    let (live, receiver) = mpsc::channel(QUEUE);
    let (missed, first) = {
        let mut streams = client.open_streams()?;
        let missed = match last {
            // The client may notice a broken stream before the proxy does, so the new stream replaces the old
            // one.
            Some(last) => streams.resume(last, live).ok_or_else(|| {
                let reason = "that stream can no longer be resumed";
                Refusal::new(StatusCode::BAD_REQUEST, reason)
            })?,
            None if streams.has_standing() => {
                let reason = "the session already has such a stream";
                return Err(Refusal::new(StatusCode::CONFLICT, reason));
            }
            None => streams.open_standing(live),
        };
        // A missed event has an id too, and so has the event that the client resumes after.
        let is_primed = last.is_none()
            && missed.is_empty()
            && takes_priming_events(text(&headers, &PROTOCOL_VERSION));
        let first = is_primed.then(|| streams.next_event(STANDING).priming_event());
        (missed, first)
    };
    let keep_alive = KeepAlive::new(shared.settings.keep_alive, half_closed);
    let stream = Events::new(&client, missed, receiver, keep_alive);
    let mut stream = stream.beginning_with(first);
    if last.is_none_or(|last| last.stream == STANDING) {
        stream = stream.standing(exchanges);
    }
    Ok(stream_in_session(&client, stream))
}

/// Ends a session.
async fn end(InSession { client, .. }: InSession) {
    client.end();
}

/// Opens a session of the older transport. It lasts as long as this response.
async fn open_older(
    State(shared): State<Arc<Shared>>,
    Extension(half_closed): Extension<HalfClosed>,
    Extension(exchanges): Extension<Exchanges>,
    Addressed { route }: Addressed,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    check_accepts_events(&headers)?;
    let client = Registry::open(&shared, Kind::Older, &route)?;
    let (live, receiver) = mpsc::channel(QUEUE);
    let missed = client.open_streams()?.open_standing(live);
    let path = uri.path().trim_end_matches("sse");
    let keep_alive = KeepAlive::new(shared.settings.keep_alive, half_closed);
    let address = format!("{path}messages?sessionId={}", client.id());
    let stream = Events::new(&client, missed, receiver, keep_alive).older(&address, exchanges);
    Ok(event_stream(stream))
}

/// Handles a message of the older transport. Its answer is sent over the stream.
async fn post_older(
    State(shared): State<Arc<Shared>>,
    Posted {
        head: OlderPost(client),
        message,
        asked,
    }: Posted<OlderPost>,
) -> Result<StatusCode, Refusal> {
    let passed = forward_older(&shared, &client, message).await;
    passed.map_err(|refusal| asked.refused(refusal))?;
    Ok(StatusCode::ACCEPTED)
}

async fn forward_older(
    shared: &Shared,
    client: &Arc<Client>,
    message: Message,
) -> Result<(), Refusal> {
    match message {
        Message::Request(request) => {
            let waiter = client.begin(shared, &request, Asker::Standing)?;
            client.pass_to_session(Message::Request(request)).await?;
            waiter.leave();
        }
        Message::Notification(notification) => {
            pass_notification(client, notification).await?;
        }
        Message::Response(response) => {
            client.pass_to_session(Message::Response(response)).await?;
        }
    }
    Ok(())
}

fn stream_in_session(client: &Client, stream: Events) -> Response {
    ([(SESSION_ID, name(client))], event_stream(stream)).into_response()
}

fn event_stream(stream: Events) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("no-cache, no-transform"),
        ),
        (NO_BUFFERING, HeaderValue::from_static("no")),
    ];
    (headers, Body::new(stream)).into_response()
}

/// Returns the session's id as a header value.
fn name(client: &Client) -> HeaderValue {
    HeaderValue::from_str(client.id()).expect("an id is hexadecimal")
}

fn session_missing() -> Refusal {
    Refusal::new(
        StatusCode::BAD_REQUEST,
        "the header Mcp-Session-Id is missing",
    )
}

/// Returns the session that a head names, if any.
fn named_client(
    headers: &HeaderMap,
    route: &Arc<Route>,
    shared: &Shared,
) -> Result<Option<Arc<Client>>, Refusal> {
    let Some(id) = headers.get(&SESSION_ID) else {
        return Ok(None);
    };
    let id = id.to_str().map_err(|_| Refusal::no_session())?;
    find_client(id, Transport::Http, route, shared).map(Some)
}

/// Returns the open session with this id, if it is over `transport` and with the server of `route`.
fn find_client(
    id: &str,
    transport: Transport,
    route: &Arc<Route>,
    shared: &Shared,
) -> Result<Arc<Client>, Refusal> {
    let client = shared.registry.find(id).ok_or_else(Refusal::no_session)?;
    if client.transport() != transport || !client.is_for(route) {
        return Err(Refusal::no_session());
    }
    client.touch();
    Ok(client)
}

/// Returns the session id in the older transport's message URL.
fn session_of(uri: &Uri) -> Option<&str> {
    let parameters = uri.query()?.split('&');
    let mut ids = parameters.filter_map(|parameter| parameter.strip_prefix("sessionId="));
    ids.next()
}

/// Refuses requests from foreign web pages. Browsers let any page send requests, so a foreign page must not
/// act for the user, whether under its own name or under a name that it has pointed at this machine.
fn check_origin(headers: &HeaderMap, shared: &Shared) -> Result<(), Refusal> {
    let forbidden = |what: &str| {
        let reason = format!("requests with this {what} are not allowed");
        Err(Refusal::new(StatusCode::FORBIDDEN, reason))
    };
    if headers
        .get(ORIGIN)
        .is_some_and(|origin| !is_allowed_origin(origin, shared))
    {
        return forbidden("Origin");
    }
    if shared.local_only
        && let Some(host) = headers.get(HOST)
        && !host.to_str().is_ok_and(|host| {
            is_this_machine(host) || is_host_of(host, &shared.settings.allowed_hosts)
        })
    {
        return forbidden("Host");
    }
    Ok(())
}

fn is_allowed_origin(origin: &HeaderValue, shared: &Shared) -> bool {
    origin.to_str().is_ok_and(|origin| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        let allowed = &shared.settings.allowed_origins;
        authority.is_some_and(is_this_machine) || allowed.iter().any(|allowed| allowed == origin)
    })
}

/// Returns whether `host` is in `allowed`, where an entry without a port allows any port.
fn is_host_of(host: &str, allowed: &[String]) -> bool {
    let name = host.parse::<Authority>().ok();
    let name = name.as_ref().map(Authority::host);
    allowed.iter().any(|allowed| {
        allowed.eq_ignore_ascii_case(host)
            || name.is_some_and(|name| allowed.eq_ignore_ascii_case(name))
    })
}

/// Returns whether a host, with or without a port, always means this machine, whatever a name server says.
#[must_use]
pub fn is_this_machine(authority: &str) -> bool {
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

/// Checks that the version is a date. Which versions exist is up to the server.
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
    Err(Refusal::unsupported(&String::from_utf8_lossy(version)))
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    if media_type(headers) == MediaType::Json {
        return Ok(());
    }
    let reason = format!("the body must be {JSON}");
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason))
}

fn check_accepts_events(headers: &HeaderMap) -> Result<(), Refusal> {
    if accepts(headers, EVENT_STREAM) {
        return Ok(());
    }
    Err(not_acceptable(EVENT_STREAM))
}

fn not_acceptable(types: &str) -> Refusal {
    let reason = format!("the client must accept {types}");
    Refusal::new(StatusCode::NOT_ACCEPTABLE, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine_are_recognized() {
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

    #[test]
    fn a_host_is_allowed_with_its_port_or_with_any() {
        let allowed = ["mcp.example".to_owned(), "other.example:8443".to_owned()];
        for host in ["mcp.example", "MCP.example:80", "other.example:8443"] {
            assert!(is_host_of(host, &allowed), "{host}");
        }
        for host in ["other.example", "other.example:1", "mcp.example.org", ""] {
            assert!(!is_host_of(host, &allowed), "{host}");
        }
    }
}
