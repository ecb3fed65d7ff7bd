//! A reader's eyes: waiting for mail, finding links in it, looking at its headers.

use std::sync::Arc;
use std::time::Duration;

use crate::mail::{ReadMail, read};
use crate::smtpd::MemoryInbox;

/// How often the inbox is looked into.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long a single thing is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was seen instead of what should have been, in words.
#[derive(Debug)]
pub(super) struct Seen(pub(super) String);

/// Asks until `look` sees something.
pub(super) async fn wait<T>(what: &str, mut look: impl AsyncFnMut() -> Result<Option<T>, Seen>) -> Result<T, Seen> {
    let looking = async {
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, looking).await;
    waited.unwrap_or_else(|_| Err(Seen(format!("{what} within {} s", PATIENCE.as_secs()))))
}

/// Returns the mails to `address`, oldest first.
pub(super) fn mails_to(inbox: &MemoryInbox, address: &str) -> Vec<ReadMail> {
    let theirs = |envelope: &crate::smtpd::Envelope| envelope.to.iter().any(|to| to == address);
    inbox.mails().iter().filter(|mail| theirs(&mail.envelope)).map(|mail| read(&mail.content)).collect()
}

/// Waits until `address` has so many mails, and returns the last of them.
pub(super) async fn wait_for_mail(inbox: &Arc<MemoryInbox>, address: &str, count: usize) -> Result<ReadMail, Seen> {
    let missing = format!("mail {count} to {address} did not arrive");
    wait(&missing, async || Ok(mails_to(inbox, address).into_iter().nth(count - 1))).await
}

/// Returns the link in `text` that begins with `start`.
pub(super) fn link<'a>(text: &'a str, start: &str) -> Result<&'a str, Seen> {
    let at = text.find(start).ok_or_else(|| Seen(format!("there is no link to {start}")))?;
    let link = &text[at..];
    Ok(&link[..link.find(|c: char| c.is_whitespace() || "<>\"&".contains(c)).unwrap_or(link.len())])
}

/// Returns the header `name`, which must be there once.
pub(super) fn header<'a>(mail: &'a ReadMail, name: &str) -> Result<&'a str, Seen> {
    let count = mail.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).count();
    match mail.header(name) {
        Some(value) if count == 1 => Ok(value),
        _ => Err(Seen(format!("the mail has {count} headers called {name}"))),
    }
}

/// Makes sure of something.
pub(super) fn check(holds: bool, otherwise: &str) -> Result<(), Seen> {
    if holds { Ok(()) } else { Err(Seen(otherwise.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_ends_where_the_text_goes_on() {
        let text = "Open\r\nhttp://127.0.0.1:1/confirm/v1.a_b-c\r\nand <http://127.0.0.1:1/issues>.";
        assert_eq!(link(text, "http://127.0.0.1:1/confirm/").unwrap(), "http://127.0.0.1:1/confirm/v1.a_b-c");
        assert_eq!(link(text, "http://127.0.0.1:1/issues").unwrap(), "http://127.0.0.1:1/issues");
        assert_eq!(link(text, "https://").unwrap_err().0, "there is no link to https://");
    }

    #[test]
    fn a_header_that_is_there_twice_is_not_trusted() {
        let mail = read(b"A: 1\r\nB: 2\r\nb: 3\r\n\r\n");
        assert_eq!(header(&mail, "a").unwrap(), "1");
        assert!(header(&mail, "B").is_err() && header(&mail, "C").is_err());
    }
}
