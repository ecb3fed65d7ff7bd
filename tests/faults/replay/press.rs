//! Ten weeks of a press that is like the real one: feeds that overlap from visit to visit, correct themselves, vanish,
//! break, rename everything, know no dates or wrong ones, and copy each other.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use kawaraban::clock::{Clock, ManualClock};

/// How many weeks new things happen in.
pub(super) const WEEKS: i64 = 10;
/// How long an item stays in its feed.
const IN_FEED: SignedDuration = SignedDuration::from_hours(28 * 24);

/// Every feed: its name and the section its items go to.
pub(super) const FEEDS: [(&str, &str); 10] = [
    ("daily", "news"),
    ("atom", "news"),
    ("jobs", "openings"),
    ("renamer", "news"),
    ("dateless", "news"),
    ("skewed", "news"),
    ("flaky", "news"),
    ("vanishes", "news"),
    ("copycat", "news"),
    ("hangs", "news"),
];

/// The week in which the feed that hangs tells something and, when its issue is due, is asked and never answers.
pub(super) const SILENT_WEEK: i64 = 3;
/// How many hours after the beginning that is: around the slot.
const SILENT_HOURS: RangeInclusive<i64> = (SILENT_WEEK + 1) * 7 * 24 - 2..=(SILENT_WEEK + 1) * 7 * 24 + 2;

/// An item, as a feed tells it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// What happened: the same for all who tell of it.
    pub(super) event: String,
    pub(super) url: String,
    guid: String,
    title: String,
    /// What the feed says, if it says anything.
    date: Option<Timestamp>,
    /// When it appears in the feed.
    appears: Timestamp,
}

/// The feeds on a loopback port.
pub(super) struct Press {
    pub(super) address: SocketAddr,
    start: Timestamp,
    unanswered: Arc<AtomicUsize>,
}

/// What the feeds go by.
#[derive(Clone)]
struct Desk {
    start: Timestamp,
    clock: Arc<ManualClock>,
    hangs: bool,
    unanswered: Arc<AtomicUsize>,
}

impl Press {
    /// Opens the press; `hangs` says whether the feed of that name does. A visit is waited for half a minute, so not
    /// every test can have that.
    pub(super) async fn open(clock: Arc<ManualClock>, hangs: bool) -> Self {
        let (start, unanswered) = (clock.now(), Arc::<AtomicUsize>::default());
        let desk = Desk { start, clock, hangs, unanswered: Arc::clone(&unanswered) };
        let router = axum::Router::new().route("/{feed}", get(serve)).with_state(desk);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, start, unanswered }
    }

    /// Returns how many questions were never answered.
    pub(super) fn unanswered(&self) -> usize {
        self.unanswered.load(Ordering::SeqCst)
    }

    pub(super) fn url(&self, feed: &str) -> String {
        format!("http://{}/{feed}", self.address)
    }

    /// Returns everything any feed ever tells, by its link.
    pub(super) fn everything(&self) -> BTreeMap<String, Told> {
        let told: BTreeMap<_, _> = FEEDS
            .into_iter()
            .flat_map(|(feed, _)| items(feed, self.start))
            .map(|item| (item.url.clone(), item))
            .collect();
        let mut titles = BTreeMap::new();
        for item in told.values() {
            let other = titles.insert(item.title.clone(), item.event.clone());
            assert!(other.is_none_or(|event| event == item.event), "two events are called {:?}", item.title);
        }
        told
    }
}

async fn serve(Path(feed): Path<String>, State(desk): State<Desk>, asked: HeaderMap) -> Response {
    let (start, mut now) = (desk.start, desk.clock.now());
    let hours = now.duration_since(start).as_hours();
    let week = hours / (7 * 24);
    match (feed.as_str(), week) {
        ("hangs", _) if desk.hangs && SILENT_HOURS.contains(&hours) => {
            desk.unanswered.fetch_add(1, Ordering::SeqCst);
            return std::future::pending().await;
        }
        ("vanishes", 4..7) => return StatusCode::NOT_FOUND.into_response(),
        ("vanishes", 7..) => return StatusCode::GONE.into_response(),
        // Five days: after seven it would be paused, and wait for the operator.
        ("flaky", 2) if hours % (7 * 24) < 5 * 24 => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        // A cache that lags: last week's copy.
        ("flaky", 8) => now -= SignedDuration::from_hours(7 * 24),
        _ => {}
    }
    let there: Vec<Told> = items(&feed, start)
        .into_iter()
        .filter(|item| item.appears <= now && now.duration_since(item.appears) < IN_FEED)
        .collect();
    let mut document = if feed == "atom" { atom(&there, now) } else { rss(&feed, &there, week) };
    if (feed.as_str(), week) == ("flaky", 6) {
        document.truncate(document.len() / 2);
    }
    let tag = format!("\"{:x}\"", document.bytes().fold(7u64, |sum, byte| sum.wrapping_mul(31) ^ u64::from(byte)));
    if asked.get(header::IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::ETAG, tag), (header::CONTENT_TYPE, "application/xml".to_owned())], document).into_response()
}

