//! The program as an operator runs it: its commands, what they print and how they end.

mod bad_input;
mod copies;
mod daemon;
mod desk;
mod dkim;
mod help;
mod hostile;
mod house;
mod json;
mod lists;
mod postgres;
mod relay;
mod send;
mod subscribers;
mod templates;
mod truth;
