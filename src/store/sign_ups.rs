//! Sign-ups as they came in, until they are settled.

use jiff::Timestamp;

use super::row::{count, language, moment, word};
use super::sql::{read, statements, write};
use super::{Store, StoreError};
use crate::domain::consent::Visit;
use crate::domain::language::Language;
use crate::domain::subscriber::{Subscriber, SuppressReason};

/// A sign-up as a visitor sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignUp {
    /// The address as typed; it has been parsed once.
    pub address: String,
    /// The language of the page it was sent from.
    pub language: Language,
    /// The version of the consent text on that page.
    pub text_version: String,
    /// The editions that were ticked; none where the form offered no choice.
    pub editions: Vec<String>,
    /// Where it came from.
    pub visit: Visit,
    /// When it came.
    pub at: Timestamp,
}

/// What decides about a sign-up.
#[derive(Debug, Clone)]
pub struct SignUpContext {
    /// Who has the address already.
    pub subscriber: Option<Subscriber>,
    /// Why the address must not be written to, if it is on the list of hashes.
    pub suppressed: Option<SuppressReason>,
    /// Whether the person who has the address left at some time.
    pub has_left: bool,
    /// When confirmations went to the address within the time asked for, oldest first.
    pub confirmations: Vec<Timestamp>,
}

statements! {
    INSERT = { "INSERT INTO sign_ups (address, language, text_version, ip, user_agent, at_ms, editions)
        VALUES ($1, $2, $3, $4, $5, $6, $7)" }
    OLDEST = { "SELECT id, address, language, text_version, ip, user_agent, at_ms, editions FROM sign_ups
        ORDER BY id LIMIT $1" }
    SUPPRESSION = { "SELECT reason FROM suppressions WHERE address_hash = $1" }
    HAS_LEFT = { "SELECT COUNT(*) FROM consent_events WHERE subscriber_id = $1 AND kind = 'unsubscribed'" }
    CONFIRMATIONS = { "SELECT at_ms FROM confirmation_sends WHERE address_hash = $1 AND at_ms > $2 ORDER BY at_ms" }
}

#[derive(sqlx::FromRow)]
struct SignUpRow {
    id: i64,
    address: String,
    language: String,
    text_version: String,
    ip: Option<String>,
    user_agent: Option<String>,
    at_ms: i64,
    editions: Option<String>,
}

impl Store {
    /// Takes down a sign-up. The same work for everybody: one line.
    pub async fn record_sign_up(&self, sign_up: &SignUp) -> Result<(), StoreError> {
        let editions = (!sign_up.editions.is_empty())
            .then(|| serde_json::to_string(&sign_up.editions).expect("a list of strings can be written as JSON"));
        write!(self, |db, sql| {
            sqlx::query(sql(INSERT))
                .bind(&sign_up.address)
                .bind(sign_up.language.tag())
                .bind(&sign_up.text_version)
                .bind(&sign_up.visit.ip)
                .bind(&sign_up.visit.user_agent)
                .bind(sign_up.at.as_millisecond())
                .bind(&editions)
                .execute(&mut *db)
                .await?;
        });
        Ok(())
    }

    /// Returns up to `limit` sign-ups that are not settled, oldest first, with the number each is settled by.
    pub async fn unsettled_sign_ups(&self, limit: usize) -> Result<Vec<(i64, SignUp)>, StoreError> {
        let rows: Vec<SignUpRow> =
            read!(self, |db, sql| sqlx::query_as(sql(OLDEST)).bind(count(limit)).fetch_all(&mut *db).await?);
        rows.into_iter()
            .map(|row| {
                let sign_up = SignUp {
                    address: row.address,
                    language: language("sign_ups", "language", &row.language)?,
                    text_version: row.text_version,
                    editions: match row.editions {
                        Some(json) => word("sign_ups", "editions", &json, |json| serde_json::from_str(json).ok())?,
                        None => Vec::new(),
                    },
                    visit: Visit { ip: row.ip, user_agent: row.user_agent },
                    at: moment("sign_ups", "at_ms", row.at_ms)?,
                };
                Ok((row.id, sign_up))
            })
            .collect()
    }

    /// Returns what decides about a sign-up of this address, with confirmations younger than `since`. Any of the
    /// hashes counts: the first is made with the secret of today, the others with earlier ones.
    pub async fn sign_up_context(
        &self,
        address_key: &str,
        address_hashes: &[[u8; 32]],
        since: Timestamp,
    ) -> Result<SignUpContext, StoreError> {
        let subscriber = self.subscriber_by_key(address_key).await?;
        let mut has_left = false;
        let mut suppressed = None;
        let mut confirmations = Vec::new();
        read!(self, |db, sql| {
            if let Some(subscriber) = &subscriber {
                let left: i64 = sqlx::query_scalar(sql(HAS_LEFT)).bind(subscriber.id.0).fetch_one(&mut *db).await?;
                has_left = left > 0;
            }
            for hash in address_hashes {
                let reason: Option<String> =
                    sqlx::query_scalar(sql(SUPPRESSION)).bind(&hash[..]).fetch_optional(&mut *db).await?;
                if let Some(reason) = reason {
                    suppressed = Some(word("suppressions", "reason", &reason, SuppressReason::from_stored)?);
                }
                let sent: Vec<i64> = sqlx::query_scalar(sql(CONFIRMATIONS))
                    .bind(&hash[..])
                    .bind(since.as_millisecond())
                    .fetch_all(&mut *db)
                    .await?;
                for ms in sent {
                    confirmations.push(moment("confirmation_sends", "at_ms", ms)?);
                }
            }
        });
        confirmations.sort_unstable();
        Ok(SignUpContext { subscriber, suppressed, has_left, confirmations })
    }
}