/// Returns what a feed tells in all its weeks.
fn items(feed: &str, start: Timestamp) -> Vec<Told> {
    let (a_week, weeks) = match feed {
        "daily" => (6, WEEKS),
        "atom" => (4, WEEKS),
        "vanishes" => (3, 4),
        "skewed" => (2, WEEKS),
        "hangs" => (1, WEEKS),
        "copycat" => return copies(start),
        _ => (3, WEEKS),
    };
    (0..weeks)
        .flat_map(|week| (0..a_week).map(move |nth| (week, nth)))
        .map(|(week, nth)| {
            // What the feed that hangs tells in the last hours can be had at the slot and not before.
            let late = if feed == "hangs" { 6 * 24 } else { 0 };
            let appears = start + SignedDuration::from_hours(week * 7 * 24 + nth * (6 * 24) / a_week + 5 + late);
            let date = match feed {
                "dateless" => None,
                "skewed" if week % 2 == 0 => Some(appears + SignedDuration::from_hours(48)),
                "skewed" => Some(appears - SignedDuration::from_hours(72)),
                _ => Some(appears),
            };
            Told {
                event: format!("{feed}-{week}-{nth}"),
                url: format!("https://{feed}.example.jp/articles/{week}/{nth}"),
                guid: format!("{feed}:{week}:{nth}"),
                title: title(feed, week, nth),
                date,
                appears,
            }
        })
        .collect()
}

/// The copycat tells every other story of the daily again: of these, one in two with a link of its own and its name
/// after the title, the rest with the daily's link and a tail that tells where the click came from.
fn copies(start: Timestamp) -> Vec<Told> {
    let originals = items("daily", start).into_iter().step_by(2).enumerate();
    originals
        .map(|(n, original)| {
            let appears = original.appears + SignedDuration::from_hours(2);
            let (title, url) = if n % 2 == 0 {
                let path = original.event.replace("daily", "copy");
                (format!("{} | Copycat News", original.title), format!("https://copycat.example.com/{path}"))
            } else {
                let url = format!("{}/?utm_source=copycat&utm_medium=rss", original.url.replace("https", "http"));
                (original.title.clone(), url)
            };
            Told { url, guid: format!("copy-{n}"), title, date: Some(appears), appears, ..original }
        })
        .collect()
}

/// Returns a headline like no other.
fn title(feed: &str, week: i64, nth: i64) -> String {
    const PLACES: [&str; 10] =
        ["Sapporo", "Aomori", "Sendai", "Kanazawa", "Nagano", "Nagoya", "Kyoto", "Hiroshima", "Kochi", "Naha"];
    const THINGS: [&str; 9] = [
        "a night market by the old harbour",
        "tickets for the summer fireworks",
        "its tram line to the university",
        "the paper mill that became a museum",
        "free swimming lessons for newcomers",
        "three schools for one winter of repairs",
        "a bakery run by retired sailors",
        "its oldest bridge to lorries",
        "a prize for the best rice of the year",
    ];
    const DEEDS: [&str; 7] = ["opens", "loses", "votes on", "sells", "rebuilds", "argues about", "celebrates"];
    const 地名: [&str; 10] = ["函館", "弘前", "盛岡", "富山", "松本", "岐阜", "奈良", "尾道", "松山", "石垣"];
    const 出来事: [&str; 7] = [
        "駅前の古い映画館を市民が買い取る",
        "台風で止まった路面電車が運転を再開",
        "小学校の給食に地元の米を使う試み",
        "海沿いの遊歩道に新しい灯台",
        "空き家を若い職人に貸す制度",
        "百年続いた朝市が場所を移す",
        "高校生が作った地図が観光案内所に",
    ];
    let pick = |list: &[&'static str], n: i64| list[usize::try_from(n).unwrap() % list.len()];
    // A number of its own for each item, scattered so that neighbours have nothing in common.
    let of_feed = i64::try_from(FEEDS.iter().position(|(name, _)| *name == feed).unwrap()).unwrap();
    let n = (of_feed * 60 + week * 6 + nth) * 191 % 630;
    match feed {
        "atom" => format!("{}で{}", pick(&地名, week), pick(&出来事, nth + week)),
        // A column of the same name every week, and not the same thing.
        "jobs" if nth == 0 => format!("Apprentice carpenter wanted in {}, group {}", pick(&PLACES, week), week + 1),
        "jobs" => format!("{} seeks a person for {}, post {n}", pick(&PLACES, n), pick(&THINGS, n / 70)),
        _ => format!("{} {} {}", pick(&PLACES, n), pick(&DEEDS, n / 10), pick(&THINGS, n / 70)),
    }
}

fn rss(feed: &str, items: &[Told], week: i64) -> String {
    let mut document = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>The {feed}</title>\
         <link>https://{feed}.example.jp/</link><description>x</description>"
    );
    for item in items {
        // From the sixth week on everything has another name, the old as well as the new.
        let guid = if feed == "renamer" && week >= 5 { format!("urn:v2:{}", item.guid) } else { item.guid.clone() };
        let url = item.url.replace('&', "&amp;");
        write!(document, "<item><title>{}</title><link>{url}</link>", item.title).unwrap();
        write!(document, "<guid isPermaLink=\"false\">{guid}</guid>").unwrap();
        write!(document, "<description>Told by the {feed}: {}.</description>", item.title).unwrap();
        if let Some(date) = item.date {
            write!(document, "<pubDate>{}</pubDate>", date.strftime("%a, %d %b %Y %H:%M:%S +0000")).unwrap();
        }
        document += "</item>";
    }
    document + "</channel></rss>"
}

fn atom(items: &[Told], now: Timestamp) -> String {
    let mut document = "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"ja\">\
         <title>北陸通信</title><id>urn:atom</id>"
        .to_owned();
    for item in items {
        // After a week it is corrected, whether printed or not.
        let corrected = now.duration_since(item.appears) > SignedDuration::from_hours(7 * 24);
        let title = if corrected { format!("{}（訂正）", item.title) } else { item.title.clone() };
        write!(
            document,
            "<entry><title>{title}</title><id>{}</id><link href=\"{}\"/><published>{}</published><updated>{now}</updated>\
             <summary>{title}という話。</summary></entry>",
            item.guid, item.url, item.appears
        )
        .unwrap();
    }
    document + "</feed>"
}
