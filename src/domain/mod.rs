//! Values, states and rules. Nothing here does I/O, reads a clock or knows a table.

pub mod address;
pub mod article;
pub mod consent;
pub mod delivery;
pub mod desk;
pub mod doubt;
pub mod edition;
pub mod feed;
pub mod ids;
pub mod issue;
pub mod language;
pub mod links;
pub mod pace;
pub mod schedule;
pub mod subscriber;
pub mod token;
pub mod warm_up;
