//! R2, R3 and R5: a relay that hangs up at the dot, says "not now", or says what makes no sense.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kawaraban::clock::{Clock, ManualClock};
use kawaraban::domain::delivery::{DeliveryState, OnUnknown};
use kawaraban::domain::subscriber::SubscriberState;
use kawaraban::mail::Deadlines;
use kawaraban::smtpd::Answer;
use tokio::task::JoinSet;

use crate::kit::house::{Engine, House, Plan, address, reader};
use crate::kit::report::{report, sized};
use crate::kit::server::{At, FaultServer};
use crate::kit::tempo::{Tempo, short_deadlines};
use crate::kit::truth::{Truth, Verdict};

const TWO_DAYS: SignedDuration = SignedDuration::from_hours(48);

/// Friday 2026-11-27, 08:00 in Tokyo.
fn friday() -> Timestamp {
    "2026-11-26T23:00:00Z".parse().unwrap()
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(friday()))
}

fn plan(recipients: usize) -> Plan {
    Plan { now: friday(), ..Plan::new(Engine::Sqlite, recipients) }
}

fn reply(code: u16, text: &str) -> Answer {
    Answer::Reply(code, text.to_owned())
}

/// One in `one_in` recipients loses the connection at the dot, the first time, before or after the relay took the mail.
async fn hang_up_at_the_dot(one_in: usize, after_taking: bool, on_unknown: OnUnknown) -> Verdict {
    let at = if after_taking { At::Taken } else { At::Dot };
    let relay = FaultServer::plain(move |moment| {
        let meant = moment.at == at && moment.nth == 1 && reader(moment.recipient).is_multiple_of(one_in);
        if meant { Answer::Drop } else { Answer::Usual }
    })
    .await;
    let recipients = sized(20, 200);
    let house = House::new(Plan { on_unknown, ..plan(recipients) }, relay).await;
    let clock = clock();
    let tempo = Tempo::new(&house, &clock, Deadlines::default(), house.plain_relay());
    let mut truth = Truth::default();
    let took = tempo.run(&house, &mut truth, TWO_DAYS * 7).await;
    let verdict = truth.judge(&house).await;
    let taken = if after_taking { "taken" } else { "not taken" };
    report(
        "R2",
        &format!("connection lost at the dot of 1 in {one_in}, {taken}, {on_unknown:?}"),
        &format!(
            "{} recipients, lost {}, duplicates {}, unknown {}, {:.0} min on the clock",
            verdict.recipients,
            verdict.lost,
            verdict.duplicates,
            verdict.unknown,
            took.as_secs_f64() / 60.0
        ),
    );
    assert_eq!(verdict.lost, 0);
    verdict
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_lost_at_the_dot_loses_no_mail() {
    let mut cases = JoinSet::new();
    for one_in in [10, 1] {
        for after_taking in [false, true] {
            cases.spawn(async move {
                let verdict = hang_up_at_the_dot(one_in, after_taking, OnUnknown::Resend).await;
                assert_eq!((verdict.unknown, verdict.accepted), (0, verdict.recipients));
                assert_eq!(verdict.duplicates, if after_taking { verdict.recipients / one_in } else { 0 });
            });
            cases.spawn(async move {
                let verdict = hang_up_at_the_dot(one_in, after_taking, OnUnknown::Park).await;
                let doubts = (verdict.unknown, verdict.duplicates);
                assert_eq!(doubts, (verdict.recipients / one_in, 0), "every doubt is on the operator's list");
            });
        }
    }
    cases.join_all().await;
}

/// A relay that says `code` at one step for ten minutes, and is healthy then.
async fn not_now(engine: Engine, code: u16, at: At) -> SignedDuration {
    const TROUBLE: SignedDuration = SignedDuration::from_mins(10);
    let clock = clock();
    let now = Arc::clone(&clock);
    let relay = FaultServer::plain(move |moment| {
        if moment.at != at || now.now() >= friday() + TROUBLE {
            Answer::Usual
        } else if code == 421 || at == At::Greeting {
            Answer::ReplyThenDrop(code, "4.3.2 not now".to_owned())
        } else {
            reply(code, "4.3.2 not now")
        }
    })
    .await;
    let house = House::new(Plan { engine, ..plan(12) }, relay).await;
    let tempo = Tempo::new(&house, &clock, Deadlines::default(), house.plain_relay());
    let mut truth = Truth::default();
    let took = tempo.run(&house, &mut truth, TWO_DAYS).await;
    let verdict = truth.judge(&house).await;
    assert_eq!((verdict.lost, verdict.duplicates), (0, 0), "{code} at {at:?}");
    assert_eq!(verdict.accepted, verdict.recipients, "{code} at {at:?}");
    for n in 0..house.plan.recipients {
        let reader = house.store.subscriber_by_key(&address(n)).await.unwrap().unwrap();
        assert_eq!(reader.state, SubscriberState::Confirmed, "{code} at {at:?}: nobody is to blame");
    }
    // Retries after 5 and 15 minutes, each longer by a fifth at most: the second is the first one after the trouble. A
    // pause of the relay is five minutes at most.
    let bound = SignedDuration::from_mins(6 + 18 + 5);
    assert!(took <= bound, "{code} at {at:?}: {took:#}");
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_says_not_now_gets_the_mail_when_it_is_well_again() {
    let engines = sized(vec![Engine::Sqlite], Engine::all());
    for engine in engines {
        let mut cases = JoinSet::new();
        for code in [421, 450, 451, 452] {
            for at in [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data, At::Dot] {
                cases.spawn(not_now(engine, code, at));
            }
        }
        let took = cases.join_all().await;
        report(
            "R3",
            &format!("{engine:?}, 421, 450, 451, 452 at six steps for 10 min"),
            &format!(
                "{} cases, lost 0, duplicates 0, blamed 0, through after {:.0} to {:.0} min on the clock",
                took.len(),
                took.iter().min().unwrap().as_secs_f64() / 60.0,
                took.iter().max().unwrap().as_secs_f64() / 60.0
            ),
        );
    }
}

/// What a relay may do instead of answering.
fn oddities() -> Vec<(&'static str, At, Answer)> {
    let raw = |bytes: &[u8]| Answer::Raw(bytes.to_vec());
    vec![
        ("half a 250", At::Taken, raw(b"25")),
        ("half a 250 without a taker", At::Dot, raw(b"25")),
        ("two replies to the dot", At::Taken, raw(b"250 2.0.0 one\r\n250 2.0.0 two\r\n")),
        ("a no and a yes", At::Dot, raw(b"554 5.6.0 no\r\n250 2.0.0 yes\r\n")),
        ("250 to DATA", At::Data, raw(b"250 2.0.0 thank you\r\n")),
        ("354 and 250 to DATA", At::Data, raw(b"354 go on\r\n250 2.0.0 thank you\r\n")),
        ("354 to the dot", At::Dot, raw(b"354 go on\r\n")),
        ("a line of a megabyte", At::Taken, Answer::Raw([&b"250 "[..], &vec![b'x'; 1 << 20], b"\r\n"].concat())),
        ("a megabyte without an end", At::Dot, Answer::Raw([&b"250 "[..], &vec![b'x'; 1 << 20]].concat())),
        ("not UTF-8", At::Taken, raw(b"250 \xff\xfe \xe3\x81\r\n")),
        ("354 and goodbye", At::Data, Answer::ReplyThenDrop(354, "go on".to_owned())),
        ("lines without an end", At::Dot, Answer::Raw(b"250-2.0.0 and\r\n".repeat(100_000))),
        ("a code that is none", At::Dot, raw(b"999 what\r\n")),
        ("no code", At::Dot, raw(b"ok\r\n")),
        ("an empty line", At::Dot, raw(b"\r\n")),
        ("a line end that is none", At::Taken, raw(b"250 2.0.0 ok\n")),
        ("goodbye in the middle of the content", At::Body, Answer::Drop),
        ("a no in the middle of the content", At::Body, Answer::ReplyThenDrop(552, "5.3.4 too much".to_owned())),
    ]
}

/// Every fourth recipient meets the oddity, the first time; the one after is refused, so that a stray "250" would be
/// taken for a yes to it.
async fn oddly(name: &'static str, at: At, answer: Answer) -> Verdict {
    let relay = FaultServer::plain(move |moment| {
        if moment.at == At::Body {
            // To whom the content goes is not known in its middle: it is the business of a connection.
            return if at == At::Body && moment.peer.connection <= 4 { answer.clone() } else { Answer::Usual };
        }
        if moment.recipient.is_empty() {
            return Answer::Usual;
        }
        match reader(moment.recipient) % 4 {
            0 if moment.at == at && moment.nth == 1 => answer.clone(),
            1 if moment.at == At::Dot => reply(554, "5.7.1 not wanted"),
            _ => Answer::Usual,
        }
    })
    .await;
    // Content of more than one block, so that it has a middle.
    let house = House::new(Plan { connections: 2, body_bytes: 80_000, ..plan(16) }, relay).await;
    let deadlines = Deadlines { final_dot: Duration::from_millis(300), ..short_deadlines(Duration::from_secs(5)) };
    let tempo = Tempo::new(&house, &clock(), deadlines, house.plain_relay());
    let mut truth = Truth::default();
    tempo.run(&house, &mut truth, TWO_DAYS).await;
    let verdict = truth.judge(&house).await;
    assert_eq!(verdict.lost, 0, "{name}: a mail nobody took is called accepted");
    assert_eq!(verdict.accepted + verdict.rejected, verdict.recipients, "{name}: {verdict:?}");
    // "A no and a yes" is a no, and so is what is said in the middle of the content.
    assert!((4..=8).contains(&verdict.rejected), "{name}: {verdict:?}");
    for line in house.lines_in(DeliveryState::Accepted).await {
        assert_ne!(reader(line.address.as_deref().unwrap()) % 4, 1, "{name}: a refused mail is called accepted");
    }
    verdict
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_odd_reply_is_taken_for_a_yes_to_another_mail() {
    let mut cases = JoinSet::new();
    for (name, at, answer) in oddities() {
        cases.spawn(oddly(name, at, answer));
    }
    let verdicts = cases.join_all().await;
    report(
        "R5",
        &format!("{} kinds of odd replies", verdicts.len()),
        &format!(
            "{} recipients, phantom acceptances 0, out of step 0, duplicates {} (each of them in doubt)",
            verdicts.iter().map(|verdict| verdict.recipients).sum::<usize>(),
            verdicts.iter().map(|verdict| verdict.duplicates).sum::<usize>()
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_never_stops_talking_does_not_fill_the_memory() {
    /// What the program may need beyond an ordinary run.
    const BOUND_KB: u64 = 16 * 1024;
    let peak = async |answer: Option<Answer>| {
        let relay = FaultServer::plain(move |moment| match (&answer, moment.at) {
            (Some(answer), At::Taken) if reader(moment.recipient).is_multiple_of(4) && moment.nth == 1 => {
                answer.clone()
            }
            _ => Answer::Usual,
        })
        .await;
        let house = House::new(Plan::new(Engine::Sqlite, 40), relay).await;
        let sender = house.sender("");
        let counts = async || house.counts().await;
        let waiting = async {
            // After trouble the relay gets a pause, so the end of the list is not waited for.
            while house.relay.journal.len() < 12 || counts().await.offered > 0 {
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("it goes on");
        let peak = sender.kilobytes("VmHWM");
        sender.stop().await;
        peak
    };
    let usual = peak(None).await;
    let endless_line = Answer::Raw([&b"250 "[..], &vec![b'x'; 64 << 20]].concat());
    let endless_lines = Answer::Raw(b"250-2.0.0 and\r\n".repeat(4 << 20));
    let (line, lines) = (peak(Some(endless_line)).await, peak(Some(endless_lines)).await);
    let more = line.max(lines).saturating_sub(usual);
    report(
        "R5",
        "replies of 64 MB, the program's memory",
        &format!(
            "ordinary {} MB, at most {:.1} MB more",
            usual / 1024,
            f64::from(u32::try_from(more).unwrap()) / 1024.0
        ),
    );
    assert!(more < BOUND_KB, "{more} kB more");
}
