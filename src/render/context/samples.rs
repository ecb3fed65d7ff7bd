//! Samples of every context, made up. Each set takes every branch of its templates: every option is there once and
//! missing once, every list is full once and empty once.

mod archive;

use jiff::civil::{Date, date};

pub(super) use archive::{issue_entries, issue_lists, issue_pages};

use super::{
    BadLink, CheckInbox, Confirm, Confirmation, Confirmed, Digest, EditionTab, Embed, EmbedForm, FeedLink, Item,
    ItemImage, LangLink, LinkOver, Message, Page, Preferences, PreferredEdition, Problem, Resubscribed, Section,
    Sender, SignUp, SignUpError, SignUpFaults, Tick, UnknownTick, Unsubscribe, Unsubscribed, WelcomeIssue,
    taking::takings,
};
use crate::domain::article::ArticleKind;
use crate::domain::issue::AlsoAt;
use crate::domain::language::Language;
use crate::render::dates::{date_long, date_short};
use crate::render::markdown::{markdown_html, markdown_text};

pub(in crate::render) const BASE: &str = "https://news.example.jp";
pub(super) const TOKEN: &str = "v1.3f2a.AAECAwQFBgcICQoLDA0ODwAAAAAAAAAq.q83vEjRWeJCrze8SNFZ4kA";
pub(super) const FRIDAY: Date = date(2026, 11, 27);

/// Returns the text in the language asked for.
pub(super) fn either(language: Language, english: &str, japanese: &str) -> String {
    match language {
        Language::En => english,
        Language::Ja => japanese,
    }
    .to_owned()
}

pub(super) fn title(language: Language) -> String {
    either(language, "Kawaraban Weekly", "週刊かわら版")
}

pub(super) fn sender(language: Language) -> Sender {
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
        kind: if closes.is_some() { ArticleKind::Opening } else { ArticleKind::News },
        title: either(language, title[0], title[1]),
        url: format!("https://example.jp/articles/{}-{:02}{:02}", day.year(), day.month(), day.day()),
        summary: either(language, summary[0], summary[1]),
        source: Some(either(language, source[0], source[1])),
        published: Some(day),
        date_short: Some(date_short(language, day)),
        closes: closes.map(|day| date_short(language, day)),
        place: None,
        company: None,
        pay: None,
        image: None,
        also_at: Vec::new(),
        language: None,
    }
}

fn image(language: Language, name: &str, alt: [&str; 2], [width, height]: [u32; 2]) -> ItemImage {
    ItemImage {
        url: format!("{BASE}/images/{name}.jpg"),
        alt: either(language, alt[0], alt[1]),
        credit: Some(either(language, "Mori Aiko", "森愛子")),
        width,
        height,
    }
}

fn also_at(language: Language, [english, japanese]: [&str; 2], path: &str) -> AlsoAt {
    AlsoAt { source: either(language, english, japanese), url: format!("https://example.com/{path}") }
}

fn lead(language: Language) -> Item {
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
    let mut lead = item(language, night_train, date(2026, 11, 26), None);
    let alt = ["A blue train crosses a snow field under the first stars", "一番星の下、雪原を走る青い列車"];
    lead.image = Some(image(language, "9d04e7c15fb2a683", alt, [520, 293]));
    lead.also_at = vec![
        also_at(language, ["Aomori Shimbun", "青森新報"], "night-train"),
        also_at(language, ["The Timetable", "時刻表の友"], "2026/sleeper"),
    ];
    lead
}

fn introduction(language: Language) -> String {
    either(
        language,
        "Good morning. The *first snow* fell on Aomori this week, and the rails lead there again. Tell us what you read \
         on [the night train](https://example.jp/letters).",
        "おはようございます。今週、青森に初雪が降りました。夜の線路が、ふたたび北へ延びていきます。\
         みなさまの[夜行列車の思い出](https://example.jp/letters)をお寄せください。",
    )
}

