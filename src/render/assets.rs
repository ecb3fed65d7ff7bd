//! The files pages fetch: the stylesheet and the icon.

use sha2::{Digest, Sha256};

/// The assets there are, and what they are.
pub(super) const NAMES: [(&str, &str); 2] = [("site.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml")];

/// A file served under `/assets/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// The content.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub content_type: &'static str,
    /// Its strong entity tag, quotes included.
    pub etag: String,
}

impl Asset {
    pub(super) fn new(bytes: Vec<u8>, content_type: &'static str) -> Self {
        // 64 bits tell the versions of one file apart.
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)[..8]);
        Self { bytes, content_type, etag: format!("\"{hash}\"") }
    }

    /// Returns the entity tag without its quotes, for a URL that changes with the content.
    pub fn version(&self) -> &str {
        self.etag.trim_matches('"')
    }
}
