//! The scribe: one task that writes the ledger for all connections of a process.
//!
//! A commit waits for the disk. While it does, the other connections bring what they have, and the next commit takes it
//! all (group commit): nobody waits longer than for the commit under way and their own, and a hundred connections cost
//! the disk no more than one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::store::{Attempted, Offer, Store, StoreError, Written};

/// So many lines at most in one transaction.
const BATCH: usize = 512;
/// How long a result that cannot be written is held on to: the relay has spoken and will not say it again. After that
/// the lease is lost anyway, and others have put the delivery down as unknown.
const PATIENCE: Duration = super::node::LEASE;
/// How long an offer that cannot be written is held on to. The relay waits for the content and would wait for minutes;
/// but the others may have a better relay, and a better database.
const OFFER_PATIENCE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A line could not be written, and nobody knows whether any of it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ledger cannot be written")]
pub(super) struct Unwritten;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    /// Whether the result is recorded. If not, others had taken the delivery over.
    pub(super) recorded: bool,
    /// Whether the claim is offered. If not, the message must not be completed.
    pub(super) offered: bool,
}

struct Request {
    result: Option<Attempted>,
    offer: Option<Offer>,
    answer: oneshot::Sender<Result<Answer, Unwritten>>,
}

/// Hands lines to the scribe. It writes until the last handle is gone.
#[derive(Debug, Clone)]
pub(super) struct Scribe {
    requests: mpsc::Sender<Request>,
}

impl Scribe {
    /// Puts a scribe to work, as one of `tasks`.
    pub(super) fn start(tasks: &mut JoinSet<()>, store: Store, clock: Arc<dyn Clock>) -> Self {
        let (requests, receiver) = mpsc::channel(BATCH);
        tasks.spawn(work(store, clock, receiver));
        Self { requests }
    }

    /// Records how an attempt ended, or marks a claim as offered, or both at once. Returns when it is durable.
    pub(super) async fn write(&self, result: Option<Attempted>, offer: Option<Offer>) -> Result<Answer, Unwritten> {
        let (answer, written) = oneshot::channel();
        self.requests.send(Request { result, offer, answer }).await.map_err(|_| Unwritten)?;
        written.await.map_err(|_| Unwritten)?
    }
}

async fn work(store: Store, clock: Arc<dyn Clock>, mut receiver: mpsc::Receiver<Request>) {
    let mut requests = Vec::new();
    let mut trouble: Option<(Instant, Duration)> = None;
    while !requests.is_empty() || receiver.recv_many(&mut requests, BATCH).await > 0 {
        let results: Vec<Attempted> = requests.iter().filter_map(|request| request.result.clone()).collect();
        let offers: Vec<Offer> = requests.iter().filter_map(|request| request.offer.clone()).collect();
        let error = match store.write_down(&results, &offers, clock.now()).await {
            Ok(written) => {
                trouble = None;
                requests.drain(..).for_each(|request| request.succeeded(&written));
                continue;
            }
            Err(error) => error,
        };
        let (since, pause) = trouble.unwrap_or_else(|| (Instant::now(), FIRST_PAUSE));
        tracing::error!("The ledger cannot be written: {error}");
        // What has been sent is worth waiting for. What has not is worth a moment: had the commit been made and only its
        // answer been lost, nobody but us could say that nothing was sent.
        let again = |patience| matches!(error, StoreError::Unavailable(_)) && since.elapsed() < patience;
        let (result, offer) = (again(PATIENCE), again(OFFER_PATIENCE));
        let (keep, lost): (Vec<_>, Vec<_>) =
            requests.drain(..).partition(|request| if request.result.is_some() { result } else { offer });
        requests = keep;
        lost.into_iter().for_each(Request::failed);
        trouble = Some((since, (pause * 2).min(LONGEST_PAUSE)));
        tokio::time::sleep(pause).await;
        while requests.len() < BATCH
            && let Ok(request) = receiver.try_recv()
        {
            requests.push(request);
        }
    }
}

impl Request {
    fn succeeded(self, written: &Written) {
        let answer = Answer {
            recorded: self.result.is_some_and(|result| written.recorded(&result.hold)),
            offered: self.offer.is_some_and(|offer| written.offered(&offer.hold)),
        };
        // Whoever asked may have been cancelled; the line is written all the same.
        let _ = self.answer.send(Ok(answer));
    }

    fn failed(self) {
        let _ = self.answer.send(Err(Unwritten));
    }
}
