//! When an edition is due: a cron expression read in a time zone.
//!
//! Expressions are the five fields of crontab(5), as people write them; [`fields`] turns them into what the `cron`
//! crate wants. That crate then walks civil time only, as if every day had 24 hours: given a zone of its own it loses
//! a week in a spring gap and fires twice in an autumn fold. A civil slot becomes an instant here, by jiff and the
//! time zone database it brings along (the machine's own is often years old): a slot in a gap moves later by the
//! length of the gap, a slot in a fold happens the first time round.
//!
//! An issue is known by its civil slot, [`Slot::key`], so a slot has one issue whatever the clock does.

mod fields;
mod frequency;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use chrono::{DateTime as ChronoDateTime, NaiveDate, Utc};
use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

pub use frequency::Frequency;

/// How far a slot's instant may lie from its civil time, read without regard to any gap or fold. Samoa left out a
/// whole day in 2011; the rest of an hour is for the usual changes.
const LARGEST_SHIFT: SignedDuration = SignedDuration::from_hours(25);

/// A cron expression in a time zone.
#[derive(Debug, Clone)]
pub struct Schedule {
    expression: String,
    timezone_name: String,
    zone: TimeZone,
    cron: cron::Schedule,
    frequency: Option<Frequency>,
}

/// One time an edition is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The time on the wall, in the edition's zone.
    pub civil: DateTime,
    /// The instant it stands for.
    pub instant: Timestamp,
}

impl Slot {
    /// Returns the slot's name within its edition: `2026-11-27T08:00`.
    pub fn key(&self) -> String {
        self.civil.strftime("%Y-%m-%dT%H:%M").to_string()
    }
}

/// The schedule cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The expression is not one of ours; the text says why and what is allowed.
    #[error("{0}")]
    Expression(String),
    /// There is no such time zone.
    #[error("there is no time zone {0:?}: write a name of the IANA database such as \"Asia/Tokyo\"")]
    TimeZone(String),
}

impl Schedule {
    /// Returns the schedule that follows `expression` on the clocks of `timezone`.
    ///
    /// # Errors
    /// [`ScheduleError`] if the expression is not understood, asks for a day that never comes, or restricts both the
    /// day of the month and the day of the week; or if there is no such zone.
    pub fn parse(expression: &str, timezone: &str) -> Result<Self, ScheduleError> {
        let expression = expression.trim();
        let normalised = fields::normalise(expression).map_err(ScheduleError::Expression)?;
        // Every expression out of `normalise` is one the crate knows; should they ever disagree, its word counts.
        let cron =
            cron::Schedule::from_str(&normalised).map_err(|error| ScheduleError::Expression(error.to_string()))?;
        // Every calendar the Gregorian rules make occurs in these years.
        if cron.after(&chrono_from(DateTime::constant(2000, 1, 1, 0, 0, 0, 0))).next().is_none() {
            return Err(ScheduleError::Expression("no such day ever comes".to_owned()));
        }
        let zone =
            TimeZoneDatabase::bundled().get(timezone).map_err(|_| ScheduleError::TimeZone(timezone.to_owned()))?;
        let timezone_name = zone.iana_name().unwrap_or(timezone).to_owned();
        let frequency = frequency::of(&cron);
        Ok(Self { expression: expression.to_owned(), timezone_name, zone, cron, frequency })
    }

    /// Returns the expression as it was written.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// Returns how often it comes round, if there is a common word for it.
    pub fn frequency(&self) -> Option<Frequency> {
        self.frequency
    }

    /// Returns the time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Returns the name of the time zone.
    pub fn timezone_name(&self) -> &str {
        &self.timezone_name
    }

    /// Returns the date on the edition's calendar at `at`.
    pub fn civil_date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// Returns the minute `at` falls into, as a slot: what an issue made by hand is known by.
    pub fn slot_at(&self, at: Timestamp) -> Slot {
        let civil = self.zone.to_datetime(at);
        let minute = civil.date().at(civil.hour(), civil.minute(), 0, 0);
        let past = civil.duration_since(minute);
        Slot { civil: minute, instant: at.checked_sub(past).unwrap_or(at) }
    }

