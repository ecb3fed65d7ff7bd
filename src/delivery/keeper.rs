//! What has to be done from time to time: recover, resend, give up, finish.

use std::time::Duration;

use jiff::Timestamp;

use super::{Delivery, DeliveryError};
use crate::domain::doubt::Prospect;

/// How many deliveries in doubt a log line names; `deliveries recovery` lists them all.
const NAMED: usize = 50;
/// How long a process tries before it gives up mail that was never attempted.
const CHANCE: Duration = Duration::from_secs(3600);

impl Delivery {
    /// Saves what dead nodes held, and says what it found. `alone` means that no other process works on this database.
    pub(super) async fn recover(&self, alone: bool) -> Result<(), DeliveryError> {
        let now = self.clock.now();
        let recovery = self.store.recover(&self.node.id(), alone, self.policy.resend_at(now, 0), now).await?;
        if recovery.requeued + recovery.unknown > 0 {
            self.tell_of_recovery().await?;
        }
        Ok(())
    }

    /// Logs the newest recovery, the same that `deliveries recovery` shows: one line for all, and one that names what is
    /// in doubt.
    async fn tell_of_recovery(&self) -> Result<(), DeliveryError> {
        let Some(report) = self.store.recoveries(0, 1).await?.pop() else { return Ok(()) };
        tracing::warn!(
            requeued = report.requeued, unknown = report.unknown, accepted = report.accepted,
            remaining = report.remaining, node.id = %report.node,
            "A sender died. {} accepted by then, {} certainly not sent and queued again, {} unknown, {} remaining; \
             resumed at {}", report.accepted, report.requeued, report.unknown, report.remaining, report.at
        );
        let unknown = self.store.recovery_unknowns(report.id).await?;
        if !unknown.is_empty() {
            let ids: Vec<String> = unknown.iter().take(NAMED).map(|doubt| doubt.id.to_string()).collect();
            let more = if unknown.len() > NAMED { " and more" } else { "" };
            let then = match unknown.first().and_then(|doubt| doubt.prospect) {
                Some(Prospect::Resent { at }) => format!("sent again at {at}"),
                _ => "waiting for the operator".to_owned(),
            };
            tracing::warn!("Nobody knows whether these deliveries arrived, {then}: {}{more}", ids.join(", "));
        }
        Ok(())
    }

    /// Queues unknown deliveries whose time has come, gives up what is overdue, and finishes issues.
    pub(super) async fn tidy(&self, now: Timestamp) -> Result<(), DeliveryError> {
        let resent = self.store.resend_unknown(now).await?;
        if resent > 0 {
            tracing::info!(count = resent, "{resent} deliveries of unknown fate are sent again");
        }
        let expired = self.store.expire_overdue(self.policy.give_up_before(now), self.has_tried_enough(), now).await?;
        if expired > 0 {
            tracing::error!(count = expired, "{expired} deliveries were given up: no relay took them in time");
        }
        for issue in self.store.finish_issues(now).await? {
            let counts = self.store.delivery_counts(issue.id).await?;
            tracing::info!(
                issue.id = %issue.id, accepted = counts.accepted, rejected = counts.rejected, unknown = counts.unknown,
                withdrawn = counts.withdrawn, expired = counts.expired,
                "Issue {} of {} is finished: {} of {} accepted",
                issue.number.unwrap_or_default(), issue.edition, counts.accepted, issue.recipients
            );
        }
        Ok(())
    }

    /// Returns whether what was never tried may be given up, too. A daemon that was down for days comes back to mail
    /// nobody has tried: it gets its chance first.
    fn has_tried_enough(&self) -> bool {
        self.begun.elapsed() >= CHANCE
    }
}
