//! Issues from the first article to the last delivery, on both engines.

mod desk;
mod harness;
mod killed;
mod letters;
mod making;
mod operator;
mod together;

use harness::*;
