//! The services of one process, wired from a configuration, and the daemon that runs them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::articles::Articles;
use crate::clock::Clock;
use crate::config::{Config, ImagesMode};
use crate::delivery::{Delivery, Pacing, Policy};
use crate::digest::{Digests, Imprint, Operator};
use crate::domain::issue::LetterHead;
use crate::domain::links::Links;
use crate::domain::token::Signer;
use crate::feeds::{FetchPolicy, Fetcher, PictureError, PictureFetcher};
use crate::mail::{Dkim, DkimError, Relay};
use crate::render::{Sender, Templates};
use crate::scheduler::Scheduler;
use crate::store::{ExclusiveUse, SchemaState, Store, StoreError};
use crate::subscribers::{Publication, Subscribers};
use crate::web::{self, Site, WebState};

/// How long the parts of a daemon that was asked to stop may take: delivery waits for half a minute for what is offered.
const PATIENCE: Duration = Duration::from_secs(40);

/// Everything a command or the daemon works with.
#[derive(Clone)]
pub struct App {
    /// The configuration it was built from.
    pub config: Arc<Config>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The store.
    pub store: Store,
    /// The templates.
    pub templates: Arc<Templates>,
    /// The keys mail is signed with, if it is.
    pub dkim: Option<Arc<Dkim>>,
    /// The links.
    pub links: Links,
    /// The subscribers service.
    pub subscribers: Subscribers,
    /// The articles service.
    pub articles: Articles,
    /// The tokens of the API.
    pub access: Access,
    /// The digest service.
    pub digests: Digests,
    /// The scheduler.
    pub scheduler: Scheduler,
}

/// What a daemon does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// The pages, and settling sign-ups.
    pub web: bool,
    /// Feeds, schedule and housekeeping.
    pub scheduler: bool,
    /// Sending.
    pub delivery: bool,
}

impl Roles {
    /// Everything.
    pub const ALL: Self = Self { web: true, scheduler: true, delivery: true };
}

