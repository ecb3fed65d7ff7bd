//! `GET /mail/{number}`, `/text`, `/source`: one mail, part by part.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::Desk;
use crate::demo::frame::Oops;
use crate::domain::language::Language;
use crate::mail::{ReadMail, read};
use crate::render::{DemoMail, DemoPiece, DemoTab, DemoView};
use crate::smtpd::Received;

/// A part of a mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Html,
    Text,
    Source,
}

impl Part {
    /// Every part, what its tab is called, and what its address ends in.
    const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Html, "HTML", ""), (Self::Text, "Text", "/text"), (Self::Source, "Source", "/source")];
}

/// A mail among its neighbours.
pub(super) struct Place<'a> {
    pub(super) mail: &'a Received,
    older: Option<u64>,
    newer: Option<u64>,
}

/// Returns the mail with this number.
pub(super) fn find(mails: &[Received], number: u64) -> Option<Place<'_>> {
    let index = mails.iter().position(|mail| mail.number == number)?;
    let number_at = |index: Option<usize>| index.and_then(|index| mails.get(index)).map(|mail| mail.number);
    let (older, newer) = (number_at(index.checked_sub(1)), number_at(index.checked_add(1)));
    Some(Place { mail: &mails[index], older, newer })
}

/// Shows the HTML part.
pub(super) async fn html(State(desk): State<Desk>, Path(number): Path<u64>) -> Result<Response, Oops> {
    show(&desk, number, Part::Html)
}

/// Shows the text part.
pub(super) async fn text(State(desk): State<Desk>, Path(number): Path<u64>) -> Result<Response, Oops> {
    show(&desk, number, Part::Text)
}

/// Shows the message as it came over the wire.
pub(super) async fn source(State(desk): State<Desk>, Path(number): Path<u64>) -> Result<Response, Oops> {
    show(&desk, number, Part::Source)
}

fn show(desk: &Desk, number: u64, part: Part) -> Result<Response, Oops> {
    let mails = desk.mails.mails();
    let Some(place) = find(&mails, number) else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let mail = read(&place.mail.content);
    let tab = |(of, name, ending)| DemoTab { name, url: format!("/mail/{number}{ending}"), current: of == part };
    let context = DemoMail {
        page: desk.frame.page(None),
        subject: subject(&mail),
        from: mail.from.clone(),
        to: recipient(&mail, place.mail),
        date: mail.header("Date").unwrap_or_default().to_owned(),
        tabs: Part::ALL.map(tab).into(),
        view: view(&mail, place.mail, part),
        older_url: place.older.map(url),
        newer_url: place.newer.map(url),
    };
    Ok(Html(desk.frame.templates.page(Language::En, &context)?).into_response())
}

fn view(mail: &ReadMail, received: &Received, part: Part) -> DemoView {
    let nothing = DemoView::default();
    match part {
        Part::Html if mail.html.is_empty() => nothing,
        Part::Html => DemoView { frame_url: Some(format!("/mail/{}/frame", received.number)), ..nothing },
        Part::Text => DemoView { text: Some(pieces(&mail.text)), ..nothing },
        Part::Source => {
            let source = String::from_utf8_lossy(&received.content).replace("\r\n", "\n");
            DemoView { source: Some(source), ..nothing }
        }
    }
}

/// Returns the page of a mail.
pub(super) fn url(number: u64) -> String {
    format!("/mail/{number}")
}

/// Returns the subject, or that there is none.
pub(super) fn subject(mail: &ReadMail) -> String {
    if mail.subject.trim().is_empty() { "(no subject)".to_owned() } else { mail.subject.clone() }
}

/// Returns whom a mail is addressed to; one that does not say so went to those of its envelope.
pub(super) fn recipient(mail: &ReadMail, received: &Received) -> String {
    if mail.to.is_empty() { received.envelope.to.join(", ") } else { mail.to.clone() }
}

/// Takes web addresses apart from the text around them.
fn pieces(text: &str) -> Vec<DemoPiece> {
    /// What ends an address in running text, in both languages.
    const STOPS: [char; 11] = ['<', '>', '"', '「', '」', '（', '）', '、', '。', '｜', '\u{3000}'];
    /// A sentence may end right behind an address.
    const TRAILING: [char; 7] = ['.', ',', ';', ':', '!', '?', ')'];
    let mut pieces = Vec::new();
    let mut add = |text: &str, link: bool| {
        if !text.is_empty() {
            pieces.push(DemoPiece { text: text.to_owned(), url: link.then(|| text.to_owned()) });
        }
    };
    let mut rest = text;
    while let Some(start) = ["http://", "https://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| c.is_whitespace() || STOPS.contains(&c)).unwrap_or(from.len());
        let link = from[..end].trim_end_matches(TRAILING);
        add(before, false);
        add(link, true);
        rest = &from[link.len()..];
    }
    add(rest, false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text_become_links() {
        let shown = |text: &str| {
            let piece = |piece: DemoPiece| if piece.url.is_some() { format!("[{}]", piece.text) } else { piece.text };
            pieces(text).into_iter().map(piece).collect::<String>()
        };
        assert_eq!(shown("See https://a.example/b?c=d.\nBye"), "See [https://a.example/b?c=d].\nBye");
        assert_eq!(shown("（http://127.0.0.1:1/、http://b）"), "（[http://127.0.0.1:1/]、[http://b]）");
        assert_eq!(shown("<https://a.example/\"onclick=\">"), "<[https://a.example/]\"onclick=\">");
        assert_eq!(shown("javascript:alert(1)"), "javascript:alert(1)");
        assert_eq!(shown(""), "");
    }
}
