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
use crate::store::{DayLimit, PaceRequest, Store, StoreError};
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

    /// Takes up to `wanted` mails for a relay, and returns how many may be handed to it now.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails; then none may.
    pub(super) async fn take_relay(
        &self,
        store: &Store,
        relay: &str,
        wanted: u32,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let Some(limit) = self.relays.get(relay).copied() else { return Ok(wanted) };
        let request = request(&PaceKey::Relay(relay), Some(limit), wanted);
        let mut grants = store.take_paces(std::slice::from_ref(&request), now).await?;
        let grant = grants.pop().expect("one grant for one request");
        self.note_ready(&request.key, (grant.mails < wanted).then_some(grant.ready));
        Ok(grant.mails)
    }

    /// Returns how long a relay that had nothing left must wait, as far as this process knows.
    pub(super) fn relay_wait(&self, relay: &str, now: Timestamp) -> Option<Duration> {
        self.relays.get(relay)?;
        let ready = self.known().ready.get(&PaceKey::Relay(relay).stored()).copied()?;
        wait(now, ready)
    }

    /// Returns how long it takes until a pace that had nothing left has something again.
    pub(super) fn wait(&self, now: Timestamp) -> Option<Duration> {
        let known = self.known();
        let mut all = known.ready.iter().filter(|(key, _)| !key.starts_with("relay:"));
        all.by_ref().filter_map(|(_, ready)| wait(now, *ready)).min()
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

    /// Takes note that a claim was given back: it does not count for its day.
    pub(super) async fn unsent(&self, store: &Store, claim: &Claim, now: Timestamp) {
        let Some(day) = self.day(now).filter(|_| claim.kind == DeliveryKind::Issue) else { return };
        if let Err(error) = store.count_day(&day.day, -1).await {
            tracing::warn!("A mail that was not sent still counts for the warm-up: {error}");
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