/// The application cannot be built, or the daemon cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A template.
    #[error(transparent)]
    Template(#[from] crate::render::TemplateError),
    /// A key mail is to be signed with.
    #[error(transparent)]
    Dkim(#[from] DkimError),
    /// The configuration does not allow mail to be sent.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// The HTTP client.
    #[error(transparent)]
    Fetcher(#[from] crate::feeds::FeedError),
    /// The HTTP client for pictures.
    #[error(transparent)]
    Pictures(#[from] PictureError),
    /// The deliveries.
    #[error(transparent)]
    Delivery(#[from] crate::delivery::DeliveryError),
    /// The address to listen on.
    #[error("http.listen: cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// Why not.
        error: std::io::Error,
    },
    /// Another daemon works on this file.
    #[error(
        "another kawaraban daemon works on this database file; stop it first, or use PostgreSQL for several daemons"
    )]
    InUse,
}

impl App {
    /// Builds the services. The schema must be current.
    ///
    /// # Errors
    /// [`AppError`], before anything was done.
    pub fn new(config: Config, clock: Arc<dyn Clock>, store: Store, templates: Templates) -> Result<Self, AppError> {
        let dkim = Self::load_dkim(&config)?;
        let signer = Signer::new(&config.secret, &config.previous_secrets);
        let links = Links::new(&config.base_url, signer);
        let templates = Arc::new(templates);
        let sender = sender(&config);
        let head = LetterHead {
            from_name: config.sender.name.clone(),
            from_email: config.sender.email.clone(),
            reply_to: config.sender.reply_to.clone(),
            list: None,
        };
        let first = config.editions.first();
        let publication = Publication {
            title: first.map_or_else(|| config.sender.name.clone(), |edition| edition.title.clone()),
            editions: config.editions.clone(),
            sender: sender.clone(),
            head: head.clone(),
        };
        let subscribers =
            Subscribers::new(store.clone(), Arc::clone(&clock), links.clone(), Arc::clone(&templates), publication);
        let policy = FetchPolicy {
            allow_networks: config.feeds.allow_networks.clone(),
            user_agent: format!("Kawaraban/{} (+{})", env!("CARGO_PKG_VERSION"), links.home()),
        };
        let pictures = match config.images.mode {
            ImagesMode::Proxy => Some(PictureFetcher::new(&policy, config.images.max_width)?),
            ImagesMode::None => None,
        };
        let fetcher = Fetcher::new(policy)?;
        let articles =
            Articles::new(store.clone(), Arc::clone(&clock), Arc::new(fetcher), config.feeds.first_fetch_max_age)
                .for_editions(&config.editions);
        let access = Access::new(store.clone(), Arc::clone(&clock));
        let digests = Digests::new(
            store.clone(),
            Arc::clone(&clock),
            links.clone(),
            Arc::clone(&templates),
            config.editions.clone(),
            Imprint { sender, head, unsubscribe_mailto: config.sender.unsubscribe_mailto.clone() },
        )
        .with_operator(Operator { addresses: config.operator.email.clone(), language: config.operator.language })
        .with_pictures(pictures);
        let scheduler = Scheduler::new(
            store.clone(),
            Arc::clone(&clock),
            articles.clone(),
            digests.clone(),
            subscribers.clone(),
            config.feeds.poll_every,
        );
        Ok(Self {
            config: Arc::new(config),
            clock,
            store,
            templates,
            dkim,
            links,
            subscribers,
            articles,
            access,
            digests,
            scheduler,
        })
    }

    /// Opens the database and brings a new, empty one up to date. One that is behind is left for `migrate`, because an
    /// older daemon may be running on it.
    ///
    /// # Errors
    /// [`AppError::Store`], with what to do.
    pub async fn open_store(config: &Config) -> Result<Store, AppError> {
        let store = Store::open(&config.database.url).await?;
        let mut state = store.schema().await?;
        if state == SchemaState::Behind {
            // It may be another command that is making the tables just now.
            store.wait_for_migration().await?;
            state = store.schema().await?;
        }
        match state {
            SchemaState::Current => Ok(store),
            SchemaState::Empty => {
                store.migrate().await?;
                Ok(store)
            }
            SchemaState::Behind => {
                let problem = "the database's schema is older than this program: run `kawaraban migrate`";
                Err(StoreError::Schema(problem.to_owned()).into())
            }
            SchemaState::Ahead => Err(StoreError::newer_schema().into()),
        }
    }

    /// Loads the templates, the operator's own over the built-in ones.
    ///
    /// # Errors
    /// [`AppError::Template`], with file and line.
    pub fn load_templates(config: &Config) -> Result<Templates, AppError> {
        Ok(Templates::load(config.templates.dir.as_deref().map(Path::new))?)
    }

    /// Loads the keys mail is signed with, if there is a `[dkim]`.
    ///
    /// # Errors
    /// [`AppError::Dkim`], naming the setting.
    pub fn load_dkim(config: &Config) -> Result<Option<Arc<Dkim>>, AppError> {
        Ok(config.dkim.as_ref().map(Dkim::load).transpose()?.map(Arc::new))
    }

    /// Returns a delivery service that hands mail to the configured relays.
    pub fn delivery(&self) -> Delivery {
        let relays = self.relays();
        let policy = Policy {
            on_unknown: self.config.delivery.on_unknown,
            unknown_delay: self.config.delivery.unknown_delay,
            give_up_after: self.config.delivery.give_up_after,
            rate_per_minute: self.config.delivery.rate_per_minute,
        };
        let pacing = Pacing {
            domains: self.config.delivery.domains.clone(),
            warm_up: self.config.delivery.warm_up.clone(),
            zone: self.config.first_zone(),
        };
        let dkim = self.dkim.clone();
        Delivery::new(self.store.clone(), Arc::clone(&self.clock), self.links.clone(), policy, relays, dkim)
            .paced(pacing)
    }

    /// Returns the configured relays and how we present ourselves to them.
    pub fn relays(&self) -> Vec<Relay> {
        self.config.relays.iter().map(|relay| Relay::new(relay.clone(), self.links.host())).collect()
    }

    /// Runs the daemon until `stop`, then lets each part come to a safe point. `alone` is the proof that this process
    /// has a SQLite file to itself.
    ///
    /// # Errors
    /// [`AppError`] if a part cannot start; the others are stopped then.
    pub async fn serve(
        &self,
        roles: Roles,
        listener: Option<TcpListener>,
        alone: &ExclusiveUse,
        stop: CancellationToken,
    ) -> Result<(), AppError> {
        let mut parts: JoinSet<Result<(), AppError>> = JoinSet::new();
        if let Some(listener) = listener.filter(|_| roles.web) {
            let router = web::router(self.web_state());
            let token = stop.clone();
            parts.spawn(async move {
                web::serve(listener, router, token).await;
                Ok(())
            });
            let (subscribers, token) = (self.subscribers.clone(), stop.clone());
            parts.spawn(async move {
                settle_sign_ups(&subscribers, &token).await;
                Ok(())
            });
        }
        if roles.scheduler {
            let (scheduler, token) = (self.scheduler.clone(), stop.clone());
            parts.spawn(async move {
                scheduler.run(token).await;
                Ok(())
            });
        }
        if roles.delivery {
            let (delivery, token) = (Arc::new(self.delivery()), stop.clone());
            let alone = alone.is_alone();
            parts.spawn(async move { Ok(delivery.run(alone, token).await?) });
        }
        let mut outcome = Ok(());
        let mut patience = std::pin::pin!(async {
            stop.cancelled().await;
            tokio::time::sleep(PATIENCE).await;
        });
        loop {
            let part = tokio::select! {
                part = parts.join_next() => part,
                () = &mut patience => {
                    tracing::warn!("Parts of the program do not come to an end, and are cut off");
                    break;
                }
            };
            let Some(part) = part else { break };
            let ended = part.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
            if ended.is_err() && outcome.is_ok() {
                outcome = ended;
            }
            // Whatever ended, by order or by failure: a daemon with a part missing would only look alive.
            stop.cancel();
        }
        outcome
    }

    /// Returns what the pages are made from.
    pub fn web_state(&self) -> WebState {
        let title = self.config.editions.first().map_or(&self.config.sender.name, |edition| &edition.title);
        let site = Site {
            title: title.clone(),
            sender: sender(&self.config),
            mail_domain: self.config.sender.email.rsplit_once('@').map_or("", |(_, domain)| domain).to_owned(),
            editions: self.config.editions.clone(),
            trusted_proxies: self.config.http.trusted_proxies.clone(),
        };
        WebState::new(
            self.store.clone(),
            self.subscribers.clone(),
            Arc::clone(&self.templates),
            Arc::clone(&self.clock),
            self.links.clone(),
            site,
        )
        .with_api(self.articles.clone(), self.access.clone(), Arc::clone(&self.clock))
        .with_desk(self.digests.clone())
    }
}

fn sender(config: &Config) -> Sender {
    Sender {
        name: config.sender.name.clone(),
        postal_address: config.sender.postal_address.clone(),
        contact: config.sender.contact.clone(),
    }
}

/// Decides about sign-ups as they come in, until `stop`.
async fn settle_sign_ups(subscribers: &Subscribers, stop: &CancellationToken) {
    /// Other nodes write sign-ups too; their arrival is not heard here.
    const POLL: Duration = Duration::from_secs(2);
    const BATCH: usize = 100;
    while !stop.is_cancelled() {
        match subscribers.settle_sign_ups(BATCH).await {
            Ok(BATCH) => continue,
            Ok(_) => {}
            Err(error) => tracing::error!("Sign-ups could not be settled: {error}"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = subscribers.sign_up_arrived() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}
