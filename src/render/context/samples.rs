//! Samples of every context, made up. Each set takes every branch of its templates: every option is there once and
//! missing once, every list is full once and empty once.

mod archive;

use jiff::civil::{Date, date};

pub(super) use archive::{issue_entries, issue_lists, issue_pages};

use super::{
    BadLink, CheckInbox, Confirm, Confirmation, Confirmed, Digest, Embed, EmbedForm, FeedLink, Item, LangLink, Message,
    Page, Problem, Resubscribed, Section, Sender, SignUp, SignUpError, Unsubscribe, Unsubscribed,
};
use crate::domain::language::Language;
use crate::render::dates::{date_long, date_short};

const BASE: &str = "https://news.example.jp";
const TOKEN: &str = "v1.3f2a.AAECAwQFBgcICQoLDA0ODwAAAAAAAAAq.q83vEjRWeJCrze8SNFZ4kA";
const FRIDAY: Date = date(2026, 11, 27);

/// Returns the text in the language asked for.
fn either(language: Language, english: &str, japanese: &str) -> String {
    match language {
        Language::En => english,
        Language::Ja => japanese,
    }
    .to_owned()
}

fn title(language: Language) -> String {
    either(language, "Kawaraban Weekly", "週刊かわら版")
}

fn sender(language: Language) -> Sender {
    Sender {
        name: either(language, "Kawaraban Press", "かわら版編集室"),
        postal_address: either(
            language,
            "1-2-3 Kanda, Chiyoda-ku, Tokyo 101-0000, Japan",
            "〒101-0000 東京都千代田区神田1-2-3",
        ),
        contact: "contact@example.jp".to_owned(),
    }
}

fn item(language: Language, [title, summary, source]: [[&str; 2]; 3], day: Date, closes: Option<Date>) -> Item {
    Item {
        title: either(language, title[0], title[1]),
        url: format!("https://example.jp/articles/{}-{:02}{:02}", day.year(), day.month(), day.day()),
        summary: either(language, summary[0], summary[1]),
        source: Some(either(language, source[0], source[1])),
        date_short: Some(date_short(language, day)),
        closes: closes.map(|day| date_short(language, day)),
        language: None,
    }
}

fn news(language: Language) -> Section {
    let night_train = [
        ["A new night train links Tokyo and Aomori", "東京と青森を結ぶ新しい夜行列車、来春運行へ"],
        [
            "The sleeper leaves Ueno at nine in the evening and takes eleven hours, with private rooms and a dining \
             car that serves food from the towns along the line.",
            "夜九時に上野を出発し、十一時間をかけて青森へ。全室個室で、食堂車では沿線の町の食材を使った料理を提供する。\
             運行会社は、移動そのものを楽しむ旅の需要に応えたいとしている。",
        ],
        ["Railway Times", "鉄道時報"],
    ];
    let library = [
        ["Kanazawa opens a library that never closes", "金沢に二十四時間開館の図書館が誕生"],
        [
            "Readers let themselves in with their library card after dark. In its first week, four hundred people came \
             between midnight and dawn.",
            "夜間は利用者カードで入館できる。開館から一週間で、深夜から明け方までに訪れた人は四百人にのぼった。",
        ],
        ["Hokuriku Daily", "北陸日々新聞"],
    ];
    let mut plain =
        item(language, [["A headline and nothing else", "見出しだけの記事"], ["", ""], ["", ""]], FRIDAY, None);
    plain.url = "javascript:alert(1)".to_owned();
    plain.source = None;
    plain.date_short = None;
    let mut foreign = item(
        language,
        [
            ["地方の小さな書店、組合をつくる", "Small bookshops form a union"],
            ["仕入れと配送を共同で行う。", "They will order and ship together."],
            ["本の窓", "Book Window"],
        ],
        date(2026, 11, 25),
        None,
    );
    foreign.language = Some(either(language, "ja", "en"));
    Section {
        title: either(language, "News", "ニュース"),
        items: vec![
            item(language, night_train, date(2026, 11, 26), None),
            item(language, library, date(2026, 11, 24), None),
            foreign,
            plain,
        ],
    }
}

fn openings(language: Language) -> Section {
    let residency = [
        ["Artist residency on Teshima: three studios for six months", "豊島アーティスト・イン・レジデンス、三名を募集"],
        [
            "Open to makers in any field. Travel, a studio and a monthly stipend are paid for; a public talk at the \
             end is all that is asked in return.",
            "分野は問わない。往復の交通費、制作場所、毎月の活動費を支給する。条件は、滞在の最後に一般向けの発表会を開くこと。",
        ],
        ["Setouchi Arts Office", "瀬戸内芸術事務局"],
    ];
    let engineer = [
        ["Software engineer for flood forecasts, Sendai", "洪水予測システムのソフトウェア技術者（仙台）"],
        [
            "A small team at a river institute looks for somebody who likes Rust, maps and plain words. Remote work \
             from anywhere in Japan is possible.",
            "河川研究所の少人数のチームで、予測システムの開発を担当。国内どこからでもリモート勤務が可能。",
        ],
        ["River Institute", "河川研究所"],
    ];
    Section {
        title: either(language, "Openings", "募集情報"),
        items: vec![
            item(language, residency, date(2026, 11, 23), Some(date(2026, 12, 15))),
            item(language, engineer, date(2026, 11, 20), Some(date(2027, 1, 8))),
        ],
    }
}

