//! The site, from outside.

mod answers;
mod around;
mod desk;
mod harness;
mod issues;
mod links;
mod server;
