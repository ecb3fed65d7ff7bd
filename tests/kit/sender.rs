//! The real program, in a process of its own that can be killed.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};

/// A running program. It dies with the test.
pub(crate) struct Sender {
    child: Child,
    log: PathBuf,
    /// How long the log was when it started.
    log_began: usize,
}

impl Sender {
    /// Starts it in `folder`, where its configuration is; what it says is added to `sender.log` there.
    pub(crate) fn start(words: &[&str], folder: &Path, failpoints: &str) -> Self {
        Self::start_apart(words, folder, failpoints, "sender.log")
    }

    /// Starts it like the others, with a log of its own.
    pub(crate) fn start_apart(words: &[&str], folder: &Path, failpoints: &str, log: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kawaraban"));
        command.args(words);
        Self::spawn(command, folder, failpoints, log)
    }

    /// Starts it through a shell, after `preparation`.
    pub(crate) fn start_after(preparation: &str, words: &str, folder: &Path) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{preparation}; exec \"$0\" {words}"), env!("CARGO_BIN_EXE_kawaraban")]);
        Self::spawn(command, folder, "", "sender.log")
    }

    fn spawn(mut command: Command, folder: &Path, failpoints: &str, log: &str) -> Self {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KAWARABAN_") {
                command.env_remove(name);
            }
        }
        let path = folder.join(log);
        let log = std::fs::File::options().create(true).append(true).open(&path).unwrap();
        let log_began = usize::try_from(log.metadata().unwrap().len()).unwrap();
        command.current_dir(folder).env("FAILPOINTS", failpoints).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(log).kill_on_drop(true);
        Self { child: command.spawn().unwrap(), log: path, log_began }
    }

    fn pid(&self) -> u32 {
        self.child.id().expect("it was not waited for yet")
    }

    /// Sends SIGKILL and waits for the end.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) async fn signal(&self, name: &str) {
        let status = Command::new("kill").args([format!("-{name}"), self.pid().to_string()]).status().await.unwrap();
        assert!(status.success());
    }

    /// Waits for its end, for `patience` at most.
    pub(crate) async fn ends(&mut self, patience: Duration) -> Option<ExitStatus> {
        tokio::time::timeout(patience, self.child.wait()).await.ok().map(Result::unwrap)
    }

    /// Waits until it says that it runs: before that, a signal ends it as it ends any program.
    async fn runs(&self) {
        let running = async {
            while !std::fs::read(&self.log).unwrap()[self.log_began..].windows(7).any(|words| words == b"Running") {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), running).await.expect("it says that it runs");
    }

    /// Sends SIGTERM and returns the exit code.
    pub(crate) async fn stop(mut self) -> Option<i32> {
        self.runs().await;
        self.signal("TERM").await;
        let ended = self.ends(Duration::from_secs(45)).await;
        ended.expect("it stops within 45 seconds of SIGTERM").code()
    }

    /// Returns a number of kilobytes from `/proc/PID/status`, such as `VmRSS` or `VmHWM`.
    pub(crate) fn kilobytes(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap();
        line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Returns how much processor time it has used.
    pub(crate) fn processor_time(&self) -> Duration {
        /// The kernel counts in hundredths of a second for programs, on every platform Linux has.
        const TICKS_PER_SECOND: u64 = 100;
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        // The name in brackets may have blanks; the fields are counted from behind it (proc(5): 14 and 15).
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_ascii_whitespace().collect();
        let ticks: u64 = fields[11..13].iter().map(|field| field.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
    }
}