fn news(language: Language) -> Section {
    let library = [
        ["Kanazawa opens a library that never closes", "金沢に二十四時間開館の図書館が誕生"],
        [
            "Readers let themselves in with their library card after dark. In its first week, four hundred people came \
             between midnight and dawn.",
            "夜間は利用者カードで入館できる。開館から一週間で、深夜から明け方までに訪れた人は四百人にのぼった。",
        ],
        ["Hokuriku Daily", "北陸日々新聞"],
    ];
    let mut library = item(language, library, date(2026, 11, 24), None);
    let lamps = ["Reading lamps between shelves", "書架のあいだの読書灯"];
    library.image = Some(ItemImage { credit: None, ..image(language, "3f2a19c07d5be846", lamps, [112, 84]) });
    let tides = [
        ["A tide calendar for the whole coast, free for all", "全国の潮汐カレンダー、無料で公開"],
        [
            "The hydrographers put a hundred years of tables online and ask for old ones from family archives.",
            "百年分の潮汐表を公開。各家庭に残る古い表の提供も呼びかけている。",
        ],
        ["Coast Watch", "海岸通信"],
    ];
    let mut tides = item(language, tides, date(2026, 11, 25), None);
    tides.image = Some(image(language, "b81c06f2aa93de57", ["", ""], [112, 84]));
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
        kind: ArticleKind::News,
        items: vec![library, tides, foreign, plain],
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
    let mut residency = item(language, residency, date(2026, 11, 23), Some(date(2026, 12, 15)));
    residency.place = Some(either(language, "Teshima, Kagawa", "香川県・豊島"));
    let mut engineer = item(language, engineer, date(2026, 11, 20), Some(date(2027, 1, 8)));
    engineer.company = Some(either(language, "Tōhoku River Institute", "東北河川研究所"));
    engineer.place = Some(either(language, "Sendai, or from home", "仙台市・リモート可"));
    engineer.pay = Some(either(language, "¥6.2–8.4 million a year", "年収620万～840万円"));
    engineer.also_at = vec![also_at(language, ["Jobs in the North", "北の仕事"], "jobs/17")];
    // As little as there can be: always open, and from nowhere.
    let mut open =
        item(language, [["Volunteers for a beach clean-up", "海岸清掃ボランティア"], ["", ""], ["", ""]], FRIDAY, None);
    open.kind = ArticleKind::Opening;
    open.url = "data:text/html,x".to_owned();
    open.source = None;
    open.date_short = None;
    open.language = Some(either(language, "ja", "en"));
    Section {
        title: either(language, "Openings", "募集情報"),
        kind: ArticleKind::Opening,
        items: vec![residency, engineer, open],
    }
}

pub(super) fn digests(language: Language) -> Vec<Digest> {
    let full = Digest {
        edition_title: title(language),
        number: 12,
        date: date_long(language, FRIDAY),
        day: FRIDAY,
        introduction_html: Some(markdown_html(&introduction(language))),
        introduction_text: Some(markdown_text(&introduction(language))),
        lead: Some(lead(language)),
        sections: vec![news(language), openings(language)],
        unsubscribe_url: format!("{BASE}/unsubscribe/{TOKEN}"),
        preferences_url: Some(format!("{BASE}/preferences/{TOKEN}")),
        archive_url: format!("{BASE}/issues/12?lang={language}"),
        home_url: format!("{BASE}/"),
        sender: sender(language),
    };
    let mut bare = Digest {
        introduction_html: None,
        introduction_text: None,
        lead: None,
        sections: Vec::new(),
        preferences_url: None,
        ..full.clone()
    };
    bare.sender.contact = "03-0000-0000".to_owned();
    // A lead with nothing around its title.
    let bare_lead = Item {
        url: "javascript:alert(1)".to_owned(),
        source: None,
        date_short: None,
        summary: String::new(),
        image: None,
        also_at: Vec::new(),
        language: Some(either(language, "ja", "en")),
        ..lead(language)
    };
    let mut unsigned = full.clone();
    unsigned.lead = Some(bare_lead);
    if let Some(image) = lead(language).image {
        let lead = Item { image: Some(ItemImage { credit: None, ..image }), ..lead(language) };
        bare.lead = Some(lead);
    }
    let empty = Digest { lead: None, ..bare.clone() };
    vec![full, bare, unsigned, empty]
}

