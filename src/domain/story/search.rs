//! Finding, among many tellers, those worth comparing with a new one.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::Telling;

/// How many of a title's rarest pieces are looked up. Titles that tell the same share most of them.
const RAREST: usize = 16;
/// What so many tellers have is looked up for none: it would be found with half of the list.
const COMMON: usize = 200;
/// How many of the tellers that share most are compared, and how many of the latest with one page, id or title.
const MOST: usize = 16;

/// Tellers, by what they can be found with. `N` is what the caller knows them by.
#[derive(Debug)]
pub struct Tellers<N> {
    tellers: Vec<(N, Telling)>,
    by_page: HashMap<String, Vec<usize>>,
    by_guid: HashMap<String, Vec<usize>>,
    by_key: HashMap<String, Vec<usize>>,
    by_gram: HashMap<u32, Vec<usize>>,
}

impl<N> Default for Tellers<N> {
    fn default() -> Self {
        Self {
            tellers: Vec::new(),
            by_page: HashMap::new(),
            by_guid: HashMap::new(),
            by_key: HashMap::new(),
            by_gram: HashMap::new(),
        }
    }
}

impl<N: Copy + Ord> Tellers<N> {
    /// Adds a teller.
    pub fn add(&mut self, name: N, telling: Telling) {
        let at = self.tellers.len();
        if let Some(page) = &telling.canonical_url {
            self.by_page.entry(page.clone()).or_default().push(at);
        }
        if let Some(guid) = &telling.world_guid {
            self.by_guid.entry(guid.clone()).or_default().push(at);
        }
        self.by_key.entry(telling.headline.key().to_owned()).or_default().push(at);
        for gram in telling.headline.grams() {
            self.by_gram.entry(*gram).or_default().push(at);
        }
        self.tellers.push((name, telling));
    }

    /// Returns the first of the tellers of the same story, by name.
    pub fn first_of(&self, telling: &Telling) -> Option<N> {
        let page = telling.canonical_url.as_ref().and_then(|page| self.by_page.get(page));
        let guid = telling.world_guid.as_ref().and_then(|guid| self.by_guid.get(guid));
        let key = self.by_key.get(telling.headline.key());
        let exact =
            [page, guid, key].into_iter().flatten().flat_map(|tellers| tellers.iter().rev().take(MOST).copied());
        let tells = |at: usize| {
            let (name, other) = &self.tellers[at];
            telling.same_story(other).map(|_| *name)
        };
        exact.chain(self.alike(telling)).filter_map(tells).min()
    }

    fn alike(&self, telling: &Telling) -> Vec<usize> {
        let mut known: Vec<&Vec<usize>> = telling
            .headline
            .grams()
            .iter()
            .filter_map(|gram| self.by_gram.get(gram))
            .filter(|tellers| tellers.len() <= COMMON)
            .collect();
        known.sort_by_key(|tellers| tellers.len());
        known.truncate(RAREST);
        let looked_up = known.len();
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for at in known.into_iter().flatten() {
            *shared.entry(*at).or_insert(0) += 1;
        }
        let mut alike: Vec<(usize, usize)> = shared.into_iter().filter(|(_, count)| 3 * count >= looked_up).collect();
        alike.sort_unstable_by_key(|(at, count)| (Reverse(*count), *at));
        alike.truncate(MOST);
        alike.into_iter().map(|(at, _)| at).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::article::ArticleKind;
    use crate::domain::story::Words;

    fn telling(site: usize, title: &str) -> Telling {
        Telling::new(Words {
            feed: i64::try_from(site).ok(),
            guid: "",
            source: None,
            title,
            url: &format!("https://site-{site}.example.jp/articles/{title}"),
            published: Timestamp::UNIX_EPOCH,
            kind: ArticleKind::News,
            place: None,
            company: None,
        })
    }

    const PLACES: [&str; 10] = ["神戸", "長野", "高知", "弘前", "奄美", "函館", "佐渡", "尾道", "金沢", "別府"];
    const THINGS: [&str; 10] =
        ["朝市", "図書館", "植物園", "路面電車", "水族館", "温泉街", "棚田", "映画祭", "天文台", "養蜂場"];

    #[test]
    fn a_story_is_found_among_thousands_with_few_comparisons() {
        let mut tellers = Tellers::default();
        let mut most = 0;
        for n in 0..2_000 {
            let (place, thing) = (PLACES[n % 10], THINGS[n / 10 % 10]);
            let title = format!("{place}の{thing}で新しい取り組みが始まる、参加者は{}人", n / 100 + 10);
            let telling = telling(n % 200, &title);
            most = most.max(tellers.alike(&telling).len());
            assert_eq!(tellers.first_of(&telling), None, "{title}");
            tellers.add(n, telling);
        }
        assert!(most <= MOST);
        let again = telling(999, "【速報】高知の植物園で新しい取り組み始まる、参加者は24人");
        assert_eq!(tellers.first_of(&again), Some(1422));
    }
}
