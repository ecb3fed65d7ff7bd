//! Feeds in the shape of real ones, each kind to the items it must become.

use url::Url;

use super::super::{FeedError, ParsedFeed, parse};
use crate::domain::feed::FeedItem;

macro_rules! fixture {
    ($name:literal) => {
        parsed(include_bytes!(concat!("../../../tests/fixtures/feeds/", $name)), "https://host.example/feeds/x")
    };
}

fn parsed(body: &[u8], url: &str) -> ParsedFeed {
    parse(body, None, &Url::parse(url).unwrap()).unwrap()
}

fn one_line(item: &FeedItem) -> String {
    let published = item.published.map_or_else(|| "-".to_owned(), |at| at.to_string());
    format!(
        "{} | {} | {} | {} | {} | {} | {published}",
        item.guid,
        item.title,
        item.url,
        item.summary,
        item.categories.join("+"),
        item.language.as_deref().unwrap_or("-"),
    )
}

fn lines(feed: &ParsedFeed) -> Vec<String> {
    feed.items.iter().map(one_line).collect()
}

#[test]
fn wordpress_with_japanese_text() {
    let feed = fixture!("wordpress.xml");
    assert_eq!(feed.title.as_deref(), Some("みなと町だより"));
    assert_eq!(
        lines(&feed),
        [
            "https://minato.example.jp/?p=1204 | 灯台カフェ、冬の営業時間と“朝市”のお知らせ | \
             https://minato.example.jp/2026/11/lighthouse-cafe/ | 灯台のふもとの小さなカフェが、十二月から冬の営業時間に\
             なります。土曜の朝市は今年も続きます。 […] | お知らせ+くらし & 食 | ja | 2026-11-06T00:00:00Z",
            "https://minato.example.jp/2026/11/librarian/ | 【求人】図書館の司書（週四日）を一名募集 | \
             https://minato.example.jp/2026/11/librarian/ | 仕事の内容 本の貸し出し 読み聞かせの会 締め切りは十一月末です。 | \
             求人 | ja | 2026-11-05T09:30:00Z",
        ]
    );
    assert!(feed.skipped.is_empty());
}

#[test]
fn rss_1_0_as_japanese_sites_publish_it() {
    let feed = fixture!("rss10.rdf");
    assert_eq!(feed.title.as_deref(), Some("丘の上の日報"));
    let hash = |n: usize| feed.items[n].guid.clone();
    assert_eq!(
        lines(&feed),
        [
            format!(
                "{} | 路面電車、三十年ぶりの新車両 | https://oka.example.ne.jp/a/301.html | \
                 丸みのある緑の車両が、来春から市内を走る。 | 交通 | ja | 2026-11-05T23:15:00Z",
                hash(0)
            ),
            format!(
                "{} | 学芸員を募集 市立美術館 | https://oka.example.ne.jp/a/300.html | 近代版画の担当。 任期は三年。 | \
                 求人+文化 | ja | 2026-11-05T01:00:00Z",
                hash(1)
            ),
        ]
    );
}

#[test]
fn atom_with_many_links_and_both_kinds_of_content() {
    let feed = fixture!("atom.xml");
    assert_eq!(feed.title.as_deref(), Some("The Harbour Journal"));
    assert_eq!(
        lines(&feed),
        [
            "tag:harbour.example.org,2026:41 | A guide to renting in Osaka — what landlords ask first | \
             https://harbour.example.org/journal/41/renting | Most landlords ask for a guarantor. Not all of them say so. \
             Bring your residence card. | Housing+Osaka | en | 2026-11-05T14:00:00Z",
            "urn:uuid:5f0b6a1e-6f2c-4c2b-9a39-2f8b7f3f7a11 | 東京の会社がRustエンジニアを募集 | \
             https://harbour.example.org/jobs/7 | 在宅可。応募はこちら |  | ja | 2026-11-04T00:00:00Z",
        ]
    );
    assert_eq!(feed.skipped, ["“Only elsewhere” has no link to http or https"]);
}

#[test]
fn json_feed() {
    let feed = fixture!("feed.json");
    assert_eq!(feed.title.as_deref(), Some("Hilltop openings"));
    assert_eq!(
        lines(&feed),
        [
            "512 | Bicycle mechanic, Kamakura | https://hilltop.example.com/openings/512 | Fix bicycles near the sea. | \
             openings+Kanagawa | en-GB | 2026-11-06T00:30:00Z",
            "511 | Night trains return to the Sea of Japan coast | https://elsewhere.example.net/night-train | \
             Two departures a week, from March. Tickets go on sale in January. |  | en-GB | 2026-11-01T00:00:00Z",
        ]
    );
    assert_eq!(feed.skipped, ["an item without a title"]);
}

