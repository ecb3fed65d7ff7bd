//! The address that was probably meant: what is left of a wrong one after undoing what keyboards, input methods and
//! clipboards do to addresses.

use unicode_normalization::UnicodeNormalization;

use super::{AddressProblem, EmailAddress, MAX_INPUT_BYTES, is_invisible};

/// Returns a valid address near `text`, if undoing the usual accidents leads to one. Dots are never removed from a
/// local part: where they are wrong, nobody can tell what was meant.
pub(super) fn suggestion(text: &str, parse: &dyn Fn(&str) -> Result<EmailAddress, AddressProblem>) -> Option<String> {
    if text.len() > MAX_INPUT_BYTES {
        return None;
    }
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    // A line end in the middle is an attack or two addresses; either way nothing to guess at.
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return None;
    }
    let plain: String = text.chars().filter(|c| !is_invisible(*c)).nfkc().collect();
    let plain = plain.trim();
    let (local, domain) = without_wrapping(plain).rsplit_once('@')?;
    let domain = domain.replace(['。', '、', ','], ".").split('.').map(str::trim).collect::<Vec<_>>().join(".");
    let candidate = format!("{}@{}", local.trim(), domain.trim_matches('.'));
    let address = parse(&candidate).ok()?;
    Some(address.as_typed())
}

/// Takes the address out of `Name <address>` and `mailto:address`.
fn without_wrapping(text: &str) -> &str {
    let inner = text.strip_suffix('>').and_then(|t| t.rsplit_once('<')).map_or(text, |(_, inner)| inner);
    match inner.split_at_checked(7) {
        Some((scheme, address)) if scheme.eq_ignore_ascii_case("mailto:") => address,
        _ => inner,
    }
}
