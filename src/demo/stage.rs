//! Everything a demo stands on: the throw-away database, the receiving mail server, the sample feeds, the daemon and
//! the inbox. Each listens on 127.0.0.1 alone.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::frame::Frame;
use super::inbox::{self, Desk};
use super::ports::{Port, listen};
use super::{DemoError, samples, settings};
use crate::app::{App, AppError, Roles};
use crate::clock::{Clock, SystemClock};
use crate::smtpd::{MemoryInbox, Options, Server};
use crate::store::ExclusiveUse;
use crate::web;

/// How many mails the inbox keeps: more than anybody reads, less than anybody's memory.
const MAILS_KEPT: usize = 500;

/// A demo that has its ports and its database and does not answer yet.
pub struct Demo {
    pub(super) app: App,
    pub(super) mails: Arc<MemoryInbox>,
    addresses: Addresses,
    alone: ExclusiveUse,
    site: TcpListener,
    inbox: TcpListener,
    feeds: TcpListener,
    relay: Server,
    frame: Frame,
    /// Removed when dropped.
    folder: TempDir,
}

/// Where a demo is found.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The sign-up page, with a slash at the end.
    pub site: String,
    /// The inbox, with a slash at the end.
    pub inbox: String,
    /// The sample feeds, without a slash at the end.
    pub feeds: String,
    /// The mail server.
    pub relay: SocketAddr,
    /// The port that was asked for, if it was taken.
    pub taken: Option<u16>,
}

impl Demo {
    /// Sets everything up: the site on `port`, or a free one if that is taken or 0, and the inbox beside it.
    ///
    /// # Errors
    /// [`DemoError`], with nothing left behind.
    pub async fn set_up(port: u16) -> Result<Self, DemoError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let folder = tempfile::Builder::new().prefix("kawaraban-demo-").tempdir().map_err(DemoError::Folder)?;
        let site = listen(port, "the pages").await?;
        // A free port has no neighbours to speak of.
        let beside = if port == 0 || site.taken.is_some() { 0 } else { port.checked_add(1).unwrap_or(0) };
        let inbox = listen(beside, "the inbox").await?;
        let feeds = listen(0, "the sample feeds").await?;
        let mails = Arc::new(MemoryInbox::new(MAILS_KEPT));
        let (relay, relay_address) = relay(Arc::clone(&mails)).await?;

        let config = settings::config(site.address, relay_address, &folder.path().join("demo.db"), &*clock);
        let templates = App::load_templates(&config)?;
        let store = App::open_store(&config).await?;
        let alone = store.exclusive_use()?.ok_or(AppError::InUse)?;
        let title = config.editions.first().map_or("Kawaraban", |edition| &edition.title).into();
        let app = App::new(config, clock, store, templates)?;
        let addresses = addresses(&site, &inbox, &feeds, relay_address);
        samples::add(&app.articles, &addresses.feeds).await?;
        let frame = Frame {
            templates: Arc::clone(&app.templates),
            title,
            inbox: addresses.inbox.as_str().into(),
            site: addresses.site.as_str().into(),
        };
        Ok(Self {
            app,
            mails,
            addresses,
            alone,
            site: site.listener,
            inbox: inbox.listener,
            feeds: feeds.listener,
            relay,
            frame,
            folder,
        })
    }

    /// Returns where it is found.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Serves until `stop`, then takes everything down, the database included.
    ///
    /// # Errors
    /// [`DemoError::App`] if a part of the daemon cannot go on.
    pub async fn serve(self, stop: CancellationToken) -> Result<(), DemoError> {
        let Self { app, mails, addresses, alone, site, inbox, feeds, relay, frame, folder } = self;
        let desk = inbox::router(Desk::new(app.clone(), mails, frame.clone()));
        let samples = samples::router(frame, &addresses.feeds, app.clock.now());
        // What the daemon talks to goes on until the daemon has finished what it was at.
        let props_stop = CancellationToken::new();
        let mut props = JoinSet::new();
        props.spawn(relay.run(props_stop.clone()));
        props.spawn(web::serve(feeds, samples, props_stop.clone()));
        props.spawn(web::serve(inbox, desk, props_stop.clone()));

        let outcome = app.serve(Roles::ALL, Some(site), &alone, stop).await;

        props_stop.cancel();
        props.join_all().await;
        app.store.close().await;
        drop(alone);
        folder.close().map_err(DemoError::Folder)?;
        Ok(outcome?)
    }
}

async fn relay(mails: Arc<MemoryInbox>) -> Result<(Server, SocketAddr), DemoError> {
    let bound = Server::bind((Ipv4Addr::LOCALHOST, 0).into(), Options::default(), mails).await;
    bound
        .and_then(|server| server.local_addr().map(|address| (server, address)))
        .map_err(|error| DemoError::Listen { what: "the mail server", error })
}

fn addresses(site: &Port, inbox: &Port, feeds: &Port, relay: SocketAddr) -> Addresses {
    Addresses {
        site: format!("http://{}/", site.address),
        inbox: format!("http://{}/", inbox.address),
        feeds: format!("http://{}", feeds.address),
        relay,
        taken: site.taken,
    }
}
