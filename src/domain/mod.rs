//! Values, states and rules. Nothing here does I/O, reads a clock or knows a table.

pub mod address;
pub mod api_token;
pub mod article;
pub mod choice;
pub mod choosing;
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
pub mod pushed;
pub mod schedule;
pub mod set_aside;
pub mod spoken;
pub mod story;
pub mod subscriber;
pub mod token;
pub mod visits;
pub mod warm_up;
