//! Where a page of a list ends and the next one begins.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::domain::ids::ArticleId;

/// Returns the cursor of the page that comes after this article. What is in it is nobody's concern, so that it may change.
pub(super) fn after(id: ArticleId) -> String {
    URL_SAFE_NO_PAD.encode(id.0.to_be_bytes())
}

/// Returns the article the page with this cursor comes after.
pub(super) fn read(cursor: &str) -> Option<ArticleId> {
    let bytes: [u8; 8] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
    Some(ArticleId(i64::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_no_other_text_is_one() {
        for id in [1, 4711, i64::MAX] {
            assert_eq!(read(&after(ArticleId(id))), Some(ArticleId(id)));
        }
        for bad in ["", "1", "AAAAAAAAAAE=", "AAAAAAAAAAEA", "\u{0}", "AAAAAAAAAAéE"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
