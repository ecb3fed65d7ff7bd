//! The addresses of our pages. They are built from the configured base URL alone, never from a request.

use jiff::Timestamp;
use url::Url;

use super::language::Language;
use super::token::{Purpose, Signer, Token};

/// Builds links and the tokens in them.
#[derive(Debug, Clone)]
pub struct Links {
    /// Without a slash at the end.
    base: String,
    host: String,
    signer: Signer,
}

impl Links {
    /// Returns the links of an installation at `base_url`, which may have a path.
    pub fn new(base_url: &Url, signer: Signer) -> Self {
        let host = base_url.host_str().unwrap_or("localhost").to_owned();
        Self { base: base_url.as_str().trim_end_matches('/').to_owned(), host, signer }
    }

    /// Returns the signer of the tokens.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Returns the base URL's host, which also stands in Message-IDs and `List-Id`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the sign-up page.
    pub fn home(&self) -> String {
        format!("{}/", self.base)
    }

    /// Returns where the sign-up form posts to.
    pub fn subscribe(&self) -> String {
        format!("{}/subscribe", self.base)
    }

    /// Returns the page that asks for the confirmation of a sign-up made at `at`.
    pub fn confirm(&self, public_id: [u8; 16], at: Timestamp) -> String {
        format!("{}/confirm/{}", self.base, self.signer.sign(Purpose::Confirm, &Token::confirm(public_id, at)))
    }

    /// Returns the unsubscribe page and one-click URL (RFC 8058) for `token`, which may be a letter's splice key.
    pub fn unsubscribe(&self, token: &str) -> String {
        format!("{}/unsubscribe/{token}", self.base)
    }

    /// Returns the page where a reader chooses what to take; `token` is that of [`Self::unsubscribe`].
    pub fn preferences(&self, token: &str) -> String {
        format!("{}/preferences/{token}", self.base)
    }

    /// Returns the token that goes into [`Self::unsubscribe`]; `issue` is the row of the issue it stands in, or 0.
    pub fn unsubscribe_token(&self, public_id: [u8; 16], issue: i64) -> String {
        self.signer.sign(Purpose::Unsubscribe, &Token::unsubscribe(public_id, issue))
    }

    /// Returns the page that describes the API.
    pub fn api(&self) -> String {
        format!("{}/api", self.base)
    }

    /// Returns the page that lets the draft in this row go out, for whoever was shown what has this fingerprint.
    pub fn approve(&self, issue: i64, fingerprint: [u8; 16]) -> String {
        self.about_draft(Purpose::Approve, "approve", issue, fingerprint)
    }

    /// Returns the page that holds it back.
    pub fn hold(&self, issue: i64, fingerprint: [u8; 16]) -> String {
        self.about_draft(Purpose::Hold, "hold", issue, fingerprint)
    }

    /// Returns the page that shows it.
    pub fn open_draft(&self, issue: i64, fingerprint: [u8; 16]) -> String {
        self.about_draft(Purpose::OpenDraft, "draft", issue, fingerprint)
    }

    fn about_draft(&self, purpose: Purpose, page: &str, issue: i64, fingerprint: [u8; 16]) -> String {
        format!("{}/desk/{page}/{}", self.base, self.signer.sign(purpose, &Token::draft(issue, fingerprint)))
    }

    /// Returns where the picture named `hash` is served.
    pub fn image(&self, hash: &str) -> String {
        format!("{}/images/{hash}.jpg", self.base)
    }

    /// Returns the list of past issues.
    pub fn issues(&self) -> String {
        format!("{}/issues", self.base)
    }

    /// Returns the public page of an issue.
    pub fn issue(&self, number: i64) -> String {
        format!("{}/issues/{number}", self.base)
    }

    /// Returns the public page of an issue in a language.
    pub fn issue_in(&self, number: i64, language: Language) -> String {
        format!("{}?lang={language}", self.issue(number))
    }
}
