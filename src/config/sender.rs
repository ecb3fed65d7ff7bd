//! `[sender]`: who the letters are from. Japan's 特定電子メール法 (Art. 4) wants the name, the postal address and a
//! contact in every mail, so nothing is sent until they are set.

use crate::domain::address::{AddressError, EmailAddress};

use super::error::{Place, Problem};
use super::reader::Table;

/// Who the letters are from. A text nobody set is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SenderConfig {
    /// The name readers see.
    pub name: String,
    /// The address in `From:`, which is also the envelope sender, in wire form.
    pub email: String,
    /// Where answers go, if not to the sender, in wire form.
    pub reply_to: Option<String>,
    /// The postal address shown in every mail; it may have several lines.
    pub postal_address: String,
    /// Where complaints go: a telephone number, a mail address or a URL.
    pub contact: String,
    /// A mail address that unsubscribes, beside the link (RFC 2369), in wire form.
    pub unsubscribe_mailto: Option<String>,
}

impl SenderConfig {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let config = Self {
            name: table.text("name").unwrap_or_default(),
            email: table.parsed("email", wire).unwrap_or_default(),
            reply_to: table.parsed("reply_to", wire),
            postal_address: table.paragraph("postal_address").unwrap_or_default(),
            contact: table.text("contact").unwrap_or_default(),
            unsubscribe_mailto: table.parsed("unsubscribe_mailto", wire),
        };
        table.finish();
        config
    }
}

fn wire(text: &str) -> Result<String, String> {
    EmailAddress::parse_mailbox(text).map(|address| address.wire()).map_err(|error| explained(&error))
}

/// The operator may see the address that was meant: it is their own.
fn explained(error: &AddressError) -> String {
    match error.suggestion() {
        Some(suggestion) => format!("{error}; did you mean {suggestion}?"),
        None => error.to_string(),
    }
}

/// Returns what must be set before anything is sent.
pub(super) fn missing(sender: &SenderConfig) -> Vec<Problem> {
    const LAW: &str = "every mail must show it (特定電子メール法 Art. 4)";
    [
        ("name", &sender.name, LAW),
        ("email", &sender.email, "mail has to come from somewhere"),
        ("postal_address", &sender.postal_address, LAW),
        ("contact", &sender.contact, LAW),
    ]
    .into_iter()
    .filter(|(_, value, _)| value.is_empty())
    .map(|(key, _, why)| Problem {
        place: Place::Nowhere,
        key: format!("sender.{key}"),
        message: format!("this key must be set before mail is sent: {why}"),
    })
    .collect()
}
