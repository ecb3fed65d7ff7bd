//! One request at a time to a host, and a pause before the next one.
//!
//! Many feeds may live on one host, and redirects of many may lead to one. Whoever is about to ask takes the host's turn
//! and keeps it until the answer has been read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

/// Between two requests to one host: what a patient reader with a browser needs.
pub(super) const GAP: Duration = Duration::from_secs(1);
/// Hosts are few; past this those that nobody waits for are forgotten.
const MANY_HOSTS: usize = 1000;

type Host = Arc<tokio::sync::Mutex<Instant>>;

/// Whose turn it is, host by host.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns {
    hosts: Arc<Mutex<HashMap<String, Host>>>,
}

/// The right to ask one host, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    next: OwnedMutexGuard<Instant>,
    gap: Duration,
}

impl Turns {
    /// Waits for the turn at `host`. Nobody else has it until `gap` after it is dropped.
    pub(super) async fn take(&self, host: &str, gap: Duration) -> Turn {
        let next = self.host(host).lock_owned().await;
        tokio::time::sleep_until(*next).await;
        Turn { next, gap }
    }

    fn host(&self, name: &str) -> Host {
        let mut hosts = self.hosts.lock().expect("no holder of this lock panics");
        if hosts.len() >= MANY_HOSTS {
            let now = Instant::now();
            hosts.retain(|_, host| host.try_lock().map_or(true, |next| *next > now) || Arc::strong_count(host) > 1);
        }
        Arc::clone(hosts.entry(name.to_owned()).or_insert_with(|| Arc::new(tokio::sync::Mutex::new(Instant::now()))))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.next = Instant::now() + self.gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_host_is_asked_one_at_a_time_with_a_gap_between() {
        let turns = Turns::default();
        let start = Instant::now();
        let mut visits = tokio::task::JoinSet::new();
        for _ in 0..5 {
            let turns = turns.clone();
            visits.spawn(async move {
                let _turn = turns.take("news.example.jp", GAP).await;
                let began = start.elapsed();
                tokio::time::sleep(Duration::from_secs(10)).await;
                began.as_secs()
            });
        }
        let mut began = visits.join_all().await;
        began.sort_unstable();
        assert_eq!(began, [0, 11, 22, 33, 44]);
        drop(turns.take("other.example.jp", GAP).await);
        assert_eq!(start.elapsed().as_secs(), 54);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_visits_to_one_host_leave_it_a_second_each() {
        let turns = Turns::default();
        let answer = Duration::from_millis(200);
        let mut visits = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let turns = turns.clone();
            visits.spawn(async move {
                let _turn = turns.take("news.example.jp", GAP).await;
                let began = Instant::now();
                tokio::time::sleep(answer).await;
                began
            });
        }
        let mut began = visits.join_all().await;
        began.sort_unstable();
        assert!(began.windows(2).all(|two| two[1] - two[0] == answer + GAP));
        assert_eq!(began[99] - began[0], 99 * (answer + GAP), "two minutes for all of them");
    }

    #[tokio::test(start_paused = true)]
    async fn a_visit_that_is_given_up_frees_its_host() {
        let turns = Turns::default();
        let visit = async {
            let _turn = turns.take("a", GAP).await;
            std::future::pending::<()>().await;
        };
        assert!(tokio::time::timeout(Duration::from_secs(5), visit).await.is_err());
        let started = Instant::now();
        drop(turns.take("a", GAP).await);
        assert_eq!(started.elapsed(), GAP);
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_nobody_waits_for_are_forgotten() {
        let turns = Turns::default();
        for n in 0..3 * MANY_HOSTS {
            drop(turns.take(&n.to_string(), Duration::ZERO).await);
        }
        assert!(turns.hosts.lock().unwrap().len() <= MANY_HOSTS);
    }
}
