//! How the newsroom keeps up: counts and ratios, because machines differ. `docs/performance.md` keeps the figures.
//!
//! `cargo bench --bench newsroom -- NAME…` runs some of it, and `--quick` all of it on a small scale.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to say")]

mod feeds;
mod kit;

/// What is run without a name.
const ALL: &[&str] = &["feeds"];

#[tokio::main]
async fn main() {
    // Each scenario has a process of its own to show its memory in, if it is named alone.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let named: Vec<&str> = arguments.iter().map(String::as_str).filter(|name| ALL.contains(name)).collect();
    for name in if named.is_empty() { ALL } else { &named } {
        match *name {
            "feeds" => feeds::run(if quick { 20 } else { 200 }).await,
            _ => unreachable!("only names of the list are kept"),
        }
    }
}
