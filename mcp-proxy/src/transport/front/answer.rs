//! Answering one request.

use std::sync::Arc;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};
use shadowcat_metrics::labels::{Operation, Status, Transport};
use tokio::sync::{mpsc, oneshot};

use super::Shared;
use super::body::{Reply, read_message, whole};
use super::client::Client;
use super::events::Events;
use super::head::{self, Task};
use super::history::EventId;
use super::refusal::Refusal;
use super::registry::Registry;
use super::streams::Asker;
use crate::jsonrpc::{self, Message, code};
use crate::transport::QUEUE;
use crate::transport::http::body::Metered;
use crate::transport::http::headers::SESSION_ID;

/// Answers a request, whatever it is.
pub(super) async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Response<Reply> {
    let checking = shared.http.header_duration().start_timer();
    let (head, body) = request.into_parts();
    let task = head::check(&head, shared);
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
