//! DKIM (RFC 6376): a finished message gets the fields that prove whose it is.
//!
//! What is signed, and in which words, is decided here (`field`); canonical forms, hashes and signatures come from
//! mail-auth on aws-lc-rs. Its own `sign` is not used: it takes `t=` from the clock, and a retry must have the same bytes. With
//! `t=` given they are the same: PKCS#1 v1.5 (RFC 8017 §8.2) and Ed25519 (RFC 8032 §5.1.6) draw nothing at random.

mod body;
mod field;
mod key;
mod make;
mod record;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;
use mail_auth::dkim::Canonicalization;

use crate::config::{DkimConfig, DkimKeyConfig};
use field::Field;
use key::Key;

pub use key::{Algorithm, MIN_RSA_BITS};
pub use make::generate;
pub use record::DkimRecord;

/// Why there is no signature. Never with a key or a message in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DkimError {
    /// A key that cannot be used.
    #[error("{setting}: {why}")]
    Key {
        /// The key of the configuration, in full.
        setting: String,
        /// What is wrong and what is allowed.
        why: String,
    },
    /// What was to be signed has no header and body.
    #[error("not a message that can be signed: its header has no end")]
    NoMessage,
    /// The library failed.
    #[error("the signature could not be made: {0}")]
    Signing(String),
}

/// The keys mail is signed with, ready for use by any number of tasks.
pub struct Dkim {
    domain: String,
    oversign: bool,
    keys: Vec<Key>,
}

impl Dkim {
    /// Returns the keys of `config`: the RSA key first, because some verifiers stop at the first signature, and the
    /// Ed25519 key behind it, if there is one.
    ///
    /// # Errors
    /// [`DkimError::Key`] with the setting that is wrong.
    pub fn load(config: &DkimConfig) -> Result<Self, DkimError> {
        let load = |from: &DkimKeyConfig, algorithm| {
            Key::from_pem(algorithm, &from.selector, &from.pem)
                .map_err(|why| DkimError::Key { setting: from.setting.to_owned(), why })
        };
        let mut keys = vec![load(&config.rsa, Algorithm::Rsa)?];
        if let Some(second) = &config.ed25519 {
            keys.push(load(second, Algorithm::Ed25519)?);
        }
        Ok(Self { domain: config.domain.clone(), oversign: config.oversign, keys })
    }

    /// Returns the DKIM-Signature fields of `message`, one a key, each with its CRLF, to be put in front of it.
    ///
    /// `message` has to be finished, with CRLF line ends. `at` becomes `t=`, in whole seconds: give the letter's date,
    /// and a retry has the same bytes.
    ///
    /// # Errors
    /// [`DkimError::NoMessage`] without an empty line behind the header, and [`DkimError::Signing`].
    pub fn fields(&self, message: &[u8], at: Timestamp) -> Result<Vec<u8>, DkimError> {
        let (head, body) = body::split(message).ok_or(DkimError::NoMessage)?;
        let body_hash = body::relaxed_hash(body);
        let signed = field::chosen(head, self.oversign);

        let mut canonical_head = Vec::with_capacity(head.len());
        let present = signed.iter().filter_map(|(name, value)| value.map(|value| (name.as_bytes(), value)));
        Canonicalization::Relaxed.canonicalize_headers(present, &mut canonical_head);

        let mut fields = Vec::with_capacity(self.keys.len() * 1024);
        for key in &self.keys {
            let mut field = Field::new(key.algorithm, &self.domain, &key.selector, at);
            field.names(signed.iter().map(|(name, _)| *name));
            field.body_hash(&body_hash);
            // The field that is being made is the last one hashed, without its signature and its line end (§3.7).
            let mut data = canonical_head.clone();
            let own = [(field::NAME.as_bytes(), field.value().as_bytes())];
            Canonicalization::Relaxed.canonicalize_headers(own.into_iter(), &mut data);
            let signature = key.sign(&data).map_err(DkimError::Signing)?;
            fields.extend_from_slice(field.finished(&signature).as_bytes());
        }
        Ok(fields)
    }

    /// Returns `message` with its signatures in front.
    ///
    /// # Errors
    /// As [`Self::fields`].
    pub fn signed(&self, message: &[u8], at: Timestamp) -> Result<Vec<u8>, DkimError> {
        let mut signed = self.fields(message, at)?;
        signed.extend_from_slice(message);
        Ok(signed)
    }

    /// Returns the domain the signatures are for.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Returns the DNS records a verifier needs, one a key, in the order of the signatures.
    pub fn records(&self) -> Vec<DkimRecord> {
        self.keys.iter().map(|key| key.record(&self.domain)).collect()
    }
}

impl fmt::Debug for Dkim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let selectors: Vec<&str> = self.keys.iter().map(|key| key.selector.as_str()).collect();
        f.debug_struct("Dkim").field("domain", &self.domain).field("selectors", &selectors).finish_non_exhaustive()
    }
}
