//! Samples of the public archive.

use jiff::civil::{Date, date};

use super::{BASE, FRIDAY, either, introduction, page, title};
use crate::domain::language::Language;
use crate::render::context::{
    About, EditionTab, IssueEntry, IssueLine, IssueList, IssuePage, Page, PageImage, PageItem, PageSection, PageSource,
};
use crate::render::dates::{date_long, date_short};
use crate::render::markdown::markdown_html;

/// Returns the frame of a page that is for searching programs, too.
fn public(language: Language, path: &str, kind: &'static str, description: String) -> Page {
    let about = About::new(language, &format!("{BASE}{path}"), kind, description);
    Page { about: Some(about), ..page(language, path) }
}

fn item(language: Language, [title, summary, source]: [[&str; 2]; 3], day: Date) -> PageItem {
    PageItem {
        title: either(language, title[0], title[1]),
        url: Some(format!("https://example.jp/articles/{}-{:02}{:02}", day.year(), day.month(), day.day())),
        summary: either(language, summary[0], summary[1]),
        byline: format!("{} · {}", either(language, source[0], source[1]), date_short(language, day)),
        ..PageItem::default()
    }
}

fn source(language: Language, [english, japanese]: [&str; 2], path: &str) -> PageSource {
    PageSource { source: either(language, english, japanese), url: format!("https://example.com/{path}") }
}

fn lead(language: Language) -> PageItem {
    let train = [
        ["A new night train links Tokyo and Aomori", "東京と青森を結ぶ新しい夜行列車、来春運行へ"],
        [
            "The sleeper leaves Ueno at nine in the evening and takes eleven hours, with private rooms and a dining \
             car that serves food from the towns along the line.",
            "夜九時に上野を出発し、十一時間をかけて青森へ。全室個室で、食堂車では沿線の町の食材を使った料理を提供する。\
             運行会社は、移動そのものを楽しむ旅の需要に応えたいとしている。",
        ],
        ["Railway Times", "鉄道時報"],
    ];
    PageItem {
        also_at: vec![
            source(language, ["Aomori Shimbun", "青森新報"], "night-train"),
            source(language, ["The Timetable", "時刻表の友"], "2026/sleeper"),
        ],
        image: Some(PageImage {
            url: "/images/9d04e7c15fb2a683.jpg".to_owned(),
            alt: either(language, "A blue train under the first stars", "一番星の下を走る青い列車"),
            credit: Some(either(language, "Mori Aiko", "森愛子")),
            width: 624,
            height: 351,
        }),
        ..item(language, train, date(2026, 11, 26))
    }
}

fn news(language: Language) -> PageSection {
    let library = [
        ["Kanazawa opens a library that never closes", "金沢に二十四時間開館の図書館が誕生"],
        [
            "Readers let themselves in with their library card after dark. In its first week, four hundred people came \
             between midnight and dawn.",
            "夜間は利用者カードで入館できる。開館から一週間で、深夜から明け方までに訪れた人は四百人にのぼった。",
        ],
        ["Hokuriku Daily", "北陸日々新聞"],
    ];
    let foreign = [
        ["地方の小さな書店、組合をつくる", "Small bookshops form a union"],
        ["仕入れと配送を共同で行う。", "They will order and ship together."],
        ["本の窓", "Book Window"],
    ];
    let mut pictured = item(language, library, date(2026, 11, 24));
    let picture = "/images/3f2a19c07d5be846.jpg".to_owned();
    pictured.image = Some(PageImage { url: picture, alt: String::new(), credit: None, width: 128, height: 96 });
    let mut foreign = item(language, foreign, date(2026, 11, 25));
    foreign.language = Some(either(language, "ja", "en"));
    foreign.image = lead(language).image.map(|image| PageImage {
        url: "/images/b81c06f2aa93de57.jpg".to_owned(),
        width: 128,
        height: 72,
        ..image
    });
    let bare = either(language, "A headline and nothing else", "見出しだけの記事");
    let bare = PageItem { title: bare, ..PageItem::default() };
    PageSection {
        title: either(language, "News", "ニュース"), openings: false, items: vec![pictured, foreign, bare]
    }
}

fn openings(language: Language) -> PageSection {
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
        ["Software engineer for flood forecasts", "洪水予測システムのソフトウェア技術者"],
        [
            "A small team at a river institute looks for somebody who likes Rust, maps and plain words.",
            "河川研究所の少人数のチームで、予測システムの開発を担当。",
        ],
        ["River Institute", "河川研究所"],
    ];
    let residency = PageItem {
        opening: true,
        closes: Some(date_short(language, date(2026, 12, 15))),
        place: Some(either(language, "Teshima, Kagawa", "香川県・豊島")),
        ..item(language, residency, date(2026, 11, 23))
    };
    let engineer = PageItem {
        opening: true,
        closes: Some(date_short(language, date(2026, 11, 26))),
        closed: true,
        company: Some(either(language, "Tōhoku River Institute", "東北河川研究所")),
        place: Some(either(language, "Sendai, or from home", "仙台市・リモート可")),
        pay: Some(either(language, "¥6.2–8.4 million a year", "年収620万～840万円")),
        also_at: vec![source(language, ["Jobs in the North", "北の仕事"], "jobs/17")],
        ..item(language, engineer, date(2026, 11, 20))
    };
    // As little as there can be: always open, and from nowhere.
    let bare = PageItem {
        title: either(language, "Volunteers for a beach clean-up", "海岸清掃ボランティア"),
        opening: true,
        language: Some(either(language, "ja", "en")),
        ..PageItem::default()
    };
    let items = vec![residency, engineer, bare];
    PageSection { title: either(language, "Openings", "募集情報"), openings: true, items }
}

