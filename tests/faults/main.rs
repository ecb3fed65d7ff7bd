//! The promises of the ledger under kill signals, broken relays, broken databases and broken clocks: see
//! `docs/reliability.md`.
//!
//! Every test is small here; `make faults` runs them in full (`FAULTS=full`) and prints their figures.

#![expect(clippy::unwrap_used, reason = "what a test cannot have fails it")]

#[path = "../kit/mod.rs"]
mod kit;

mod database;
mod kills;
mod leaving;
mod nodes;
mod refusals;
mod replay;
mod replies;
mod restored;
mod schedule;
mod shim;
mod slow;
mod soak;
mod tls;
mod upkeep;
