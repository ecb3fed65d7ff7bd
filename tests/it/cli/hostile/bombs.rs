//! Feeds that are small on the wire and large in memory. The real program fetches each of them, and the kernel says how
//! much memory it ever had.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::super::house::{House, SENDER};

const MIB: usize = 1 << 20;
/// What a body that unpacks without end may cost.
const MOST_FOR_A_BOMB: u64 = 32 * MIB as u64;
/// What a document within the limits may cost that is meant to hurt its parser.
const MOST_FOR_A_DOCUMENT: u64 = 64 * MIB as u64;
/// What a feed may have, once it is unpacked.
const LARGEST: usize = 5 * MIB;

/// What is answered at `/feed`.
struct Answer {
    head: String,
    body: Vec<u8>,
    /// Whether the body comes again and again until the program has enough.
    endless: bool,
}

impl Answer {
    fn with(headers: &str, body: Vec<u8>) -> Self {
        Self { head: format!("{headers}Content-Length: {}\r\n", body.len()), body, endless: false }
    }

    fn packed(coding: &str, body: Vec<u8>) -> Self {
        Self::with(&format!("Content-Encoding: {coding}\r\n"), body)
    }

    fn document(text: String) -> Self {
        assert!(text.len() < LARGEST, "the limit must not be what saves the parser: {}", text.len());
        Self::with("Content-Type: application/rss+xml\r\n", text.into_bytes())
    }
}

/// A server of one feed, and of a second one at the same host that is asked for when the first was dealt with. Both are
/// harmless until they are armed, so that they can be added. From then on the second is answered only when it is told to:
/// until then the program stands still and can be measured.
struct Trap {
    port: u16,
    armed: Arc<AtomicBool>,
    reached: Receiver<()>,
    open: Sender<()>,
}

impl Trap {
    fn set(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ((say, reached), (open, opened)) = (channel(), channel());
        let (answer, opened) = (Arc::new(answer), Arc::new(Mutex::new(opened)));
        let armed = Arc::new(AtomicBool::new(false));
        let ready = armed.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { break };
                if !ready.load(Ordering::SeqCst) {
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request);
                    let body = feed("");
                    let head =
                        format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
                    let _ = stream.write_all(format!("{head}{body}").as_bytes());
                    continue;
                }
                let (answer, say, opened) = (answer.clone(), say.clone(), opened.clone());
                std::thread::spawn(move || serve(stream, &answer, &say, &opened));
            }
        });
        Self { port, armed, reached, open }
    }
}

fn serve(mut stream: TcpStream, answer: &Answer, say: &Sender<()>, opened: &Mutex<Receiver<()>>) {
    let mut request = [0; 4096];
    let read = stream.read(&mut request).unwrap_or(0);
    if request[..read].starts_with(b"GET /gate ") {
        let _ = say.send(());
        let _ = opened.lock().unwrap().recv();
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    }
    let mut sent = stream.write_all(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{}\r\n", answer.head).as_bytes());
    while sent.is_ok() {
        sent = stream.write_all(&answer.body);
        if !answer.endless {
            break;
        }
    }
}

/// Returns the highest resident memory of the program when it has dealt with the answer, in bytes, and what it says of
/// the feed.
fn peak(answer: Answer) -> (u64, String) {
    let trap = Trap::set(answer);
    let house = House::with(&format!("{SENDER}[feeds]\nallow_networks = [\"127.0.0.1/32\"]\n"));
    for path in ["feed", "gate"] {
        house.done(&["feeds", "add", &format!("http://127.0.0.1:{}/{path}", trap.port), "--section", "news"]);
    }
    trap.armed.store(true, Ordering::SeqCst);
    let fetch = house.command(&["feeds", "fetch"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    trap.reached.recv().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", fetch.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = line.split_ascii_whitespace().next().unwrap().parse().unwrap();
    trap.open.send(()).unwrap();
    let said = fetch.wait_with_output().unwrap();
    (kilobytes * 1024, String::from_utf8_lossy(&said.stdout).into_owned())
}

fn feed(inside: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>F</title><item><title>T</title><link>/1</link>{inside}</item></channel></rss>"
    )
}

/// Many times what is read of a feed.
fn spaces() -> Vec<u8> {
    vec![b' '; 64 * MIB]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// 64 MiB of spaces as zstd (RFC 8878): blocks that say which byte they repeat, 128 KiB each.
fn zstd() -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50];
    for n in 1..=512_u32 {
        let block = (128 * 1024) << 3 | 1 << 1 | u32::from(n == 512);
        frame.extend(&block.to_le_bytes()[..3]);
        frame.push(b' ');
    }
    frame
}

fn bombs() -> Vec<(&'static str, Answer)> {
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000)).into_bytes();
    vec![
        ("gzip", Answer::packed("gzip", gzip(&spaces()))),
        ("gzip in gzip", Answer::packed("gzip, gzip", gzip(&gzip(&spaces())))),
        ("brotli", Answer::packed("br", include_bytes!("../../../fixtures/feeds/spaces-64-mib.br").to_vec())),
        ("deflate", Answer::packed("deflate", deflate(&spaces()))),
        ("zstd", Answer::packed("zstd", zstd())),
        (
            "chunks without end",
            Answer { head: "Transfer-Encoding: chunked\r\n".to_owned(), body: chunk, endless: true },
        ),
        (
            "a length that lies",
            Answer { head: "Content-Length: 99999999999\r\n".to_owned(), body: vec![b' '; MIB], endless: true },
        ),
    ]
}

