//! How fast mail may leave: the limits the operator set, and what the domains of recipients have said.
//!
//! The truth is in the store, where all nodes share it (`store::paces`, `store::lanes`). This process keeps what it saw
//! there a moment ago, so that a mail nobody limits costs no look-up and no transaction. See `domain::pace` for the rule.

mod claims;
mod meter;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::delivery::{Claim, DeliveryKind, Outcome, Reply};
use crate::domain::pace::{DEAF, PaceKey, Rate, domain_of, is_complaint};
use crate::domain::warm_up::WarmUp;
use crate::mail::Relay;
use crate::store::{DayLimit, PaceGrant, PaceRequest, Store, StoreError};
use meter::Meter;

/// How often this process looks what the others have learnt. A domain another node slowed down gets mail from this one
/// for as long at its old speed.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Never wait less than this for a pace: its moment is known to the microsecond, and timers are not.
const SHORTEST_WAIT: Duration = Duration::from_millis(5);

/// What the operator decided about pace beside the rates of installation and relays.
#[derive(Debug, Clone)]
pub struct Pacing {
    /// How many mails a minute may go to the recipients of a domain (in lower-case A-labels); 0 is no limit.
    pub domains: BTreeMap<String, u32>,
    /// The warm-up plan.
    pub warm_up: Option<WarmUp>,
    /// Whose days the warm-up plan counts.
    pub zone: TimeZone,
}

impl Default for Pacing {
    fn default() -> Self {
        Self { domains: BTreeMap::new(), warm_up: None, zone: TimeZone::UTC }
    }
}

/// How fast this process may send, together with the others.
#[derive(Debug)]
pub(super) struct Pace {
    installation: Option<Rate>,
    relays: HashMap<String, Rate>,
    domains: HashMap<String, Rate>,
    warm_up: Option<WarmUp>,
    zone: TimeZone,
    known: Mutex<Known>,
    meter: Mutex<Meter>,
    /// Alternates between what waits in lanes and what does not.
    turn: AtomicUsize,
}

/// What relays may be handed: in their order, what was wanted, and what was granted if there is a limit.
#[derive(Debug)]
pub(super) struct RelayGrants(Vec<(u32, Option<PaceGrant>)>);

impl RelayGrants {
    /// Returns how many mails each relay may be handed.
    pub(super) fn mails(&self) -> Vec<u32> {
        self.0.iter().map(|(wanted, grant)| grant.as_ref().map_or(*wanted, |grant| grant.mails)).collect()
    }
}

/// What this process knows of the store.
#[derive(Debug, Default)]
struct Known {
    looked: Option<Timestamp>,
    /// The domains that are slowed down, and since when.
    slowed: HashMap<String, Timestamp>,
    /// The domains with mail in their lane.
    lanes: BTreeSet<String>,
    /// The slowed domains that took mail since they were asked for more.
    went_well: HashSet<String>,
    /// When a pace that had nothing left has something again.
    ready: HashMap<String, Timestamp>,
}

impl Pace {
    /// Returns a pace of `per_minute` mails over these relays; 0 means no limit.
    pub(super) fn new(per_minute: u32, relays: &[Relay]) -> Self {
        let of_relay = |relay: &Relay| {
            Rate::per_minute(relay.config.rate_per_minute).map(|rate| (relay.config.name.clone(), rate))
        };
        Self {
            installation: Rate::per_minute(per_minute),
            relays: relays.iter().filter_map(of_relay).collect(),
            domains: HashMap::new(),
            warm_up: None,
            zone: TimeZone::UTC,
            known: Mutex::default(),
            meter: Mutex::default(),
            turn: AtomicUsize::new(0),
        }
    }

    /// Sets the limits of domains and the warm-up plan.
    pub(super) fn set(&mut self, pacing: Pacing) {
        let rate = |(domain, per_minute)| Rate::per_minute(per_minute).map(|rate| (domain, rate));
        self.domains = pacing.domains.into_iter().filter_map(rate).collect();
        self.warm_up = pacing.warm_up;
        self.zone = pacing.zone;
    }

    /// Takes mails for relays, as many as each of them may be handed now and no more than `wanted`.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails; then none may.
    pub(super) async fn take_relays(
        &self,
        store: &Store,
        wanted: &[(&str, u32)],
        now: Timestamp,
    ) -> Result<RelayGrants, StoreError> {
        let limited = |(relay, wanted): &(&str, u32)| {
            let limit = self.relays.get(*relay).filter(|_| *wanted > 0)?;
            Some(request(&PaceKey::Relay(relay), Some(*limit), *wanted))
        };
        let requests: Vec<PaceRequest> = wanted.iter().filter_map(limited).collect();
        let mut grants =
            if requests.is_empty() { Vec::new() } else { store.take_paces(&requests, now).await? }.into_iter();
        let mut all = RelayGrants(Vec::new());
        for one in wanted {
            let grant = limited(one).and_then(|_| grants.next());
            if let Some(grant) = &grant {
                self.note_ready(&grant.key, (grant.mails < one.1).then_some(grant.ready));
            }
            all.0.push((one.1, grant));
        }
        Ok(all)
    }

    /// Gives back what was not used of grants; `used` has the same order.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails; then it is lost, and the relay gets a little less.
    pub(super) async fn give_relays_back(
        &self,
        store: &Store,
        grants: RelayGrants,
        used: Vec<u32>,
    ) -> Result<(), StoreError> {
        let unused: Vec<(PaceGrant, u32)> = grants
            .0
            .into_iter()
            .zip(used)
            .filter_map(|((_, grant), used)| Some((grant.filter(|grant| used < grant.mails)?, used)))
            .collect();
        if unused.is_empty() { Ok(()) } else { store.give_back_paces(&unused).await }
    }

