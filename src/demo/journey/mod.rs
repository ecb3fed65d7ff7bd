//! The journey of `--once`: what visitors and the operator do, step by step, over HTTP and SMTP.
//!
//! Nothing is taken on trust: after each step it is looked at from outside, in the mails and on the pages. Where
//! nothing must have happened, the database is asked.

mod browser;
mod log;
mod reader;
mod steps;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Demo, DemoError, Form};
use log::Log;
use steps::Visit;

/// How long it may all take. It takes a few seconds; a machine that is busy with other things is given time.
const DEADLINE: Duration = Duration::from_secs(60);

/// Serves `demo`, makes the journey, and takes everything down.
pub(super) async fn make(demo: Demo, form: Form, stop: CancellationToken) -> Result<(), DemoError> {
    let visit = Visit::new(&demo);
    let log = Log::begin(form);
    let ending = CancellationToken::new();
    let serving = demo.serve(ending.clone());
    let travelling = async {
        let outcome = tokio::select! {
            outcome = tokio::time::timeout(DEADLINE, visit.travel(&log)) => {
                outcome.unwrap_or(Err(DemoError::TooSlow { step: log.current(), limit: DEADLINE }))
            }
            () = stop.cancelled() => Err(DemoError::Interrupted(log.current())),
            () = ending.cancelled() => Err(DemoError::Ended),
        };
        ending.cancel();
        outcome
    };
    // Both futures are large; the stack of a debug build need not hold them.
    let (served, travelled) = tokio::join!(Box::pin(serving), Box::pin(travelling));
    // If the daemon could not start, that is the cause of whatever the traveller saw.
    served?;
    travelled?;
    log.close();
    Ok(())
}
