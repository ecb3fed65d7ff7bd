//! What a relay offers in its reply to EHLO.

use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, EXT_AUTH, EXT_PIPELINING, EXT_SMTP_UTF8, EXT_START_TLS, EhloResponse};

use super::reply::WireReply;

/// What of the EHLO reply matters to us.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Offers {
    pub(super) starttls: bool,
    pub(super) smtputf8: bool,
    pub(super) pipelining: bool,
    pub(super) plain: bool,
    pub(super) login: bool,
}

impl Offers {
    /// Reads the reply to EHLO; its first line is the relay's name. Each line is read by itself, so that one the parser
    /// does not take hides no other.
    pub(super) fn read(reply: &WireReply) -> Self {
        let mut offers = Self::default();
        for line in reply.lines.iter().skip(1) {
            // Some say AUTH=PLAIN, as a draft of long ago did.
            let line = match line.split_at_checked(5) {
                Some((word, mechanisms)) if word.eq_ignore_ascii_case("AUTH=") => format!("AUTH {mechanisms}"),
                _ => line.clone(),
            };
            let alone = format!("250-relay\r\n250 {line}\r\n");
            let Ok(read) = EhloResponse::parse(&mut alone.as_bytes().iter()) else { continue };
            offers.starttls |= read.has_capability(EXT_START_TLS);
            offers.pipelining |= read.has_capability(EXT_PIPELINING);
            offers.smtputf8 |= read.has_capability(EXT_SMTP_UTF8);
            if read.has_capability(EXT_AUTH) {
                offers.plain |= read.auth() & AUTH_PLAIN != 0;
                offers.login |= read.auth() & AUTH_LOGIN != 0;
            }
        }
        offers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_read_from_the_second_line_on() {
        let reply = |lines: &[&str]| WireReply { code: 250, lines: lines.iter().map(|l| (*l).to_owned()).collect() };
        assert_eq!(Offers::read(&reply(&["STARTTLS", "size 1000"])), Offers::default());
        assert_eq!(
            Offers::read(&reply(&["relay", "StartTLS", "AUTH LOGIN XOAUTH2", "AUTH=PLAIN", "SMTPUTF8", "PIPELINING"])),
            Offers { starttls: true, smtputf8: true, pipelining: true, plain: true, login: true }
        );
        let odd =
            ["relay", "", "SIZE=many", "ÜBUNG", "AUTH", "250 STARTTLS", "PIPELINING now please", "auth plain Login"];
        assert_eq!(
            Offers::read(&reply(&odd)),
            Offers { pipelining: true, plain: true, login: true, ..Offers::default() }
        );
    }
}
