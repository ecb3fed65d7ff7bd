//! Several processes on one PostgreSQL.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::house::{House, SENDER, relay_section};
use super::relay::Relay;

/// A database of its own, dropped at the end.
struct Database {
    server: String,
    name: String,
}

impl Database {
    /// Returns a new one, or none where there is no server to have it.
    fn new() -> Option<Self> {
        let server = std::env::var("TEST_POSTGRES_URL").ok();
        assert!(server.is_some() || std::env::var_os("CI").is_none(), "TEST_POSTGRES_URL is not set");
        let database = Self { server: server?, name: format!("kawaraban_cli_{}", std::process::id()) };
        database.admin(format!("CREATE DATABASE {}", database.name));
        Some(database)
    }

    fn url(&self) -> String {
        let mut url: url::Url = self.server.parse().unwrap();
        url.set_path(&self.name);
        url.into()
    }

    /// The name is made of letters and digits of ours.
    fn admin(&self, statement: String) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let mut admin = PgConnection::connect(&self.server).await.unwrap();
            sqlx::query(AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
        });
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.admin(format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

#[test]
fn on_postgresql_a_send_delivers_itself_or_follows_the_daemon_that_does() {
    let Some(database) = Database::new() else { return };
    let relay = Relay::courteous();
    let more = format!("[database]\nurl = \"{}\"\n{SENDER}{}", database.url(), relay_section(relay.port));
    let house = House::with(&more);
    house.subscribers(&["hana@example.jp", "taro@example.jp"]);
    house.article("Tea");
    house.done(&["issues", "compile", "weekly"]);
    assert_eq!(house.json(&["issues", "test", "1", "--to", "editor@example.jp"])["state"], "accepted");
    assert_eq!(relay.recipients(), ["editor@example.jp"], "no daemon runs, so the command sends");

    let daemon = house.serve(&["--only", "scheduler,delivery"]);
    let pages = house.serve(&["--only", "web"]);
    let sent = house.json(&["send", "weekly"]);
    assert_eq!(sent["issue"]["number"], 1, "the draft is taken");
    let delivery = &sent["delivery"];
    assert_eq!((&delivery["sent_here"], &delivery["counts"]["accepted"]), (&false.into(), &2.into()), "{sent}");
    assert_eq!(relay.inbox.taken(), 3);
    assert_eq!(daemon.stop().code, 0);
    assert_eq!(pages.stop().code, 0);
}
