//! Finding, among many tellers, those worth comparing with a new one.

use std::collections::HashMap;

use super::Telling;

/// How many of a title's rarest pieces are looked up. Titles that tell the same share most of them.
const RAREST: usize = 16;
/// How many of the tellers that share most are compared.
const MOST: usize = 32;

/// Tellers, by what they can be found with. `N` is what the caller knows them by.
#[derive(Debug, Default)]
pub struct Tellers<N> {
    tellers: Vec<(N, Telling)>,
    by_page: HashMap<String, Vec<usize>>,
    by_guid: HashMap<String, Vec<usize>>,
    by_key: HashMap<String, Vec<usize>>,
    by_gram: HashMap<u32, Vec<usize>>,
}

impl<N: Copy + Ord> Tellers<N> {
    /// Returns an empty list.
    pub fn new() -> Self {
        Self {
            tellers: Vec::new(),
            by_page: HashMap::new(),
            by_guid: HashMap::new(),
            by_key: HashMap::new(),
            by_gram: HashMap::new(),
        }
    }

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
        let exact = [page, guid, key].into_iter().flatten().flatten().copied();
        let tells = |at: usize| {
            let (name, other) = &self.tellers[at];
            telling.same_story(other).map(|_| *name)
        };
        exact.chain(self.alike(telling)).filter_map(tells).min()
    }

    fn alike(&self, telling: &Telling) -> Vec<usize> {
        let mut known: Vec<&Vec<usize>> =
            telling.headline.grams().iter().filter_map(|gram| self.by_gram.get(gram)).collect();
        known.sort_by_key(|tellers| tellers.len());
        known.truncate(RAREST);
        let looked_up = telling.headline.grams().len().min(RAREST);
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for at in known.into_iter().flatten() {
            *shared.entry(*at).or_insert(0) += 1;
        }
        let mut alike: Vec<(usize, usize)> = shared.into_iter().filter(|(_, count)| 3 * count >= looked_up).collect();
        alike.sort_unstable_by_key(|(at, count)| (std::cmp::Reverse(*count), *at));
        alike.truncate(MOST);
        alike.into_iter().map(|(at, _)| at).collect()
    }
}
