//! Why the demo cannot start, or did not go well.

/// The demo cannot start, or the journey of `--once` went wrong.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder of the throw-away database.
    #[error("cannot make a folder for the demo's database: {0}")]
    Folder(std::io::Error),
    /// No port for one of the servers.
    #[error("cannot listen on 127.0.0.1 for {what}: {error}")]
    Listen {
        /// What was to be served there.
        what: &'static str,
        /// Why it cannot.
        error: std::io::Error,
    },
    /// The daemon.
    #[error(transparent)]
    App(#[from] crate::app::AppError),
    /// The database.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The sample feeds.
    #[error("cannot add the sample feeds: {0}")]
    Articles(#[from] crate::articles::ArticlesError),
    /// The daemon stopped though nobody told it to.
    #[error("the daemon stopped before the demo was over")]
    Ended,
    /// A step of the journey.
    #[error("“{step}” failed: {seen}")]
    Journey {
        /// The step.
        step: &'static str,
        /// What was seen instead of what should have been.
        seen: String,
    },
    /// The journey as a whole.
    #[error("the journey was not over after {} seconds; it stood at “{step}”", .limit.as_secs())]
    TooSlow {
        /// The step it stood at.
        step: &'static str,
        /// How long it may take.
        limit: std::time::Duration,
    },
    /// Somebody pressed Ctrl-C in the middle of the journey.
    #[error("stopped in the middle of the journey, at “{0}”")]
    Interrupted(&'static str),
}