#[test]
fn shift_jis_and_euc_jp_declared_or_not() {
    for feed in [fixture!("shift_jis.xml"), fixture!("shift_jis-undeclared.xml")] {
        let item = &feed.items[0];
        assert_eq!(feed.title.as_deref(), Some("古書店街の知らせ"));
        assert_eq!(item.title, "秋の古本市、①日目は雨天中止");
        assert_eq!(item.summary, "能登の民話集など、約三千冊を並べます。～お楽しみに～");
        assert_eq!(item.published.unwrap().to_string(), "2026-11-03T01:00:00Z");
    }
    for feed in [fixture!("euc-jp.rdf"), fixture!("euc-jp-undeclared.rdf")] {
        let item = &feed.items[0];
        assert_eq!(item.title, "駅前広場のベンチ、塗り替え終わる");
        // A bare ampersand in an address is as common as it is wrong.
        assert_eq!(item.url, "http://ensen.example.ne.jp/?d=20261102&n=1");
    }
}

#[test]
fn a_feed_without_dates_that_is_careless_in_other_ways_too() {
    let feed = fixture!("no-dates.xml");
    let hash = &feed.items[0].guid;
    assert_eq!(
        lines(&feed),
        [
            format!(
                "{hash} | Language exchange at the community centre, Q&A on visas | https://host.example/notices/3 | \
                 Every Tuesday at seven. |  | - | -"
            ),
            "2 | Flea market | https://host.example/feeds/notices/2 |  |  | - | -".to_owned(),
            "https://board.example.org/notices/1 | Only a guid | https://board.example.org/notices/1 |  |  | - | -"
                .to_owned(),
        ]
    );
    assert_eq!(
        feed.skipped,
        [
            "“Flea market, again” has the guid of an item above it",
            "“Nowhere” has no link to http or https",
            "an item without a title",
        ]
    );
}

#[test]
fn a_web_page_is_not_a_feed_and_names_one() {
    let page = include_bytes!("../../../tests/fixtures/feeds/page.html");
    let error = parse(page, Some("text/html"), &Url::parse("https://minato.example.jp/").unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "this is a web page, not a feed; it names this feed: https://minato.example.jp/feed/"
    );
}

#[test]
fn what_is_neither_says_so() {
    for (body, sentence) in [
        ("", "the answer is empty"),
        (" \n\u{feff}", "the answer is empty"),
        ("hello", "this is neither XML nor JSON, so not a feed"),
        ("{\"a\": 1}", "this is a JSON document, but not a JSON Feed"),
        ("<opml/>", "this is an XML document that begins with <opml>, not a feed"),
    ] {
        let error = parse(body.as_bytes(), None, &Url::parse("https://a.example/").unwrap()).unwrap_err();
        assert!(matches!(error, FeedError::NotAFeed { .. }));
        assert_eq!(error.to_string(), sentence);
    }
}

#[test]
fn an_edited_title_is_the_same_item() {
    let feed = |title: &str| parsed(super::small_feed(title).as_bytes(), "https://a.example/").items.remove(0);
    assert_eq!(feed("Before").guid, feed("After").guid);
}

#[test]
fn a_date_that_says_nothing_does_not_displace_one_that_does() {
    let dates = "<pubDate>Fri, 06 Nov 2026 08:00:00 +0900</pubDate><dc:date>2026</dc:date></item>";
    let feed = super::small_feed("T").replace("</item>", dates);
    let item = parsed(feed.as_bytes(), "https://a.example/").items.remove(0);
    assert_eq!(item.published.unwrap().to_string(), "2026-11-05T23:00:00Z");
}

#[test]
fn titles_are_plain_text_however_they_were_written() {
    let title = |xml: &str| parsed(super::small_feed(xml).as_bytes(), "https://a.example/").items.remove(0).title;
    for (written, meant) in [
        ("caf&eacute;&nbsp;au lait", "café au lait"),
        ("caf&amp;eacute;", "café"),
        ("AT&amp;T", "AT&T"),
        ("Q&A", "Q&A"),
        ("Vec&lt;String&gt; in Rust", "Vec<String> in Rust"),
        ("&lt;b&gt;bold&lt;/b&gt; claims", "bold claims"),
        ("<![CDATA[<i>one</i><br/>two]]>", "one two"),
        ("<![CDATA[a]]> &amp; <![CDATA[b]]>", "a & b"),
        ("a\u{202e}b&#x202e;c&#x0;d&#10;\r\n e", "abcd e"),
        ("<![CDATA[<script>alert(1)</script>safe]]>", "safe"),
        ("Subject\r\nBcc: x@y.example", "Subject Bcc: x@y.example"),
        ("{{email}} {{{x}}}", "{{email}} {{{x}}}"),
    ] {
        assert_eq!(title(written), meant, "{written}");
    }
    assert_eq!(title(&"長".repeat(1000)).chars().count(), 300);
}