    /// Returns the first slot after `after`, if the years up to 2100 still hold one.
    ///
    /// Instants rise strictly from one to the next: of two slots that fall on one instant (one of them moved there
    /// out of a gap) only the one whose wall time it really is counts.
    pub fn next_after(&self, after: Timestamp) -> Option<Slot> {
        let start = self.zone.to_datetime(after).saturating_sub(LARGEST_SHIFT);
        let mut best: Option<Slot> = None;
        for civil in self.cron.after(&chrono_from(start)).map_while(civil_from) {
            let Some(slot) = self.resolve(civil) else { continue };
            if slot.instant <= after {
                continue;
            }
            if best.is_none_or(|b| slot.instant <= b.instant) {
                best = Some(slot);
            }
            // A slot out of a gap may land behind the next ones; a slot in its place is behind nothing.
            if !self.is_moved(slot) {
                break;
            }
        }
        best
    }

    /// Returns whether a slot is due at just this instant.
    pub fn is_due_at(&self, instant: Timestamp) -> bool {
        const SECOND: SignedDuration = SignedDuration::from_secs(1);
        instant.checked_sub(SECOND).is_ok_and(|before| !self.slots_between(before, instant, 1).is_empty())
    }

    /// Returns the slots after `after` and up to `until`, oldest first. Where there are more than `at_most`, the
    /// newest are returned.
    pub fn slots_between(&self, after: Timestamp, until: Timestamp, at_most: usize) -> Vec<Slot> {
        if at_most == 0 || after >= until {
            return Vec::new();
        }
        let end = self.zone.to_datetime(until).saturating_add(LARGEST_SHIFT);
        let mut stop_below = self.zone.to_datetime(after).saturating_sub(LARGEST_SHIFT);
        let mut slots = Vec::new();
        let mut in_place = 0;
        // Backwards, so that a daemon that was away for years does not walk through all of them.
        for civil in self.cron.after(&chrono_from(end)).rev().map_while(civil_from) {
            if civil < stop_below {
                break;
            }
            let Some(slot) = self.resolve(civil) else { continue };
            if slot.instant <= after || slot.instant > until {
                continue;
            }
            slots.push(slot);
            if !self.is_moved(slot) {
                in_place += 1;
            }
            if in_place == at_most {
                // Enough, but for those that a gap moves in between.
                stop_below = stop_below.max(civil.saturating_sub(LARGEST_SHIFT));
            }
        }
        slots.sort_by_key(|slot| (slot.instant, self.is_moved(*slot)));
        slots.dedup_by_key(|slot| slot.instant);
        slots.split_off(slots.len().saturating_sub(at_most))
    }

    fn resolve(&self, civil: DateTime) -> Option<Slot> {
        let instant = self.zone.to_ambiguous_timestamp(civil).compatible().ok()?;
        Some(Slot { civil, instant })
    }

    /// Whether a gap has moved the slot.
    fn is_moved(&self, slot: Slot) -> bool {
        self.zone.to_datetime(slot.instant) != slot.civil
    }
}

/// Dresses a civil time as what the `cron` crate takes. `Utc` stands for "the wall": it has neither gaps nor folds.
/// The crate knows the years from 1970 to 2100 and finds nothing at all when it starts before year 0.
fn chrono_from(civil: DateTime) -> ChronoDateTime<Utc> {
    let civil = civil.max(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    let field = |value: i8| u32::from(value.unsigned_abs());
    NaiveDate::from_ymd_opt(i32::from(civil.year()), field(civil.month()), field(civil.day()))
        .and_then(|date| date.and_hms_opt(field(civil.hour()), field(civil.minute()), field(civil.second())))
        .expect("both calendars are Gregorian and chrono's is the longer one")
        .and_utc()
}

fn civil_from(wall: ChronoDateTime<Utc>) -> Option<DateTime> {
    use chrono::{Datelike, Timelike};
    let field = |value: u32| i8::try_from(value).ok();
    DateTime::new(
        i16::try_from(wall.year()).ok()?,
        field(wall.month())?,
        field(wall.day())?,
        field(wall.hour())?,
        field(wall.minute())?,
        field(wall.second())?,
        0,
    )
    .ok()
}
