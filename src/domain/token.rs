//! Signed tokens: what a link carries in the place of an address.
//!
//! `v1.<key>.<base64url(payload)>.<HMAC-SHA256, truncated to 128 bits>`. Each purpose has a key of its own, so that
//! a link made for one thing is never good for another. There is no address inside, and a token says nothing about
//! what has become of its subscriber since.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

type HmacSha256 = Hmac<Sha256>;

const VERSION: &str = "v1";
/// RFC 2104 §5: at least half the hash and no less than 80 bits.
const MAC_BYTES: usize = 16;
const PAYLOAD_BYTES: usize = 24;
/// No token of ours is longer; anything longer is refused before it is decoded.
const MAX_CHARS: usize = 90;

/// What stands in the place of a reader's own token in mails that are for looking at: it opens a page that says so.
pub const PREVIEW_TOKEN: &str = "preview";

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Confirming a sign-up.
    Confirm,
    /// Leaving, coming back from the goodbye page, and choosing what to take: whoever may stop all of it may stop a part.
    Unsubscribe,
    /// Letting a draft go out.
    Approve,
    /// Holding a draft back.
    Hold,
    /// Looking at a draft.
    OpenDraft,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [Self::Confirm, Self::Unsubscribe, Self::Approve, Self::Hold, Self::OpenDraft];

    const fn label(self) -> &'static str {
        match self {
            Self::Confirm => "kawaraban confirm",
            Self::Unsubscribe => "kawaraban unsubscribe",
            Self::Approve => "kawaraban approve",
            Self::Hold => "kawaraban hold",
            Self::OpenDraft => "kawaraban open draft",
        }
    }
}

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The subscriber's random name; for a draft, the fingerprint of what was shown of it.
    pub public_id: [u8; 16],
    /// For a confirmation, when it was made, in whole seconds; for an unsubscribe link, the row of the issue it
    /// stood in, or 0; for a draft, its row.
    pub context: i64,
}

impl Token {
    /// Returns a token for a sign-up made at `at`.
    pub fn confirm(public_id: [u8; 16], at: Timestamp) -> Self {
        Self { public_id, context: at.as_second() }
    }

    /// Returns a token that lets its bearer leave; `issue` is the row of the issue it stands in, or 0.
    pub fn unsubscribe(public_id: [u8; 16], issue: i64) -> Self {
        Self { public_id, context: issue }
    }

    /// Returns a token about the draft in the row `issue`, of which this was shown.
    pub fn draft(issue: i64, fingerprint: [u8; 16]) -> Self {
        Self { public_id: fingerprint, context: issue }
    }
}

/// The token is not one of ours, for this purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the link is not one of ours, or a part of it is missing")]
pub struct BadToken;

/// Signs and verifies tokens, and hashes addresses that must be recognised but not kept.
#[derive(Clone)]
pub struct Signer {
    /// The first one signs; all verify.
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    secret: SecretString,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|k| &k.id)).finish()
    }
}

impl Signer {
    /// Returns a signer that signs with `secret` and still verifies what any of `previous` signed.
    pub fn new(secret: &SecretString, previous: &[SecretString]) -> Self {
        let keys = std::iter::once(secret)
            .chain(previous)
            .map(|secret| {
                let name = mac(secret.expose_secret().as_bytes(), &[b"kawaraban key id"]);
                let id = data_encoding::HEXLOWER.encode(&name[..2]);
                Key { id, secret: secret.clone() }
            })
            .collect();
        Self { keys }
    }

    /// Returns the text of `token`, at most 90 characters, all safe in a URL.
    pub fn sign(&self, purpose: Purpose, token: &Token) -> String {
        let key = &self.keys[0];
        let mut payload = [0; PAYLOAD_BYTES];
        payload[..16].copy_from_slice(&token.public_id);
        payload[16..].copy_from_slice(&token.context.to_be_bytes());
        let signed = format!("{VERSION}.{}.{}", key.id, URL_SAFE_NO_PAD.encode(payload));
        let tag = tag(key, purpose, &signed);
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// Returns what the token says.
    ///
    /// # Errors
    /// [`BadToken`] if it was not signed by us for this purpose. Tags are compared in constant time.
    pub fn verify(&self, purpose: Purpose, text: &str) -> Result<Token, BadToken> {
        if text.len() > MAX_CHARS {
            return Err(BadToken);
        }
        let (signed, tag_text) = text.rsplit_once('.').ok_or(BadToken)?;
        let mut parts = signed.split('.');
        let (Some(VERSION), Some(key_id), Some(payload), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(BadToken);
        };
        let given = URL_SAFE_NO_PAD.decode(tag_text).map_err(|_| BadToken)?;
        if given.len() != MAC_BYTES {
            return Err(BadToken);
        }
        let genuine =
            self.keys.iter().filter(|key| key.id == key_id).any(|key| {
                keyed(&purpose_key(key, purpose), &[signed.as_bytes()]).verify_truncated_left(&given).is_ok()
            });
        if !genuine {
            return Err(BadToken);
        }
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| BadToken)?;
        let payload: [u8; PAYLOAD_BYTES] = payload.try_into().map_err(|_| BadToken)?;
        let mut public_id = [0; 16];
        let mut context = [0; 8];
        public_id.copy_from_slice(&payload[..16]);
        context.copy_from_slice(&payload[16..]);
        Ok(Token { public_id, context: i64::from_be_bytes(context) })
    }

