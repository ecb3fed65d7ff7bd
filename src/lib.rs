//! Kawaraban: a self-hosted newsletter daemon. Feeds come in, one digest a week goes out, nobody is lost on the way
//! and nobody is mailed against their will.
//!
//! The folder is the architecture; `docs/architecture.md` draws it and `tests/it/rooms.rs` enforces it:
//!
//! | level | rooms |
//! |---|---|
//! | 0 | [`domain`], [`clock`]: values, states, rules; [`sanitise`]: what of HTML may stay; [`crash`]: where tests let the process die |
//! | 1 | [`config`], [`telemetry`] |
//! | 2 | [`store`] (SQL), [`render`] (templates), [`mail`] (SMTP out), [`smtpd`] (SMTP in), [`feeds`] (HTTP out) |
//! | 3 | [`subscribers`], [`articles`], [`digest`], [`delivery`], [`access`]: the services; they meet in the tables only |
//! | 4 | [`scheduler`], [`web`] |
//! | 5 | [`timekeeper`]: whose time counts; [`demo`], [`app`], [`cli`] |

pub mod access;
pub mod app;
pub mod articles;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crash;
pub mod delivery;
pub mod demo;
pub mod digest;
pub mod domain;
pub mod feeds;
pub mod mail;
pub mod render;
pub mod sanitise;
pub mod scheduler;
pub mod smtpd;
pub mod store;
pub mod subscribers;
pub mod telemetry;
pub mod timekeeper;
pub mod web;
