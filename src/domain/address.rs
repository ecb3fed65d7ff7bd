//! E-mail addresses: which we take, how they go on the wire, and when two of them are the same.
//!
//! The rules are RFC 5321's, with two departures. Japanese carriers gave out addresses with dots where no dot may be
//! (`a..b@docomo.ne.jp`, `a.@ezweb.ne.jp`); these are taken for the carriers concerned, kept as typed, and quoted on
//! the wire, which makes them legal. And an address that only looks right (full-width letters, an invisible space)
//! is refused with the address that was probably meant: guessing silently would mail a stranger.
//!
//! Neither the errors nor the `Debug` output of anything here contains an address, so that none reaches a log.

mod error;
mod suggest;
#[cfg(test)]
mod tests;

use std::fmt;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;

pub use error::{AddressError, AddressProblem, DomainProblem, LocalProblem};

/// RFC 5321 §4.5.3.1.1.
const MAX_LOCAL_BYTES: usize = 64;
/// RFC 5321 §4.5.3.1.2 says 255; the DNS itself holds 253 characters (RFC 1035 §2.3.4, written out).
const MAX_DOMAIN_BYTES: usize = 253;
/// RFC 5321 §4.5.3.1.3 allows a path of 256, angle brackets included.
const MAX_BYTES: usize = 254;
/// Nothing longer is looked at: it is no address, and a suggestion would not help.
const MAX_INPUT_BYTES: usize = 1024;

/// The carriers that gave out addresses with dots in odd places, before 2009 and 2014.
const ODD_DOT_CARRIERS: [&str; 5] = ["docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp"];

/// Mailboxes that belong to whoever runs the domain (RFC 2142) and never to a reader: signing them up is abuse.
const BLOCKED_ROLES: [&str; 3] = ["abuse", "postmaster", "mailer-daemon"];

/// A valid address.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    /// As typed, quotes included.
    typed_local: String,
    /// What the quotes stand around.
    local: String,
    /// In lower-case A-labels.
    domain: String,
}

impl EmailAddress {
    /// Returns the address in `text` if a reader may subscribe with it.
    ///
    /// # Errors
    /// As [`Self::parse_mailbox`], and [`AddressProblem::RoleBlocked`] for the mailboxes of RFC 2142 that are not a
    /// reader's.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let address = Self::parse_mailbox(text)?;
        let mailbox = address.local.split('+').next().unwrap_or_default();
        if BLOCKED_ROLES.iter().any(|role| role.eq_ignore_ascii_case(mailbox)) {
            return Err(AddressProblem::RoleBlocked.into());
        }
        Ok(address)
    }

    /// Returns the address in `text`, whoever's it is: for the operator's own addresses.
    ///
    /// # Errors
    /// [`AddressError`] says what is wrong, and what was probably meant.
    pub fn parse_mailbox(text: &str) -> Result<Self, AddressError> {
        Self::parse_strictly(text)
            .map_err(|problem| AddressError::new(problem, suggest::suggestion(text, &Self::parse_strictly)))
    }

    fn parse_strictly(text: &str) -> Result<Self, AddressProblem> {
        // Spaces around an address come from copying; nothing else is trimmed, a line end least of all.
        let text = text.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Err(AddressProblem::Empty);
        }
        if text.len() > MAX_INPUT_BYTES {
            return Err(AddressProblem::TooLong);
        }
        if text.chars().any(is_invisible) {
            return Err(AddressProblem::ControlCharacter);
        }
        let (typed_local, domain) = split(text)?;
        let domain = parse_domain(domain)?;
        let local = parse_local(typed_local, &domain)?;
        let address = Self { typed_local: typed_local.to_owned(), local, domain };
        if address.wire_local().len() > MAX_LOCAL_BYTES {
            return Err(AddressProblem::Local { reason: LocalProblem::TooLong });
        }
        if address.wire().len() > MAX_BYTES {
            return Err(AddressProblem::TooLong);
        }
        Ok(address)
    }

    /// Returns the address as it was typed, trimmed, its domain in lower-case A-labels.
    pub fn as_typed(&self) -> String {
        format!("{}@{}", self.typed_local, self.domain)
    }

    /// Returns the address as it goes into `RCPT TO` and `To:`, its local part quoted where RFC 5321 needs it.
    pub fn wire(&self) -> String {
        format!("{}@{}", self.wire_local(), self.domain)
    }

    /// Returns what two addresses of one mailbox have in common; look-ups go by it.
    ///
    /// Strictly, only the receiving host may say that two local parts differing in case are one. No large provider
    /// tells them apart, and people do not either.
    pub fn key(&self) -> String {
        let mut key = if is_atoms_and_dots(&self.local) { self.local.clone() } else { quoted(&self.local) };
        key.make_ascii_lowercase();
        format!("{key}@{}", self.domain)
    }

    /// Returns the domain in lower-case A-labels.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    fn wire_local(&self) -> String {
        if is_dot_atom(&self.local) { self.local.clone() } else { quoted(&self.local) }
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress(…@{})", self.domain)
    }
}

