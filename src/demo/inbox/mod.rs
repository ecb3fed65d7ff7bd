//! The inbox: every mail that left, as its reader sees it, and the buttons that make things happen.
//!
//! A mail may hold anything. Its text is escaped by the template; its HTML stands in a sandboxed frame without scripts,
//! forms or the network, and links lead out of it into a new tab.

mod buttons;
mod content;
mod list;
mod mail;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};

use super::frame::{self, Frame};
use super::print::Printer;
use crate::app::App;
use crate::smtpd::MemoryInbox;
use buttons::LastPress;

/// What the pages of the inbox are made from.
#[derive(Clone)]
pub(super) struct Desk {
    app: App,
    mails: Arc<MemoryInbox>,
    printer: Arc<Printer>,
    frame: Frame,
    last: Arc<LastPress>,
}

impl Desk {
    pub(super) fn new(app: App, mails: Arc<MemoryInbox>, frame: Frame) -> Self {
        let printer = Arc::new(Printer::new(app.clone()));
        Self { app, mails, printer, frame, last: Arc::default() }
    }
}

/// Returns the pages.
pub(super) fn router(desk: Desk) -> Router {
    let assets = desk.frame.assets();
    Router::new()
        .route("/", get(list::show))
        .route("/send", post(buttons::send))
        .route("/readers", post(buttons::add_readers))
        .route("/mail/{number}", get(mail::html))
        .route("/mail/{number}/text", get(mail::text))
        .route("/mail/{number}/source", get(mail::source))
        .route("/mail/{number}/frame", get(content::send))
        .with_state(desk)
        .merge(assets)
        .layer(from_fn(frame::headers))
}
