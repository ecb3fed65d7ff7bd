//! The steps.

use std::sync::Arc;

use serde_json::json;

use super::browser::{get, post_form, post_json};
use super::log::Log;
use super::reader::{Seen, check, header, link, mails_to, wait, wait_for_mail};
use crate::app::App;
use crate::articles::Written;
use crate::demo::{Addresses, Demo, DemoError, samples};
use crate::domain::address::EmailAddress;
use crate::domain::subscriber::SubscriberState;
use crate::mail::ReadMail;
use crate::smtpd::MemoryInbox;

/// Reads in English, and leaves.
const HANAKO: &str = "hanako@example.jp";
/// Reads in Japanese, and stays.
const TARO: &str = "taro@example.com";

/// What the travellers have with them.
pub(super) struct Visit {
    app: App,
    inbox: Arc<MemoryInbox>,
    addresses: Addresses,
}

impl Visit {
    pub(super) fn new(demo: &Demo) -> Self {
        Self { app: demo.app.clone(), inbox: Arc::clone(&demo.mails), addresses: demo.addresses().clone() }
    }

    /// Makes the journey.
    pub(super) async fn travel(&self, log: &Log) -> Result<(), DemoError> {
        log.step("The daemon says that it is ready", self.readiness()).await?;
        log.step("The front page has a form", self.front_page()).await?;
        log.step("Hanako signs up with the form", self.hanako_signs_up()).await?;
        log.step("Taro signs up in Japanese, by JSON", self.taro_signs_up()).await?;
        let asked = log.step("Each gets a mail that asks to confirm", self.confirmations()).await?;
        let [hanako, taro] = &asked;
        log.step("Opening the link changes nothing", self.links_are_opened(hanako)).await?;
        log.step("Pressing the button confirms, for both", self.both_confirm(hanako, taro)).await?;
        log.step("The button in the inbox sends the weekly digest", self.digest_is_sent(1)).await?;
        let first = log.step("Both have it, each in their language", self.digests_arrive()).await?;
        log.step("It can be left with one click: RFC 8058, in every copy", self.headers_are_right(&first)).await?;
        log.step("The issue is finished and stands on the web", self.issue_is_public(1, &first)).await?;
        log.step("Hanako leaves with one click: a bare POST", self.hanako_leaves(&first[0])).await?;
        log.step("The operator adds an article and sends again", self.second_issue()).await?;
        log.step("Taro gets it and Hanako does not", self.only_taro_has_the_second()).await?;
        log.step("With nothing new, nothing is sent", self.nothing_more_is_sent()).await
    }

    fn site(&self, path: &str) -> String {
        format!("{}{path}", self.addresses.site)
    }

    async fn readiness(&self) -> Result<(), Seen> {
        let url = self.site("readyz");
        wait("the daemon was not ready", async || {
            // Until it answers at all, nobody is at fault.
            Ok(get(&url).await.ok().filter(|answer| answer.status.is_success()).map(drop))
        })
        .await
    }

    async fn front_page(&self) -> Result<(), Seen> {
        let page = get(&self.addresses.site).await?.page()?;
        check(page.contains("action=\"/subscribe\""), "the front page has no form that leads to /subscribe")?;
        check(!page.contains("<script"), "the front page has a script in it")
    }

    async fn hanako_signs_up(&self) -> Result<(), Seen> {
        let fields = [("email", HANAKO), ("lang", "en"), ("website", "")];
        post_form(&self.site("subscribe"), &fields).await?.page().map(drop)
    }

    async fn taro_signs_up(&self) -> Result<(), Seen> {
        let answer = post_json(&self.site("subscribe"), &json!({ "email": TARO, "lang": "ja" })).await?.page()?;
        check(answer.contains("check_inbox"), "the answer does not say to look at the inbox")
    }

    /// Returns the two links.
    async fn confirmations(&self) -> Result<[String; 2], Seen> {
        let mut links = [String::new(), String::new()];
        for (address, place) in [HANAKO, TARO].into_iter().zip(&mut links) {
            let mail = wait_for_mail(&self.inbox, address, 1).await?;
            header(&mail, "Auto-Submitted")?;
            check(mail.header("List-Unsubscribe").is_none(), "a mail to somebody on no list names a list")?;
            let start = self.site("confirm/");
            let found = link(&mail.text, &start)?;
            check(link(&mail.html, &start)? == found, "the HTML part leads elsewhere than the text part")?;
            found.clone_into(place);
        }
        Ok(links)
    }

    async fn links_are_opened(&self, hanako: &str) -> Result<(), Seen> {
        let page = get(hanako).await?.page()?;
        check(page.contains("method=\"post\""), "the page has no button")?;
        let state = self.state_of(HANAKO).await?;
        check(state == Some(SubscriberState::Pending), "opening the link has changed the subscription")
    }

    async fn both_confirm(&self, hanako: &str, taro: &str) -> Result<(), Seen> {
        for (address, link) in [(HANAKO, hanako), (TARO, taro)] {
            post_form(link, &[]).await?.page()?;
            let state = self.state_of(address).await?;
            check(state == Some(SubscriberState::Confirmed), "the subscription is not confirmed")?;
        }
        // Impatient people press twice.
        post_form(hanako, &[]).await?.page().map(drop)
    }

    async fn digest_is_sent(&self, number: i64) -> Result<(), Seen> {
        let answer = post_form(&format!("{}send", self.addresses.inbox), &[]).await?;
        check(answer.status.is_redirection(), &answer.unexpected().0)?;
        let page = get(&self.addresses.inbox).await?.page()?;
        check(page.contains(&format!("Issue {number} ")), "the inbox does not say that an issue is on its way")
    }

