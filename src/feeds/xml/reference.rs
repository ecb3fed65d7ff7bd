//! References: `&amp;`, `&#x65e5;`, and the ampersands that are none.

/// Appends text so that each `&` begins a reference the parser accepts.
pub(super) fn push_with_sound_references(out: &mut String, text: &str) {
    let mut parts = text.split('&');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let reference = part.split_once(';').filter(|(name, _)| (1..=32).contains(&name.len()));
        match reference {
            Some((name, _)) if name.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                out.push('&');
                out.push_str(part);
            }
            // A number that names no character is not text.
            Some((name, after)) if name.starts_with('#') => {
                match character(&name[1..]) {
                    Some('<') => out.push_str("&lt;"),
                    Some('&') => out.push_str("&amp;"),
                    Some(c) => out.push(c),
                    None => {}
                }
                out.push_str(after);
            }
            _ => {
                out.push_str("&amp;");
                out.push_str(part);
            }
        }
    }
}

fn character(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    code.ok().and_then(char::from_u32).filter(|c| *c != '\0')
}
