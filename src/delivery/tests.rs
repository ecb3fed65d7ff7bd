//! The service against a real SMTP conversation: our own receiver, told to misbehave.

mod connections;
mod harness;
mod pace;
mod relays;
mod replies;
mod shares;
mod signing;
mod stopping;
mod unknown;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::{Delivery, Pacing};
use crate::domain::delivery::{DeliveryState, OnUnknown};
use crate::domain::ids::IssueId;
use crate::domain::issue::IssueState;
use crate::domain::subscriber::{SubscriberState, SuppressReason};
use crate::domain::token::Purpose;
use crate::mail::{Dkim, read};
use crate::smtpd::{Answer, Behaviour, Envelope, Peer};
use harness::{AtTheDot, AtTheRecipient, Courteous, House, refusal, relay};
