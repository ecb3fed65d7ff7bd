//! The demo: the whole of Kawaraban on one machine, on a database that is thrown away at the end.
//!
//! The daemon is the real one. What it needs around it is here: sample feeds, served over HTTP and fetched for real;
//! a mail server that keeps what it gets; and an inbox that shows every mail as a reader sees it. [`run`] with `once`
//! also brings the visitor: it makes the whole journey from sign-up to leaving over HTTP and SMTP, and says how it went.

mod error;
mod frame;
mod inbox;
mod journey;
mod ports;
mod print;
mod samples;
mod settings;
mod stage;

use std::io::Write as _;

use tokio_util::sync::CancellationToken;

pub use error::DemoError;
pub use samples::{sample_picture, small_sample_picture};
pub use stage::{Addresses, Demo};

/// In which form a demo says what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Sentences, for whoever looks on.
    Words,
    /// A JSON document a line, for a script.
    JsonLines,
}

/// How a demo is run.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// Make the journey and end, instead of waiting for visitors.
    pub once: bool,
    /// The port of the pages; the inbox has the one after it. 0 takes free ones.
    pub port: u16,
    /// What is printed.
    pub form: Form,
    /// Ends it.
    pub stop: CancellationToken,
}

/// Runs a demo until it is stopped or, with `once`, until the journey is over. Says on standard output what is where.
///
/// # Errors
/// [`DemoError`] if it cannot start, or if a step of the journey went wrong.
pub async fn run(options: DemoOptions) -> Result<(), DemoError> {
    let demo = Demo::set_up(options.port).await?;
    let stop = options.stop.child_token();
    if options.once {
        return journey::make(demo, options.form, stop).await;
    }
    match options.form {
        Form::Words => introduce(demo.addresses(), options.port),
        Form::JsonLines => introduce_as_json(demo.addresses()),
    }
    demo.serve(stop).await
}

/// Says a line to whoever started the demo. One who has stopped listening, as `head` does, stops nothing else.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn introduce(addresses: &Addresses, wanted: u16) {
    say("Kawaraban’s demo is running: the daemon, a mail server and sample feeds, all on this machine.\n");
    if addresses.taken.is_some() {
        say(&format!("  Port {wanted} is taken, so these are on free ones."));
    }
    say(&format!("  Sign-up page   {}", addresses.site));
    say(&format!("  Inbox          {}   every mail, and the button that sends the digest\n", addresses.inbox));
    say("Start at the inbox: it says what to try. Stop with Ctrl-C; then all of it is thrown away.");
}

fn introduce_as_json(addresses: &Addresses) {
    say(&serde_json::json!({ "site": addresses.site, "inbox": addresses.inbox }).to_string());
}