    /// Returns the keyed hashes of an address key, newest secret first: what remains of someone who asked to be
    /// forgotten. Look for any of them, store the first.
    pub fn address_hashes(&self, address_key: &str) -> Vec<[u8; 32]> {
        self.keys
            .iter()
            .map(|k| mac(k.secret.expose_secret().as_bytes(), &[b"kawaraban address\0", address_key.as_bytes()]))
            .collect()
    }
}

fn purpose_key(key: &Key, purpose: Purpose) -> [u8; 32] {
    mac(key.secret.expose_secret().as_bytes(), &[purpose.label().as_bytes()])
}

fn tag(key: &Key, purpose: Purpose, signed: &str) -> [u8; MAC_BYTES] {
    let full = mac(&purpose_key(key, purpose), &[signed.as_bytes()]);
    let mut tag = [0; MAC_BYTES];
    tag.copy_from_slice(&full[..MAC_BYTES]);
    tag
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    keyed(key, parts).finalize().into_bytes().into()
}

fn keyed(key: &[u8], parts: &[&[u8]]) -> HmacSha256 {
    let mut mac = HmacSha256::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(secret: &str, previous: &[&str]) -> Signer {
        let previous: Vec<_> = previous.iter().map(|s| SecretString::from(*s)).collect();
        Signer::new(&SecretString::from(secret), &previous)
    }

    fn token() -> Token {
        Token::unsubscribe([7; 16], 42)
    }

    #[test]
    fn a_token_comes_back_as_it_was_signed() {
        let signer = signer("one secret of thirty-two letters", &[]);
        let text = signer.sign(Purpose::Unsubscribe, &token());
        assert!(text.len() <= MAX_CHARS, "{} characters", text.len());
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{text}");
        assert_eq!(signer.verify(Purpose::Unsubscribe, &text), Ok(token()));
    }

    #[test]
    fn a_token_is_good_for_its_own_purpose_only() {
        let signer = signer("one secret of thirty-two letters", &[]);
        let text = signer.sign(Purpose::Unsubscribe, &token());
        assert_eq!(signer.verify(Purpose::Confirm, &text), Err(BadToken));
    }

    #[test]
    fn an_old_secret_still_verifies_and_a_foreign_one_never_does() {
        let old = signer("the secret of the year before...", &[]);
        let new = signer("one secret of thirty-two letters", &["the secret of the year before..."]);
        let text = old.sign(Purpose::Unsubscribe, &token());
        assert_eq!(new.verify(Purpose::Unsubscribe, &text), Ok(token()));
        assert_eq!(old.verify(Purpose::Unsubscribe, &new.sign(Purpose::Unsubscribe, &token())), Err(BadToken));
    }

    #[test]
    fn no_mutation_of_a_token_is_accepted() {
        let signer = signer("one secret of thirty-two letters", &[]);
        let text = signer.sign(Purpose::Unsubscribe, &token());
        let mut tried = 0;
        for index in 0..text.len() {
            for bit in 0..8 {
                let mut bytes = text.clone().into_bytes();
                bytes[index] ^= 1 << bit;
                let Ok(mutated) = String::from_utf8(bytes) else { continue };
                assert_eq!(signer.verify(Purpose::Unsubscribe, &mutated), Err(BadToken), "{mutated}");
                tried += 1;
            }
            assert_eq!(signer.verify(Purpose::Unsubscribe, &text[..index]), Err(BadToken));
            let mut inserted = text.clone();
            inserted.insert(index, 'A');
            assert_eq!(signer.verify(Purpose::Unsubscribe, &inserted), Err(BadToken));
        }
        assert!(tried > 400);
        for text in ["", ".", "...", "v1...", "v1.0000..", &"A".repeat(10_000)] {
            assert_eq!(signer.verify(Purpose::Unsubscribe, text), Err(BadToken));
        }
    }
}
