//! Slots, missed slots, and two schedulers at the same moment.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Fetching, JobStep, Scheduler};
use crate::articles::Articles;
use crate::clock::{Clock, ManualClock};
use crate::digest::{Digests, Imprint, Operator};
use crate::domain::article::NewArticle;
use crate::domain::delivery::DeliveryKind;
use crate::domain::desk::{Approval, Edit, Review};
use crate::domain::edition::Edition;
use crate::domain::issue::{Issue, IssueState, LetterHead};
use crate::domain::language::Language;
use crate::domain::links::Links;
use crate::domain::schedule::Schedule;
use crate::domain::subscriber::SubscriberState;
use crate::domain::token::Signer;
use crate::feeds::{FetchPolicy, Fetcher};
use crate::render::{Sender, Templates};
use crate::store::tests::harness::{enrolled, on_each_engine, what_waits};
use crate::store::{DeliveryFilter, Store};
use crate::subscribers::{Publication, Subscribers};

mod paused;

struct House {
    store: Store,
    clock: Arc<ManualClock>,
    scheduler: Scheduler,
}

/// Friday 2026-11-27, 08:00 in Tokyo.
fn friday() -> Timestamp {
    "2026-11-26T23:00:00Z".parse().unwrap()
}

impl House {
    /// Returns a house with one reader, on the day before a Friday.
    async fn on(store: &Store) -> Self {
        let house = Self::without_readers(store);
        enrolled(store, "reader", SubscriberState::Confirmed).await;
        house
    }

    fn without_readers(store: &Store) -> Self {
        let clock = Arc::new(ManualClock::at(friday() - SignedDuration::from_hours(20)));
        Self { scheduler: scheduler(store, clock.clone()), store: store.clone(), clock }
    }

    async fn article(&self, title: &str) {
        let article = NewArticle {
            feed_id: None,
            guid: title.to_owned(),
            source: None,
            title: title.to_owned(),
            url: "https://example.jp/1".to_owned(),
            summary: String::new(),
            section: "news".to_owned(),
            language: None,
            published: None,
            closes: None,
            details: Default::default(),
        };
        self.store.store_articles(&[article], self.clock.now()).await.unwrap();
    }

    async fn issues(&self) -> Vec<Issue> {
        let mut issues = self.store.latest_issues(None, None, 1000).await.unwrap();
        issues.reverse();
        issues
    }
}

fn scheduler(store: &Store, clock: Arc<ManualClock>) -> Scheduler {
    reviewing(store, clock, Approval::Auto)
}

/// Returns a scheduler whose drafts are looked at like this, by somebody if by anybody.
fn reviewing(store: &Store, clock: Arc<ManualClock>, approval: Approval) -> Scheduler {
    static TEMPLATES: std::sync::OnceLock<Arc<Templates>> = std::sync::OnceLock::new();
    let templates = TEMPLATES.get_or_init(|| Arc::new(Templates::load(None).unwrap())).clone();
    let links = Links::new(
        &"https://news.example.jp/".parse().unwrap(),
        Signer::new(&"a secret of more than thirty-two letters".into(), &[]),
    );
    let sender = Sender { name: "S".to_owned(), postal_address: "A".to_owned(), contact: "C".to_owned() };
    let head =
        LetterHead { from_name: "S".to_owned(), from_email: "news@example.jp".to_owned(), reply_to: None, list: None };
    let edition = Edition {
        name: "weekly".to_owned(),
        title: "Weekly".to_owned(),
        schedule: Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap(),
        sections: vec!["news".to_owned(), "openings".to_owned()],
        max_per_section: 20,
        late_limit: Duration::from_secs(24 * 3600),
        policy: Default::default(),
        review: Review { approval, ..Review::default() },
    };
    let publication = Publication {
        title: "Weekly".to_owned(),
        editions: vec![edition.clone()],
        sender: sender.clone(),
        head: head.clone(),
    };
    let policy = FetchPolicy { allow_networks: vec!["127.0.0.0/8".parse().unwrap()], user_agent: "test".to_owned() };
    let articles = Articles::new(
        store.clone(),
        clock.clone(),
        Arc::new(Fetcher::new(policy).unwrap()),
        Duration::from_secs(14 * 86400),
    );
    let imprint = Imprint { sender, head, unsubscribe_mailto: None };
    let digests = Digests::new(store.clone(), clock.clone(), links.clone(), templates.clone(), vec![edition], imprint);
    let addresses = if approval == Approval::Auto { Vec::new() } else { vec!["editor@example.jp".to_owned()] };
    let digests = digests.with_operator(Operator { addresses, language: Language::En });
    let subscribers = Subscribers::new(store.clone(), clock.clone(), links, templates, publication);
    Scheduler::new(store.clone(), clock, articles, digests, subscribers, Duration::from_secs(3600))
}