fn documents() -> Vec<(&'static str, Answer)> {
    let mut laughs = String::from("<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY l0 'ha'>");
    for n in 1..10 {
        let _ = write!(laughs, "<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10));
    }
    let laughs = format!("{laughs}]>{}", feed("<description>&l9;</description>"));
    let repeated = format!("<description>{}</description>", "&a;".repeat(100_000));
    let quadratic = format!("<!DOCTYPE rss [<!ENTITY a '{}'>]>{}", "x".repeat(100_000), feed(&repeated));
    let deep = feed(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000)));
    let attributes: String = (0..450_000).fold(String::new(), |mut all, n| {
        let _ = write!(all, " a{n}=''");
        all
    });
    let data = format!("<description><![CDATA[{}]]></description>", "<&>".repeat(LARGEST / 3 - 1000));
    let items: String = (0..45_000).fold(String::new(), |mut all, n| {
        let _ = write!(all, "<item><title>Title {n}</title><link>https://example.jp/{n}</link><guid>{n}</guid></item>");
        all
    });
    vec![
        ("entities in entities", Answer::document(laughs)),
        ("a long entity, often", Answer::document(quadratic)),
        ("100,000 elements deep", Answer::document(deep)),
        ("450,000 attributes", Answer::document(feed(&format!("<x{attributes}/>")))),
        ("5 MiB of CDATA", Answer::document(feed(&data))),
        (
            "500,000 empty items",
            Answer::document(format!(
                "<rss version=\"2.0\"><channel><title>F</title>{}</channel></rss>",
                "<item/>".repeat(500_000)
            )),
        ),
        (
            "45,000 items",
            Answer::document(format!("<rss version=\"2.0\"><channel><title>F</title>{items}</channel></rss>")),
        ),
        ("300,000 links in an entry", Answer::document(atom("", &"<link href=\"a\"/>".repeat(300_000)))),
        ("300,000 links in the head", Answer::document(atom(&"<link href=\"a\"/>".repeat(300_000), ""))),
    ]
}

fn atom(head: &str, inside: &str) -> String {
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>F</title>{head}<entry><title>T</title><id>1</id>\
         <link href=\"/1\"/>{inside}</entry></feed>"
    )
}

/// JSON of a few bytes makes trees of hundreds.
fn json_documents() -> Vec<(&'static str, Answer)> {
    let feed = |members: String| {
        Answer::document(format!("{{\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"F\", {members}}}"))
    };
    let list = |one: &str, n: usize| format!("[{}0]", format!("{one},").repeat(n));
    let items: String = (0..60_000).fold(String::new(), |mut all, n| {
        let _ = write!(all, "{{\"id\":\"{n}\",\"url\":\"https://example.jp/{n}\",\"title\":\"Title {n}\"}},");
        all
    });
    vec![
        ("2,400,000 numbers for JSON items", feed(format!("\"items\": {}", list("1", 2_400_000)))),
        ("1,500,000 empty JSON items", feed(format!("\"items\": {}", list("{}", 1_500_000)))),
        ("a JSON tree beside the items", feed(format!("\"items\": [], \"z\": {}", list("{\"\":0}", 600_000)))),
        ("1,200,000 tags of a JSON item", feed(format!("\"items\": [{{\"tags\": {}}}]", list("\"\"", 1_200_000)))),
        ("60,000 JSON items", feed(format!("\"items\": [{items}0]"))),
    ]
}

#[test]
fn hostile_feeds_cost_little_memory() {
    let (ordinary, said) = peak(Answer::document(feed("")));
    assert!(said.contains("1 new article"), "{said}");
    let mut costs = Vec::new();
    for (limit, answers) in
        [(MOST_FOR_A_BOMB, bombs()), (MOST_FOR_A_DOCUMENT, documents()), (MOST_FOR_A_DOCUMENT, json_documents())]
    {
        for (what, answer) in answers {
            let (peak, said) = peak(answer);
            assert!(limit != MOST_FOR_A_BOMB || said.contains("2 of them in vain"), "{what} is no feed: {said}");
            let more = peak.saturating_sub(ordinary);
            println!("{what}: {:.1} MiB more than the {:.1} of an ordinary feed", mebi(more), mebi(ordinary));
            costs.push((what, more, limit));
        }
    }
    let dear: Vec<_> = costs.iter().filter(|(_, more, limit)| more > limit).collect();
    assert!(dear.is_empty(), "too much memory: {dear:?}");
    // What the kernel counts is what the program does: five megabytes of text are seen.
    let largest = costs.iter().find(|(what, ..)| *what == "5 MiB of CDATA").unwrap().1;
    assert!(largest > LARGEST as u64, "5 MiB of text can not have cost {largest} bytes");
}

#[expect(clippy::cast_precision_loss, reason = "megabytes")]
fn mebi(bytes: u64) -> f64 {
    bytes as f64 / MIB as f64
}