/// Returns an issue as full as the default configuration makes one: two sections of twenty, each with all there can be
/// beside long summaries.
pub(in crate::render) fn full_issue(language: Language) -> Digest {
    let mut full = digests(language).remove(0);
    let picture = full.lead.as_ref().and_then(|lead| lead.image.clone());
    let also_at = full.lead.as_ref().map(|lead| lead.also_at.clone()).unwrap_or_default();
    for section in &mut full.sections {
        let longest = section.items.iter().max_by_key(|item| item.summary.len()).cloned();
        section.items = longest
            .map(|item| Item {
                title: either(
                    language,
                    "A new night train links Tokyo and Aomori and brings life back to the towns along the line",
                    "東京と青森を結ぶ新しい夜行列車の運行が始まり、沿線の町に活気が戻る見込み",
                ),
                summary: item.summary.repeat(4),
                url: "https://www.example.co.jp/news/local/2026/11/27/a-rather-long-address-of-an-article.html"
                    .to_owned(),
                company: item.company.or_else(|| item.source.clone()),
                image: picture.clone(),
                also_at: also_at.clone(),
                ..item
            })
            .into_iter()
            .cycle()
            .take(20)
            .collect();
    }
    full
}

pub(super) fn confirmations(language: Language) -> Vec<Confirmation> {
    let full = Confirmation {
        publication_title: title(language),
        takes: Vec::new(),
        confirm_url: format!("{BASE}/confirm/{TOKEN}"),
        expires_days: 7,
        sender: sender(language),
    };
    let mut last_day = Confirmation { expires_days: 1, ..full.clone() };
    last_day.sender.contact = "03-0000-0000".to_owned();
    let several = Confirmation { publication_title: sender(language).name, takes: takings(language), ..full.clone() };
    vec![full, last_day, several]
}

pub(super) fn page(language: Language, path: &str) -> Page {
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
        editions: Vec::new(),
        often: "weekly",
        error: None,
        suggestion: None,
        faults: SignUpFaults::default(),
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
    telephone.often = "monthly";
    let tick = |value: &str, label: String, checked| Tick { value: value.to_owned(), label, checked, language: None };
    let editions = vec![
        tick("weekly", title(language), true),
        tick("monthly", either(language, "Kawaraban Monthly", "月刊かわら版"), false),
    ];
    let several = SignUp { editions, often: "other", ..fresh.clone() };
    let faulty = |page: &SignUp, faults| SignUp { email: "name@example.jp".to_owned(), faults, ..page.clone() };
    let unknown = SignUpFaults {
        unknown_edition: Some("daily".to_owned()),
        unknown_language: Some("tlh".to_owned()),
        part: Some("sport".to_owned()),
        ..SignUpFaults::default()
    };
    let faulty = [
        faulty(&several, unknown.clone()),
        faulty(&fresh, unknown),
        faulty(&several, SignUpFaults { no_edition: true, ..SignUpFaults::default() }),
        faulty(&fresh, SignUpFaults { no_edition: true, ..SignUpFaults::default() }),
    ];
    let sent_back = SignUpError::ALL.map(|error| SignUp { email: typed.clone(), error: Some(error), ..fresh.clone() });
    [fresh, suggested, telephone, several].into_iter().chain(faulty).chain(sent_back).collect()
}

pub(super) fn check_inboxes(language: Language) -> Vec<CheckInbox> {
    let sample = |several| CheckInbox { page: page(language, "/"), mail_domain: "news.example.jp".to_owned(), several };
    vec![sample(false), sample(true)]
}

pub(super) fn confirms(language: Language) -> Vec<Confirm> {
    let action = format!("/confirm/{TOKEN}");
    let sample = |takes, often| Confirm { page: page(language, &action), takes, often, action: action.clone() };
    vec![sample(Vec::new(), "weekly"), sample(takings(language), "other")]
}

pub(super) fn confirmeds(language: Language) -> Vec<Confirmed> {
    let welcome = WelcomeIssue { edition: title(language), number: 12 };
    let sample = |takes, welcomes| Confirmed { page: page(language, "/"), takes, welcomes };
    vec![sample(Vec::new(), Vec::new()), sample(takings(language), vec![welcome])]
}

pub(super) fn unsubscribes(language: Language) -> Vec<Unsubscribe> {
    let action = format!("/unsubscribe/{TOKEN}");
    let sample = |several| Unsubscribe { page: page(language, &action), several, action: action.clone() };
    vec![sample(false), sample(true)]
}

