//! One command line, understood.

use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, Error, Request};

/// The longest path taken (RFC 5321 §4.5.3.1.3 says 256; quoting may double a local part).
const MAX_PATH: usize = 384;

/// A command this server knows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Ehlo(String),
    Helo(String),
    StartTls,
    Auth(Mechanism, String),
    Mail { from: String, size: usize },
    Rcpt { to: String },
    Data,
    Rset,
    Noop,
    Quit,
    Vrfy,
    Help,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mechanism {
    Plain,
    Login,
}

/// Why a line is not a command: the reply it deserves.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault(pub(super) u16, pub(super) &'static str);

const UNKNOWN: Fault = Fault(500, "5.5.1 what is that?");
const SYNTAX: Fault = Fault(501, "5.5.4 that is not how this command is written");

impl Command {
    /// Understands `line`, which ends in CRLF.
    pub(super) fn parse(line: &[u8]) -> Result<Self, Fault> {
        let body = line.strip_suffix(b"\r\n").ok_or(Fault(500, "5.5.2 a line ends in CR LF"))?;
        if body.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Err(Fault(500, "5.5.2 a control character in a command"));
        }
        let text = std::str::from_utf8(body).map_err(|_| Fault(500, "5.5.2 a command is UTF-8"))?;
        match Request::parse(&mut line.iter()) {
            Ok(request) => Self::from_request(request.into_owned(), text),
            // The parser wants local parts to be dot-strings; Japanese carriers have handed out others, such as
            // a..b@ and a.@ for years. Whether they are welcome is not for this server to say.
            Err(Error::InvalidSenderAddress) => Ok(Self::Mail { from: path(text).ok_or(SYNTAX)?, size: 0 }),
            Err(Error::InvalidRecipientAddress) => Ok(Self::Rcpt { to: path(text).ok_or(SYNTAX)? }),
            Err(Error::UnknownCommand) => Err(UNKNOWN),
            Err(Error::UnsupportedParameter { .. }) => Err(Fault(555, "5.5.4 a parameter that was not offered")),
            Err(_) => Err(SYNTAX),
        }
    }

    fn from_request(request: Request<String>, line: &str) -> Result<Self, Fault> {
        Ok(match request {
            Request::Ehlo { host } => Self::Ehlo(host),
            Request::Helo { host } => Self::Helo(host),
            Request::StartTls => Self::StartTls,
            Request::Auth { mechanism: AUTH_PLAIN, initial_response } => Self::Auth(Mechanism::Plain, initial_response),
            Request::Auth { mechanism: AUTH_LOGIN, initial_response } => Self::Auth(Mechanism::Login, initial_response),
            Request::Auth { .. } => return Err(Fault(504, "5.5.4 PLAIN and LOGIN only")),
            // The parser takes the quotes off a quoted local part; the inbox wants the bytes as they came.
            Request::Mail { from } => Self::Mail { from: path(line).ok_or(SYNTAX)?, size: from.size },
            Request::Rcpt { .. } => Self::Rcpt { to: path(line).filter(|p| !p.is_empty()).ok_or(SYNTAX)? },
            Request::Data => Self::Data,
            Request::Rset => Self::Rset,
            Request::Noop { .. } => Self::Noop,
            Request::Quit => Self::Quit,
            Request::Vrfy { .. } => Self::Vrfy,
            Request::Help { .. } => Self::Help,
            _ => return Err(Fault(502, "5.5.1 not offered")),
        })
    }
}

/// Returns what stands between the first pair of angle brackets, a bracket inside quotes not counted.
fn path(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => {
                let path = &rest[..at];
                return (path.len() <= MAX_PATH && sound(path)).then(|| path.to_owned());
            }
            '<' | ' ' if !quoted => return None,
            _ if c.is_control() => return None,
            _ => {}
        }
    }
    None
}

fn sound(path: &str) -> bool {
    path.is_empty() || path.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

/// Returns the first word of a line in capitals, or `?` if it is not a word.
pub(super) fn verb(line: &[u8]) -> String {
    let word: Vec<u8> = line.iter().copied().take(12).take_while(u8::is_ascii_alphabetic).collect();
    if word.is_empty() { "?".into() } else { String::from_utf8_lossy(&word).to_ascii_uppercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rcpt(line: &str) -> Result<Command, Fault> {
        Command::parse(format!("RCPT TO:{line}\r\n").as_bytes())
    }

    #[test]
    fn recipients_keep_every_byte() {
        for path in [
            "a@example.jp",
            "a..b@docomo.ne.jp",
            "a.@docomo.ne.jp",
            ".a@ezweb.ne.jp",
            "\"a..b\"@docomo.ne.jp",
            "\"a b>\\\"c\"@example.jp",
            "利用者@example.jp",
            "-a--b-@docomo.ne.jp",
        ] {
            assert_eq!(rcpt(&format!("<{path}>")), Ok(Command::Rcpt { to: path.to_owned() }));
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for path in ["<>", "<a@b", "a@b", "<a@b> <c@d>", "<a b@c>", "<@b>", "<a@>", "<a<b@c>", "<a@b\u{1}>"] {
            assert!(rcpt(path).is_err(), "{path}");
        }
        assert!(Command::parse(b"RCPT TO:<a@b.example>\n").is_err());
        assert!(Command::parse(b"RCPT TO:<a@b.example>\r\r\n").is_err());
        assert!(Command::parse(b"RCPT TO:<\xff@b.example>\r\n").is_err());
    }

    #[test]
    fn a_sender_may_be_nobody_and_may_name_a_size() {
        assert_eq!(Command::parse(b"MAIL FROM:<>\r\n"), Ok(Command::Mail { from: String::new(), size: 0 }));
        assert_eq!(
            Command::parse(b"MAIL FROM:<a@example.jp> SIZE=12 BODY=8BITMIME SMTPUTF8\r\n"),
            Ok(Command::Mail { from: "a@example.jp".into(), size: 12 })
        );
    }

    #[test]
    fn a_verb_is_a_short_word() {
        assert_eq!(verb(b"mail FROM:<x>\r\n"), "MAIL");
        assert_eq!(verb(b"\x16\x03\x01"), "?");
    }
}