pub(super) fn digests(language: Language) -> Vec<Digest> {
    let full = Digest {
        edition_title: title(language),
        number: 12,
        date: date_long(language, FRIDAY),
        sections: vec![news(language), openings(language)],
        unsubscribe_url: format!("{BASE}/unsubscribe/{TOKEN}"),
        archive_url: format!("{BASE}/issues/12"),
        home_url: format!("{BASE}/"),
        sender: sender(language),
    };
    let mut bare = Digest { sections: Vec::new(), ..full.clone() };
    bare.sender.contact = "03-0000-0000".to_owned();
    vec![full, bare]
}

pub(super) fn confirmations(language: Language) -> Vec<Confirmation> {
    let full = Confirmation {
        publication_title: title(language),
        confirm_url: format!("{BASE}/confirm/{TOKEN}"),
        expires_days: 7,
        sender: sender(language),
    };
    let mut last_day = Confirmation { expires_days: 1, ..full.clone() };
    last_day.sender.contact = "03-0000-0000".to_owned();
    vec![full, last_day]
}

fn page(language: Language, path: &str) -> Page {
    Page {
        site_title: title(language),
        home_url: "/".to_owned(),
        issues_url: "/issues".to_owned(),
        css_url: "/assets/site.css?v=0".to_owned(),
        icon_url: "/assets/icon.svg?v=0".to_owned(),
        lang_links: LangLink::all(language, path),
        feeds: vec![FeedLink {
            title: title(language),
            media_type: "application/atom+xml",
            href: format!("/issues.atom?lang={language}"),
        }],
        about: None,
        sender: sender(language),
    }
}

pub(super) fn sign_ups(language: Language) -> Vec<SignUp> {
    let fresh = SignUp {
        page: page(language, "/"),
        action: "/subscribe".to_owned(),
        mail_domain: "news.example.jp".to_owned(),
        email: String::new(),
        error: None,
        suggestion: None,
    };
    let typed = "name@gmial.com".to_owned();
    let suggested = SignUp {
        email: typed.clone(),
        error: Some(SignUpError::Domain),
        suggestion: Some("name@gmail.com".to_owned()),
        ..fresh.clone()
    };
    let mut telephone = fresh.clone();
    telephone.page.sender.contact = "03-0000-0000".to_owned();
    let sent_back = SignUpError::ALL.map(|error| SignUp { email: typed.clone(), error: Some(error), ..fresh.clone() });
    [fresh, suggested, telephone].into_iter().chain(sent_back).collect()
}

pub(super) fn check_inboxes(language: Language) -> Vec<CheckInbox> {
    vec![CheckInbox { page: page(language, "/"), mail_domain: "news.example.jp".to_owned() }]
}

pub(super) fn confirms(language: Language) -> Vec<Confirm> {
    let action = format!("/confirm/{TOKEN}");
    vec![Confirm { page: page(language, &action), action }]
}

pub(super) fn confirmeds(language: Language) -> Vec<Confirmed> {
    vec![Confirmed { page: page(language, "/") }]
}

pub(super) fn unsubscribes(language: Language) -> Vec<Unsubscribe> {
    let action = format!("/unsubscribe/{TOKEN}");
    vec![Unsubscribe { page: page(language, &action), action }]
}

pub(super) fn unsubscribeds(language: Language) -> Vec<Unsubscribed> {
    vec![Unsubscribed { page: page(language, "/"), action: format!("/resubscribe/{TOKEN}") }]
}

pub(super) fn resubscribeds(language: Language) -> Vec<Resubscribed> {
    vec![Resubscribed { page: page(language, "/") }]
}

pub(super) fn bad_links(language: Language) -> Vec<BadLink> {
    vec![BadLink { page: page(language, "/") }]
}

pub(super) fn messages(language: Language) -> Vec<Message> {
    Problem::ALL.map(|problem| Message { page: page(language, "/"), problem }).into()
}

pub(super) fn embed_forms(language: Language) -> Vec<EmbedForm> {
    vec![EmbedForm {
        action: format!("{BASE}/subscribe"),
        site_title: title(language),
        sender_name: sender(language).name,
    }]
}

pub(super) fn embeds(language: Language) -> Vec<Embed> {
    let snippet = format!("<form action=\"{BASE}/subscribe\" method=\"post\">\n  …\n</form>\n");
    let framed = |form| Embed { page: page(language, "/embed"), form, snippet: snippet.clone() };
    embed_forms(language).into_iter().map(framed).collect()
}
