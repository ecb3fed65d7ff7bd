//! The envelope of a message as SMTP says it (RFC 5321 §3.3).

use std::fmt::{self, Display};

use lettre::transport::smtp::commands::Data;

use super::path::Path;

/// From whom, to whom, and whether it takes SMTPUTF8 (RFC 6531) to say so. Written out, it is the pipelined group.
pub(super) struct Envelope {
    pub(super) from: Path,
    pub(super) to: Path,
    pub(super) smtputf8: bool,
}

/// MAIL, RCPT, DATA.
pub(super) const GROUP: usize = 3;

impl Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{Data}", MailFrom(self), RcptTo(&self.to))
    }
}

pub(super) struct MailFrom<'a>(pub(super) &'a Envelope);

impl Display for MailFrom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameter = if self.0.smtputf8 { " SMTPUTF8" } else { "" };
        write!(f, "MAIL FROM:<{}>{parameter}\r\n", self.0.from)
    }
}

pub(super) struct RcptTo<'a>(pub(super) &'a Path);

impl Display for RcptTo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RCPT TO:<{}>\r\n", self.0)
    }
}
