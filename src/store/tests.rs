//! Every store method on both engines, every statement prepared on both, and both schemas held side by side.
//!
//! SQLite needs nothing. PostgreSQL is the server at `TEST_POSTGRES_URL`; `make test` starts one. Where `CI` is set it
//! must be there: a skipped engine is not a passed one.

mod api_tokens;
mod archive;
mod articles;
mod cancelled;
mod deliveries;
mod desk;
mod doubts;
mod feeds;
pub(crate) mod harness;
mod history;
mod images;
mod issues;
mod lanes;
mod paces;
mod pushed;
mod schema;
mod stories;
mod subscribers;

use harness::*;
