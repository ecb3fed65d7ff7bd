//! Who delivers: a daemon, or, while none does, this process.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::delivery::{Delivery, DeliveryError};
use crate::store::ExclusiveUse;

/// The post of one command.
pub(super) struct Post<'a> {
    app: &'a App,
    ours: Option<Ours>,
    was_ours: bool,
    others: bool,
}

/// A delivery service in this process.
struct Ours {
    delivery: Arc<Delivery>,
    stop: CancellationToken,
    run: JoinHandle<Result<(), DeliveryError>>,
    /// On SQLite no daemon may start meanwhile: it would take us for dead.
    _alone: ExclusiveUse,
}

impl<'a> Post<'a> {
    pub(super) fn new(app: &'a App) -> Self {
        Self { app, ours: None, was_ours: false, others: false }
    }

    /// Begins to deliver if nobody else does. To be called again and again: a daemon may stop in the middle.
    pub(super) async fn attend(&mut self) -> anyhow::Result<()> {
        if self.ours.as_ref().is_some_and(|ours| ours.run.is_finished()) {
            return self.close().await;
        }
        if self.ours.is_some() {
            return Ok(());
        }
        let store = &self.app.store;
        self.others = store.somebody_delivers(self.app.clock.now()).await?;
        let Some(alone) = store.exclusive_use()? else { return Ok(()) };
        // Whoever is alone on the file need not mind the lease of a process that died. On PostgreSQL nodes share.
        if self.others && !alone.is_alone() {
            return Ok(());
        }
        let (delivery, stop) = (Arc::new(self.app.delivery()), CancellationToken::new());
        let run = tokio::spawn(Arc::clone(&delivery).run(alone.is_alone(), stop.clone()));
        self.ours = Some(Ours { delivery, stop, run, _alone: alone });
        self.was_ours = true;
        Ok(())
    }

    /// Returns whether anybody delivers at all.
    pub(super) fn is_manned(&self) -> bool {
        self.ours.is_some() || self.others
    }

    /// Returns whether this process delivers.
    pub(super) fn is_ours(&self) -> bool {
        self.ours.is_some()
    }

    /// Returns whether this process has delivered.
    pub(super) fn was_ours(&self) -> bool {
        self.was_ours
    }

    /// Returns what is wrong with our relays, as far as we know: those of a daemon are its own affair.
    pub(super) fn troubles(&self) -> Vec<String> {
        self.ours.as_ref().map(|ours| ours.delivery.troubles()).unwrap_or_default()
    }

    /// Returns whether no relay of ours takes mail.
    pub(super) fn is_cut_off(&self, troubles: &[String]) -> bool {
        self.is_ours() && troubles.len() >= self.app.config.relays.len()
    }

    /// Stops delivering, at a safe point.
    pub(super) async fn close(&mut self) -> anyhow::Result<()> {
        if let Some(ours) = self.ours.take() {
            ours.stop.cancel();
            ours.run.await??;
        }
        Ok(())
    }
}
