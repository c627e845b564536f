//! Streamable HTTP behind the proxy: every message is a POST, whose answer is a message or a stream of events, and what
//! the server says of itself comes over a stream that is opened with GET.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use shadowcat_metrics::SseRecorder;
use shadowcat_metrics::labels::{Operation, Status};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::jsonrpc::{Id, Message};
use crate::transport::Incoming;
use crate::transport::http::answer::Answer;
use crate::transport::http::body::Moment;
use crate::transport::http::client::Body;
use crate::transport::http::driver::{Carrier, Sending, Told};
use crate::transport::http::headers::{MediaType, media_type};
use crate::transport::http::message::{BodyError, read_whole};
use crate::transport::http::post::post;
use crate::transport::http::session::HttpSession;
use crate::transport::http::{ExchangeError, HttpClient};
use crate::transport::sse::reopen::Source;
use crate::transport::sse::{Cursor, Reading};

/// One session with a server.
#[derive(Debug)]
pub(crate) struct Streamable {
    pub(crate) client: HttpClient,
    pub(crate) recorder: SseRecorder,
    pub(crate) uri: Uri,
    pub(crate) session: HttpSession,
    pub(crate) to_session: mpsc::Sender<Incoming>,
    /// Cancelled when the server knows nothing of the session any more: the link ends with it.
    pub(crate) stop: CancellationToken,
}

impl Carrier for Streamable {
    const LISTENS_AT_ONCE: bool = false;

    async fn request(self: Arc<Self>, sending: Sending) -> Result<(), String> {
        let Sending {
            id,
            opens,
            bytes,
            passed,
        } = sending;
        // What follows the message that opens the session has to name the session, which its answer does first.
        let (ended, opening) = if opens {
            (Moment::default(), Some(&passed))
        } else {
            (passed.clone(), None)
        };
        self.ask(&id, opening, bytes, &ended).await
    }

    async fn tell(&self, bytes: Bytes) -> Told {
        // Whatever is to be sent after it waits for this.
        let limit = self.client.settings.control;
        match self.post(bytes, &Moment::default(), limit).await {
            Ok((Answer::Expired, _)) => {
                self.stop.cancel();
                Told::Rejected
            }
            Ok((Answer::Rejected(status), _)) => {
                debug!(%status, "the server rejected a message that needs no answer");
                Told::Rejected
            }
            Ok((Answer::Accepted | Answer::Message | Answer::Events | Answer::Strange, _)) => {
                Told::Taken
            }
            Err(error) => Told::unanswered(&error),
        }
    }

    async fn listen(self: Arc<Self>) {
        self.listen_to_server().await;
    }

    async fn close(&self) {
        if !self.session.is_open() {
            return;
        }
        let mut request = Request::new(Full::new(Bytes::new()));
        *request.method_mut() = Method::DELETE;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.session.headers();
        let limit = self.client.settings.control;
        let sent = Moment::default();
        if let Err(error) = self.client.exchange(request, &sent, limit).await {
            debug!(%error, "the server was not told that the session is over");
        }
    }
}

impl Streamable {
    /// Sends a request and hands on what comes of it. The reason if no answer will come. For the request that opens the
    /// session, `opening` is when other messages may be sent.
    async fn ask(
        &self,
        id: &Id,
        opening: Option<&Moment>,
        bytes: Bytes,
        ended: &Moment,
    ) -> Result<(), String> {
        let opens = opening.is_some();
        let limit = self.client.settings.answer;
        let posted = self.post(bytes, ended, limit).await;
        let (answer, response) = posted.map_err(|error| error.to_string())?;
        if opens {
            self.session.opened(response.headers());
        }
        match answer {
            Answer::Message => self.hand_on_message(id, response, opens).await,
            Answer::Events => {
                if let Some(opening) = opening {
                    // The server may ask something before it answers, and waits for what is said to that.
                    opening.now();
                }
                self.hand_on_events(id, response.into_body(), opens).await
            }
            Answer::Accepted => Err("the server took the request, and gave no answer".to_owned()),
            Answer::Strange => {
                self.client
                    .edge
                    .count(Operation::Receive, Status::Malformed);
                Err("the server's answer was neither JSON nor a stream of events".to_owned())
            }
            Answer::Expired => {
                self.stop.cancel();
                Err("the server knows the session no more".to_owned())
            }
            Answer::Rejected(status) => {
                if self.hand_on_refusal(id, response).await {
                    Ok(())
                } else {
                    Err(format!("the server answered with status {status}"))
                }
            }
        }
    }

