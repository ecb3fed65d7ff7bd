//! The content of a message on its way: what may travel, and the dots.

use std::fmt::{self, Display};

/// Returns whether the bytes can travel: a lone CR or LF could be taken for a line end by the next server and not by
/// us, which is how a message is smuggled inside another.
fn sound(message: &[u8]) -> Result<(), &'static str> {
    let mut start = 0;
    for at in memchr::memchr2_iter(b'\r', b'\n', message) {
        match message[at] {
            b'\n' if at == 0 || message[at - 1] != b'\r' => return Err("the message has a lone LF"),
            b'\r' if message.get(at + 1) != Some(&b'\n') => return Err("the message has a lone CR"),
            b'\r' if at - start > MAX_LINE => return Err(TOO_LONG),
            b'\n' => start = at + 1,
            _ => {}
        }
    }
    if message.len() - start > MAX_LINE {
        return Err(TOO_LONG);
    }
    if memchr::memchr(0, message).is_some() { Err("the message has a NUL") } else { Ok(()) }
}

/// RFC 5321 §4.5.3.1.6, the line end not counted.
const MAX_LINE: usize = 998;
const TOO_LONG: &str = "the message has a line over 998 octets";

/// The content as it travels: a dot before each dot that begins a line, and one that ends it all (RFC 5321 §4.5.2).
/// lettre would look at each byte for that, which was nearly a quarter of what a message cost.
pub(super) struct Content<'a>(&'a str);

impl<'a> Content<'a> {
    /// Returns a message as content, or why it must not travel: what has a lone CR or LF could be read as two messages
    /// further on.
    pub(super) fn new(message: &'a [u8]) -> Result<Self, &'static str> {
        sound(message)?;
        str::from_utf8(message).map(Self).map_err(|_| "the message is not UTF-8")
    }
}

impl Display for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut from = 0;
        if self.0.starts_with('.') {
            f.write_str(".")?;
        }
        for at in memchr::memmem::find_iter(self.0.as_bytes(), b"\n.") {
            f.write_str(&self.0[from..=at])?;
            f.write_str(".")?;
            from = at + 1;
        }
        f.write_str(&self.0[from..])?;
        f.write_str(if self.0.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_at_the_beginning_of_a_line_are_doubled() {
        for (content, travels) in [
            ("", "\r\n.\r\n"),
            ("a\r\n", "a\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            (".", "..\r\n.\r\n"),
            (".\r\n.\r\n", "..\r\n..\r\n.\r\n"),
            ("a.\r\n..b\r\n.c", "a.\r\n...b\r\n..c\r\n.\r\n"),
        ] {
            assert_eq!(Content(content).to_string(), travels);
        }
    }

    #[test]
    fn unsound_messages_do_not_travel() {
        assert_eq!(sound(b"Subject: x\r\n\r\n.\r\n"), Ok(()));
        assert_eq!(sound(&[&[b'x'; 998][..], b"\r\n"].concat()), Ok(()));
        for bytes in [&b"a\nb"[..], b"\n", b"a\rb", b"a\r", b"a\0b", &[b'x'; 999]] {
            assert!(sound(bytes).is_err(), "{bytes:?}");
        }
    }
}
