//! Crash points: named places at which a test makes the process die, at once and without a goodbye, as a power cut would.
//!
//! They exist where the `fail` crate has its `failpoints` feature, which the tests bring with them; in a release the
//! function below is empty and leaves nothing behind. A test sets `FAILPOINTS` in the environment of the process it
//! wants to see die: `content.after_dot=36*off->return` lets 36 messages pass and dies at the next one.

/// The crash points a delivery comes by, in its order.
pub const POINTS: &[&str] = &[
    "claim.before_commit",
    "claim.after_commit",
    "session.after_mail",
    "session.after_rcpt",
    "session.after_data",
    "offer.before_commit",
    "offer.after_commit",
    "content.in_the_middle",
    "content.after_dot",
    "content.after_reply",
    "result.before_commit",
    "result.after_commit",
];

/// Those of what is done beside it: saving what a dead node held, queueing what is in doubt again, giving claims back,
/// finishing an issue. They are passed only where there is something of the kind to write.
pub const UPKEEP: &[&str] = &[
    "recovery.before_commit",
    "recovery.after_commit",
    "requeue.before_commit",
    "requeue.after_commit",
    "give_back.before_commit",
    "give_back.after_commit",
    "finish.before_commit",
    "finish.after_commit",
];

/// Reads from `FAILPOINTS` which points are to be deadly. Without the feature it does nothing.
pub fn arm() {
    if cfg!(test) || !fail::has_failpoints() {
        return;
    }
    // Dropping the scenario would disarm the points, and they are wanted until the end.
    std::mem::forget(fail::FailScenario::setup());
}

/// Dies here if a test wants it.
pub fn point(name: &'static str) {
    if strikes(name) {
        std::process::abort();
    }
}

/// Returns whether a test wants the process to die here, for the place that has one last thing to do.
pub fn strikes(name: &'static str) -> bool {
    debug_assert!(POINTS.contains(&name) || UPKEEP.contains(&name), "{name} is on no list");
    fail::fail_point!(name, |_| true);
    false
}
