//! SIGTERM and Ctrl-C: the first asks, the second insists.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::output::Output;

/// Returns a token that the first signal cancels. A second signal ends the process at once; what was offered to a relay
/// at that moment is told as unknown by the next start.
pub(super) fn stop_on_signals(out: Output) -> std::io::Result<CancellationToken> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = CancellationToken::new();
    let asked = stop.clone();
    tokio::spawn(async move {
        let mut before = false;
        loop {
            // 128 and the signal's number, as shells count.
            let code = tokio::select! {
                _ = terminate.recv() => 143,
                _ = interrupt.recv() => 130,
            };
            if before {
                std::process::exit(code);
            }
            before = true;
            out.remark("Stopping: finishing what is on its way. Once more to stop at once.");
            asked.cancel();
        }
    });
    Ok(stop)
}
