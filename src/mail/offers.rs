//! What a relay offers in its reply to EHLO.

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
    /// Reads the reply to EHLO; its first line is the relay's name.
    pub(super) fn read(reply: &WireReply) -> Self {
        let mut offers = Self::default();
        for line in reply.lines.iter().skip(1) {
            // Some say AUTH=PLAIN, as a draft of long ago did.
            let line = line.to_ascii_uppercase().replace('=', " ");
            let mut words = line.split_whitespace();
            match words.next() {
                Some("STARTTLS") => offers.starttls = true,
                Some("PIPELINING") => offers.pipelining = true,
                Some("SMTPUTF8") => offers.smtputf8 = true,
                Some("AUTH") => {
                    for mechanism in words {
                        offers.plain |= mechanism == "PLAIN";
                        offers.login |= mechanism == "LOGIN";
                    }
                }
                _ => {}
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
    }
}
