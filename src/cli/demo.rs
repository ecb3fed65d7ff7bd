//! `demo`: everything on this machine, without a configuration.

use super::args::DemoArgs;
use super::exit::{Exit, Outcome};
use super::open::{Logging, start_log};
use super::output::Output;
use super::signals::stop_on_signals;
use crate::config::LogConfig;
use crate::demo::{self, DemoOptions, Form};

pub(super) async fn demo(args: DemoArgs, out: &Output) -> Outcome {
    // The steps are told on standard output; a log between them would only confuse whoever looks on.
    start_log(&LogConfig::default(), Logging::Quiet);
    let stop = stop_on_signals(*out)?;
    let form = if out.is_json() { Form::JsonLines } else { Form::Words };
    demo::run(DemoOptions { once: args.once, port: args.port, form, stop }).await?;
    Ok(Exit::Done)
}