    /// Returns the two copies.
    async fn digests_arrive(&self) -> Result<[ReadMail; 2], Seen> {
        let (hanako, taro) = (wait_for_mail(&self.inbox, HANAKO, 2).await?, wait_for_mail(&self.inbox, TARO, 2).await?);
        // The articles are in both languages, whoever reads them; the headings are in the reader's.
        for (mail, heading) in [(&hanako, "Openings"), (&taro, "募集")] {
            check(mail.text.contains(heading), "the digest is not in its reader's language")?;
            check(mail.html.contains(heading), "the digest's HTML part is not in its reader's language")?;
        }
        let links = hanako.text.matches(&self.addresses.feeds).count();
        check(links == samples::ARTICLES, &format!("the digest has {links} articles of {}", samples::ARTICLES))?;
        Ok([hanako, taro])
    }

    async fn headers_are_right(&self, copies: &[ReadMail; 2]) -> Result<(), Seen> {
        let mut ids = Vec::new();
        for mail in copies {
            let leave = self.one_click_url(mail)?;
            check(header(mail, "List-Unsubscribe-Post")? == "List-Unsubscribe=One-Click", "no one-click")?;
            check(header(mail, "List-Id")?.contains("weekly."), "List-Id does not name the edition")?;
            check(mail.text.contains(&leave), "the text part has no link to leave")?;
            check(mail.html.contains(&leave), "the HTML part has no link to leave")?;
            check(mail.date.is_some(), "the Date cannot be read")?;
            ids.push(header(mail, "Message-ID")?);
        }
        check(ids[0] != ids[1], "two copies have the same Message-ID")
    }

    /// Returns the URL in `List-Unsubscribe`.
    fn one_click_url(&self, mail: &ReadMail) -> Result<String, Seen> {
        let value = header(mail, "List-Unsubscribe")?;
        let url = value.split(['<', '>']).find(|part| part.starts_with(&self.site("unsubscribe/")));
        url.map(str::to_owned).ok_or_else(|| Seen("List-Unsubscribe has no link of ours".to_owned()))
    }

    async fn issue_is_public(&self, number: i64, copies: &[ReadMail; 2]) -> Result<(), Seen> {
        let url = self.site(&format!("issues/{number}"));
        let page = wait(&format!("issue {number} was not finished"), async || {
            let answer = get(&url).await?;
            if answer.status == hyper::StatusCode::NOT_FOUND { Ok(None) } else { answer.page().map(Some) }
        })
        .await?;
        check(page.contains(&self.addresses.feeds), "the page has no article")?;
        let leave = self.one_click_url(&copies[0])?;
        check(!page.contains(&leave) && !page.contains(HANAKO), "the page gives a reader away")?;
        let list = get(&self.site("issues")).await?.page()?;
        check(list.contains(&format!("/issues/{number}")), "the list of past issues does not have it")
    }

    async fn hanako_leaves(&self, copy: &ReadMail) -> Result<(), Seen> {
        let url = self.one_click_url(copy)?;
        get(&url).await?.page()?;
        check(self.state_of(HANAKO).await? == Some(SubscriberState::Confirmed), "opening the link has unsubscribed")?;
        let answer = post_form(&url, &[("List-Unsubscribe", "One-Click")]).await?;
        check(answer.headers.get(hyper::header::SET_COOKIE).is_none(), "the answer sets a cookie")?;
        answer.page()?;
        check(self.state_of(HANAKO).await? == Some(SubscriberState::Unsubscribed), "Hanako is still subscribed")
    }

    async fn second_issue(&self) -> Result<(), Seen> {
        let written = Written {
            title: "Calligrapher wanted, one character a day".to_owned(),
            url: self.addresses.site.clone(),
            summary: Some("A temple in Kyoto looks for somebody with a steady hand.".to_owned()),
            section: "openings".to_owned(),
            kind: Some("opening".to_owned()),
            language: Some("en".to_owned()),
            ..Written::default()
        };
        self.app.articles.add_by_hand(&written).await.map_err(|error| Seen(error.to_string()))?;
        self.digest_is_sent(2).await
    }

    async fn only_taro_has_the_second(&self) -> Result<(), Seen> {
        let mail = wait_for_mail(&self.inbox, TARO, 3).await?;
        check(mail.text.contains("Calligrapher wanted"), "the new article is not in it")?;
        let old = mail.text.matches(&self.addresses.feeds).count();
        check(old == 0, "it repeats articles of the first issue")?;
        // Once the issue is finished, whoever has no copy will get none.
        let issue = self.site("issues/2");
        wait("issue 2 was not finished", async || Ok(get(&issue).await?.status.is_success().then_some(()))).await?;
        let count = mails_to(&self.inbox, HANAKO).len();
        check(count == 2, &format!("Hanako has {count} mails instead of 2"))
    }

    async fn nothing_more_is_sent(&self) -> Result<(), Seen> {
        let before = self.inbox.taken();
        post_form(&format!("{}send", self.addresses.inbox), &[]).await?;
        let page = get(&self.addresses.inbox).await?.page()?;
        check(page.contains("No mail was sent"), "the inbox does not say that nothing was sent")?;
        check(self.inbox.taken() == before, "a mail arrived all the same")
    }

    async fn state_of(&self, address: &str) -> Result<Option<SubscriberState>, Seen> {
        let address = EmailAddress::parse(address).map_err(|error| Seen(error.to_string()))?;
        let found = self.app.subscribers.find(&address).await.map_err(|error| Seen(error.to_string()))?;
        Ok(found.map(|subscriber| subscriber.state))
    }
}
