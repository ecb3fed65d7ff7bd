//! Seeing mail through: sending it if nobody else does, and otherwise looking on, until nothing is left that could go
//! now.

mod matter;
mod post;
mod watch;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::output::Output;
use super::progress::Progress;
use super::recovery::RecoveryNews;
use crate::app::App;
use crate::store::{DeliveryCounts, IssueTally};
use post::Post;
use watch::Watch;

pub(super) use matter::Matter;

/// How often the ledger is asked how far things are, at first: a mail to three readers is a matter of a moment.
const FIRST_LOOK: Duration = Duration::from_millis(100);
/// And later, so that counting a long ledger does not become the main work.
const NEXT_LOOK: Duration = Duration::from_secs(1);

/// Why it is of no use to wait any longer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Ending {
    /// Nothing is left to be sent.
    Complete,
    /// What is left was put off by a relay, until then at the earliest.
    Deferred {
        /// When the first of it is due.
        due: Timestamp,
    },
    /// No relay takes mail at the moment.
    Trouble {
        /// What is wrong with each.
        relays: Vec<String>,
    },
    /// A daemon has the database to itself and does not send.
    NobodyDelivers,
    /// Another process is to send it, and nothing has moved for long.
    NothingMoves,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

/// How it went.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Seen {
    /// How many mails it is about: the counts add up to that.
    pub(super) recipients: i64,
    /// Where the deliveries stand.
    pub(super) counts: DeliveryCounts,
    /// Why the command waits no longer.
    pub(super) ending: Ending,
    /// Whether this command sent them; otherwise it looked on.
    pub(super) sent_here: bool,
    /// How many were accepted meanwhile.
    pub(super) accepted_meanwhile: i64,
    /// How long it took.
    pub(super) elapsed_ms: u64,
}

impl Seen {
    /// Returns whether all is done that can be: what a relay refused for good is done, too.
    pub(super) fn is_all_well(&self) -> bool {
        self.counts.open() + self.counts.unknown + self.counts.expired == 0
    }
}

/// Sees `matter` through.
pub(super) async fn see_through(
    app: &App,
    matter: &Matter,
    stop: &CancellationToken,
    out: Output,
) -> anyhow::Result<Seen> {
    let started = Instant::now();
    let before = matter.tally(&app.store).await?.counts;
    let mut post = Post::new(app);
    let ending = {
        let mut progress = Progress::new(out, "mails");
        let ending = wait(app, matter, stop, &mut post, &mut progress).await;
        // Whatever happened: what this process has claimed is not left lying about.
        post.close().await?;
        ending?
    };
    let IssueTally { recipients, counts } = matter.tally(&app.store).await?;
    Ok(Seen {
        recipients,
        counts,
        ending,
        sent_here: post.was_ours(),
        accepted_meanwhile: counts.accepted - before.accepted,
        elapsed_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

async fn wait(
    app: &App,
    matter: &Matter,
    stop: &CancellationToken,
    post: &mut Post<'_>,
    progress: &mut Progress,
) -> anyhow::Result<Ending> {
    let mut watch = Watch::new(Instant::now());
    let mut look = FIRST_LOOK;
    let mut told: Vec<String> = Vec::new();
    let mut news = RecoveryNews::from_now(&app.store).await?;
    loop {
        post.attend().await?;
        for recovery in news.next(&app.store).await? {
            progress.remark(&recovery);
        }
        let counts = matter.tally(&app.store).await?.counts;
        let troubles = post.troubles();
        let open = u64::try_from(counts.open()).unwrap_or_default();
        let total = u64::try_from(counts.total()).unwrap_or_default();
        for trouble in troubles.iter().filter(|trouble| !told.contains(trouble)) {
            progress.remark(trouble);
        }
        progress.show(
            total.saturating_sub(open),
            total,
            if troubles.is_empty() { "" } else { "a relay is in trouble" },
        );
        told.clone_from(&troubles);
        if let Some(ending) = watch.look(app, matter, &counts, post, troubles).await? {
            return Ok(ending);
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(Ending::Interrupted),
            () = tokio::time::sleep(look) => {}
        }
        look = (look * 2).min(NEXT_LOOK);
    }
}
