//! Which of the articles that wait go into an issue: fair to every source and every article.
//!
//! The rule, for one section: in each round every source gives the article of its own that has waited longest, and the
//! sources give in the order of how long that one has waited. Rounds go on until the section is full. If the issue takes
//! less than its sections would, it takes of each section in rounds as well, first what its section chose first.
//!
//! What follows from it, and is tested: the article that has waited longest of all is always taken, so that of the ones
//! before any other one fewer is left after each issue, and none waits for ever. And while a source still has something
//! waiting, no other source of the section has more than one item more than it: one feed cannot fill a section.
//!
//! An article waits from when it was first seen, not from its date: a feed that dates its items back would come before
//! all others, and one that dates them ahead would wait for ever.

use std::collections::HashMap;

use jiff::Timestamp;

use super::ids::{ArticleId, FeedId};

/// An article that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The article.
    pub id: ArticleId,
    /// Whose it is.
    pub source: Source,
    /// The heading it goes under.
    pub section: String,
    /// When we first saw it.
    pub first_seen: Timestamp,
    /// When it was published.
    pub published: Timestamp,
}

/// Whose an article is, as far as fairness goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// A feed's.
    Feed(FeedId),
    /// That of somebody who has no feed and gave a name.
    Named(String),
    /// The operator's own.
    ByHand,
}

impl Candidate {
    /// Returns since when it waits: the smaller, the longer. No two articles have waited equally long.
    pub fn waiting(&self) -> (Timestamp, Timestamp, ArticleId) {
        (self.first_seen, self.published, self.id)
    }
}

/// Returns what an issue takes of `candidates`: for each of `sections`, given with its limit, the articles in the order
/// they were chosen. `max_items` is the limit of the issue, if it has one.
pub fn choose<'a>(
    candidates: &'a [Candidate],
    sections: &[(&str, usize)],
    max_items: Option<usize>,
) -> Vec<Vec<&'a Candidate>> {
    let mut chosen: Vec<Vec<&Candidate>> = vec![Vec::new(); sections.len()];
    for candidate in candidates {
        if let Some(place) = sections.iter().position(|(name, _)| *name == candidate.section) {
            chosen[place].push(candidate);
        }
    }
    for (of_section, (_, limit)) in chosen.iter_mut().zip(sections) {
        *of_section = in_rounds(std::mem::take(of_section));
        of_section.truncate(*limit);
    }
    if let Some(max) = max_items {
        let mut turns: Vec<_> = chosen
            .iter()
            .enumerate()
            .flat_map(|(place, of_section)| of_section.iter().enumerate().map(move |(turn, one)| (turn, one, place)))
            .map(|(turn, one, place)| (turn, one.waiting(), place))
            .collect();
        turns.sort_unstable();
        let mut taken = vec![0; sections.len()];
        for (_, _, place) in turns.into_iter().take(max) {
            taken[place] += 1;
        }
        for (of_section, taken) in chosen.iter_mut().zip(taken) {
            of_section.truncate(taken);
        }
    }
    chosen
}

