//! One reply of a relay, put together from what arrives.

use std::io;

use crate::domain::delivery::Reply;

/// How much of a line is kept. RFC 5321 §4.5.3.1.5 says 512; what is longer is cut, not refused.
const MAX_LINE: usize = 512;
/// A reply longer than this is not a reply (Postfix draws the line in the same region).
const MAX_REPLY: usize = 100_000;
/// More lines than any EHLO has.
const MAX_LINES: usize = 200;

/// A reply, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WireReply {
    pub(super) code: u16,
    /// Without code and line end; at least one.
    pub(super) lines: Vec<String>,
}

impl WireReply {
    /// Returns the reply as the ledger keeps it.
    pub(super) fn to_reply(&self) -> Reply {
        Reply::new(self.code, self.lines.join(" ").trim())
    }

    /// Returns the enhanced status code (RFC 3463), if the reply begins with one.
    pub(super) fn enhanced(&self) -> Option<&str> {
        let word = self.lines.first()?.split(' ').next()?;
        let mut parts = word.split('.');
        let number = |p: Option<&str>| p.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
        (number(parts.next()) && number(parts.next()) && number(parts.next()) && parts.next().is_none()).then_some(word)
    }

    /// Returns whether the reply makes sense before everything was said: a goodbye always, another "no" while content
    /// is on its way.
    pub(super) fn is_early_no(&self, in_content: bool) -> bool {
        self.code == 421 || (in_content && self.code >= 400)
    }

    /// Returns the reply in one line that lettre takes: codes that exist (it refuses a second digit over 5, but relays
    /// do say 571), ASCII, and never without a word, which it wants in EHLO.
    pub(super) fn for_lettre(&self) -> Vec<u8> {
        let code = if self.code / 10 % 10 > 5 { self.code / 100 * 100 + 50 } else { self.code };
        let first = self.lines.first().map(String::as_str).unwrap_or_default();
        let text: String = first.chars().filter(|c| (' '..='~').contains(c)).collect();
        format!("{code} {}\r\n", if text.trim().is_empty() { "-" } else { &text }).into_bytes()
    }
}

/// Puts replies together.
#[derive(Debug, Default)]
pub(super) struct ReplyReader {
    line: Vec<u8>,
    code: Option<u16>,
    lines: Vec<String>,
    total: usize,
}

impl ReplyReader {
    /// Takes what has arrived. Returns a reply if it is complete, and how many of the bytes belong to it.
    ///
    /// # Errors
    /// If this is no reply, or one without end.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<Option<(WireReply, usize)>> {
        for (at, byte) in bytes.iter().enumerate() {
            self.total += 1;
            if self.total > MAX_REPLY || self.lines.len() > MAX_LINES {
                return Err(garbage("its reply has no end"));
            }
            if *byte != b'\n' {
                if self.line.len() < MAX_LINE {
                    self.line.push(*byte);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            if self.end_line(&line)? {
                let reply = WireReply {
                    code: self.code.take().expect("a complete line has set the code"),
                    lines: std::mem::take(&mut self.lines),
                };
                self.total = 0;
                return Ok(Some((reply, at + 1)));
            }
        }
        Ok(None)
    }

    /// Takes a line. Returns whether it was the last of its reply.
    fn end_line(&mut self, line: &[u8]) -> io::Result<bool> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (code, rest) = line.split_at_checked(3).ok_or_else(|| garbage("that was no SMTP reply"))?;
        let code: u16 = std::str::from_utf8(code)
            .ok()
            .filter(|c| c.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|c| c.parse().ok())
            .filter(|c| (200..600).contains(c))
            .ok_or_else(|| garbage("that was no SMTP reply"))?;
        if *self.code.get_or_insert(code) != code {
            return Err(garbage("its reply has two codes"));
        }
        let last = match rest.first() {
            None | Some(b' ') => true,
            Some(b'-') => false,
            Some(_) => return Err(garbage("that was no SMTP reply")),
        };
        let text = String::from_utf8_lossy(rest.get(1..).unwrap_or_default());
        self.lines.push(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect());
        Ok(last)
    }
}

fn garbage(words: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(bytes: &[u8]) -> Option<(u16, Vec<String>, usize)> {
        ReplyReader::default().push(bytes).ok()?.map(|(r, used)| (r.code, r.lines, used))
    }

    #[test]
    fn replies_are_put_together_from_pieces() {
        let whole = b"250-relay.example at your service\r\n250-SIZE 1000\r\n250 SMTPUTF8\r\n";
        let mut reader = ReplyReader::default();
        for byte in &whole[..whole.len() - 1] {
            assert_eq!(reader.push(&[*byte]).unwrap(), None);
        }
        let (reply, used) = reader.push(b"\n").unwrap().unwrap();
        assert_eq!((reply.code, used), (250, 1));
        assert_eq!(reply.lines, ["relay.example at your service", "SIZE 1000", "SMTPUTF8"]);
    }

    #[test]
    fn what_follows_a_reply_is_not_part_of_it() {
        assert_eq!(one(b"250 ok\r\n250 ok\r\n"), Some((250, vec!["ok".into()], 8)));
        assert_eq!(one(b"354\r\n250 ok\r\n"), Some((354, vec![String::new()], 5)));
    }

    #[test]
    fn garbage_is_no_reply() {
        for bytes in [
            &b"hello\r\n"[..],
            b"25\r\n",
            b"650 x\r\n",
            b"150 x\r\n",
            b"250+x\r\n",
            b"250-a\r\n550 b\r\n",
            b"\xff\xff\xff\r\n",
        ] {
            assert!(ReplyReader::default().push(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn long_lines_are_cut_and_endless_replies_are_refused() {
        let long = [b"550 ".as_slice(), &vec![b'x'; 50_000], b"\r\n"].concat();
        let (code, lines, _) = one(&long).unwrap();
        assert_eq!((code, lines[0].len()), (550, MAX_LINE - 4));
        assert!(ReplyReader::default().push(&vec![b'2'; MAX_REPLY + 1]).is_err());
        assert!(ReplyReader::default().push("250-x\r\n".repeat(MAX_LINES + 2).as_bytes()).is_err());
    }

    #[test]
    fn what_is_not_utf8_is_mended() {
        assert_eq!(one(b"550 \xff\x1b[31m\r\n").unwrap().1, ["\u{fffd} [31m"]);
    }

    #[test]
    fn lettre_gets_one_line_it_understands() {
        let line =
            |code, text: &str| String::from_utf8(WireReply { code, lines: vec![text.into()] }.for_lettre()).unwrap();
        assert_eq!(line(571, "5.7.1 no"), "550 5.7.1 no\r\n");
        assert_eq!(line(250, ""), "250 -\r\n");
        assert_eq!(line(250, "漢字 x"), "250  x\r\n");
    }

    #[test]
    fn an_enhanced_code_is_three_numbers() {
        let of = |text: &str| WireReply { code: 550, lines: vec![text.to_owned()] }.enhanced().map(str::to_owned);
        assert_eq!(of("5.1.1 gone").as_deref(), Some("5.1.1"));
        assert_eq!(of("5.1 gone"), None);
        assert_eq!(of("gone 5.1.1"), None);
    }
}
