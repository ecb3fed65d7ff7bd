//! Pacing from the claim to the relay's answer.

use super::*;
use crate::delivery::node::LEASE;
use crate::delivery::pace::Pace;
use crate::domain::delivery::{DeliveryKind, Outcome, Reply};
use crate::store::Entry;
use crate::store::tests::harness::{count_rewrites, crowd, rewrites};

fn limits(domains: &[(&str, u32)]) -> Pacing {
    let domains = domains.iter().map(|(domain, rate)| ((*domain).to_owned(), *rate)).collect();
    Pacing { domains, ..Pacing::default() }
}

#[tokio::test]
async fn the_rate_of_the_installation_and_that_of_a_relay_hold_over_restarts() {
    for of_relay in [false, true] {
        let mut house = House::new(Courteous).await;
        if of_relay {
            house.relay.config.rate_per_minute = 2;
        } else {
            house.policy.rate_per_minute = 2;
        }
        for n in 0..6 {
            house.reader(&format!("reader-{n}@example.jp")).await;
        }
        house.issue().await;
        let mut sent = Vec::new();
        for _ in 0..16 {
            // Each is a process of its own.
            sent.push(house.drain().await);
            house.pass(SignedDuration::from_secs(10));
        }
        assert_eq!(sent, [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1], "relay: {of_relay}");
    }
}

#[tokio::test]
async fn a_domain_with_a_limit_waits_in_its_lane_and_the_others_go() {
    let mut house = House::new(Courteous).await;
    house.pacing = limits(&[("docomo.ne.jp", 6)]);
    for n in 0..5 {
        house.reader(&format!("reader-{n}@docomo.ne.jp")).await;
    }
    for n in 0..5 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    assert_eq!(house.drain().await, 6);
    assert_eq!(house.store.lane_lengths().await.unwrap()["docomo.ne.jp"], 4);
    let waiting = house.line_to("reader-4@docomo.ne.jp").await;
    assert_eq!((waiting.state, waiting.attempts), (DeliveryState::Queued, 0));
    assert_eq!(house.drain().await, 0);
    for _ in 0..4 {
        house.pass(SignedDuration::from_secs(10));
        assert_eq!(house.drain().await, 1);
    }
    let order: Vec<_> = house.inbox.mails().iter().map(|mail| mail.envelope.to[0].clone()).collect();
    let docomo: Vec<_> = order.iter().filter(|to| to.ends_with("docomo.ne.jp")).collect();
    assert_eq!(
        docomo,
        ["0", "1", "2", "3", "4"].map(|n| format!("reader-{n}@docomo.ne.jp")).iter().collect::<Vec<_>>()
    );
    assert!(house.lines().await.iter().all(|line| line.state == DeliveryState::Accepted));
}

#[tokio::test]
async fn a_lane_whose_limit_was_lifted_runs_dry_at_once() {
    let mut house = House::new(Courteous).await;
    house.pacing = limits(&[("docomo.ne.jp", 1)]);
    for n in 0..5 {
        house.reader(&format!("reader-{n}@docomo.ne.jp")).await;
    }
    house.issue().await;
    assert_eq!(house.drain().await, 1);
    house.pacing = limits(&[("docomo.ne.jp", 0)]);
    assert_eq!(house.drain().await, 4);
}