/// Splits at the `@` that follows the closing quote, or else at the last one.
fn split(text: &str) -> Result<(&str, &str), AddressProblem> {
    let Some(rest) = text.strip_prefix('"') else {
        return text.rsplit_once('@').ok_or(AddressProblem::NoAt);
    };
    let quoting = AddressProblem::Local { reason: LocalProblem::Quoting };
    let mut escaped = false;
    let end = rest
        .char_indices()
        .find_map(|(index, c)| match c {
            _ if escaped => {
                escaped = false;
                None
            }
            '\\' => {
                escaped = true;
                None
            }
            '"' => Some(index + 2),
            _ => None,
        })
        .ok_or(quoting.clone())?;
    let (local, rest) = text.split_at(end);
    match rest.strip_prefix('@') {
        Some(domain) => Ok((local, domain)),
        None if rest.contains('@') => Err(quoting),
        None => Err(AddressProblem::NoAt),
    }
}

/// Returns the content of the local part `typed`.
fn parse_local(typed: &str, domain: &str) -> Result<String, AddressProblem> {
    let problem = |reason| AddressProblem::Local { reason };
    if !typed.is_ascii() {
        return Err(AddressProblem::NotAscii);
    }
    if let Some(inner) = typed.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        // `split` has seen to it that no quote inside is bare and that no backslash stands alone.
        let mut chars = inner.chars();
        let mut content = String::with_capacity(inner.len());
        while let Some(c) = chars.next() {
            content.push(if c == '\\' { chars.next().ok_or(problem(LocalProblem::Quoting))? } else { c });
        }
        return if content.is_empty() { Err(problem(LocalProblem::Empty)) } else { Ok(content) };
    }
    if typed.is_empty() {
        return Err(problem(LocalProblem::Empty));
    }
    if let Some(character) = typed.chars().find(|c| !is_atom_character(*c) && *c != '.') {
        return Err(problem(LocalProblem::Character(character)));
    }
    let odd_dots_known = ODD_DOT_CARRIERS.contains(&domain) && typed.contains(|c| c != '.');
    if !is_dot_atom(typed) && !odd_dots_known {
        return Err(problem(LocalProblem::Dots));
    }
    Ok(typed.to_owned())
}

/// Returns `typed` in lower-case A-labels.
fn parse_domain(typed: &str) -> Result<String, AddressProblem> {
    let problem = |reason| AddressProblem::Domain { reason };
    if typed.is_empty() {
        return Err(problem(DomainProblem::Empty));
    }
    if typed.starts_with('[') {
        return Err(problem(DomainProblem::IpLiteral));
    }
    if let Some(character) = typed.chars().find(|c| is_ascii_but_not_in_a_host_name(*c) || c.is_whitespace()) {
        return Err(problem(DomainProblem::Character(character)));
    }
    // UTS 46 would map these to ASCII without a word.
    if typed.chars().any(looks_like_ascii) {
        return Err(AddressProblem::NotAscii);
    }
    if typed.starts_with('.') || typed.ends_with('.') || typed.contains("..") {
        return Err(problem(DomainProblem::Dots));
    }
    let ascii = Uts46::new()
        .to_ascii(typed.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Ignore)
        .map_err(|_| problem(DomainProblem::Invalid))?;
    if ascii.len() > MAX_DOMAIN_BYTES {
        return Err(problem(DomainProblem::TooLong));
    }
    if ascii.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return Err(problem(DomainProblem::Invalid));
    }
    match ascii.rsplit_once('.') {
        None => Err(problem(DomainProblem::SingleLabel)),
        // No top-level domain is a number; this is an IPv4 address without its brackets.
        Some((_, top)) if top.bytes().all(|b| b.is_ascii_digit()) => Err(problem(DomainProblem::IpLiteral)),
        Some(_) => Ok(ascii.into_owned()),
    }
}

/// `atext` of RFC 5322 §3.2.3.
fn is_atom_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character))
}

fn is_atoms_and_dots(local: &str) -> bool {
    local.contains(is_atom_character) && local.chars().all(|c| is_atom_character(c) || c == '.')
}

/// Writes `content` as a quoted string (RFC 5321 §4.1.2), escaping no more than must be.
fn quoted(content: &str) -> String {
    let mut out = String::with_capacity(content.len() + 2);
    out.push('"');
    for c in content.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

fn is_ascii_but_not_in_a_host_name(c: char) -> bool {
    c.is_ascii() && !(c.is_ascii_alphanumeric() || c == '-' || c == '.')
}

/// Full-width forms, circled letters and the like, and the ideographic full stops.
fn looks_like_ascii(c: char) -> bool {
    !c.is_ascii() && std::iter::once(c).nfkc().any(|n| n.is_ascii() || n == '。')
}

/// Control characters, line ends, and characters that have no width, change direction or cannot be seen.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}