/// Puts the articles of a section in the order in which they are taken.
fn in_rounds(mut waiting: Vec<&Candidate>) -> Vec<&Candidate> {
    waiting.sort_unstable_by_key(|one| one.waiting());
    let mut given: HashMap<&Source, usize> = HashMap::new();
    let mut rounds: Vec<(usize, &Candidate)> = waiting
        .into_iter()
        .map(|one| {
            let turn = given.entry(&one.source).or_insert(0);
            *turn += 1;
            (*turn, one)
        })
        .collect();
    // The sort is stable: within a round whoever has waited longest comes first.
    rounds.sort_by_key(|(turn, _)| *turn);
    rounds.into_iter().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const SECTIONS: [&str; 2] = ["news", "openings"];

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn candidate(id: i64, feed: i64, section: &str, seen: i64, published: i64) -> Candidate {
        Candidate {
            id: ArticleId(id),
            source: if feed == 0 { Source::ByHand } else { Source::Feed(FeedId(feed)) },
            section: section.to_owned(),
            first_seen: at(seen),
            published: at(published),
        }
    }

    fn ids(chosen: &[Vec<&Candidate>]) -> Vec<Vec<i64>> {
        chosen.iter().map(|section| section.iter().map(|one| one.id.0).collect()).collect()
    }

    #[test]
    fn a_feed_that_floods_a_section_gets_its_turn_and_no_more() {
        let mut all: Vec<_> = (1..=50).map(|id| candidate(id, 1, "news", 0, id)).collect();
        all.extend([candidate(51, 2, "news", 1, 0), candidate(52, 3, "news", 2, 0), candidate(53, 3, "news", 2, 1)]);
        let chosen = choose(&all, &[("news", 5)], None);
        assert_eq!(ids(&chosen), [vec![1, 51, 52, 2, 53]]);
    }

    #[test]
    fn the_limit_of_the_issue_is_shared_by_the_sections() {
        let mut all: Vec<_> = (1..=5).map(|id| candidate(id, id, "news", id, 0)).collect();
        all.extend((6..=8).map(|id| candidate(id, id, "openings", id, 0)));
        let sections = [("openings", 5), ("news", 5)];
        assert_eq!(ids(&choose(&all, &sections, Some(3))), [vec![6], vec![1, 2]]);
        assert_eq!(ids(&choose(&all, &sections, Some(1))), [vec![], vec![1]], "the one that waited longest");
        assert_eq!(ids(&choose(&all, &sections, None)), [vec![6, 7, 8], vec![1, 2, 3, 4, 5]]);
    }

    #[test]
    fn a_date_in_the_future_or_the_past_moves_nobody() {
        let all = [candidate(1, 1, "news", 1, 9_000_000), candidate(2, 2, "news", 2, -9_000_000)];
        assert_eq!(ids(&choose(&all, &[("news", 1)], None)), [vec![1]]);
    }

    /// Articles as they come in, week after week: feed, section, and how far the date is off.
    fn weeks() -> impl Strategy<Value = Vec<Vec<(i64, usize, i64)>>> {
        prop::collection::vec(prop::collection::vec((0..5_i64, 0..2_usize, -1000..1000_i64), 0..25), 1..12)
    }

    proptest! {
        #[test]
        fn no_article_starves_none_is_taken_twice_and_no_source_fills_a_section(
            weeks in weeks(),
            limits in prop::array::uniform2(1..8_usize),
            max_items in prop::option::of(1..10_usize),
        ) {
            let sections = [(SECTIONS[0], limits[0]), (SECTIONS[1], limits[1])];
            let mut waiting: Vec<Candidate> = Vec::new();
            // How many issues an article has seen go by, and how many articles were before it when it came.
            let mut patience: BTreeMap<i64, (usize, usize)> = BTreeMap::new();
            let mut printed = std::collections::BTreeSet::new();
            let mut next_id = 0;
            let total: usize = weeks.iter().map(Vec::len).sum();
            for week in 0.. {
                for (feed, section, off) in weeks.get(week).into_iter().flatten() {
                    next_id += 1;
                    let seen = i64::try_from(week).unwrap() * 604_800;
                    waiting.push(candidate(next_id, *feed, SECTIONS[*section], seen, seen + off));
                }
                for one in &waiting {
                    let before = waiting.iter().filter(|other| other.waiting() < one.waiting()).count();
                    patience.entry(one.id.0).or_insert((0, before));
                }
                let chosen = choose(&waiting, &sections, max_items);
                let all: Vec<&Candidate> = chosen.iter().flatten().copied().collect();

                prop_assert!(max_items.is_none_or(|max| all.len() <= max));
                let could: usize = sections
                    .iter()
                    .map(|(name, limit)| waiting.iter().filter(|one| one.section == *name).count().min(*limit))
                    .sum();
                prop_assert_eq!(all.len(), max_items.map_or(could, |max| could.min(max)), "no place is left empty");
                if let Some(first) = waiting.iter().min_by_key(|one| one.waiting()) {
                    prop_assert!(all.contains(&first), "the one that waited longest is taken");
                }
                for (of_section, (name, limit)) in chosen.iter().zip(&sections) {
                    prop_assert!(of_section.len() <= *limit);
                    let taken = |source: &Source| of_section.iter().filter(|one| one.source == *source).count();
                    for one in waiting.iter().filter(|one| one.section == *name && !all.contains(one)) {
                        let most = of_section.iter().map(|other| taken(&other.source)).max().unwrap_or(0);
                        prop_assert!(most <= taken(&one.source) + 1, "a source took more than its turn");
                    }
                }
                for one in &all {
                    prop_assert!(printed.insert(one.id.0), "printed twice");
                }
                let taken: Vec<ArticleId> = all.iter().map(|one| one.id).collect();
                waiting.retain(|one| !taken.contains(&one.id));
                for one in &waiting {
                    let (seen, before) = patience.get_mut(&one.id.0).unwrap();
                    *seen += 1;
                    prop_assert!(*seen <= *before, "each issue takes one of those before it, at least");
                }
                if week >= weeks.len() && waiting.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(printed.len(), total, "all are printed in the end");
        }
    }
}
