//! The contexts of what the operator gets: mails about issues, and the pages behind the links in them.

use serde::Serialize;
use serde_json::{Map, Value};

use super::samples::{BASE, FRIDAY, TOKEN, either, issue_pages, page, sender, title};
use super::{IssueEntry, MailContext, Page, PageContext, Sender, field, seal};
use crate::domain::language::Language;
use crate::render::dates::date_long;

/// A name and how many of it there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountLine {
    /// The name, as people read it.
    pub label: String,
    /// How many.
    pub count: i64,
}

/// Why the operator is shown a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is new.
    First,
    /// It has changed since they saw it.
    Changed,
    /// It is due, and waits for them.
    Waits,
}

/// Something that is different from the preview before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `added`; `closed`, `taken_back`, `struck`, `put_off` or, for another reason, `removed`; `reworded`, `other_section`,
    /// `moved`, `reordered`, `lead`, `subject` or `introduction`.
    pub kind: &'static str,
    /// The headline it is about; empty if it is about none.
    pub title: String,
}

/// What stands over the letter in the mail that shows a draft. Its HTML is a fragment: it is put into the letter's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DraftPreview {
    /// The subject of the letter.
    pub subject: String,
    /// The edition's name.
    pub edition_title: String,
    /// The number of the issue.
    pub number: i64,
    /// Why it is shown.
    pub why: Why,
    /// `auto`, `veto` or `required`.
    pub approval: &'static str,
    /// Whether it is held.
    pub held: bool,
    /// Whether it is approved.
    pub approved: bool,
    /// Whether it was made by hand, for no slot of the schedule: then it goes out as soon as it is approved.
    pub by_hand: bool,
    /// When it goes out, written out.
    pub due: String,
    /// Until when it waits, if it is due already, written out.
    pub until: String,
    /// What has changed since the preview before.
    pub changes: Vec<Change>,
    /// How many items each section has.
    pub sections: Vec<CountLine>,
    /// How many readers get it, in all.
    pub recipients: i64,
    /// How many of them in each language.
    pub languages: Vec<CountLine>,
    /// How many do not, by reason.
    pub not_reached: Vec<CountLine>,
    /// Why nobody gets it, if that is so and it would be skipped: `nobody` takes the edition, or there is `nothing` of what
    /// its readers take. Empty otherwise.
    pub unread: &'static str,
    /// The page that approves.
    pub approve_url: String,
    /// The page that holds.
    pub hold_url: String,
    /// The page that shows the draft.
    pub draft_url: String,
}

impl MailContext for DraftPreview {
    const NAME: &'static str = "preview";

    fn samples(language: Language) -> Vec<Self> {
        let line =
            |english: &str, japanese: &str, count| CountLine { label: either(language, english, japanese), count };
        let first = Self {
            subject: either(
                language,
                "Kawaraban Weekly No. 12: A new night train links Tokyo and Aomori",
                "週刊かわら版 第12号｜東京と青森を結ぶ新しい夜行列車、来春運行へ",
            ),
            edition_title: title(language),
            number: 12,
            why: Why::First,
            approval: "veto",
            held: false,
            approved: false,
            by_hand: false,
            due: due(language),
            until: String::new(),
            changes: Vec::new(),
            sections: vec![line("News", "ニュース", 8), line("Openings", "募集情報", 5)],
            recipients: 1204,
            languages: vec![line("English", "English", 800), line("日本語", "日本語", 404)],
            not_reached: vec![
                line("pending", "pending", 31),
                line("unsubscribed", "unsubscribed", 12),
                line("suppressed (bounced)", "suppressed (bounced)", 3),
            ],
            unread: "",
            approve_url: format!("{BASE}/desk/approve/{TOKEN}"),
            hold_url: format!("{BASE}/desk/hold/{TOKEN}"),
            draft_url: format!("{BASE}/desk/draft/{TOKEN}"),
        };
        let change = |kind, english: &str, japanese: &str| Change { kind, title: either(language, english, japanese) };
        let changed = Self {
            why: Why::Changed,
            approval: "required",
            changes: vec![
                change("closed", "Artist residency on Teshima: three studios", "豊島アーティスト・イン・レジデンス"),
                change("taken_back", "Ferry to Naoshima stops for a week", "直島行きフェリー、一週間運休"),
                change("struck", "Ten bags you need this winter", "この冬ほしい鞄十選"),
                change("put_off", "A museum of rain in Kumano", "熊野に雨の博物館"),
                change("removed", "Tea prices rise in Uji", "宇治の茶、値上がり"),
                change("added", "Snow comes early to Hokkaido", "北海道に早い雪"),
                change("reworded", "Kanazawa opens a library that never closes", "金沢に二十四時間開館の図書館が誕生"),
                change("other_section", "Translators wanted in Kyoto", "京都で翻訳者を募集"),
                change("moved", "A bridge reopens in Tokushima", "徳島の橋、通行再開"),
                change("reordered", "", ""),
                change("lead", "", ""),
                change("subject", "", ""),
                change("introduction", "", ""),
            ],
            recipients: 1,
            languages: Vec::new(),
            not_reached: Vec::new(),
            ..first.clone()
        };
        let waits = Self {
            why: Why::Waits,
            approval: "required",
            until: at_eight(language, FRIDAY.tomorrow().unwrap_or(FRIDAY)),
            ..first.clone()
        };
        let held = Self { held: true, ..first.clone() };
        let approved = Self { approved: true, ..changed.clone() };
        let auto = Self { approval: "auto", by_hand: true, ..first.clone() };
        let alone = |unread| Self { unread, recipients: 0, languages: Vec::new(), ..first.clone() };
        let (nobody, nothing) = (alone("nobody"), alone("nothing"));
        vec![first, changed, Self { held: true, ..waits.clone() }, waits, held, approved, auto, nobody, nothing]
    }

