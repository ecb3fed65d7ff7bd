//! R4: a relay that says "no" to some.

use std::time::{Duration, Instant};

use kawaraban::domain::delivery::DeliveryState;
use kawaraban::smtpd::Answer;

use crate::kit::house::{Engine, House, Plan, reader};
use crate::kit::report::{report, sized};
use crate::kit::server::{At, FaultServer};
use crate::kit::truth::Truth;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_is_refused_once_and_nobody_else_is_touched() {
    const NOES: [(u16, &str); 4] = [
        (550, "5.1.1 no such user"),
        (552, "5.3.4 message too big"),
        (553, "5.1.3 not an address here"),
        (554, "5.7.1 not wanted"),
    ];
    const STEPS: [At; 3] = [At::Rcpt, At::Data, At::Dot];
    /// Which "no" a reader is in for, if any: one in ten is.
    fn no(n: usize) -> Option<(u16, &'static str, At)> {
        let nth = n / 10;
        let (code, text) = NOES[nth % NOES.len()];
        n.is_multiple_of(10).then_some((code, text, STEPS[nth / NOES.len() % STEPS.len()]))
    }
    for engine in sized(vec![Engine::Sqlite], Engine::all()) {
        let relay = FaultServer::plain(|moment| match moment.recipient {
            "" => Answer::Usual,
            recipient => match no(reader(recipient)) {
                Some((code, text, at)) if at == moment.at => Answer::Reply(code, text.to_owned()),
                _ => Answer::Usual,
            },
        })
        .await;
        let plan = Plan::new(engine, sized(240, 4_800));
        let house = House::new(plan.clone(), relay).await;
        let clean = House::new(plan, FaultServer::plain(|_| Answer::Usual).await).await;
        let begun = Instant::now();
        let senders = [house.sender(""), clean.sender("")];
        let share = progress_beside(&house, &clean).await;
        house.finished(Duration::from_secs(240)).await;
        let took = begun.elapsed();
        clean.finished(Duration::from_secs(240)).await;
        for sender in senders {
            assert_eq!(sender.stop().await, Some(0));
        }

        let verdict = Truth::default().judge(&house).await;
        let refused = verdict.recipients / 10;
        assert_eq!((verdict.rejected, verdict.accepted), (refused, verdict.recipients - refused));
        assert_eq!((verdict.lost, verdict.duplicates), (0, 0));
        for line in house.lines().await {
            let n = reader(line.address.as_deref().unwrap());
            let (state, expected) = match no(n) {
                Some((code, text, _)) => (DeliveryState::Rejected, Some((Some(code), text))),
                None => (DeliveryState::Accepted, None),
            };
            assert_eq!((line.state, line.attempts), (state, 1), "reader {n}");
            if let Some(expected) = expected {
                let reply = line.reply.as_ref().unwrap();
                assert_eq!((reply.code, reply.text.as_str()), expected, "reader {n}");
            }
        }
        report(
            "R4",
            &format!("{engine:?}, 550, 552, 553, 554 at RCPT, DATA and the dot for 1 in 10"),
            &format!(
                "{} recipients, {} refused once each, lost 0, duplicates 0, {:.0}/s, {:.0} % of a clean run beside it",
                verdict.recipients,
                verdict.rejected,
                f64::from(u32::try_from(verdict.recipients).unwrap()) / took.as_secs_f64(),
                share * 100.0
            ),
        );
        // It is four fifths and more; other programs on this machine may take their part.
        assert!(share >= 0.5, "{share:.2} of a clean run");
    }
}

/// Returns how far `house` is, as a part of how far `clean` is, when the first of them is through: two runs at the same
/// time have the same machine to share, whatever else goes on there.
async fn progress_beside(house: &House, clean: &House) -> f64 {
    let settled = async |house: &House| {
        let counts = house.counts().await;
        f64::from(u32::try_from(counts.accepted + counts.rejected).unwrap())
    };
    let all = f64::from(u32::try_from(house.plan.recipients).unwrap());
    let through = async {
        loop {
            let (so_far, clean_so_far) = (settled(house).await, settled(clean).await);
            if so_far.max(clean_so_far) >= all {
                return so_far / clean_so_far;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(240), through).await.expect("one of them comes to its end")
}
