//! Every store method on both engines, every statement prepared on both, and both schemas held side by side.
//!
//! SQLite needs nothing. PostgreSQL is the server at `TEST_POSTGRES_URL`; `make test` starts one. Where `CI` is set it
//! must be there: a skipped engine is not a passed one.

mod archive;
mod articles;
mod cancelled;
mod deliveries;
mod doubts;
pub(crate) mod harness;
mod history;
mod issues;
mod lanes;
mod paces;
mod schema;
mod subscribers;

use harness::*;
