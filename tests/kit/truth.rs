//! The truth of every test: the relay's journal held against the ledger.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kawaraban::domain::delivery::DeliveryState;

use super::house::House;
use super::journal::Taken;

/// What was seen of a house over time.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// By recipient: the attempts that were seen offered without a result, or known to be in doubt.
    doubts: HashMap<String, BTreeSet<i64>>,
    /// How much of the journal has been looked at.
    seen: usize,
    /// The most lines found offered at once.
    pub(crate) most_offered: usize,
    /// How many offered lines were found in all.
    pub(crate) offered: usize,
}

/// What journal and ledger come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) recipients: usize,
    pub(crate) accepted: usize,
    pub(crate) rejected: usize,
    pub(crate) unknown: usize,
    pub(crate) withdrawn: usize,
    /// Taken by nobody, and not going to be.
    pub(crate) lost: usize,
    /// Copies beyond the first.
    pub(crate) duplicates: usize,
}

impl Truth {
    /// Looks at a house: remembers what is in doubt, and checks that nothing was taken that the ledger would not answer
    /// for.
    pub(crate) async fn look(&mut self, house: &House) {
        // The journal first: what it has now was offered before, also if a sender is at work.
        let journal = house.relay.journal.since(self.seen);
        let lines = house.lines().await;
        let mut states = HashMap::new();
        let mut offered = 0;
        for line in &lines {
            let address = line.address.as_deref().expect("nobody was erased");
            match line.state {
                DeliveryState::Offered => {
                    offered += 1;
                    self.doubts.entry(address.to_owned()).or_default().insert(line.attempts);
                }
                DeliveryState::Unknown => {
                    self.doubts.entry(address.to_owned()).or_default().insert(line.attempts - 1);
                }
                _ => {}
            }
            states.insert(address, line.state);
        }
        self.most_offered = self.most_offered.max(offered);
        self.offered += offered;
        for taken in journal {
            self.seen += 1;
            let answered_for = states.get(taken.recipient.as_str()).is_some_and(|state| {
                matches!(state, DeliveryState::Accepted | DeliveryState::Offered | DeliveryState::Unknown)
            });
            assert!(
                answered_for || self.doubts.contains_key(&taken.recipient),
                "message {} over connection {} was taken while the ledger says {:?}\n{}",
                taken.number,
                taken.connection,
                states.get(taken.recipient.as_str()),
                house.log()
            );
        }
    }

    /// Takes note that the ledger is one of an earlier moment: whoever got a mail that it does not know of is in doubt.
    /// Returns how many they are.
    pub(crate) async fn restored(&mut self, house: &House) -> usize {
        let lines = house.lines().await;
        let taken: BTreeSet<_> = house.relay.journal.since(0).into_iter().map(|taken| taken.recipient).collect();
        let forgotten = lines.into_iter().filter(|line| line.state != DeliveryState::Accepted);
        let forgotten = forgotten.filter_map(|line| line.address.zip(Some(line.attempts)));
        let mut count = 0;
        for (address, attempts) in forgotten.filter(|(address, _)| taken.contains(address)) {
            self.doubts.entry(address).or_default().insert(attempts);
            count += 1;
        }
        count
    }

    /// Judges a house in which everything has come to an end. What must hold of every test fails here; how many
    /// duplicates there may be is the test's business.
    pub(crate) async fn judge(&mut self, house: &House) -> Verdict {
        self.look(house).await;
        let mut journal: BTreeMap<String, Vec<Taken>> = BTreeMap::new();
        for taken in house.relay.journal.since(0) {
            journal.entry(taken.recipient.clone()).or_default().push(taken);
        }
        let lines = house.lines().await;
        let mut verdict = Verdict {
            recipients: lines.len(),
            accepted: 0,
            rejected: 0,
            unknown: 0,
            withdrawn: 0,
            lost: 0,
            duplicates: 0,
        };
        assert_eq!(lines.len(), house.plan.recipients, "every reader has one line");
        for line in &lines {
            let address = line.address.as_deref().expect("nobody was erased");
            let copies = journal.remove(address).unwrap_or_default();
            match line.state {
                DeliveryState::Accepted => verdict.accepted += 1,
                DeliveryState::Rejected => verdict.rejected += 1,
                DeliveryState::Unknown => verdict.unknown += 1,
                DeliveryState::Withdrawn => verdict.withdrawn += 1,
                open => panic!("delivery {} was left {}\n{}", line.id, open.as_str(), house.log()),
            }
            if line.state == DeliveryState::Accepted && copies.is_empty() {
                verdict.lost += 1;
            }
            if matches!(line.state, DeliveryState::Rejected | DeliveryState::Withdrawn) {
                let doubted = self.doubts.contains_key(address);
                assert!(copies.is_empty() || doubted, "delivery {} is {}, and was taken", line.id, line.state.as_str());
            }
            self.compare(&copies);
            verdict.duplicates += copies.len().saturating_sub(1);
        }
        assert!(journal.is_empty(), "{} people got a mail who are not in the ledger", journal.len());
        let ids: BTreeSet<_> = house.relay.journal.since(0).into_iter().map(|taken| taken.message_id).collect();
        let people: BTreeSet<_> = house.relay.journal.since(0).into_iter().map(|taken| taken.recipient).collect();
        assert_eq!(ids.len(), people.len(), "a Message-ID belongs to one person");
        assert_eq!(house.database.integrity().await, "ok");
        verdict
    }

    /// Copies for one person are the same message, and each beyond the first was in doubt when the next was made.
    fn compare(&self, copies: &[Taken]) {
        let Some(first) = copies.first() else { return };
        for copy in &copies[1..] {
            assert_eq!(copy.message_id, first.message_id, "a copy has another Message-ID");
            assert_eq!(copy.hash, first.hash, "a copy has other bytes");
            assert!(copy.at >= first.at);
        }
        let doubts = self.doubts.get(&first.recipient).map_or(0, BTreeSet::len);
        assert!(copies.len() - 1 <= doubts, "{} copies, and {doubts} of them were in doubt", copies.len());
    }
}