pub(in crate::render::context) fn issue_entries(language: Language) -> Vec<IssueEntry> {
    let full = IssueEntry {
        introduction_html: Some(markdown_html(&introduction(language))),
        lead: Some(lead(language)),
        sections: vec![news(language), openings(language)],
    };
    // A lead with nothing around its title, and one whose picture nobody signed.
    let bare = PageItem { title: lead(language).title, language: Some("ja".to_owned()), ..PageItem::default() };
    let mut unsigned = lead(language);
    if let Some(image) = &mut unsigned.image {
        image.credit = None;
    }
    let entry = |lead| IssueEntry { lead, ..IssueEntry::default() };
    vec![full, entry(Some(bare)), entry(Some(unsigned)), IssueEntry::default()]
}

pub(in crate::render::context) fn issue_pages(language: Language) -> Vec<IssuePage> {
    let headline = lead(language).title;
    issue_entries(language)
        .into_iter()
        .enumerate()
        .map(|(index, entry)| {
            let mut page = public(language, "/issues/12", "article", headline.clone());
            if let Some(about) = page.about.as_mut().filter(|_| index == 0) {
                about.published = Some("2026-11-26T23:00:00Z".to_owned());
                about.image_url = Some(format!("{BASE}/images/9d04e7c15fb2a683.jpg"));
            }
            IssuePage {
                page,
                edition_title: title(language),
                number: 12,
                date: date_long(language, FRIDAY),
                headline: headline.clone(),
                title: either(
                    language,
                    &format!("{} No. 12: {headline}", title(language)),
                    &format!("{} 第12号：{headline}", title(language)),
                ),
                entry,
                often: "weekly",
                subscribe_url: "/".to_owned(),
                older_url: (index == 0).then(|| "/issues/11".to_owned()),
                newer_url: (index == 0).then(|| "/issues/13".to_owned()),
            }
        })
        .collect()
}

pub(in crate::render::context) fn issue_lists(language: Language) -> Vec<IssueList> {
    let line = |number: i64, day: Date, headline: [&str; 2], more: &[[&str; 2]]| IssueLine {
        number,
        date: date_long(language, day),
        edition: None,
        headline: either(language, headline[0], headline[1]),
        more: more.iter().map(|more| either(language, more[0], more[1])).collect(),
        url: format!("/issues/{number}"),
    };
    let issues = vec![
        line(
            12,
            FRIDAY,
            ["A new night train links Tokyo and Aomori", "東京と青森を結ぶ新しい夜行列車、来春運行へ"],
            &[
                ["Kanazawa opens a library that never closes", "金沢に二十四時間開館の図書館が誕生"],
                ["Small bookshops form a union", "地方の小さな書店、組合をつくる"],
                ["Artist residency on Teshima", "豊島アーティスト・イン・レジデンス"],
            ],
        ),
        line(
            11,
            date(2026, 11, 20),
            ["Snow comes early to Hokkaido", "北海道に早い雪"],
            &[["A bakery in a lighthouse", "灯台のパン屋"]],
        ),
        line(10, date(2026, 11, 13), ["The last sentō of Asakusa is saved", "浅草最後の銭湯、存続へ"], &[]),
    ];
    let about = |path: &str| public(language, path, "website", title(language));
    let several = issues.iter().cloned().map(|line| IssueLine { edition: Some(title(language)), ..line }).collect();
    let edition =
        |title: Option<String>, current| EditionTab { title, href: "/issues?edition=weekly".to_owned(), current };
    let monthly = either(language, "Kawaraban Monthly", "月刊かわら版");
    vec![
        IssueList {
            page: about("/issues"),
            editions: Vec::new(),
            issues,
            often: "weekly",
            subscribe_url: "/".to_owned(),
            older_url: Some("/issues?before=10".to_owned()),
            newest_url: None,
        },
        IssueList {
            page: about("/issues?before=20"),
            editions: vec![edition(None, true), edition(Some(title(language)), false), edition(Some(monthly), false)],
            issues: several,
            often: "other",
            subscribe_url: "/".to_owned(),
            older_url: None,
            newest_url: Some("/issues".to_owned()),
        },
        IssueList {
            page: about("/issues"),
            editions: vec![edition(None, false), edition(Some(title(language)), true)],
            issues: Vec::new(),
            often: "monthly",
            subscribe_url: "/".to_owned(),
            older_url: None,
            newest_url: None,
        },
    ]
}
