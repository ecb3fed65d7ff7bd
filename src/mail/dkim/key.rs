//! A private key, out of its PEM.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use mail_auth::common::crypto::{DkimKey, Ed25519Key, RsaKey, Sha256, SigningKey};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};

use super::record::DkimRecord;

/// The shortest RSA key that is taken, in bits. RFC 8301 §3.2 allows signers 1024 and recommends 2048; the library
/// signs with nothing shorter.
pub const MIN_RSA_BITS: usize = 2048;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `rsa-sha256` (RFC 6376 §3.3.1).
    Rsa,
    /// `ed25519-sha256` (RFC 8463).
    Ed25519,
}

impl Algorithm {
    /// Returns the name of the key's type in `k=` and `a=`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// A key that signs, and where its public half is published.
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) selector: String,
    signer: DkimKey,
    /// As it stands in `p=`, not encoded.
    public: Vec<u8>,
    bits: usize,
}

impl Key {
    /// Returns the key in `pem`, in PKCS#8 or, for RSA, PKCS#1, or says in words why it is none.
    pub(super) fn from_pem(algorithm: Algorithm, selector: &str, pem: &SecretString) -> Result<Self, String> {
        let pem = pem.expose_secret();
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| not_a_key(pem))?;
        let (signer, public, bits) = match algorithm {
            Algorithm::Rsa => rsa_key(der)?,
            Algorithm::Ed25519 => ed25519_key(&der)?,
        };
        Ok(Self { algorithm, selector: selector.to_owned(), signer, public, bits })
    }

    /// Returns the signature of `data`, which is in its canonical form, or the library's words.
    pub(super) fn sign(&self, data: &[u8]) -> Result<Vec<u8>, String> {
        self.signer.sign(data).map_err(|error| error.to_string())
    }

    /// Returns the record a verifier looks for.
    pub(super) fn record(&self, domain: &str) -> DkimRecord {
        DkimRecord::new(self.algorithm, &self.selector, domain, &self.public, self.bits)
    }
}

type Loaded = (DkimKey, Vec<u8>, usize);

fn rsa_key(der: PrivateKeyDer<'static>) -> Result<Loaded, String> {
    // mail-auth keeps its key to itself; the public half is read by the library underneath.
    let pair = match &der {
        PrivateKeyDer::Pkcs1(der) => rsa::KeyPair::from_der(der.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(der) => rsa::KeyPair::from_pkcs8(der.secret_pkcs8_der()),
        _ => return Err("this is no RSA key".to_owned()),
    };
    let pair = pair.map_err(|error| match error.to_string().as_str() {
        "TooSmall" => format!("this RSA key has fewer than {MIN_RSA_BITS} bits, and many verifiers refuse it"),
        _ => "this is no RSA key, or a damaged one".to_owned(),
    })?;
    let public: PublicKeyX509Der<'_> =
        pair.public_key().as_der().map_err(|_| "the key has no public half".to_owned())?;
    let bits = pair.public_key().modulus_len() * 8;
    let signer = RsaKey::<Sha256>::from_key_der(der).map_err(|error| error.to_string())?;
    Ok((signer.into(), public.as_ref().to_vec(), bits))
}

fn ed25519_key(der: &PrivateKeyDer<'static>) -> Result<Loaded, String> {
    let no_key = |_| "this is no Ed25519 key in PKCS#8, or a damaged one".to_owned();
    let PrivateKeyDer::Pkcs8(der) = der else { return Err(no_key(())) };
    // OpenSSL leaves the public half out, so it is not insisted on.
    let der = der.secret_pkcs8_der();
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| no_key(()))?;
    let signer = Ed25519Key::from_pkcs8_maybe_unchecked_der(der).map_err(|_| no_key(()))?;
    // RFC 8463 §4: the 32 bytes as they are, without a wrapping.
    Ok((signer.into(), pair.public_key().as_ref().to_vec(), 256))
}

fn not_a_key(pem: &str) -> String {
    let what = if pem.contains("ENCRYPTED") {
        "this key is protected by a passphrase: write it without one, `openssl pkey -in FILE` does that"
    } else if pem.contains("PUBLIC KEY") {
        "this is the public key: the private one signs"
    } else {
        "there is no private key in PEM in it, which begins with -----BEGIN PRIVATE KEY-----"
    };
    what.to_owned()
}
