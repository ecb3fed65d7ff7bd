//! Which clock a process goes by: its own with a SQLite file, and with PostgreSQL the database's, so that all nodes
//! agree on the time.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, SharedClock, SystemClock};
use crate::store::{Store, StoreError};

/// How often the database's clock is read: a third of a node's lease. Until then a quartz is wrong by a millisecond.
const READ_EVERY: Duration = Duration::from_secs(20);
/// A reading that took longer says too little.
const PROMPT: Duration = Duration::from_secs(1);
/// A difference of which the operator hears.
const NOTICEABLE: SignedDuration = SignedDuration::from_secs(2);

/// Returns the clock to go by with this database. It is read again and again for as long as somebody has it.
///
/// # Errors
/// [`StoreError`] if the database does not answer.
pub async fn clock(store: &Store) -> Result<Arc<dyn Clock>, StoreError> {
    let (Some(time), at) = read(store).await? else { return Ok(Arc::new(SystemClock)) };
    let ahead = SystemClock.now().duration_since(time);
    if ahead.abs() > NOTICEABLE {
        let (seconds, side) = (ahead.abs().as_secs(), if ahead.is_positive() { "ahead of" } else { "behind" });
        tracing::warn!(
            "This machine's clock is {seconds} s {side} the database's, which is gone by. Set both with NTP: log lines \
             have the machine's time"
        );
    }
    let clock = Arc::new(SharedClock::new(time, at));
    tokio::spawn(keep(Arc::downgrade(&clock), store.clone()));
    Ok(clock)
}

async fn keep(clock: Weak<SharedClock>, store: Store) {
    loop {
        tokio::time::sleep(READ_EVERY).await;
        let Some(clock) = clock.upgrade() else { return };
        // Where there is no answer the time goes on from the last one; that nothing works then, others say.
        if let Ok((Some(time), at)) = read(&store).await
            && at.elapsed() < PROMPT
        {
            clock.set(time, at);
        }
    }
}

/// Returns what the database's clock read, and when: in the middle of the round trip, as nearly as anybody can know.
async fn read(store: &Store) -> Result<(Option<Timestamp>, Instant), StoreError> {
    let asked = Instant::now();
    let time = store.time().await?;
    Ok((time, asked + asked.elapsed() / 2))
}
