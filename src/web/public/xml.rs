//! Text inside XML 1.0.

/// Returns `text` as it stands in an element or a quoted attribute, without the characters XML 1.0 has no way to write
/// (§2.2: controls, U+FFFE and U+FFFF), those that are discouraged (C1), and those that turn the direction of a line.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in crate::render::without_controls(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            // Not only after "]]", where it must be.
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // A parser would make spaces of them in an attribute.
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            // The last two of every plane are no characters.
            c if u32::from(c) & 0xfffe == 0xfffe => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_write_is_left_out_and_the_rest_is_escaped() {
        assert_eq!(escape("a\0b\u{b}c\u{1f}d\u{7f}e\u{85}f\u{fffe}g\u{ffff}h\u{1ffff}i\u{202e}j"), "abcdefghij");
        assert_eq!(
            escape("<a href='x' b=\"y\">&]]>\n\t日本"),
            "&lt;a href=&apos;x&apos; b=&quot;y&quot;&gt;&amp;]]&gt;&#10;&#9;日本"
        );
    }
}
