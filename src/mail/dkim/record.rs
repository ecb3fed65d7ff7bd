//! What has to stand in the DNS.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::key::Algorithm;

/// The octets a string of a TXT record holds (RFC 1035 §3.3.14).
const STRING: usize = 255;

/// The TXT record that publishes a key (RFC 6376 §3.6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimRecord {
    /// What kind of key it is.
    pub algorithm: Algorithm,
    /// The selector.
    pub selector: String,
    /// The bits of the key.
    pub bits: usize,
    /// Its name in full, without the last dot.
    pub name: String,
    /// Its value, in one piece.
    pub value: String,
}

impl DkimRecord {
    pub(super) fn new(algorithm: Algorithm, selector: &str, domain: &str, public: &[u8], bits: usize) -> Self {
        Self {
            algorithm,
            selector: selector.to_owned(),
            bits,
            name: format!("{selector}._domainkey.{domain}"),
            value: format!("v=DKIM1; k={}; p={}", algorithm.as_str(), STANDARD.encode(public)),
        }
    }

    /// Returns the value in the strings a TXT record is made of. A verifier puts them together without spaces.
    pub fn strings(&self) -> Vec<&str> {
        let mut strings = Vec::new();
        let mut rest = self.value.as_str();
        while !rest.is_empty() {
            // All of it is ASCII, so every place is one to cut at.
            let (string, after) = rest.split_at(STRING.min(rest.len()));
            strings.push(string);
            rest = after;
        }
        strings
    }

    /// Returns the record as a line of a zone file (RFC 1035 §5.1).
    pub fn zone_line(&self) -> String {
        let strings: Vec<String> = self.strings().into_iter().map(|string| format!("\"{string}\"")).collect();
        format!("{}. IN TXT ( {} )", self.name, strings.join(" "))
    }
}
