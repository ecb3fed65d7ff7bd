//! The contexts of the demo's own pages: the inbox and the sample articles. They are in English only; the pages and
//! mails they lead to are in both languages.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{PageContext, field, seal};
use crate::domain::language::Language;

/// What every page of the demo has around its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoPage {
    /// The name of the publication.
    pub site_title: String,
    /// The inbox.
    pub inbox_url: String,
    /// The sign-up page.
    pub sign_up_url: String,
    /// The list of past issues.
    pub issues_url: String,
    /// The stylesheet of the site.
    pub css_url: String,
    /// What the demo adds to it.
    pub demo_css_url: String,
    /// The icon.
    pub icon_url: String,
    /// After how many seconds the page is fetched anew, if at all.
    pub refresh_s: Option<u32>,
}

/// The inbox: every mail that left, and the buttons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoInbox {
    /// The frame.
    pub page: DemoPage,
    /// How many readers there are and how many articles wait, in a sentence.
    pub summary: String,
    /// What came of the last press of a button.
    pub notice: Option<DemoNotice>,
    /// The mails, newest first.
    pub mails: Vec<DemoMailLine>,
    /// How many mails came before those and are kept no more, in a sentence.
    pub forgotten: Option<String>,
}

/// What came of a press of a button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoNotice {
    /// The outcome, in a sentence or two.
    pub text: String,
    /// Whether it did not work.
    pub failed: bool,
    /// The page to look at next.
    pub url: Option<String>,
}

/// A mail in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoMailLine {
    /// Whom it is addressed to.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// How long ago it came.
    pub when: String,
    /// Its page.
    pub url: String,
}

/// One mail, as one of its readers' programs would show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoMail {
    /// The frame.
    pub page: DemoPage,
    /// The subject.
    pub subject: String,
    /// The sender.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// The date, as the mail writes it.
    pub date: String,
    /// HTML, text and source.
    pub tabs: Vec<DemoTab>,
    /// What to show.
    pub view: DemoView,
    /// The page of the mail before it.
    pub older_url: Option<String>,
    /// The page of the mail after it.
    pub newer_url: Option<String>,
}

/// One way to look at a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoTab {
    /// What it is called.
    pub name: &'static str,
    /// Its page.
    pub url: String,
    /// Whether this is the page.
    pub current: bool,
}

/// What is shown of a mail. One of the three is there, or none if the mail lacks that part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DemoView {
    /// The HTML part: where the frame around it finds it.
    pub frame_url: Option<String>,
    /// The text part, its links taken apart from the rest.
    pub text: Option<Vec<DemoPiece>>,
    /// Every byte of it that is text.
    pub source: Option<String>,
}

/// A piece of plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoPiece {
    /// The words.
    pub text: String,
    /// Where they lead, if they are a web address.
    pub url: Option<String>,
}

/// An article of a sample feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoArticle {
    /// The frame.
    pub page: DemoPage,
    /// The language of the article.
    pub article_language: String,
    /// Who published it.
    pub source: String,
    /// What it is about.
    pub category: String,
    /// The headline.
    pub title: String,
    /// The text.
    pub paragraphs: Vec<String>,
    /// The feed it comes from.
    pub feed_url: String,
}

fn page(refresh_s: Option<u32>) -> DemoPage {
    let text = str::to_owned;
    DemoPage {
        site_title: text("Kawaraban Weekly"),
        inbox_url: text("http://127.0.0.1:8081/"),
        sign_up_url: text("http://127.0.0.1:8080/"),
        issues_url: text("http://127.0.0.1:8080/issues"),
        css_url: text("/assets/site.css"),
        demo_css_url: text("/assets/demo.css"),
        icon_url: text("/assets/icon.svg"),
        refresh_s,
    }
}

fn inboxes() -> Vec<DemoInbox> {
    let notice = |failed: bool, url: Option<&str>| {
        let url = url.map(str::to_owned);
        Some(DemoNotice { text: "Issue 1 went to two readers.".to_owned(), failed, url })
    };
    let empty = DemoInbox {
        page: page(None),
        summary: "Nobody has signed up yet.".to_owned(),
        notice: None,
        mails: Vec::new(),
        forgotten: None,
    };
    let mails = vec![DemoMailLine {
        to: "hanako@example.jp".to_owned(),
        subject: "Kawaraban Weekly No. 1".to_owned(),
        when: "3 min ago".to_owned(),
        url: "/mail/1".to_owned(),
    }];
    let forgotten = Some("200 older mails are kept no more.".to_owned());
    vec![
        DemoInbox { page: page(Some(10)), notice: notice(false, Some("/issues/1")), mails, forgotten, ..empty.clone() },
        DemoInbox { notice: notice(true, None), ..empty.clone() },
        empty,
    ]
}

fn mails() -> Vec<DemoMail> {
    let mail = |view: DemoView, neighbours: bool| DemoMail {
        page: page(None),
        subject: "Kawaraban Weekly No. 1".to_owned(),
        from: "Kawaraban Press <letters@example.jp>".to_owned(),
        to: "hanako@example.jp".to_owned(),
        date: "Fri, 27 Nov 2026 08:00:00 +0900".to_owned(),
        tabs: vec![
            DemoTab { name: "HTML", url: "/mail/1".to_owned(), current: true },
            DemoTab { name: "Text", url: "/mail/1/text".to_owned(), current: false },
        ],
        view,
        older_url: neighbours.then(|| "/mail/0".to_owned()),
        newer_url: neighbours.then(|| "/mail/2".to_owned()),
    };
    let piece = |text: &str, url| DemoPiece { text: text.to_owned(), url };
    let address = "https://news.example.jp/";
    let pieces = vec![piece("Read it at ", None), piece(address, Some(address.to_owned()))];
    vec![
        mail(DemoView { frame_url: Some("/mail/1/frame".to_owned()), ..DemoView::default() }, true),
        mail(DemoView { text: Some(pieces), ..DemoView::default() }, false),
        mail(DemoView { source: Some("Subject: Kawaraban".to_owned()), ..DemoView::default() }, false),
        mail(DemoView::default(), false),
    ]
}

fn articles() -> Vec<DemoArticle> {
    vec![DemoArticle {
        page: page(None),
        article_language: "ja".to_owned(),
        source: "鉄道時報".to_owned(),
        category: "くらし".to_owned(),
        title: "東京と青森を結ぶ新しい夜行列車".to_owned(),
        paragraphs: vec!["夜九時に上野を出発する。".to_owned()],
        feed_url: "/railway/rss.xml".to_owned(),
    }]
}

macro_rules! demo_pages {
    ($($context:ident $name:literal $samples:ident),+ $(,)?) => {$(
        impl PageContext for $context {
            const NAME: &'static str = $name;

            fn samples(_: Language) -> Vec<Self> {
                $samples()
            }

            fn derived(&self) -> Map<String, Value> {
                field("seal", seal(&self.page.site_title))
            }
        }
    )+};
}

demo_pages! {
    DemoInbox "demo_inbox" inboxes,
    DemoMail "demo_mail" mails,
    DemoArticle "demo_article" articles,
}
