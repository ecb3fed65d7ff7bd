//! Paces: nobody gets more than the rate, however many ask.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::clock::{Clock, ManualClock, random_bytes};
use crate::domain::pace::Rate;
use crate::store::{DayLimit, PaceRequest, Store, StoreError};

fn request(key: &str, per_minute: u32, wanted: u32) -> PaceRequest {
    PaceRequest { key: key.to_owned(), limit: Rate::per_minute(per_minute), wanted, went_well: false }
}

fn below(clock: &ManualClock, end: u32) -> u32 {
    u32::from_be_bytes(random_bytes(clock)) % end
}

/// One step of a node that asks for `wanted` mails of a relay and the installation, uses a part and gives back the
/// rest. Returns how many it used.
async fn ask(store: Store, limits: [u32; 2], wanted: u32, percent: u32, now: Timestamp) -> Result<u64, StoreError> {
    let requests = [request("installation", limits[0], wanted), request("relay:a", limits[1], wanted)];
    let allowance = store.take_together(&requests, wanted, None, now).await?;
    let used = allowance.mails * percent / 100;
    let unused: Vec<_> = allowance.grants.into_iter().map(|grant| (grant, used)).collect();
    store.give_back_paces(&unused).await?;
    Ok(used.into())
}

#[tokio::test]
async fn however_many_nodes_ask_no_minute_gets_more_than_the_rate() {
    on_each_engine(async |store| {
        for (seed, limits) in [(1, [300, 90]), (2, [37, 1000]), (3, [6000, 6000])] {
            let least = u64::from(limits[0].min(limits[1]));
            // The rows of the run before are still there, and the clock of this one lies before them.
            let clock = ManualClock::at(minute(1000 - 100 * seed));
            let start = clock.now();
            let mut sent: Vec<(i64, u64)> = Vec::new();
            for _ in 0..240 {
                clock.advance(SignedDuration::from_millis(below(&clock, 1000).into()));
                let now = clock.now();
                let nodes: Vec<_> = (0..4)
                    .map(|_| {
                        let wanted = below(&clock, 200);
                        let used = if below(&clock, 10) < 3 { below(&clock, 100) } else { 100 };
                        tokio::spawn(ask(store.clone(), limits, wanted, used, now))
                    })
                    .collect();
                for node in nodes {
                    sent.push((now.as_millisecond(), node.await.unwrap().unwrap()));
                }
            }
            for (end, _) in &sent {
                let minute = sent.iter().filter(|(at, _)| at <= end && *at > end - 60_000);
                let mails: u64 = minute.map(|(_, mails)| mails).sum();
                assert!(mails <= least, "{mails} of {least} in a minute on {}", store.engine());
            }
            let all: u64 = sent.iter().map(|(_, mails)| mails).sum();
            let passed = u64::try_from(clock.now().duration_since(start).as_secs()).unwrap();
            assert!(all * 60 * 10 > least * passed * 5, "{all} in {passed} s of {least} a minute");
        }
    })
    .await;
}

#[tokio::test]
async fn a_row_from_a_clock_that_was_a_week_ahead_holds_nothing_up() {
    on_each_engine(async |store| {
        let week = 7 * 24 * 60;
        for at in [minute(week), minute(0), minute(-week), minute(0)] {
            let grants = store.take_paces(&[request("domain:example.jp", 60, 5)], at).await.unwrap();
            assert_eq!(grants.len(), 1);
            let slowed = store.slow_pace("domain:other.jp", None, 0, "421", at).await.unwrap();
            assert!(slowed.is_some());
        }
        let soon = minute(3);
        let grants =
            store.take_paces(&[request("domain:example.jp", 60, 5), request("domain:other.jp", 0, 5)], soon).await;
        assert_eq!(grants.unwrap().iter().map(|grant| grant.mails).collect::<Vec<_>>(), [1, 0]);
        // The second pause in a row is two minutes, and so on: fifteen at most.
        let grants = store.take_paces(&[request("domain:other.jp", 0, 5)], minute(16)).await.unwrap();
        assert_eq!(grants[0].mails, 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_learnt_of_a_domain_is_every_nodes_and_survives_a_restart() {
    on_each_database(async |store, url| {
        store.join("a", minute(0), LEASE).await.unwrap();
        store.join("b", minute(0), LEASE).await.unwrap();
        let slowed = store.slow_pace("domain:example.jp", None, 30, "421 4.7.0", minute(0)).await.unwrap().unwrap();
        assert_eq!(slowed.rate(None), Rate::per_minute(30), "half of what two nodes were getting");
        assert!(store.slow_pace("domain:example.jp", None, 30, "421", minute(0)).await.unwrap().is_none());
        let other = Store::open(&url).await.unwrap();
        let seen = other.paces().await.unwrap();
        assert_eq!(seen, [slowed]);
        let went_well = PaceRequest { went_well: true, ..request("domain:example.jp", 0, 1) };
        let grants = other.take_paces(&[went_well], minute(1)).await.unwrap();
        assert_eq!((grants[0].mails, grants[0].slowed), (1, true));
        assert_eq!(store.paces().await.unwrap()[0].rate(None), Rate::per_minute(36));
        assert_eq!(store.forget_paces(minute(39 * 24 * 60)).await.unwrap(), 0);
        assert_eq!(store.forget_paces(minute(41 * 24 * 60)).await.unwrap(), 1);
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_day_of_the_warm_up_is_shared_and_what_is_not_used_is_given_back() {
    on_each_engine(async |store| {
        let day = DayLimit { day: "2026-12-01".to_owned(), limit: 100 };
        let take = async |wanted| store.take_together(&[], wanted, Some(&day), minute(0)).await.unwrap();
        let nodes = (0..4).map(|_| {
            let (store, day) = (store.clone(), day.clone());
            tokio::spawn(async move { store.take_together(&[], 30, Some(&day), minute(0)).await.unwrap().mails })
        });
        let mut all = 0;
        for node in nodes.collect::<Vec<_>>() {
            all += node.await.unwrap();
        }
        assert_eq!(all, 100);
        let urgent = take(5).await;
        assert_eq!((urgent.mails, urgent.of_the_day), (5, None), "only what the day does not hold up");
        store.count_day(&day.day, -3).await.unwrap();
        assert_eq!(store.sent_on(&day.day).await.unwrap(), 97);
        assert_eq!(take(5).await.mails, 3);
        let tomorrow = DayLimit { day: "2026-12-02".to_owned(), limit: 150 };
        assert_eq!(store.take_together(&[], 500, Some(&tomorrow), minute(0)).await.unwrap().mails, 150);
    })
    .await;
}
