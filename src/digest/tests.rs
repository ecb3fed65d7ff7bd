//! Issues from the first article to the last delivery, on both engines.

mod choices;
mod desk;
mod harness;
mod killed;
mod letters;
mod making;
mod operator;
mod pictures;
mod policy;
mod readers;
mod skipped;
mod stories;
mod together;
mod welcome;

use harness::*;
