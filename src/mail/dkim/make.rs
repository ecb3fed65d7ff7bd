//! New keys.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::SecretString;

use super::key::{Algorithm, Key};
use super::{DkimError, DkimRecord};

/// Returns a new key in PEM (PKCS#8), and the record that publishes it. An RSA key has 2048 bits: a longer one does not
/// fit an answer of the DNS everywhere, and is no more asked for.
///
/// # Errors
/// [`DkimError::Signing`] if the library cannot make one, which would mean that the system has no random numbers.
pub fn generate(algorithm: Algorithm, selector: &str, domain: &str) -> Result<(SecretString, DkimRecord), DkimError> {
    let pem = SecretString::from(match algorithm {
        Algorithm::Rsa => in_pem(der(&rsa::KeyPair::generate(KeySize::Rsa2048).map_err(failed)?)?.as_ref()),
        Algorithm::Ed25519 => in_pem(der(&Ed25519KeyPair::generate().map_err(failed)?)?.as_ref()),
    });
    let record = Key::from_pem(algorithm, selector, &pem).map_err(DkimError::Signing)?.record(domain);
    Ok((pem, record))
}

fn der(pair: &impl AsDer<Pkcs8V1Der<'static>>) -> Result<Pkcs8V1Der<'static>, DkimError> {
    pair.as_der().map_err(failed)
}

fn failed(error: aws_lc_rs::error::Unspecified) -> DkimError {
    DkimError::Signing(error.to_string())
}

fn in_pem(der: &[u8]) -> String {
    /// RFC 7468 §2.
    const WIDTH: usize = 64;
    let encoded = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(WIDTH.min(rest.len()));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}
