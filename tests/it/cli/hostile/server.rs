//! A web server for what a test wants fetched, or not fetched: it counts who came.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Answers with the page of a path, or 404, and keeps what was asked for.
pub(super) struct Server {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server of these pages: path, media type, body.
    pub(super) fn of(pages: Vec<(&'static str, &'static str, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let pages: BTreeMap<_, _> = pages.into_iter().map(|(path, kind, body)| (path, (kind, body))).collect();
        let pages = Arc::new(pages);
        let asked_for = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                let (pages, asked) = (pages.clone(), asked_for.clone());
                // A browser opens connections it may never use.
                std::thread::spawn(move || answer(stream, &pages, &asked));
            }
        });
        Self { url, asked }
    }

    /// Returns the paths that were asked for so far. A connection without a request counts as well, as an empty one.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, pages: &BTreeMap<&str, (&str, String)>, asked: &Mutex<Vec<String>>) {
    let mut request = [0; 8192];
    let read = stream.read(&mut request).unwrap_or(0);
    let text = String::from_utf8_lossy(&request[..read]).into_owned();
    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
    let page = pages.get(path.split('?').next().unwrap_or_default());
    asked.lock().unwrap().push(path.clone());
    let (status, kind, body) = match page {
        Some((kind, body)) => ("200 OK", *kind, body.as_str()),
        None => ("404 Not Found", "text/plain", "none"),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n");
    let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
}
