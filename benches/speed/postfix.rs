//! Postfix's load generator and its sink: what we are measured against, and what both send into.

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running `smtp-sink`.
pub(crate) struct Sink {
    pub(crate) port: u16,
    child: Child,
}

impl Sink {
    pub(crate) fn start() -> Self {
        let port = free_port();
        let mut command = Command::new(tool("smtp-sink"));
        // As root it insists on being somebody else.
        if std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .args(["-c", &format!("127.0.0.1:{port}"), "1000"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink starts");
        let begin = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(10), "smtp-sink does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { port, child }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Has `smtp-source` send `mails` of `bytes` over `connections`, and returns how long it took.
pub(crate) fn source(port: u16, connections: usize, mails: usize, bytes: usize) -> Duration {
    let begin = Instant::now();
    let status = Command::new(tool("smtp-source"))
        .args(["-s", &connections.to_string(), "-m", &mails.to_string(), "-l", &bytes.to_string()])
        .args(["-f", "news@example.jp", "-t", "reader@example.jp", &format!("127.0.0.1:{port}")])
        .status();
    assert!(status.expect("smtp-source starts").success(), "smtp-source failed");
    begin.elapsed()
}

fn tool(name: &str) -> PathBuf {
    ["/usr/sbin", "/usr/lib/postfix/sbin", "/usr/libexec/postfix"]
        .iter()
        .map(|folder| PathBuf::from(folder).join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{name} is not here: Debian's postfix has it"))
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
