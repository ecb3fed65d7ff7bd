//! Issues from the first article to the last delivery, on both engines.

mod harness;
mod killed;
mod letters;
mod making;
mod operator;
mod pictures;
mod together;

use harness::*;
