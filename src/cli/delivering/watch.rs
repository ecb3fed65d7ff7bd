//! Telling when it is of no use to wait any longer.

use std::time::{Duration, Instant};

use super::post::Post;
use super::{Ending, Matter};
use crate::app::App;
use crate::store::{DeliveryCounts, StoreError};

/// What was queued a moment ago may not have been claimed yet.
const SETTLING: Duration = Duration::from_millis(500);
/// How long a relay may be in trouble: two more tries by then. A command is not the place to wait for a relay that is
/// down; the ledger is.
const TROUBLE_PATIENCE: Duration = Duration::from_secs(5);
/// How long nobody may be seen to deliver. A daemon that is just starting registers within this.
const UNMANNED_PATIENCE: Duration = Duration::from_secs(10);
/// How long another process may seem to do nothing. With one mail a minute it does something in time.
const STILL_PATIENCE: Duration = Duration::from_secs(150);
/// How long to wait until whoever sends has closed the books.
const CLOSING: Duration = Duration::from_secs(5);

/// What was seen so far.
pub(super) struct Watch {
    counts: DeliveryCounts,
    moved: Instant,
    in_trouble: Option<Instant>,
    unmanned: Option<Instant>,
}

impl Watch {
    pub(super) fn new(now: Instant) -> Self {
        Self { counts: DeliveryCounts::default(), moved: now, in_trouble: None, unmanned: None }
    }

    /// Looks once more, and says how it ends if it does.
    pub(super) async fn look(
        &mut self,
        app: &App,
        matter: &Matter,
        counts: &DeliveryCounts,
        post: &Post<'_>,
        troubles: Vec<String>,
    ) -> Result<Option<Ending>, StoreError> {
        let now = Instant::now();
        if *counts != self.counts {
            (self.counts, self.moved) = (*counts, now);
        }
        let still = now.duration_since(self.moved);
        if counts.open() == 0 {
            // Ours closes them when it stops.
            let closed = post.is_ours() || still >= CLOSING || matter.is_closed(&app.store).await?;
            return Ok(closed.then_some(Ending::Complete));
        }
        let in_trouble = lasting(&mut self.in_trouble, post.is_cut_off(&troubles), now);
        let unmanned = lasting(&mut self.unmanned, !post.is_manned(), now);
        if counts.claimed + counts.offered > 0 {
            // What a relay has in hand comes to an end by itself.
            return Ok(None);
        }
        if in_trouble >= TROUBLE_PATIENCE {
            return Ok(Some(Ending::Trouble { relays: troubles }));
        }
        if unmanned >= UNMANNED_PATIENCE {
            return Ok(Some(Ending::NobodyDelivers));
        }
        if still >= SETTLING {
            let now = app.clock.now();
            if let Some(due) = matter.next_due(&app.store, now).await?.filter(|due| *due > now) {
                return Ok(Some(Ending::Deferred { due }));
            }
        }
        Ok((still >= STILL_PATIENCE && !post.is_ours()).then_some(Ending::NothingMoves))
    }
}

/// Returns for how long something has been so.
fn lasting(since: &mut Option<Instant>, is_so: bool, now: Instant) -> Duration {
    if !is_so {
        *since = None;
        return Duration::ZERO;
    }
    now.duration_since(*since.get_or_insert(now))
}
