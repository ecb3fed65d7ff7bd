//! An HTTP server small enough to misbehave: it writes the bytes it is given, whatever they are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a server does with a request.
pub(super) enum Reply {
    /// Writes these bytes and closes.
    Bytes(Vec<u8>),
    /// Writes these bytes and says nothing more.
    Stall(Vec<u8>),
    /// Writes the first bytes, then the second again and again until the peer has enough.
    Endless(Vec<u8>, Vec<u8>),
}

impl Reply {
    /// A whole answer, with its true length.
    pub(super) fn with(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
        Self::Bytes([head.as_bytes(), body].concat())
    }

    pub(super) fn feed(body: impl AsRef<[u8]>) -> Self {
        Self::with("200 OK", "", body)
    }

    pub(super) fn redirect(status: u16, location: &str) -> Self {
        Self::with(&format!("{status} Elsewhere"), &format!("Location: {location}\r\n"), "")
    }
}

/// Listens until it is dropped.
pub(super) struct Server {
    port: u16,
    address: &'static str,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server on the address the tests' policy allows. `answer` is given each request's path.
    pub(super) async fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_on(("127.0.0.2", 0), answer).await
    }

    /// Starts a server that nobody is allowed to reach.
    pub(super) async fn canary() -> Self {
        Self::canary_at(0).await
    }

    /// Starts one at a port that another server has at its own address.
    pub(super) async fn canary_at(port: u16) -> Self {
        Self::start_on(("127.0.0.1", port), |_| Reply::feed("you should not be here")).await
    }

    async fn start_on(
        (address, port): (&'static str, u16),
        answer: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((address, port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (requests, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (log, count, answer) = (requests.clone(), connections.clone(), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, log.clone(), answer.clone()));
            }
        });
        Self { port, address, requests, connections, task }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}:{}{path}", self.address, self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The heads of all requests so far.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<String>>>, answer: Arc<impl Fn(&str) -> Reply>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    // Latin-1, so that a test sees the bytes as they came.
    let head: String = head.iter().copied().map(char::from).collect();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap().push(head);
    // A peer that has enough closes; that is its right.
    match answer(&path) {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Reply::Stall(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read_u8().await;
        }
        Reply::Endless(first, again) => {
            let mut sent = stream.write_all(&first).await;
            while sent.is_ok() {
                sent = stream.write_all(&again).await;
            }
        }
    }
}