    /// Returns how long it takes until a pace that had nothing left has something again.
    pub(super) fn wait(&self, now: Timestamp) -> Option<Duration> {
        let known = self.known();
        known.ready.values().filter_map(|ready| wait(now, *ready)).min()
    }

    /// Returns whether the rate of a relay is used up for now.
    pub(super) fn relay_rests(&self, relay: &str, now: Timestamp) -> bool {
        self.relays.contains_key(relay)
            && self.known().ready.get(&PaceKey::Relay(relay).stored()).is_some_and(|ready| wait(now, *ready).is_some())
    }

    /// Takes note how an attempt ended. A domain that complains is slowed down in the store, for all nodes.
    pub(super) async fn observe(&self, store: &Store, address: &str, outcome: &Outcome, now: Timestamp) {
        let domain = domain_of(address);
        match outcome {
            Outcome::Accepted(_) => {
                self.meter.lock().expect("no holder of this lock panics").count(domain, now);
                let mut known = self.known();
                if known.slowed.contains_key(domain) && !known.went_well.contains(domain) {
                    known.went_well.insert(domain.to_owned());
                }
            }
            Outcome::Deferred(reply) if is_complaint(reply) => {
                if let Err(error) = self.slow_down(store, domain, reply, now).await {
                    tracing::warn!(domain, "A domain complains, and could not be slowed down: {error}");
                }
            }
            Outcome::Deferred(_) | Outcome::Rejected(_) | Outcome::NotSent(_) | Outcome::Unknown(_) => {}
        }
    }

    async fn slow_down(&self, store: &Store, domain: &str, reply: &Reply, now: Timestamp) -> Result<(), StoreError> {
        let heard = self.known().slowed.get(domain).copied();
        if heard.is_some_and(|since| Duration::try_from(now.duration_since(since)).is_ok_and(|passed| passed <= DEAF)) {
            return Ok(());
        }
        let getting = self.meter.lock().expect("no holder of this lock panics").last_minute(domain, now);
        let codes = [reply.code.map(|code| code.to_string()), reply.enhanced().map(str::to_owned)];
        let why = codes.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let limit = self.domains.get(domain).copied();
        let slowed = store.slow_pace(&PaceKey::Domain(domain).stored(), limit, getting, &why, now).await?;
        {
            let mut known = self.known();
            known.slowed.insert(domain.to_owned(), now);
            known.went_well.remove(domain);
        }
        if let Some(slowed) = slowed.and_then(|pace| pace.slowed) {
            let pause_s = slowed.paused_until.map_or(0, |end| end.duration_since(now).as_secs());
            tracing::warn!(
                domain,
                mails_an_hour = slowed.rate.an_hour(),
                pause_s,
                "A domain says that it gets too much, and is slowed down: {why}"
            );
        }
        Ok(())
    }

    /// Takes note that claims were given back: they do not count for their day.
    pub(super) async fn unsent<'a>(&self, store: &Store, claims: impl Iterator<Item = &'a Claim>, now: Timestamp) {
        let Some(day) = self.day(now) else { return };
        let issues = claims.filter(|claim| claim.kind == DeliveryKind::Issue).count();
        if let Err(error) = store.count_day(&day.day, -i64::try_from(issues).unwrap_or_default()).await {
            tracing::warn!("Mails that were not sent still count for the warm-up: {error}");
        }
    }

    /// Returns how many mails may leave on the day of `now`; `None` without a warm-up, or after it.
    fn day(&self, now: Timestamp) -> Option<DayLimit> {
        let date = now.to_zoned_datetime(self.zone.clone()).date();
        let limit = self.warm_up.as_ref()?.limit_on(date)?;
        Some(DayLimit { day: date.to_string(), limit })
    }

    /// Looks from time to time what the others have learnt.
    async fn look(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let fresh =
            |looked: Timestamp| Duration::try_from(now.duration_since(looked)).is_ok_and(|passed| passed < LOOK_EVERY);
        let looked = self.known().looked;
        if looked.is_some_and(fresh) {
            return Ok(());
        }
        if looked.is_none() {
            store.forget_paces(now).await?;
        }
        let paces = store.paces().await?;
        let lanes = store.lanes().await?;
        let mut known = self.known();
        known.slowed = paces
            .into_iter()
            .filter_map(|mut pace| {
                pace.forget(now);
                let since = pace.slowed?.since;
                match PaceKey::from_stored(&pace.key)? {
                    PaceKey::Domain(domain) => Some((domain.to_owned(), since)),
                    PaceKey::Installation | PaceKey::Relay(_) => None,
                }
            })
            .collect();
        known.lanes = lanes.into_iter().collect();
        // After a jump of the clock these would be nonsense.
        known.ready.clear();
        known.looked = Some(now);
        Ok(())
    }

    fn note_ready(&self, key: &str, ready: Option<Timestamp>) {
        let mut known = self.known();
        match ready {
            Some(ready) => known.ready.insert(key.to_owned(), ready),
            None => known.ready.remove(key),
        };
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("no holder of this lock panics")
    }
}

fn request(key: &PaceKey<'_>, limit: Option<Rate>, wanted: u32) -> PaceRequest {
    PaceRequest { key: key.stored(), limit, wanted, went_well: false }
}

fn wait(now: Timestamp, ready: Timestamp) -> Option<Duration> {
    let left = Duration::try_from(ready.duration_since(now)).ok().filter(|left| !left.is_zero())?;
    Some(left.max(SHORTEST_WAIT))
}
