//! The site, from outside.

mod answers;
mod around;
mod harness;
mod issues;
mod links;
mod server;
