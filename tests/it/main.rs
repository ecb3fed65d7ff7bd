//! What Kawaraban does, seen from outside.

#![expect(clippy::unwrap_used, reason = "what a test cannot have fails it")]

mod cli;
mod demo;
mod dkim;
mod postfix;
mod privacy;
mod rooms;
