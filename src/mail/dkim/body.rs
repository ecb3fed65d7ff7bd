//! Where the header ends, and the hash of what is behind it.

use mail_auth::common::crypto::{HashContext, HashImpl, Sha256};
use mail_auth::dkim::Canonicalization;
use mail_auth::dkim::canonicalize::BodyHasher;

/// Returns the header of a message, with the line end of its last field, and its body; nothing if there is no empty
/// line between them.
pub(super) fn split(message: &[u8]) -> Option<(&[u8], &[u8])> {
    const EMPTY_LINE: &[u8] = b"\r\n\r\n";
    let end = message.windows(EMPTY_LINE.len()).position(|window| window == EMPTY_LINE)?;
    let (head, rest) = message.split_at(end + 2);
    Some((head, &rest[2..]))
}

/// Returns the SHA-256 of the body in its relaxed form (RFC 6376 §3.4.4).
///
/// mail-auth before 0.15 takes lines of nothing but white space at the end of a body for content. They are taken away
/// first, which changes nothing: the relaxed form drops white space at the end of lines, and then empty lines at the
/// end. Our own bodies end in the last boundary and have none.
pub(super) fn relaxed_hash(body: &[u8]) -> Vec<u8> {
    let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    let content = body.iter().rposition(|b| !blank(b)).map_or(0, |last| last + 1);
    let mut hasher = BodyHasher::new(Sha256::hasher(), Canonicalization::Relaxed, 0);
    hasher.write(&body[..content]);
    let (hasher, _) = hasher.finish();
    hasher.complete().as_ref().to_vec()
}
