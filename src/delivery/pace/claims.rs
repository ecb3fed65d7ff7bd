//! Claiming no more than may be sent.
//!
//! What may not be sent yet because of its domain goes into the domain's lane, with the like of it further back in the
//! queue, and everything else flows past. What waits in lanes and what does not take turns.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;

use super::{Pace, request, wait};
use crate::domain::delivery::{Claim, DeliveryKind};
use crate::domain::pace::{PaceKey, Rate, domain_of};
use crate::store::{Among, PaceGrant, PaceRequest, Store, StoreError};

/// How far into the queue a lane looks for more of its kind. One such transaction holds up a SQLite writer for some
/// tens of milliseconds; a hundred thousand mails take ten of them.
const LOOK_AHEAD: usize = 10_000;

/// Who claims, when, and for how long.
#[derive(Clone, Copy)]
struct Claimant<'a> {
    store: &'a Store,
    node: &'a str,
    now: Timestamp,
    lease: Duration,
    /// Less urgent deliveries are left alone.
    least_priority: i64,
}

impl Claimant<'_> {
    async fn claim(&self, lane: Option<&str>, limit: u32) -> Result<Option<Vec<Claim>>, StoreError> {
        let among = Among { lane, least_priority: self.least_priority };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.store.claim_among(self.node, among, limit, self.now, self.lease).await
    }
}

