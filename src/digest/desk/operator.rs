//! Whom the mails about issues go to.

use data_encoding::HEXLOWER;
use jiff::Timestamp;

use crate::clock::random_bytes;
use crate::digest::Digests;
use crate::domain::edition::Edition;
use crate::domain::issue::{Letter, LetterHead};
use crate::domain::language::Language;
use crate::render::{RenderedMail, date_long};
use crate::store::OperatorMail;

/// Who runs the installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operator {
    /// Their addresses, in wire form; without any, what they would be told is in the log.
    pub addresses: Vec<String>,
    /// The language they are written to in.
    pub language: Language,
}

impl Digests {
    /// Returns the service with somebody to tell.
    #[must_use]
    pub fn with_operator(mut self, operator: Operator) -> Self {
        self.operator = operator.into();
        self
    }

    /// Returns a rendered mail, addressed to the operator.
    pub(super) fn to_operator(&self, mail: RenderedMail, now: Timestamp) -> OperatorMail {
        let letter = Letter {
            language: self.operator.language,
            subject: mail.subject,
            text: mail.text,
            html: mail.html,
            splice_key: format!("kwb{}", HEXLOWER.encode(&random_bytes::<16>(&*self.clock))),
            head: LetterHead { list: None, ..self.imprint.head.clone() },
            date: now,
            variant: String::new(),
        };
        OperatorMail { letter, to: self.operator.addresses.clone() }
    }
}

/// Returns a moment on the wall of an edition: `Friday 27 November 2026, 08:00 (Asia/Tokyo)`.
pub(super) fn moment(language: Language, edition: &Edition, at: Timestamp) -> String {
    let there = edition.schedule.zone().to_datetime(at);
    let day = date_long(language, there.date());
    let (hour, minute, zone) = (there.hour(), there.minute(), edition.schedule.timezone_name());
    match language {
        Language::En => format!("{day}, {hour:02}:{minute:02} ({zone})"),
        Language::Ja => format!("{day}{hour:02}:{minute:02}（{zone}）"),
    }
}