pub(super) fn unsubscribeds(language: Language) -> Vec<Unsubscribed> {
    let action = format!("/resubscribe/{TOKEN}");
    let sample = |several| Unsubscribed { page: page(language, "/"), several, action: action.clone() };
    vec![sample(false), sample(true)]
}

pub(super) fn resubscribeds(language: Language) -> Vec<Resubscribed> {
    let sample = |takes| Resubscribed { page: page(language, "/"), takes };
    vec![sample(Vec::new()), sample(takings(language))]
}

pub(super) fn preferences(language: Language) -> Vec<Preferences> {
    let tick = |value: &str, english: &str, japanese: &str, checked| Tick {
        value: value.to_owned(),
        label: either(language, english, japanese),
        checked,
        language: None,
    };
    let edition = |name: &str, title: String, taken: bool, openings: bool| PreferredEdition {
        name: name.to_owned(),
        title,
        taken,
        sections: vec![
            tick(&format!("{name}/news"), "News", "ニュース", true),
            tick(&format!("{name}/openings"), "Openings", "募集情報", openings),
        ],
        languages: Tick::languages(language, |one| format!("{name}/{one}"), |one| openings || one == language),
    };
    let path = format!("/preferences/{TOKEN}");
    let weekly = edition("weekly", title(language), true, false);
    let monthly = edition("monthly", either(language, "Kawaraban Monthly", "月刊かわら版"), false, true);
    let one = Preferences {
        page: page(language, &path),
        action: path,
        address: "h•••@e•••.jp".to_owned(),
        editions: vec![weekly.clone()],
        several: false,
        mail_languages: Tick::languages(language, |one| one.to_string(), |one| one == language),
        saved: false,
        nothing_of: None,
        unknown: None,
        unsubscribe_url: format!("/unsubscribe/{TOKEN}"),
    };
    let several = Preferences { editions: vec![weekly.clone(), monthly], several: true, saved: true, ..one.clone() };
    let short = PreferredEdition { sections: Vec::new(), ..weekly };
    let nothing = Preferences { editions: vec![short], nothing_of: Some(title(language)), ..one.clone() };
    let none = Preferences { editions: Vec::new(), mail_languages: Vec::new(), ..one.clone() };
    let unknown = UnknownTick { field: "section", value: "weekly/sport".to_owned() };
    let unknown = Preferences { unknown: Some(unknown), ..one.clone() };
    vec![one, several, nothing, none, unknown]
}

pub(super) fn bad_links(language: Language) -> Vec<BadLink> {
    vec![BadLink { page: page(language, "/") }]
}

pub(super) fn link_overs(language: Language) -> Vec<LinkOver> {
    ["unsubscribed", "pending", "suppressed", "gone"]
        .map(|reader| LinkOver { page: page(language, "/"), reader })
        .into()
}

pub(super) fn messages(language: Language) -> Vec<Message> {
    Problem::ALL.map(|problem| Message { page: page(language, "/"), problem }).into()
}

pub(super) fn embed_forms(language: Language) -> Vec<EmbedForm> {
    let one = EmbedForm {
        action: format!("{BASE}/subscribe"),
        site_title: title(language),
        sender_name: sender(language).name,
        edition: None,
        often: "weekly",
    };
    let monthly = either(language, "Kawaraban Monthly", "月刊かわら版");
    let named = EmbedForm { site_title: monthly, edition: Some("monthly".to_owned()), often: "monthly", ..one.clone() };
    vec![one, named]
}

pub(super) fn embeds(language: Language) -> Vec<Embed> {
    let snippet = format!("<form action=\"{BASE}/subscribe\" method=\"post\">\n  …\n</form>\n");
    let tab = |name: &str, title, current| EditionTab { title, href: format!("/embed?edition={name}"), current };
    let framed = |form: EmbedForm| Embed {
        page: page(language, "/embed"),
        editions: match form.edition {
            None => Vec::new(),
            Some(_) => {
                vec![tab("weekly", Some(title(language)), false), tab("monthly", Some(form.site_title.clone()), true)]
            }
        },
        form,
        snippet: snippet.clone(),
    };
    embed_forms(language).into_iter().map(framed).collect()
}
