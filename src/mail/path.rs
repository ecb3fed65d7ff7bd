//! An address as it may stand in an SMTP command and in a header.

use std::fmt;

use super::encode::is_atext;

/// RFC 5321 §4.5.3.1.1 and §4.5.3.1.2.
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;

/// An address that cannot end a command or a header early, whatever it says.
///
/// Made from the wire form of an address. The last guard, not the first: what people may type is decided in the
/// domain. A local part with odd dots that was not quoted is quoted; a domain that is not ASCII becomes A-labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    text: String,
}

/// The address cannot be written down in SMTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address cannot be written in SMTP")]
pub(super) struct BadPath;

impl Path {
    pub(super) fn parse(address: &str) -> Result<Self, BadPath> {
        if address.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
            return Err(BadPath);
        }
        let (local, domain) = address.rsplit_once('@').ok_or(BadPath)?;
        let local = local_part(local)?;
        let domain = domain_part(domain)?;
        if local.len() > MAX_LOCAL || domain.len() > MAX_DOMAIN {
            return Err(BadPath);
        }
        Ok(Self { text: format!("{local}@{domain}") })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether the relay must know SMTPUTF8 to take it (RFC 6531).
    pub(super) fn needs_smtputf8(&self) -> bool {
        !self.text.is_ascii()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn local_part(local: &str) -> Result<String, BadPath> {
    if let Some(quoted) = local.strip_prefix('"') {
        let inside = quoted.strip_suffix('"').ok_or(BadPath)?;
        let mut escaped = false;
        for c in inside.chars() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return Err(BadPath),
                _ => {}
            }
        }
        return if escaped { Err(BadPath) } else { Ok(local.to_owned()) };
    }
    let letter = |c: char| if c.is_ascii() { is_atext(c as u8) } else { !c.is_whitespace() };
    if local.is_empty() || !local.chars().all(|c| c == '.' || letter(c)) {
        return Err(BadPath);
    }
    let odd_dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    Ok(if odd_dots { format!("\"{local}\"") } else { local.to_owned() })
}

fn domain_part(domain: &str) -> Result<String, BadPath> {
    if let Some(literal) = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']')) {
        let sound = !literal.is_empty() && literal.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-".contains(&b));
        return if sound { Ok(domain.to_owned()) } else { Err(BadPath) };
    }
    let domain =
        if domain.is_ascii() { domain.to_owned() } else { idna::domain_to_ascii(domain).map_err(|_| BadPath)? };
    let label = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if domain.split('.').all(label) { Ok(domain) } else { Err(BadPath) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(address: &str) -> Result<String, BadPath> {
        Path::parse(address).map(|p| p.to_string())
    }

    #[test]
    fn wire_forms_stay_as_they_are() {
        for address in [
            "a@example.jp",
            "\"a..b\"@docomo.ne.jp",
            "\"a.\"@docomo.ne.jp",
            "\"a \\\"b> x\"@example.jp",
            "-a--b-@docomo.ne.jp",
            "a/b@docomo.ne.jp",
            "x@localhost",
            "x@[127.0.0.1]",
            "x@xn--r8jz45g.jp",
        ] {
            assert_eq!(wire(address).as_deref(), Ok(address));
        }
    }

    #[test]
    fn odd_dots_are_quoted_and_domains_become_ascii() {
        assert_eq!(wire("a..b@docomo.ne.jp").as_deref(), Ok("\"a..b\"@docomo.ne.jp"));
        assert_eq!(wire("a.@ezweb.ne.jp").as_deref(), Ok("\"a.\"@ezweb.ne.jp"));
        assert_eq!(wire("x@例え.jp").as_deref(), Ok("x@xn--r8jz45g.jp"));
        assert!(Path::parse("利用者@例え.jp").is_ok_and(|p| p.needs_smtputf8()));
    }

    #[test]
    fn nothing_ends_a_command_early() {
        for address in [
            "a@b>\r\nRCPT TO:<x@y",
            "a@b\nDATA",
            "\"a\r\n\"@b.jp",
            "a@b SIZE=1",
            "a b@c.jp",
            "a>b@c.jp",
            "a@b>c.jp",
            "<a@b.jp>",
            "\"a@b.jp",
            "\"a\"b\"@c.jp",
            "\"a\\\"@c.jp",
            "a\u{2028}@c.jp",
            "a\u{3000}@c.jp",
            "a@c\u{85}.jp",
            "a\0@c.jp",
            "@c.jp",
            "a@",
            "a",
            "",
            "a@c..jp",
            "a@[1.2.3.4>]",
        ] {
            assert_eq!(wire(address), Err(BadPath), "{address:?}");
        }
        assert_eq!(wire(&format!("{}@c.jp", "x".repeat(65))), Err(BadPath));
    }
}
