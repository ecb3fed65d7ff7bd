//! Telling the operator something that needs a hand.

use crate::digest::{DigestError, Digests};
use crate::render::{Notice, RenderError};
use crate::store::OperatorMail;

impl Digests {
    /// Puts a mail to the operator into the ledger. Where there is nobody to mail, it is in the log. It must be done
    /// only once by whoever calls it.
    ///
    /// # Errors
    /// [`DigestError::Store`] or [`DigestError::Render`].
    pub async fn notice(&self, subject: &str, lines: &[String]) -> Result<(), DigestError> {
        if self.operator.addresses.is_empty() {
            tracing::warn!("{subject}: {}", lines.join("; "));
            return Ok(());
        }
        let mail = self.notice_mail(subject, lines)?;
        Ok(self.store.queue_notice(&mail, self.clock.now()).await?)
    }

    pub(super) fn notice_mail(&self, subject: &str, lines: &[String]) -> Result<OperatorMail, RenderError> {
        let title = self.editions.first().map_or(&self.imprint.head.from_name, |edition| &edition.title);
        let notice = Notice {
            heading: subject.to_owned(),
            lines: lines.to_vec(),
            publication_title: title.clone(),
            sender: self.imprint.sender.clone(),
        };
        Ok(self.to_operator(self.templates.mail(self.operator.language, &notice)?, self.clock.now()))
    }
}
