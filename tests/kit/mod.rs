//! The fault kit: a relay that misbehaves to order and keeps a journal, a ledger with a list in it, the real program as a
//! process of its own, and the one function that holds journal against ledger.

pub(crate) mod certificates;
pub(crate) mod house;
pub(crate) mod journal;
pub(crate) mod report;
pub(crate) mod sender;
pub(crate) mod server;
pub(crate) mod tap;
pub(crate) mod tempo;
pub(crate) mod truth;
