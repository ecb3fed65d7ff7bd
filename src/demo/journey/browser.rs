//! A visitor's browser, as far as it is needed: one request, one answer, no cookies, no redirect followed.

use axum::body::{Body, Bytes, to_bytes};
use hyper::header::{CONTENT_TYPE, HOST, LOCATION};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Url, form_urlencoded};

use super::reader::Seen;

/// More than any page of ours.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// An answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    /// Returns the answer if it is a page, or says what it is.
    pub(super) fn page(self) -> Result<String, Seen> {
        if self.status.is_success() { Ok(self.body) } else { Err(self.unexpected()) }
    }

    /// Says what the answer is.
    pub(super) fn unexpected(&self) -> Seen {
        match self.headers.get(LOCATION) {
            Some(_) => Seen(format!("the answer was a redirect ({})", self.status)),
            None => Seen(format!("the answer was {}", self.status)),
        }
    }
}

/// Fetches a page.
pub(super) async fn get(url: &str) -> Result<Answer, Seen> {
    ask(Method::GET, url, None, String::new()).await
}

/// Sends a form.
pub(super) async fn post_form(url: &str, fields: &[(&str, &str)]) -> Result<Answer, Seen> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    ask(Method::POST, url, Some("application/x-www-form-urlencoded"), body).await
}

/// Sends JSON.
pub(super) async fn post_json(url: &str, value: &serde_json::Value) -> Result<Answer, Seen> {
    ask(Method::POST, url, Some("application/json"), value.to_string()).await
}

async fn ask(method: Method, url: &str, content_type: Option<&str>, body: String) -> Result<Answer, Seen> {
    let url = Url::parse(url).map_err(|error| Seen(format!("a link is no URL: {error}")))?;
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(Seen("a link is no URL of the web".to_owned()));
    };
    let mut request = Request::builder()
        .method(method)
        .uri(&url[url::Position::BeforePath..url::Position::AfterQuery])
        .header(HOST, format!("{host}:{port}"));
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    let request = request.body(body).map_err(|error| Seen(format!("a link cannot be followed: {error}")))?;
    let broken = |error: String| Seen(format!("no answer from {host}:{port}: {error}"));
    let stream = TcpStream::connect((host, port)).await.map_err(|error| broken(error.to_string()))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(error.to_string()))?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let (parts, body) = response.into_parts();
        Ok::<_, hyper::Error>((parts, to_bytes(Body::new(body), MAX_ANSWER_BYTES).await))
    };
    tokio::pin!(connection);
    let answered = tokio::select! {
        answered = exchange => answered,
        ended = &mut connection => return Err(broken(format!("the connection ended early ({ended:?})"))),
    };
    let (parts, body) = answered.map_err(|error| broken(error.to_string()))?;
    let body: Bytes = body.map_err(|error| broken(error.to_string()))?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Answer { status: parts.status, headers: parts.headers, body })
}
