//! Finding out how a file is encoded. Files from spreadsheets come with a byte order mark, in UTF-16, or, in Japan, in
//! Shift_JIS.

use std::borrow::Cow;

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};

/// Returns the file as text, and the name of its encoding. `None` if it is no text of any kind we know.
pub(super) fn decoded(file: &[u8]) -> Option<(Cow<'_, str>, &'static str)> {
    if let Some((encoding, mark)) = Encoding::for_bom(file) {
        let text = encoding.decode_without_bom_handling_and_without_replacement(&file[mark..])?;
        return Some((text, encoding.name()));
    }
    [UTF_8, SHIFT_JIS].into_iter().find_map(|encoding| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(file)?;
        // A picture or a spreadsheet's own format can pass for Shift_JIS; no text has this in it.
        (!text.contains('\0')).then_some((text, encoding.name()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_spreadsheets_write_them() {
        assert_eq!(decoded(b"a@b.jp").unwrap(), ("a@b.jp".into(), "UTF-8"));
        assert_eq!(decoded(b"\xef\xbb\xbfa@b.jp").unwrap(), ("a@b.jp".into(), "UTF-8"));
        assert_eq!(decoded(b"\xff\xfea\0@\0").unwrap(), ("a@".into(), "UTF-16LE"));
        let (sjis, _, _) = SHIFT_JIS.encode("メールアドレス");
        assert_eq!(decoded(&sjis).unwrap(), ("メールアドレス".into(), "Shift_JIS"));
        assert!(decoded(b"PK\x03\x04\0\0\xff\xff").is_none());
    }
}