#[tokio::test]
async fn a_domain_that_complains_is_slowed_down_and_nobody_else_is() {
    let complaint = refusal(451, "4.7.500 server busy, see <someone@big.example>");
    let house = House::new(AtTheRecipient(vec![
        ("reader-0@big.example", complaint.clone()),
        ("reader-1@big.example", complaint),
    ]))
    .await;
    for n in 0..4 {
        house.reader(&format!("reader-{n}@big.example")).await;
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    assert_eq!(house.drain().await, 5, "one complaint is enough");
    let paces = house.store.paces().await.unwrap();
    let [pace] = &paces[..] else { panic!("{paces:?}") };
    let slowed = pace.slowed.as_ref().unwrap();
    assert_eq!((pace.key.as_str(), slowed.why.as_str()), ("domain:big.example", "451 4.7.500"));
    assert_eq!(slowed.paused_until, Some(house.now() + SignedDuration::from_mins(1)), "it had taken nothing");
    assert_eq!(house.store.lane_lengths().await.unwrap()["big.example"], 3);
    // The next in the lane complains, too; then the pause is two minutes.
    house.pass(SignedDuration::from_secs(61));
    assert_eq!(house.drain().await, 1);
    assert_eq!(house.drain().await, 0);
    house.pass(SignedDuration::from_secs(121));
    assert_eq!(house.drain().await, 1);
    assert_eq!(house.inbox.taken(), 5);
}

#[tokio::test]
async fn the_warm_up_lets_so_many_leave_a_day_and_never_holds_up_a_test() {
    let mut house = House::new(Courteous).await;
    house.pacing.zone = jiff::tz::TimeZoneDatabase::bundled().get("Asia/Tokyo").unwrap();
    let today = house.now().to_zoned_datetime(house.pacing.zone.clone()).date();
    house.pacing.warm_up =
        Some(crate::domain::warm_up::WarmUp { start: today, first_day: 2, growth_percent: 50, until: 4 });
    for n in 0..9 {
        house.reader(&format!("reader-{n}@example.jp")).await;
    }
    house.issue().await;
    assert_eq!(house.drain().await, 2);
    assert_eq!(house.drain().await, 0);
    house.store.queue_test(&house.letter(), "editor@example.jp", house.now()).await.unwrap();
    assert_eq!(house.drain().await, 1);
    assert_eq!(house.line_to("editor@example.jp").await.kind, DeliveryKind::Test);
    assert_eq!(house.store.sent_on(&today.to_string()).await.unwrap(), 2);
    house.pass(SignedDuration::from_hours(24));
    assert_eq!(house.drain().await, 3);
    house.pass(SignedDuration::from_hours(24));
    assert_eq!(house.drain().await, 4, "the warm-up is over");
}

#[tokio::test]
async fn a_relay_that_is_down_does_not_use_up_the_warm_up() {
    let mut house = House::new(Courteous).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    house.relay = relay(closed);
    let today = house.now().to_zoned_datetime(house.pacing.zone.clone()).date();
    house.pacing.warm_up =
        Some(crate::domain::warm_up::WarmUp { start: today, first_day: 2, growth_percent: 50, until: 40 });
    house.reader("a@example.jp").await;
    house.issue().await;
    assert_eq!(house.drain().await, 1);
    assert_eq!(house.store.sent_on(&today.to_string()).await.unwrap(), 0);
}

/// Claims as a node would, and takes everything for sent. Returns the addresses.
async fn step(house: &House, pace: &Pace, limit: usize) -> Vec<String> {
    let now = house.now();
    let claims = pace.claim(&house.store, "node-1", limit, now, LEASE).await.unwrap().unwrap();
    for claim in &claims {
        let accepted = Reply::new(250, "ok");
        pace.observe(&house.store, &claim.address, &Outcome::Accepted(accepted.clone()), now).await;
        assert!(house.store.record("node-1", claim, "main", &Entry::Accepted(accepted), now).await.unwrap());
    }
    claims.into_iter().map(|claim| claim.address).collect()
}

#[tokio::test]
async fn a_hundred_thousand_for_a_slow_domain_are_moved_once_and_hold_up_nobody() {
    const SLOW: i64 = 100_000;
    const OTHERS: usize = 300;
    let house = House::new(Courteous).await;
    crowd(&house.store, "docomo.ne.jp", SLOW).await;
    crowd(&house.store, "example.jp", i64::try_from(OTHERS).unwrap()).await;
    house.issue().await;
    house.store.join("node-1", house.now(), Duration::from_secs(1_000_000)).await.unwrap();
    count_rewrites(&house.store).await;
    let mut pace = Pace::new(0, &[]);
    pace.set(limits(&[("docomo.ne.jp", 300)]));

    let begin = std::time::Instant::now();
    let (mut others, mut slow, mut rounds) = (0, 0, 0);
    while others < OTHERS {
        rounds += 1;
        assert!(rounds < 100, "{others} of the others after {rounds} rounds");
        let sent = step(&house, &pace, 64).await;
        slow += sent.iter().filter(|to| to.ends_with("@docomo.ne.jp")).count();
        others += sent.iter().filter(|to| to.ends_with("@example.jp")).count();
        house.pass(SignedDuration::from_millis(100));
    }
    let took = begin.elapsed();
    // Each line is moved once, some were claimed before that, and what is sent is written twice: claimed and settled.
    let moved = rewrites(&house.store).await;
    let sent = i64::try_from(2 * (others + slow)).unwrap();
    assert!(moved <= SLOW + sent + 64 * 20, "{moved} writes in {rounds} rounds");
    println!("{SLOW} moved with {moved} writes in {rounds} rounds and {took:?}; all {OTHERS} others sent by then");

    // From now on nothing of the backlog is touched but what is sent.
    let mut in_minutes = 0;
    for _ in 0..(5 * 60 * 5) {
        in_minutes += step(&house, &pace, 64).await.len();
        house.pass(SignedDuration::from_millis(200));
    }
    assert!((1470..=1500).contains(&in_minutes), "{in_minutes} in five minutes of 300");
    let after = rewrites(&house.store).await - moved;
    assert_eq!(after, i64::try_from(2 * in_minutes).unwrap());
}

#[tokio::test]
async fn nodes_learn_from_each_other_and_nothing_is_asked_where_nothing_is_limited() {
    let house = House::new(Courteous).await;
    crowd(&house.store, "big.example", 400).await;
    house.issue().await;
    house.store.join("node-1", house.now(), Duration::from_secs(1_000_000)).await.unwrap();
    let (here, there) = (Pace::new(0, &[]), Pace::new(0, &[]));
    assert_eq!(step(&house, &here, 100).await.len(), 100);
    assert_eq!(step(&house, &there, 20).await.len(), 20);
    assert!(house.store.paces().await.unwrap().is_empty(), "no row for what has no limit");
    let complaint = Outcome::Deferred(Reply::new(421, "4.7.28 unusual rate"));
    here.observe(&house.store, "someone@big.example", &complaint, house.now()).await;
    here.observe(&house.store, "another@big.example", &complaint, house.now()).await;
    house.pass(SignedDuration::from_secs(5));
    assert_eq!(step(&house, &there, 100).await.len(), 1, "half of a hundred a minute, and one at a time");
    let mut in_a_minute = 0;
    for _ in 0..600 {
        house.pass(SignedDuration::from_millis(100));
        in_a_minute += step(&house, &here, 100).await.len() + step(&house, &there, 100).await.len();
    }
    assert!((45..=55).contains(&in_a_minute), "{in_a_minute}");
    let rate = house.store.paces().await.unwrap()[0].rate(None).unwrap();
    assert_eq!(rate.an_hour(), (50 + 10) * 60, "a minute that went well has sped it up");
}
