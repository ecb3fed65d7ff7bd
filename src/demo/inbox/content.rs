//! `GET /mail/{number}/frame`: the HTML part of a mail, for the frame around it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse, Response};

use super::Desk;
use super::mail::find;
use crate::mail::read;

/// Styles that the mail brings along, its pictures from the site, and nothing else: no script, no form, no network. The sandbox stands
/// here as well as on the frame, for whoever opens the address by itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox; img-src data:";

/// Opens every link in a new tab: the page it leads to could do nothing in the sandbox.
const BASE: &str = "<base target=\"_blank\">";

/// Sends the part.
pub(super) async fn send(State(desk): State<Desk>, Path(number): Path<u64>) -> Response {
    let mails = desk.mails.mails();
    let Some(place) = find(&mails, number) else { return StatusCode::NOT_FOUND.into_response() };
    let html = read(&place.mail.content).html;
    let policy = format!("{POLICY} {}images/", desk.frame.site);
    ([(CONTENT_SECURITY_POLICY, policy)], Html(with_base(&html))).into_response()
}

/// Puts [`BASE`] first in the head: of several, browsers follow the first.
fn with_base(html: &str) -> String {
    // Lower case of ASCII letters keeps every byte where it is.
    let lower = html.to_ascii_lowercase();
    let tag_ends_at = lower.find("<head").and_then(|tag| Some(tag + lower[tag..].find('>')? + 1));
    let (before, after) = html.split_at(tag_ends_at.unwrap_or(0));
    format!("{before}{BASE}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_mail_open_in_a_new_tab() {
        assert_eq!(
            with_base("<!DOCTYPE html><html><HEAD lang=\"ja\"><base target=_top>"),
            "<!DOCTYPE html><html><HEAD lang=\"ja\"><base target=\"_blank\"><base target=_top>"
        );
        assert_eq!(with_base("<p>瓦版"), "<base target=\"_blank\"><p>瓦版");
        assert_eq!(with_base("<head"), "<base target=\"_blank\"><head");
    }
}
