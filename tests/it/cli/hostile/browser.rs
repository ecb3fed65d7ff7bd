//! Headless Chromium, driven through its debugging pipe, and what it did with a page.
//!
//! The pipe (file descriptors 3 and 4, a NUL after each message) needs no web socket, and a shell can lay it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a page may load.
const LOAD: Duration = Duration::from_secs(20);
/// How long a page is watched after it has loaded: timers, refreshes and animations of payloads are shorter.
const WATCH_MS: u32 = 400;

/// A browser with one page.
pub(super) struct Browser {
    child: Child,
    pipe: ChildStdin,
    said: Receiver<Value>,
    session: String,
    next_id: u64,
    events: Vec<Value>,
    _profile: TempDir,
}

/// What a page did while it was watched.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Whether all of it had come in the time there was.
    pub(super) loaded: bool,
    /// Every address that was asked for.
    pub(super) requests: Vec<String>,
    /// Dialogs that opened.
    pub(super) dialogs: usize,
    /// Whether a script left its mark in the document.
    pub(super) marked: bool,
    /// How often the page's policy refused something.
    pub(super) refused: usize,
    /// Every `element` and `element@attribute` of the document.
    pub(super) made_of: Vec<String>,
}

impl Browser {
    /// Starts a browser. Where there is none, the test fails: `.ci/prepare` installs it.
    pub(super) fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync \
                     --disable-background-networking --disable-component-update --disable-default-apps \
                     --disable-dev-shm-usage --remote-debugging-pipe";
        let profile_flag = format!("--user-data-dir={}", profile.path().display());
        let line = format!("exec chromium {flags} \"$0\" about:blank 3<&0 4>&1 </dev/null >/dev/null 2>&1");
        let mut child = Command::new("sh")
            .args(["-c", &line, &profile_flag])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pipe = child.stdin.take().unwrap();
        let (heard, said) = channel();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while out.read_until(0, &mut message).is_ok_and(|n| n > 0) {
                message.pop();
                let Ok(value) = serde_json::from_slice(&message) else { break };
                if heard.send(value).is_err() {
                    break;
                }
                message.clear();
            }
        });
        let mut browser =
            Self { child, pipe, said, session: String::new(), next_id: 0, events: Vec::new(), _profile: profile };
        let target = browser.ask("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = browser.ask("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        attached["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        for domain in ["Page", "Network", "Runtime", "Log"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Makes the page ignore its content security policy, or heed it again.
    pub(super) fn ignore_policy(&mut self, ignore: bool) {
        self.ask("Page.setBypassCSP", json!({ "enabled": ignore }));
    }

    /// Opens a page and watches it.
    pub(super) fn visit(&mut self, url: &str) -> Seen {
        self.events.clear();
        let begun = self.ask("Page.navigate", json!({ "url": url }));
        assert!(begun["errorText"].is_null(), "{url}: {begun}");
        let patience = Instant::now() + LOAD;
        while !self.loaded() && Instant::now() < patience {
            self.listen();
        }
        let wait = format!("new Promise(done => setTimeout(done, {WATCH_MS}))");
        self.evaluate(&wait);
        let marked = self.evaluate("document.documentElement.dataset.ran ?? ''") != "";
        let made_of = self.evaluate(
            "[...new Set([...document.querySelectorAll('*')].flatMap(e => [e.localName, \
             ...[...e.attributes].map(a => e.localName + '@' + a.name)]))]",
        );
        let method = |name: &'static str| self.events.iter().filter(move |event| event["method"] == name);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Seen {
            loaded: self.loaded(),
            requests: method("Network.requestWillBeSent").map(|e| text(&e["params"]["request"]["url"])).collect(),
            dialogs: method("Page.javascriptDialogOpening").count(),
            marked,
            refused: method("Log.entryAdded").filter(|e| e["params"]["entry"]["source"] == "security").count(),
            made_of: made_of.as_array().into_iter().flatten().map(text).collect(),
        }
    }

    fn loaded(&self) -> bool {
        self.events.iter().any(|event| event["method"] == "Page.loadEventFired")
    }

    /// Returns what an expression comes to in the page.
    pub(super) fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        self.ask("Runtime.evaluate", asked)["result"]["value"].clone()
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.tell(method, params);
        loop {
            let Some(answer) = self.listen() else { continue };
            if answer["id"] == id {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn tell(&mut self, method: &str, params: Value) -> u64 {
        self.next_id += 1;
        let mut message = json!({ "id": self.next_id, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.pipe.write_all(message.to_string().as_bytes()).unwrap();
        self.pipe.write_all(b"\0").unwrap();
        self.next_id
    }

    /// Waits for the next thing the browser says: an answer, which it returns, or an event, which it keeps.
    fn listen(&mut self) -> Option<Value> {
        let said = self.said.recv_timeout(PATIENCE).expect("chromium answers: is it installed? .ci/prepare does it");
        if said["method"].is_null() {
            return Some(said);
        }
        if said["method"] == "Page.javascriptDialogOpening" {
            // A dialog holds up the page until somebody presses its button.
            self.tell("Page.handleJavaScriptDialog", json!({ "accept": true }));
        }
        self.events.push(said);
        None
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