    /// Some say in JSON-RPC as well what was wrong; true if that answers the request. Anything else that a body says
    /// was never meant to be a message, and counts as none.
    async fn hand_on_refusal(&self, id: &Id, response: Response<Body>) -> bool {
        if media_type(response.headers()) != MediaType::Json {
            return false;
        }
        let edge = &self.client.edge;
        let patience = self.client.settings.body_idle;
        let Ok(bytes) = read_whole(response.into_body(), edge, patience).await else {
            return false;
        };
        if !Message::parse(&bytes).is_ok_and(|message| is_answer(&message, id)) {
            return false;
        }
        let incoming = edge.read(&bytes);
        drop(bytes);
        self.deliver(incoming, false).await;
        true
    }

    async fn post(
        &self,
        bytes: Bytes,
        ended: &Moment,
        limit: Duration,
    ) -> Result<(Answer, Response<Body>), ExchangeError> {
        let headers = self.session.message_headers();
        let in_session = self.session.is_open();
        let posted = post(
            &self.client,
            &self.uri,
            headers,
            bytes,
            ended,
            in_session,
            limit,
        );
        match posted.await {
            // It is not the message that is bad: the server came back, and does not know the session.
            Ok((Answer::Rejected(StatusCode::BAD_REQUEST), response))
                if self.session.is_shaken() =>
            {
                Ok((Answer::Expired, response))
            }
            Ok(answered) => {
                self.session.reached(true);
                Ok(answered)
            }
            Err(error) => {
                self.session.reached(false);
                Err(error)
            }
        }
    }

    /// Hands on a body that is one message, if that is the answer to the request `id`.
    async fn hand_on_message(
        &self,
        id: &Id,
        response: Response<Body>,
        opens: bool,
    ) -> Result<(), String> {
        let edge = &self.client.edge;
        let patience = self.client.settings.body_idle;
        let read = read_whole(response.into_body(), edge, patience).await;
        let bytes = read.map_err(|error| {
            let status = match error {
                BodyError::TooLarge { .. } => Status::TooLarge,
                BodyError::Broken(_) | BodyError::Slow(_) => Status::Failed,
            };
            edge.count(Operation::Receive, status);
            error.to_string()
        })?;
        let incoming = edge.read(&bytes);
        drop(bytes);
        let is_answer = answers(&incoming, id);
        if !is_answer {
            return Err("the server's answer was not the answer to the request".to_owned());
        }
        self.deliver(incoming, opens).await;
        Ok(())
    }

    pub(super) async fn deliver(&self, incoming: Incoming, opens: bool) {
        if opens && let Incoming::Message(message) = &incoming {
            self.session.initialized(message);
        }
        // An error means that the session has ended.
        let _ = self.to_session.send(incoming).await;
    }

    pub(super) fn reading(&self) -> Reading<'_> {
        Reading::of(&self.client, &self.recorder)
    }

    pub(super) fn cursor(&self) -> Cursor {
        let settings = &self.client.settings;
        Cursor::new(settings.window, settings.reconnect)
    }

    pub(super) fn source(&self) -> Source {
        Source {
            uri: self.uri.clone(),
            headers: self.session.headers(),
        }
    }
}

/// Whether this is the answer to the request `id`.
pub(super) fn answers(incoming: &Incoming, id: &Id) -> bool {
    matches!(incoming, Incoming::Message(message) if is_answer(message, id))
}

fn is_answer(message: &Message, id: &Id) -> bool {
    matches!(message, Message::Response(response) if response.id.as_ref() == Some(id))
}
