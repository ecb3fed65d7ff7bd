//! The site, from outside.

mod answers;
mod archive;
mod around;
mod harness;
mod issues;
mod links;
mod server;