#[tokio::test]
async fn a_slot_becomes_one_issue_when_its_time_comes() {
    on_each_engine(async |store| {
        let house = House::on(&store).await;
        house.article("one").await;
        assert_eq!(house.scheduler.step().await.unwrap(), Some(friday()), "it says when to wake");
        assert!(house.issues().await.is_empty(), "before its time nothing is made");
        house.clock.set(friday());
        let next = house.scheduler.step().await.unwrap();
        assert_eq!(next, Some(friday() + SignedDuration::from_hours(7 * 24)));
        house.scheduler.step().await.unwrap();
        let issues = house.issues().await;
        assert_eq!(issues.len(), 1);
        assert_eq!((issues[0].slot.as_str(), &issues[0].state), ("2026-11-27T08:00", &IssueState::Sending));
    })
    .await;
}

#[tokio::test]
async fn a_new_installation_has_missed_nothing() {
    on_each_engine(async |store| {
        let house = House::on(&store).await;
        house.article("one").await;
        house.clock.set(friday() + SignedDuration::from_mins(5));
        house.scheduler.step().await.unwrap();
        assert!(house.issues().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_slot_missed_by_hours_is_sent_late_and_one_missed_by_days_is_on_record() {
    on_each_engine(async |store| {
        let house = House::on(&store).await;
        house.article("one").await;
        house.scheduler.step().await.unwrap();
        house.clock.set(friday() + SignedDuration::from_hours(23));
        house.scheduler.step().await.unwrap();
        assert_eq!(house.issues().await[0].state, IssueState::Sending);

        house.article("two").await;
        house.clock.set(friday() + SignedDuration::from_hours(7 * 24 + 25));
        house.scheduler.step().await.unwrap();
        let issues = house.issues().await;
        assert_eq!(issues.len(), 2);
        assert_eq!(issues[1].state, IssueState::Skipped("missed by more than 24 h".to_owned()));

        house.clock.set(friday() + SignedDuration::from_hours(14 * 24));
        house.scheduler.step().await.unwrap();
        let issues = house.issues().await;
        assert_eq!((issues[2].number, &issues[2].state), (Some(2), &IssueState::Sending));
        let items = house.store.issue_items(issues[2].id).await.unwrap();
        assert_eq!(items.iter().map(|i| i.title.as_str()).collect::<Vec<_>>(), ["two"], "it rolled over");
    })
    .await;
}

#[tokio::test]
async fn of_several_missed_slots_only_the_newest_is_made_up_for() {
    on_each_engine(async |store| {
        let house = House::on(&store).await;
        house.article("one").await;
        house.scheduler.step().await.unwrap();
        house.clock.set(friday() + SignedDuration::from_hours(3 * 7 * 24 + 1));
        house.scheduler.step().await.unwrap();
        let states: Vec<_> = house.issues().await.into_iter().map(|issue| issue.state.as_str()).collect();
        assert_eq!(states, ["skipped", "skipped", "skipped", "sending"]);
    })
    .await;
}

#[tokio::test]
async fn nothing_new_is_skipped_with_the_reason() {
    on_each_engine(async |store| {
        let house = House::on(&store).await;
        house.scheduler.step().await.unwrap();
        house.clock.set(friday());
        house.scheduler.step().await.unwrap();
        assert!(matches!(&house.issues().await[0].state, IssueState::Skipped(reason) if reason.contains("nothing")));
    })
    .await;
}

#[tokio::test]
async fn two_schedulers_and_a_hand_at_the_same_moment_make_one_issue() {
    for round in 0..4 {
        on_each_engine(async |store| {
            let house = House::on(&store).await;
            house.article("one").await;
            let schedulers: Vec<_> = (0..2).map(|_| scheduler(&house.store, house.clock.clone())).collect();
            for one in &schedulers {
                one.step().await.unwrap();
            }
            house.clock.set(friday());
            let hand = async {
                let slot = Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap().slot_at(house.clock.now());
                house.scheduler.run_slot("weekly", &slot, Fetching::None, |_| ()).await
            };
            let (a, b, c) =
                tokio::join!(Box::pin(schedulers[0].step()), Box::pin(schedulers[1].step()), Box::pin(hand));
            a.unwrap();
            b.unwrap();
            c.unwrap();
            let issues = house.issues().await;
            assert_eq!(issues.len(), 1, "round {round}: {issues:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn whoever_died_after_any_step_the_next_one_goes_on() {
    // Each round stops the job after one more step, as a crash would, and starts a scheduler anew.
    for steps in 0..4 {
        on_each_engine(async |store| {
            let house = House::on(&store).await;
            house.article("one").await;
            house.scheduler.step().await.unwrap();
            house.clock.set(friday());
            let slot = Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap().slot_at(friday());
            let digests = &house.scheduler.digests;
            if steps > 0 {
                let compiled = digests.compile("weekly", &slot).await.unwrap();
                if steps > 1 {
                    let sealed = digests.seal(compiled.issue.id).await.unwrap();
                    if steps > 2 {
                        digests.release(sealed.issue.id).await.unwrap();
                    }
                }
            }
            scheduler(&house.store, house.clock.clone()).step().await.unwrap();
            let issues = house.issues().await;
            assert_eq!(issues.len(), 1, "after {steps} steps");
            assert_eq!(issues[0].state, IssueState::Sending, "after {steps} steps");
        })
        .await;
    }
}

#[tokio::test]
async fn a_draft_that_was_begun_and_came_too_late_gives_its_articles_back() {
    on_each_engine(async |store| {
        let house = House::on(&store).await;
        house.article("one").await;
        house.scheduler.step().await.unwrap();
        let slot = Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap().slot_at(friday());
        house.clock.set(friday());
        let draft = house.scheduler.digests.compile("weekly", &slot).await.unwrap().issue;
        house.clock.set(friday() + SignedDuration::from_hours(30));
        house.scheduler.step().await.unwrap();
        assert!(matches!(house.store.issue(draft.id).await.unwrap().state, IssueState::Skipped(_)));
        let waiting = what_waits(&house.store, "weekly", "news", house.clock.now()).await;
        assert_eq!(waiting.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_job_tells_each_step() {
    on_each_engine(async |store| {
        let house = House::on(&store).await;
        house.article("one").await;
        let slot = Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap().slot_at(house.clock.now());
        let mut steps = Vec::new();
        let tell = |step: &JobStep| {
            steps.push(match step {
                JobStep::Collected(_) => "collected",
                JobStep::Compiled(_) => "compiled",
                JobStep::Waits(..) => "waits",
                JobStep::Sealed(_) => "sealed",
                JobStep::Released(_) => "released",
            });
        };
        house.scheduler.run_slot("weekly", &slot, Fetching::All, tell).await.unwrap();
        assert_eq!(steps, ["collected", "compiled", "sealed", "released"]);
    })
    .await;
}

impl House {
    /// Returns a house whose drafts are looked at, on the Wednesday before.
    async fn reviewing(store: &Store, approval: Approval) -> Self {
        let house = Self::on(store).await;
        house.clock.set(friday() - SignedDuration::from_hours(40));
        let scheduler = reviewing(&house.store, house.clock.clone(), approval);
        scheduler.step().await.unwrap();
        Self { scheduler, ..house }
    }

    /// Lets a scheduler that was just started do what is due at `hours` from the slot.
    async fn step_at(&self, hours: i64) {
        self.clock.set(friday() + SignedDuration::from_hours(hours));
        let edition = &self.scheduler.digests.editions()[0];
        reviewing(&self.store, self.clock.clone(), edition.review.approval).step().await.unwrap();
    }

    async fn mails(&self) -> usize {
        let lines = self.store.deliveries(&DeliveryFilter::default(), 100).await.unwrap();
        lines.iter().filter(|line| line.kind == DeliveryKind::Notice).count()
    }

    async fn edit(&self, edit: Edit) {
        let id = self.issues().await.pop().unwrap().id;
        self.scheduler.digests.edit(id, &edit, "ed").await.unwrap();
    }

    async fn states(&self) -> Vec<String> {
        self.issues().await.iter().map(|issue| issue.state.to_string()).collect()
    }
}

#[tokio::test]
async fn a_day_before_its_slot_a_draft_is_made_and_shown_and_goes_out_unless_it_is_held() {
    on_each_engine(async |store| {
        let house = House::reviewing(&store, Approval::Veto).await;
        house.step_at(-30).await;
        assert!(house.issues().await.is_empty());
        house.step_at(-24).await;
        assert!(house.issues().await.is_empty(), "with nothing to publish nothing is recorded yet");
        house.article("one").await;
        house.step_at(-23).await;
        assert_eq!((house.states().await.join(" "), house.mails().await), ("draft".to_owned(), 1));
        house.article("two").await;
        for hours in -22..0 {
            house.step_at(hours).await;
        }
        assert_eq!(house.mails().await, 1, "what comes later waits for the next one");
        house.step_at(0).await;
        assert_eq!(house.states().await, ["sending"]);
        let issue = &house.issues().await[0];
        assert_eq!(
            (issue.slot.as_str(), house.store.issue_items(issue.id).await.unwrap().len()),
            ("2026-11-27T08:00", 1)
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_held_waits_past_its_slot_and_goes_out_once_it_is_approved() {
    on_each_engine(async |store| {
        let house = House::reviewing(&store, Approval::Veto).await;
        house.article("one").await;
        house.step_at(-24).await;
        house.edit(Edit::Hold).await;
        house.step_at(-23).await;
        assert_eq!(house.mails().await, 1, "a hold is no change to what was seen");
        for hours in 0..5 {
            house.step_at(hours).await;
        }
        assert_eq!((house.states().await.join(" "), house.mails().await), ("draft".to_owned(), 2));
        house.edit(Edit::Approve).await;
        house.step_at(5).await;
        assert_eq!(house.states().await, ["sending"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_never_approved_is_skipped_and_its_articles_come_in_the_next_issue() {
    on_each_engine(async |store| {
        let house = House::reviewing(&store, Approval::Required).await;
        house.article("one").await;
        for hours in [-24, -1, 0, 1, 24, 25, 26] {
            house.step_at(hours).await;
        }
        assert_eq!(house.states().await, ["skipped: not approved"]);
        assert_eq!(house.mails().await, 3, "the preview, the reminder and the notice");
        house.step_at(7 * 24 - 24).await;
        house.edit(Edit::Approve).await;
        house.step_at(7 * 24).await;
        assert_eq!(house.states().await, ["skipped: not approved", "sending"]);
    })
    .await;
}

#[tokio::test]
async fn two_schedulers_and_a_crash_after_the_draft_send_one_preview() {
    on_each_engine(async |store| {
        let house = House::reviewing(&store, Approval::Veto).await;
        house.article("one").await;
        house.clock.set(friday() - SignedDuration::from_hours(24));
        let slot = Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap().slot_at(friday());
        // The first one dies between the draft and its preview.
        house.scheduler.digests.compile_ahead("weekly", &slot).await.unwrap();
        let others: Vec<_> = (0..2).map(|_| reviewing(&house.store, house.clock.clone(), Approval::Veto)).collect();
        let (one, two) = tokio::join!(Box::pin(others[0].step()), Box::pin(others[1].step()));
        one.unwrap();
        two.unwrap();
        assert_eq!((house.issues().await.len(), house.mails().await), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_draft_whose_slot_was_slept_through_is_on_record_and_not_sent_for_another() {
    on_each_engine(async |store| {
        let house = House::reviewing(&store, Approval::Veto).await;
        house.article("one").await;
        house.step_at(-24).await;
        house.step_at(14 * 24 + 1).await;
        let states = house.states().await;
        assert_eq!(states.len(), 3, "{states:?}");
        assert!(states[0].starts_with("skipped: missed") && states.contains(&"sending".to_owned()), "{states:?}");
    })
    .await;
}

#[tokio::test]
async fn a_draft_made_by_hand_goes_out_once_it_is_approved() {
    on_each_engine(async |store| {
        let house = House::reviewing(&store, Approval::Veto).await;
        house.article("one").await;
        house.scheduler.step().await.unwrap();
        let digests = &house.scheduler.digests;
        for draft in house.store.issues_in_state(&IssueState::Draft).await.unwrap() {
            digests.cancel(draft.id).await.unwrap();
        }
        let slot = Schedule::parse("0 8 * * Fri", "Asia/Tokyo").unwrap().slot_at(house.clock.now());
        let draft = digests.compile("weekly", &slot).await.unwrap().issue;
        house.scheduler.step().await.unwrap();
        assert_eq!(house.store.issue(draft.id).await.unwrap().state, IssueState::Draft);
        digests.edit(draft.id, &Edit::Approve, "me").await.unwrap();
        house.scheduler.step().await.unwrap();
        assert_eq!(house.store.issue(draft.id).await.unwrap().state, IssueState::Sending);
    })
    .await;
}

#[tokio::test]
async fn a_slot_nobody_would_get_is_skipped_and_told_and_its_articles_go_out_once_somebody_reads() {
    on_each_engine(async |store| {
        let house = House::without_readers(&store);
        house.article("one").await;
        house.scheduler.step().await.unwrap();
        house.clock.set(friday());
        house.scheduler.step().await.unwrap();
        assert_eq!(house.states().await, ["skipped: nobody takes this edition"]);
        assert_eq!((house.issues().await[0].number, house.mails().await), (None, 0), "there is no operator to mail");
        // From here on there is one, who is shown drafts.
        let house = House { scheduler: reviewing(&store, house.clock.clone(), Approval::Veto), ..house };
        house.step_at(7 * 24 - 20).await;
        assert_eq!(house.mails().await, 2, "the preview, and that last week's was skipped");
        house.step_at(7 * 24).await;
        assert_eq!(house.states().await, ["skipped: nobody takes this edition"; 2]);
        assert_eq!(house.mails().await, 3);
        enrolled(&store, "reader", SubscriberState::Confirmed).await;
        house.step_at(14 * 24).await;
        let issues = house.issues().await;
        assert_eq!((issues[2].state.as_str(), issues[2].recipients), ("sending", 1));
        assert_eq!(store.issue_items(issues[2].id).await.unwrap()[0].title, "one");
    })
    .await;
}

#[tokio::test]
async fn a_draft_made_by_hand_for_nobody_is_skipped_once_it_is_approved() {
    on_each_engine(async |store| {
        let house = House::without_readers(&store);
        let house = House { scheduler: reviewing(&store, house.clock.clone(), Approval::Veto), ..house };
        house.article("one").await;
        let slot = house.scheduler.digests.editions()[0].schedule.slot_at(house.clock.now());
        house.scheduler.digests.compile("weekly", &slot).await.unwrap();
        house.scheduler.step().await.unwrap();
        assert_eq!(house.states().await, ["draft"]);
        house.edit(Edit::Approve).await;
        house.scheduler.step().await.unwrap();
        assert_eq!(house.states().await[0], "skipped: nobody takes this edition");
    })
    .await;
}
