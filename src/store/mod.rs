//! The tables, and the only SQL of the program.
//!
//! One [`Store`] over SQLite (a single file, the default) or PostgreSQL (several nodes). The rest of the program never
//! knows which. Rows are private to this room and leave it as domain types; times are bound from the caller's clock.

mod api_tokens;
mod archive;
mod articles;
mod audience;
mod choices;
mod connect;
mod deliveries;
mod desk;
mod doubts;
mod editions;
mod enrolments;
mod error;
mod feeds;
mod images;
mod issues;
mod lanes;
mod letters;
mod nodes;
mod operator;
mod paces;
mod pauses;
mod pushed;
mod recoveries;
mod results;
mod row;
mod sealing;
mod set_asides;
mod sign_ups;
mod sql;
mod stories;
mod subscribers;
mod tally;
#[cfg(test)]
pub(crate) mod tests;
mod variants;
mod welcomes;

pub use archive::{Neighbours, Published};
pub use articles::{ArticleFate, ArticleFilter, PrintedIn};
pub use audience::{Person, Standing};
pub use choices::Taken;
pub use connect::{ExclusiveUse, SchemaState};
pub use deliveries::{Among, DeliveryCounts, DeliveryFilter, DeliveryRecord};
pub use desk::EditLine;
pub use doubts::{Decided, DecisionRecord, Doubt};
pub use enrolments::Enrolment;
pub use error::StoreError;
pub use feeds::{FeedVisit, NewFeed};
pub use images::{ImageLine, ImageSize, KnownImage, NewImage, StoredImage};
pub use issues::NewIssue;
pub use nodes::Recovery;
pub use operator::{OperatorMail, PausedFeed, ReplyCount};
pub use paces::{Allowance, DayLimit, PaceGrant, PaceRequest};
pub use pushed::PushedFilter;
pub use recoveries::RecoveryReport;
pub use results::{Attempted, Entry, Hold, Offer, Written};
pub use sealing::SealedIssue;
pub use sign_ups::{SignUp, SignUpContext};
pub use subscribers::{Existing, SubscriberCount};
pub use tally::IssueTally;
pub use variants::Variant;

/// The store.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
}

#[derive(Debug, Clone)]
enum Pools {
    Sqlite {
        readers: sqlx::SqlitePool,
        /// One connection: SQLite has one writer at a time, and waiting for it here is fair and cannot time out.
        writer: sqlx::SqlitePool,
        path: std::path::PathBuf,
    },
    Postgres(sqlx::PgPool),
}

impl Store {
    fn pools(&self) -> &Pools {
        &self.pools
    }

    /// Returns `sqlite` or `postgresql`.
    pub fn engine(&self) -> &'static str {
        match self.pools {
            Pools::Sqlite { .. } => "sqlite",
            Pools::Postgres(_) => "postgresql",
        }
    }
}
