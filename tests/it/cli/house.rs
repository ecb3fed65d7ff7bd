//! An operator's folder, with a configuration in it, and the program run there.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(super) const SECRET: &str = "0123456789012345678901234567890123456789";

pub(super) const SENDER: &str = "
[sender]
name = \"Japan Weekly\"
email = \"news@example.jp\"
postal_address = \"1-2-3 Nihonbashi, Chuo-ku, Tokyo\"
contact = \"https://news.example.jp/contact\"
";

/// A folder to run the program in.
pub(super) struct House {
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl House {
    /// Returns a house with nothing in it.
    pub(super) fn bare() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Returns a house whose configuration has `more` in it.
    pub(super) fn with(more: &str) -> Self {
        let house = Self::bare();
        house.configure(more);
        house
    }

    /// Returns a house that hands its mail to a relay at `port`.
    pub(super) fn with_relay(port: u16) -> Self {
        Self::with(&format!("{SENDER}{}", relay_section(port)))
    }

    /// Writes the configuration.
    pub(super) fn configure(&self, more: &str) {
        let head = format!("base_url = \"https://news.example.jp\"\nsecret = \"{SECRET}\"\n");
        let http = "[http]\nlisten = \"127.0.0.1:0\"\n";
        self.write("kawaraban.toml", format!("{head}{http}{more}").as_bytes());
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Returns the program, about to be run here and with nothing in its environment that is not the test's.
    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kawaraban"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KAWARABAN_") {
                command.env_remove(name);
            }
        }
        command.args(words).current_dir(self.folder.path()).stdin(Stdio::null()).env_remove("COLUMNS");
        command
    }

    /// Runs the program to its end.
    pub(super) fn run(&self, words: &[&str]) -> Ran {
        Ran::from(self.command(words).output().unwrap())
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub(super) fn done(&self, words: &[&str]) -> String {
        let ran = self.run(words);
        assert_eq!(ran.code, 0, "{words:?}: {ran:#?}");
        ran.out
    }

    /// Runs a command that must succeed, and returns the one document it printed.
    pub(super) fn json(&self, words: &[&str]) -> Value {
        let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.done(&words)).unwrap()
    }

    /// Brings in confirmed subscribers.
    pub(super) fn subscribers(&self, addresses: &[&str]) {
        self.write("readers.csv", format!("email\n{}\n", addresses.join("\n")).as_bytes());
        self.done(&["subscribers", "import", "readers.csv", "--confirmed", "--consent", "a fair in Kyoto"]);
    }

    /// Writes an article by hand.
    pub(super) fn article(&self, title: &str) {
        self.done(&["articles", "add", "--title", title, "--url", "https://example.jp/1", "--section", "news"]);
    }

    /// Waits until a mail is in the hands of a sender.
    pub(super) fn wait_until_something_is_claimed(&self) {
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while self.json(&["deliveries", "stats"])["claimed"] == 0 {
            assert!(std::time::Instant::now() < patience, "nothing is ever claimed");
        }
    }

    /// Starts the daemon, and waits until it says where it listens.
    pub(super) fn serve(&self, words: &[&str]) -> Daemon {
        let words: Vec<&str> = ["serve", "--json"].iter().copied().chain(words.iter().copied()).collect();
        let mut child = self.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        let said = serde_json::Deserializer::from_reader(out).into_iter::<Value>().next();
        let Some(Ok(said)) = said else {
            panic!("the daemon did not start: {:?}", Ran::from(child.wait_with_output().unwrap()))
        };
        Daemon { child: Some(child), said }
    }
}

/// Returns the section of a relay without TLS at `port`.
pub(super) fn relay_section(port: u16) -> String {
    format!("[[relays]]\nname = \"main\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n")
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// A daemon that runs until it is told to stop, or the test ends.
pub(super) struct Daemon {
    child: Option<Child>,
    pub(super) said: Value,
}

impl Daemon {
    /// Returns where it listens.
    pub(super) fn address(&self) -> &str {
        self.said["listen"].as_str().unwrap()
    }

    pub(super) fn signal(&self, name: &str) {
        send_signal(self.child.as_ref().unwrap(), name);
    }

    /// Waits until it says `words` on standard error.
    pub(super) fn hear(&mut self, words: &str) {
        use std::io::BufRead;
        let mut err = std::io::BufReader::new(self.child.as_mut().unwrap().stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert_ne!(err.read_line(&mut line).unwrap(), 0, "it ended without saying {words:?}");
        }
    }

    /// Sends SIGTERM and returns how it ended.
    pub(super) fn stop(mut self) -> Ran {
        self.signal("TERM");
        self.ended()
    }

    /// Waits for its end.
    pub(super) fn ended(&mut self) -> Ran {
        Ran::from(self.child.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(super) fn send_signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Makes a page of HTML that some server hands out for every address.
pub(super) fn web_page(body: &'static str) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { break };
            let mut request = [0; 2048];
            let _ = std::io::Read::read(&mut stream, &mut request);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    port
}

/// Returns whether a folder has a file of this name.
pub(super) fn has(folder: &Path, name: &str) -> bool {
    folder.join(name).is_file()
}
