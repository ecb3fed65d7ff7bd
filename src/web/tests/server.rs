//! The server itself, on a socket.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::web::serve;

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

async fn start() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()))
        .route("/slow", get(async || tokio::time::sleep(Duration::from_secs(5)).await))
        .route("/stuck", get(async || std::future::pending::<()>().await));
    let stop = CancellationToken::new();
    let task = tokio::spawn(serve(listener, router, stop.clone()));
    Server { address, stop, task }
}

async fn send(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Reads until the server closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // A server that closes with our bytes unread resets the connection; what came before still counts.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn handlers_know_who_is_calling() {
    let server = start().await;
    let got = rest(send(server.address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await).await;
    assert!(got.starts_with("HTTP/1.1 200") && got.ends_with("127.0.0.1"), "{got}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_its_head_too_slowly_is_cut() {
    let server = start().await;
    let mut stream = send(server.address, "GET / HTTP/1.1\r\n").await;
    let start = Instant::now();
    let mut cut = false;
    for index in 0..60 {
        if stream.write_all(format!("X-{index}: slow\r\n").as_bytes()).await.is_err() {
            cut = true;
            break;
        }
        let mut byte = [0];
        let read = tokio::time::timeout(Duration::from_secs(1), stream.read(&mut byte)).await;
        if !matches!(read, Err(_) | Ok(Ok(1..))) {
            cut = true;
            break;
        }
    }
    assert!(cut, "the connection is still open");
    assert!(start.elapsed() <= Duration::from_secs(13), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_head_of_more_than_sixteen_kilobytes_is_refused() {
    let server = start().await;
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(20_000));
    let got = rest(send(server.address, &head).await).await;
    assert!(got.is_empty() || got.starts_with("HTTP/1.1 431"), "{got}");
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(200));
    let got = rest(send(server.address, &head).await).await;
    assert!(got.is_empty() || got.starts_with("HTTP/1.1 431"), "{got}");
}

#[tokio::test(start_paused = true)]
async fn a_request_in_hand_is_finished_before_the_server_stops() {
    let server = start().await;
    let stream = send(server.address, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.stop.cancel();
    assert!(rest(stream).await.starts_with("HTTP/1.1 200"));
    server.task.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody is let in any more");
}

#[tokio::test(start_paused = true)]
async fn the_server_waits_ten_seconds_for_the_last_request_and_no_longer() {
    let server = start().await;
    let stream = send(server.address, "GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    server.stop.cancel();
    server.task.await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 10);
    assert_eq!(rest(stream).await, "");
}