    fn must_show(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("approve_url", self.approve_url.as_str()),
            ("hold_url", self.hold_url.as_str()),
            ("draft_url", self.draft_url.as_str()),
        ]
    }
}

/// A relay's words and how often it said them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplyLine {
    /// What it said, without addresses.
    pub reply: String,
    /// How often.
    pub count: i64,
}

/// How an issue went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The edition's name.
    pub edition_title: String,
    /// The number of the issue.
    pub number: i64,
    /// Its day, written out in full.
    pub date: String,
    /// How many people it was addressed to.
    pub recipients: i64,
    /// How many mails a relay took over.
    pub accepted: i64,
    /// How many were refused for good.
    pub rejected: i64,
    /// How many nobody knows the fate of.
    pub unknown: i64,
    /// How many were not wanted any more.
    pub withdrawn: i64,
    /// How many were given up.
    pub expired: i64,
    /// The commonest words of the relays about what did not arrive.
    pub replies: Vec<ReplyLine>,
    /// How long it took, written out.
    pub duration: String,
    /// How many mails a minute were taken over.
    pub per_minute: i64,
    /// The public page of the issue.
    pub archive_url: String,
    /// Who sends it.
    pub sender: Sender,
}

impl MailContext for Report {
    const NAME: &'static str = "report";

    fn samples(language: Language) -> Vec<Self> {
        let reply = |reply: &str, count| ReplyLine { reply: reply.to_owned(), count };
        let full = Self {
            edition_title: title(language),
            number: 12,
            date: date_long(language, FRIDAY),
            recipients: 1204,
            accepted: 1196,
            rejected: 4,
            unknown: 1,
            withdrawn: 2,
            expired: 1,
            replies: vec![
                reply("550 5.1.1 <address>: Recipient address rejected: User unknown", 3),
                reply("452 4.2.2 The mailbox is full", 2),
            ],
            duration: either(language, "1 min 42 s", "1分42秒"),
            per_minute: 703,
            archive_url: format!("{BASE}/issues/12"),
            sender: sender(language),
        };
        let smooth = Self {
            recipients: 1,
            accepted: 1,
            rejected: 0,
            unknown: 0,
            withdrawn: 0,
            expired: 0,
            replies: Vec::new(),
            ..full.clone()
        };
        vec![full, smooth]
    }

    fn must_show(&self) -> Vec<(&'static str, &str)> {
        vec![("archive_url", self.archive_url.as_str())]
    }

    fn derived(&self) -> Map<String, Value> {
        field("seal", seal(&self.edition_title))
    }
}

/// What a link in a preview does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskStep {
    /// Lets the issue go out.
    Approve,
    /// Holds it back.
    Hold,
}

/// The page with the button that approves or holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeskAsk {
    /// The frame.
    pub page: Page,
    /// What the button does.
    pub step: DeskStep,
    /// The edition's name.
    pub edition_title: String,
    /// The number of the issue.
    pub number: i64,
    /// When it goes out, written out.
    pub due: String,
    /// Whether the draft is another than the one the mail showed: then there is no button.
    pub changed: bool,
    /// Where the button leads.
    pub action: String,
    /// The page that shows the draft as it is now.
    pub draft_url: String,
}

/// The button was pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeskDone {
    /// The frame.
    pub page: Page,
    /// What it did.
    pub step: DeskStep,
    /// The edition's name.
    pub edition_title: String,
    /// The number of the issue.
    pub number: i64,
    /// When it goes out, written out.
    pub due: String,
    /// The page that shows the draft.
    pub draft_url: String,
}

