//! The program as an operator runs it: its commands, what they print and how they end.

mod bad_input;
mod daemon;
mod dkim;
mod help;
mod hostile;
mod house;
mod json;
mod postgres;
mod relay;
mod send;
mod subscribers;
mod truth;