#[test]
fn pictures_and_closing_dates_find_their_items_in_every_format() {
    let rss = |inside: &str| {
        let feed = super::small_feed("First").replace(
            "</channel>",
            &format!("<item><title>Second</title><link>/2</link>{inside}</item><item><title>T</title><link>/3</link></item></channel>"),
        );
        let items = parsed(feed.as_bytes(), "https://a.example/feed").items;
        assert!(items[0].image.is_none() && items[2].image.is_none());
        items[1].clone()
    };
    let picture = |inside: &str| rss(inside).image.map(|image| image.url);
    let big = "<media:content url='/big.jpg' medium='image' width='1200'/>";
    let small = "<media:content url='/small.jpg' medium='image' width='300'/>";
    for (inside, url) in [
        (format!("{small}{big}"), Some("https://a.example/big.jpg")),
        (format!("<media:group>{big}{small}</media:group>"), Some("https://a.example/big.jpg")),
        (format!("<media:thumbnail url='/t.jpg'/>{small}"), Some("https://a.example/small.jpg")),
        ("<media:thumbnail url='/t.jpg?a=1&amp;b=2'/>".to_owned(), Some("https://a.example/t.jpg?a=1&b=2")),
        (
            "<enclosure url='http://b.example/e.png' type='image/png' length='1'/>".to_owned(),
            Some("http://b.example/e.png"),
        ),
        ("<enclosure url='/talk.mp3' type='audio/mpeg'/>".to_owned(), None),
        ("<media:content url='/film.mp4' type='video/mp4'/>".to_owned(), None),
        ("<media:content url='/a.svg' type='image/svg+xml'/>".to_owned(), None),
        ("<media:thumbnail url='/dot.gif' width='1' height='1'/>".to_owned(), None),
        ("<media:content url='https://0.gravatar.com/avatar/x' medium='image'/>".to_owned(), None),
        ("<media:content url='javascript:alert(1)' medium='image'/>".to_owned(), None),
        ("<media:content url='data:image/png;base64,AAAA' medium='image'/>".to_owned(), None),
        ("<category>urn:kawaraban:extras:99999999999999999999</category>".to_owned(), None),
    ] {
        assert_eq!(picture(&inside).as_deref(), url, "{inside}");
    }
    let told = rss(&format!(
        "{big}<media:title>Title</media:title><media:description>A &lt;b&gt;lamp&lt;/b&gt;\r\nat sea</media:description>\
         <media:credit>{}</media:credit>",
        "長".repeat(500)
    ));
    let image = told.image.unwrap();
    assert_eq!(image.alt, "A lamp at sea");
    assert_eq!(image.credit.unwrap().chars().count(), 100);
    assert_eq!(told.categories, Vec::<String>::new());

    let closes = |inside: &str| rss(inside).closes.map(|at| at.to_string());
    for (inside, at) in [
        ("<expirationDate>Tue, 15 Dec 2026 18:00:00 +0900</expirationDate>", Some("2026-12-15T09:00:00Z")),
        ("<prism:expirationDate>2026-12-15T09:00:00Z</prism:expirationDate>", Some("2026-12-15T09:00:00Z")),
        ("<g:expiration_date><![CDATA[2026-12-15]]></g:expiration_date>", Some("2026-12-15T00:00:00Z")),
        ("<age:expires>2026-12-15T09:00:00Z</age:expires>", Some("2026-12-15T09:00:00Z")),
        ("<expirationDate>soon</expirationDate>", None),
        ("<pubDate>Tue, 15 Dec 2026 18:00:00 +0900</pubDate><expirationDate>2026-12-01</expirationDate>", None),
    ] {
        assert_eq!(closes(inside).as_deref(), at, "{inside}");
    }
    let job =
        rss("<job_listing:location>Kyoto</job_listing:location><job_listing:company>A &amp; B</job_listing:company>");
    assert_eq!((job.place.as_deref(), job.company.as_deref()), (Some("Kyoto"), Some("A & B")));

    let atom = "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:id>x</a:id><a:title>One</a:title>\
        <a:link href='/1'/><a:link rel='enclosure' type='image/jpeg' href='/e.jpg'/></a:entry></a:feed>";
    let item = parsed(atom.as_bytes(), "https://a.example/").items.remove(0);
    assert_eq!(item.image.unwrap().url, "https://a.example/e.jpg");

    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [
        {"id": "1", "url": "/1", "title": "None"}, {"id": "2", "url": "/2", "title": "Own", "image": "/i.png"},
        {"id": "3", "url": "/3", "title": "Attached", "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg"},
        {"url": "/a.webp", "mime_type": "image/webp"}]}]}"#;
    let items = parsed(json.as_bytes(), "https://a.example/").items;
    let images: Vec<_> = items.iter().map(|item| item.image.as_ref().map(|image| image.url.as_str())).collect();
    assert_eq!(images, [None, Some("https://a.example/i.png"), Some("https://a.example/a.webp")]);
}