impl Pace {
    /// Claims up to `limit` due deliveries that may be sent now, and renews the node's lease. `None` if that was lost.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails; what was claimed by then is recovered when the lease has run out.
    pub(in crate::delivery) async fn claim(
        &self,
        store: &Store,
        node: &str,
        limit: usize,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Vec<Claim>>, StoreError> {
        self.look(store, now).await?;
        let mut claimant = Claimant { store, node, now, lease, least_priority: 0 };
        let wanted = u32::try_from(limit).unwrap_or(u32::MAX);
        let day = self.day(now);
        if self.installation.is_none() && day.is_none() {
            return self.claim_in_turn(claimant, wanted).await;
        }

        let key = PaceKey::Installation;
        let requests: Vec<_> = self.installation.map(|rate| request(&key, Some(rate), wanted)).into_iter().collect();
        let allowance = store.take_together(&requests, wanted, day.as_ref(), now).await?;
        let short = allowance.grants.first().filter(|_| allowance.mails == 0).map(|grant| grant.ready);
        self.note_ready(&key.stored(), short);
        if allowance.mails == 0 {
            return Ok(Some(Vec::new()));
        }
        if allowance.of_the_day.is_none() {
            // A person waits for these, and they are the mails that make a sender known.
            claimant.least_priority = DeliveryKind::Confirmation.priority();
        }
        let claims = self.claim_in_turn(claimant, allowance.mails).await?;
        let claimed = claims.as_deref().unwrap_or_default();
        let used = u32::try_from(claimed.len()).unwrap_or(u32::MAX);
        let unused: Vec<(PaceGrant, u32)> = allowance.grants.into_iter().map(|grant| (grant, used)).collect();
        store.give_back_paces(&unused).await?;
        if let (Some(day), Some(counted)) = (day, allowance.of_the_day) {
            let issues = claimed.iter().filter(|claim| claim.kind == DeliveryKind::Issue).count();
            let less = i64::try_from(issues).unwrap_or(i64::MAX) - i64::from(counted);
            if less != 0 {
                store.count_day(&day.day, less).await?;
            }
        }
        Ok(claims)
    }

    /// Claims up to `room` from the lanes and from the rest, one time these first and the next time those.
    async fn claim_in_turn(&self, claimant: Claimant<'_>, room: u32) -> Result<Option<Vec<Claim>>, StoreError> {
        if self.known().lanes.is_empty() {
            return self.claim_free(claimant, room).await;
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let lanes_first = turn.is_multiple_of(2);
        let first = if lanes_first {
            self.claim_lanes(claimant, room, turn / 2).await?
        } else {
            self.claim_free(claimant, room).await?
        };
        let Some(mut claims) = first else { return Ok(None) };
        let room = room.saturating_sub(u32::try_from(claims.len()).unwrap_or(u32::MAX));
        if room > 0 {
            let second = if lanes_first {
                self.claim_free(claimant, room).await?
            } else {
                self.claim_lanes(claimant, room, turn / 2).await?
            };
            let Some(second) = second else { return Ok(None) };
            claims.extend(second);
        }
        Ok(Some(claims))
    }

    /// Claims what is in no lane, and puts into one what may not be sent yet.
    async fn claim_free(&self, claimant: Claimant<'_>, room: u32) -> Result<Option<Vec<Claim>>, StoreError> {
        loop {
            let Some(claims) = claimant.claim(None, room).await? else { return Ok(None) };
            let nothing_is_due = claims.is_empty();
            let admitted = self.admit(claimant, claims).await?;
            // Where all of them went into lanes, others wait behind them. Each round moves some, so it comes to an end.
            if nothing_is_due || !admitted.is_empty() {
                return Ok(Some(admitted));
            }
        }
    }

    /// Returns those of `claims` that may be sent now; the others have gone into their lanes.
    async fn admit(&self, claimant: Claimant<'_>, claims: Vec<Claim>) -> Result<Vec<Claim>, StoreError> {
        let mut limited: BTreeMap<String, Vec<Claim>> = BTreeMap::new();
        let mut free = Vec::with_capacity(claims.len());
        {
            let known = self.known();
            for claim in claims {
                let domain = domain_of(&claim.address);
                if self.domains.contains_key(domain)
                    || known.slowed.contains_key(domain)
                    || known.lanes.contains(domain)
                {
                    limited.entry(domain.to_owned()).or_default().push(claim);
                } else {
                    free.push(claim);
                }
            }
        }
        if limited.is_empty() {
            return Ok(free);
        }
        let requests: Vec<PaceRequest> = limited
            .iter()
            // Whoever comes to a lane in which others wait goes in behind them.
            .filter(|(domain, _)| !self.known().lanes.contains(*domain))
            .map(|(domain, claims)| self.domain_request(domain, claims.len()))
            .collect();
        let grants =
            if requests.is_empty() { Vec::new() } else { claimant.store.take_paces(&requests, claimant.now).await? };
        for (domain, claims) in &mut limited {
            // The database returns them in no order.
            claims.sort_by_key(|claim| (-claim.kind.priority(), claim.id.0));
            let key = PaceKey::Domain(domain).stored();
            let grant = grants.iter().find(|grant| grant.key == key);
            let mails = grant.map_or(0, |grant| usize::try_from(grant.mails).unwrap_or(usize::MAX));
            free.extend(claims.drain(..mails.min(claims.len())));
            if let Some(grant) = grant {
                self.learn_from(domain, grant, !claims.is_empty());
            }
        }
        limited.retain(|_, claims| !claims.is_empty());
        if !limited.is_empty() {
            claimant.store.put_aside(claimant.node, &limited, LOOK_AHEAD, claimant.now).await?;
            self.known().lanes.extend(limited.into_keys());
        }
        Ok(free)
    }

    /// Claims what waits in lanes, beginning with another one each time.
    async fn claim_lanes(
        &self,
        claimant: Claimant<'_>,
        mut room: u32,
        turn: usize,
    ) -> Result<Option<Vec<Claim>>, StoreError> {
        let mut lanes: Vec<String> = self.known().lanes.iter().cloned().collect();
        lanes.retain(|domain| {
            let ready = self.known().ready.get(&PaceKey::Domain(domain).stored()).copied();
            ready.and_then(|ready| wait(claimant.now, ready)).is_none()
        });
        if lanes.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let start = turn % lanes.len();
        lanes.rotate_left(start);
        let limited = |domain: &&String| self.limit_of(domain).is_some() || self.known().slowed.contains_key(*domain);
        let wanted = usize::try_from(room).unwrap_or(usize::MAX);
        let requests: Vec<PaceRequest> =
            lanes.iter().filter(limited).map(|domain| self.domain_request(domain, wanted)).collect();
        let grants =
            if requests.is_empty() { Vec::new() } else { claimant.store.take_paces(&requests, claimant.now).await? };

        let (mut claims, mut unused) = (Vec::new(), Vec::new());
        for domain in &lanes {
            let key = PaceKey::Domain(domain).stored();
            let grant = grants.iter().find(|grant| grant.key == key);
            let most = grant.map_or(room, |grant| grant.mails.min(room));
            let mut taken = 0;
            if most > 0 {
                let Some(found) = claimant.claim(Some(domain), most).await? else { return Ok(None) };
                taken = u32::try_from(found.len()).unwrap_or(u32::MAX);
                claims.extend(found);
                if taken < most && claimant.least_priority == 0 {
                    // Nothing more is due in it. What is put off or comes back is found at the next look.
                    self.known().lanes.remove(domain);
                }
            }
            room -= taken;
            if let Some(grant) = grant {
                self.learn_from(domain, grant, grant.mails == 0);
                unused.push((grant.clone(), taken));
            }
        }
        claimant.store.give_back_paces(&unused).await?;
        Ok(Some(claims))
    }

    fn domain_request(&self, domain: &str, wanted: usize) -> PaceRequest {
        PaceRequest {
            went_well: self.known().went_well.remove(domain),
            ..request(&PaceKey::Domain(domain), self.limit_of(domain), u32::try_from(wanted).unwrap_or(u32::MAX))
        }
    }

    fn limit_of(&self, domain: &str) -> Option<Rate> {
        self.domains.get(domain).copied()
    }

    /// Takes note of what a grant tells about its domain.
    fn learn_from(&self, domain: &str, grant: &PaceGrant, short: bool) {
        self.note_ready(&grant.key, short.then_some(grant.ready));
        if !grant.slowed {
            self.known().slowed.remove(domain);
        }
    }
}