/// A draft, for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeskDraft {
    /// The frame.
    pub page: Page,
    /// The edition's name.
    pub edition_title: String,
    /// The number of the issue.
    pub number: i64,
    /// Its day, written out in full.
    pub date: String,
    /// When it goes out, written out.
    pub due: String,
    /// The subject of the letter.
    pub subject: String,
    /// `held`, `approved`, `not_approved` or `goes`.
    pub stands: &'static str,
    /// Whether the time at which it goes out has passed.
    pub past: bool,
    /// What it brings.
    #[serde(flatten)]
    pub entry: IssueEntry,
    /// Where the button that approves leads.
    pub approve_action: String,
    /// Where the button that holds leads.
    pub hold_action: String,
}

/// A link to a draft that is none any more, or one that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeskOver {
    /// The frame.
    pub page: Page,
    /// What has become of it: `sealed`, `sending`, `finished`, `skipped`, `cancelled`, or `gone` if nothing is known of it;
    /// `broken` if the link is none of ours.
    pub stands: &'static str,
    /// The edition's name.
    pub edition_title: String,
    /// The number of the issue.
    pub number: i64,
    /// When it came to that, or when it was to go out if it never will, written out.
    pub when: String,
    /// Why it was skipped.
    pub reason: String,
    /// The page that shows it to everybody, if there is one.
    pub issue_url: Option<String>,
}

/// A link that is each reader's own, pressed in a mail that was for looking at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewLink {
    /// The frame.
    pub page: Page,
}

fn due(language: Language) -> String {
    at_eight(language, FRIDAY)
}

fn at_eight(language: Language, day: jiff::civil::Date) -> String {
    let day = date_long(language, day);
    either(language, &format!("{day}, 08:00 (Asia/Tokyo)"), &format!("{day}08:00（Asia/Tokyo）"))
}

fn asks(language: Language) -> Vec<DeskAsk> {
    let ask = |step, changed| DeskAsk {
        page: page(language, "/"),
        step,
        edition_title: title(language),
        number: 12,
        due: due(language),
        changed,
        action: format!("/desk/approve/{TOKEN}"),
        draft_url: format!("/desk/draft/{TOKEN}"),
    };
    vec![ask(DeskStep::Approve, false), ask(DeskStep::Approve, true), ask(DeskStep::Hold, false)]
}

fn dones(language: Language) -> Vec<DeskDone> {
    [DeskStep::Approve, DeskStep::Hold]
        .map(|step| DeskDone {
            page: page(language, "/"),
            step,
            edition_title: title(language),
            number: 12,
            due: due(language),
            draft_url: format!("/desk/draft/{TOKEN}"),
        })
        .into()
}

fn drafts(language: Language) -> Vec<DeskDraft> {
    let draft = |issue: super::IssuePage, stands, past| DeskDraft {
        page: issue.page,
        edition_title: issue.edition_title,
        number: issue.number,
        date: issue.date,
        due: due(language),
        subject: either(
            language,
            "Kawaraban Weekly No. 12: A night train",
            "週刊かわら版 第12号｜夜行列車、来春運行へ",
        ),
        stands,
        past,
        entry: issue.entry,
        approve_action: format!("/desk/approve/{TOKEN}"),
        hold_action: format!("/desk/hold/{TOKEN}"),
    };
    let issue = || issue_pages(language).into_iter().next();
    ["goes", "held", "approved", "not_approved"]
        .into_iter()
        .flat_map(|stands| [(stands, false), (stands, true)])
        .filter_map(|(stands, past)| Some(draft(issue()?, stands, past)))
        .collect()
}

fn overs(language: Language) -> Vec<DeskOver> {
    ["sealed", "sending", "finished", "skipped", "cancelled", "gone", "broken"]
        .map(|stands| DeskOver {
            page: page(language, "/"),
            stands,
            edition_title: title(language),
            number: 12,
            when: due(language),
            reason: if stands == "skipped" { "held".to_owned() } else { String::new() },
            issue_url: (stands == "finished").then(|| format!("/issues/12?lang={language}")),
        })
        .into()
}

macro_rules! desk_page {
    ($($context:ident $name:literal $samples:expr),+ $(,)?) => {$(
        impl PageContext for $context {
            const NAME: &'static str = $name;

            fn samples(language: Language) -> Vec<Self> {
                $samples(language)
            }

            fn derived(&self) -> Map<String, Value> {
                field("seal", seal(&self.page.site_title))
            }
        }
    )+};
}

desk_page! {
    DeskAsk "desk_ask" asks,
    DeskDone "desk_done" dones,
    DeskDraft "desk_draft" drafts,
    DeskOver "desk_over" overs,
    PreviewLink "preview_link" |language| vec![PreviewLink { page: page(language, "/") }],
}
