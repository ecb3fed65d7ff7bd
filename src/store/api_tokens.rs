//! The tokens of the API. Their hashes never leave this room.

use jiff::Timestamp;

use super::row::{maybe_moment, moment, word};
use super::sql::{in_tx, read, statements, write};
use super::{Store, StoreError};
use crate::domain::api_token::{ApiToken, Scope};

/// How exactly the last use is kept, in milliseconds: a program that calls all the time writes once a minute.
const USED_TO_MS: i64 = 60_000;

macro_rules! token_columns {
    () => {
        "id, name, scopes, created_ms, last_used_ms, revoked_ms"
    };
}

statements! {
    /// The name of a token that was revoked can be given anew.
    INSERT = { "INSERT INTO api_tokens (name, token_hash, scopes, created_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO UPDATE SET token_hash = excluded.token_hash, scopes = excluded.scopes,
            created_ms = excluded.created_ms, last_used_ms = NULL, revoked_ms = NULL
        WHERE api_tokens.revoked_ms IS NOT NULL" }
    LIST = { concat!("SELECT ", token_columns!(), " FROM api_tokens ORDER BY id") }
    /// An unknown one and a revoked one are found in the same way: not at all.
    BY_HASH = { concat!("SELECT ", token_columns!(), " FROM api_tokens WHERE token_hash = $1 AND revoked_ms IS NULL") }
    USED = { "UPDATE api_tokens SET last_used_ms = $2 WHERE id = $1" }
    REVOKE = { "UPDATE api_tokens SET revoked_ms = $2 WHERE name = $1 AND revoked_ms IS NULL" }
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: i64,
    name: String,
    scopes: String,
    created_ms: i64,
    last_used_ms: Option<i64>,
    revoked_ms: Option<i64>,
}

impl TryFrom<TokenRow> for ApiToken {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        const TABLE: &str = "api_tokens";
        let scopes = row.scopes.split_whitespace().map(|scope| word(TABLE, "scopes", scope, |word| word.parse().ok()));
        Ok(Self {
            id: row.id,
            scopes: scopes.collect::<Result<_, _>>()?,
            name: row.name,
            created: moment(TABLE, "created_ms", row.created_ms)?,
            last_used: maybe_moment(TABLE, "last_used_ms", row.last_used_ms)?,
            revoked: maybe_moment(TABLE, "revoked_ms", row.revoked_ms)?,
        })
    }
}

impl Store {
    /// Keeps a token by its hash.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if a token of this name is in use.
    pub async fn create_api_token(
        &self,
        name: &str,
        hash: &[u8; 32],
        scopes: &[Scope],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let scopes = scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
        in_tx!(self, |db, sql| {
            let made = sqlx::query(sql(INSERT))
                .bind(name)
                .bind(&hash[..])
                .bind(&scopes)
                .bind(now.as_millisecond())
                .execute(&mut *db)
                .await?;
            if made.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
        })
    }

    /// Returns every token, revoked ones too, oldest first.
    pub async fn api_tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let rows: Vec<TokenRow> = read!(self, |db, sql| sqlx::query_as(sql(LIST)).fetch_all(&mut *db).await?);
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Returns the token with this hash, unless it was revoked.
    pub async fn api_token_by_hash(&self, hash: &[u8; 32]) -> Result<Option<ApiToken>, StoreError> {
        let row: Option<TokenRow> =
            read!(self, |db, sql| sqlx::query_as(sql(BY_HASH)).bind(&hash[..]).fetch_optional(&mut *db).await?);
        row.map(TryInto::try_into).transpose()
    }

    /// Keeps that a token was used, to the minute.
    pub async fn api_token_used(&self, token: &ApiToken, now: Timestamp) -> Result<(), StoreError> {
        let at = now.as_millisecond();
        if token.last_used.is_some_and(|last| (at - last.as_millisecond()).abs() < USED_TO_MS) {
            return Ok(());
        }
        write!(self, |db, sql| {
            sqlx::query(sql(USED)).bind(token.id).bind(at).execute(&mut *db).await?;
        });
        Ok(())
    }

    /// Revokes the token of this name, from this moment on. `false` if there is none, or it was revoked before.
    pub async fn revoke_api_token(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let revoked = write!(self, |db, sql| sqlx::query(sql(REVOKE))
            .bind(name)
            .bind(now.as_millisecond())
            .execute(&mut *db)
            .await?
            .rows_affected());
        Ok(revoked == 1)
    }
}
