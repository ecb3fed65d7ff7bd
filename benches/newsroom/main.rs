//! How the newsroom keeps up: counts and ratios, because machines differ. `docs/performance.md` keeps the figures.
//!
//! `cargo bench --bench newsroom -- NAME…` runs some of it, and `--quick` all of it on a small scale.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to say")]

mod choose;
mod feeds;
mod kit;
mod render;
mod stories;

use std::time::Duration;

use kawaraban::clock::{Clock, SystemClock};

/// What is run without a name.
const ALL: &[&str] = &["feeds", "stories", "choose", "render"];

#[tokio::main]
async fn main() {
    // Each scenario has a process of its own to show its memory in, if it is named alone.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let named: Vec<&str> = arguments.iter().map(String::as_str).filter(|name| ALL.contains(name)).collect();
    for name in if named.is_empty() { ALL } else { &named } {
        match *name {
            "feeds" => feeds::run(if quick { 20 } else { 200 }).await,
            "stories" => find_stories(if quick { 1000 } else { 10_000 }).await,
            "choose" => choose_articles().await,
            "render" => render_variant(),
            _ => unreachable!("only names of the list are kept"),
        }
    }
}

async fn find_stories(articles: usize) {
    let (store, _folder) = kit::sqlite().await;
    let (stored, found, again) = stories::find(&store, articles, SystemClock.now()).await;
    println!(
        "stories: {articles} articles stored in {}, their stories found in {} ({:.2} of storing), nothing new in {}",
        ms(stored),
        ms(found),
        found.as_secs_f64() / stored.as_secs_f64(),
        ms(again)
    );
}

async fn choose_articles() {
    let (store, _folder) = kit::sqlite().await;
    let (made, read) = choose::choose(&store).await;
    println!(
        "choose: an issue made of 10,000 candidates in {}, {:.2} of reading their rows ({})",
        ms(made),
        made.as_secs_f64() / read.as_secs_f64(),
        ms(read)
    );
}

fn render_variant() {
    let rendered = render::render_one_variant();
    println!(
        "render: a variant of {} items, {} bytes of HTML, in {}",
        rendered.items,
        rendered.html_bytes,
        ms(rendered.median)
    );
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
