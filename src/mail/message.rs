//! The headers of one copy of a letter, and what text may stand in a body.

use jiff::{fmt::rfc2822, tz::TimeZone};

use super::{
    encode::{fold, named_field, text_field},
    form::splice,
    path::Path,
};
use crate::domain::issue::{Letter, ListHead};

/// The longest URL taken. RFC 5322 §2.1.1 allows a line 998 octets, and a URL cannot be folded.
const MAX_URL: usize = 900;
/// Why a letter cannot become a message. It names the field, not its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// An address is not one.
    #[error("{0}: not an address that can be written in a mail")]
    Address(&'static str),
    /// A field that must have a form does not have it.
    #[error("{0}: not in the form a mail needs")]
    Field(&'static str),
}

/// Returns a message id that is always the same for the same `unique` part, in angle brackets.
///
/// A copy sent twice then carries the same id twice, and whoever sorts the reader's mail can tell. Characters that an
/// id cannot have become `-`.
pub fn message_id(unique: &str, host: &str) -> String {
    let clean = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() || "._+=-".contains(c) { c } else { '-' }).collect()
    };
    format!("<{}@{}>", clean(unique), clean(host))
}

/// Returns the headers of the copy for `to_wire`, up to those of the body.
pub(super) fn headers(letter: &Letter, to_wire: &str, message_id: &str, token: &str) -> Result<String, ComposeError> {
    let splice = |text: &str| splice(letter, text, token);
    let address = |field, text: &str| Path::parse(text).map_err(|_| ComposeError::Address(field));
    let from = address("from", &letter.head.from_email)?;
    if from.needs_smtputf8() {
        return Err(ComposeError::Address("from"));
    }
    let mut head = named_field("From", &letter.head.from_name, from.as_str());
    head += &fold("To", &[address("to", to_wire)?.to_string()]);
    if let Some(reply_to) = &letter.head.reply_to {
        head += &fold("Reply-To", &[address("reply_to", reply_to)?.to_string()]);
    }
    head += &text_field("Subject", &splice(&letter.subject));
    let date =
        rfc2822::to_string(&letter.date.to_zoned_datetime(TimeZone::UTC)).map_err(|_| ComposeError::Field("date"))?;
    head += &fold("Date", &[date]);
    head += &fold("Message-ID", &[bracketed_id(message_id)?]);
    match &letter.head.list {
        Some(list) => head += &list_headers(list, splice)?,
        // RFC 3834 §5: nobody's holiday notice should answer.
        None => head += "Auto-Submitted: auto-generated\r\n",
    }
    head += "MIME-Version: 1.0\r\n";
    Ok(head)
}

fn list_headers(list: &ListHead, splice: impl Fn(&str) -> String) -> Result<String, ComposeError> {
    let id_like = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if list.id.is_empty() || list.id.len() > MAX_URL || !list.id.bytes().all(id_like) {
        return Err(ComposeError::Field("list id"));
    }
    let mut head = named_field("List-Id", &list.title, &list.id);

    // RFC 8058 §3.1: exactly one HTTPS URI; a mailto may stand beside it.
    let mut ways = vec![bracketed_url("list unsubscribe URL", &splice(&list.unsubscribe_url))?];
    if let Some(mailto) = &list.unsubscribe_mailto {
        let mailto = splice(mailto);
        let with_scheme = if mailto.starts_with("mailto:") { mailto } else { format!("mailto:{mailto}") };
        ways[0].push(',');
        ways.push(bracketed_url("list unsubscribe mailto", &with_scheme)?);
    }
    head += &fold("List-Unsubscribe", &ways);
    head += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    head += &fold("List-Archive", &[bracketed_url("list archive URL", &splice(&list.archive_url))?]);
    head += "List-Post: NO\r\n";
    Ok(head)
}

fn bracketed_url(field: &'static str, url: &str) -> Result<String, ComposeError> {
    let sound = !url.is_empty()
        && url.len() <= MAX_URL
        && url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"' | b','));
    if sound { Ok(format!("<{url}>")) } else { Err(ComposeError::Field(field)) }
}

fn bracketed_id(id: &str) -> Result<String, ComposeError> {
    let inside = id.strip_prefix('<').and_then(|i| i.strip_suffix('>')).unwrap_or(id);
    let sound = inside.len() <= MAX_URL
        && inside.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>'))
        && inside.split_once('@').is_some_and(|(l, r)| !l.is_empty() && !r.is_empty() && !r.contains('@'));
    if sound { Ok(format!("<{inside}>")) } else { Err(ComposeError::Field("message id")) }
}

/// Returns `text` with CRLF line ends and without control characters, which a mail cannot carry (RFC 2045 §2.7) and a
/// terminal should not get.
pub(super) fn body_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' | '\n' => {
                if c == '\r' && chars.peek() == Some(&'\n') {
                    chars.next();
                }
                out.push_str("\r\n");
            }
            '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
