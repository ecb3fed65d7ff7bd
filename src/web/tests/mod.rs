//! The site, from outside.

mod answers;
mod api;
mod api_document;
mod archive;
mod around;
mod desk;
mod embed;
mod harness;
mod issues;
mod links;
mod preferences;
mod server;
