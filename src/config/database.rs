//! `[database]`: where the store is.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::reader::Table;

const DEFAULT_URL: &str = "sqlite://data/kawaraban.db";

/// Where the store is.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// `sqlite://PATH` or `postgres://…`. It may contain a password: show [`Self::shown`] instead.
    pub url: SecretString,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: DEFAULT_URL.into() }
    }
}

impl DatabaseConfig {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let url = table.parsed("url", |text| check(text).map(|()| SecretString::from(text)));
        table.finish();
        url.map_or_else(Self::default, |url| Self { url })
    }

    /// Returns the URL without its password.
    pub fn shown(&self) -> String {
        let text = self.url.expose_secret();
        if is_sqlite(text) {
            return text.to_owned();
        }
        match Url::parse(text) {
            Ok(mut url) => {
                // A query may hold a password, too. What is left after this fails has none.
                url.set_query(None);
                if url.password().is_some() && url.set_password(Some("***")).is_err() {
                    return "postgres://…".to_owned();
                }
                url.into()
            }
            Err(_) => "postgres://…".to_owned(),
        }
    }
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

fn check(text: &str) -> Result<(), &'static str> {
    let postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
    if (postgres && Url::parse(text).is_ok()) || (is_sqlite(text) && text.len() > "sqlite://".len()) {
        return Ok(());
    }
    // Not a word of the value: it may hold a password.
    Err("write a URL such as \"sqlite://data/kawaraban.db\" or \"postgres://user:password@host/database\"")
}
