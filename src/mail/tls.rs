//! Whom we trust, and what to say when we do not.

use std::{io, path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, Error, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_rustls::TlsConnector;

/// Returns a connector that trusts what the system trusts or, if `ca_file` is named, the certificates in it and no
/// others. Reads files.
pub(super) fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?;
    let config = match ca_file {
        Some(file) => builder.with_root_certificates(roots(file)?).with_no_client_auth(),
        None => builder
            .with_platform_verifier()
            .map_err(|e| format!("the system's certificates cannot be used: {e}"))?
            .with_no_client_auth(),
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

fn roots(file: &Path) -> Result<RootCertStore, String> {
    let unreadable = |reason: &dyn std::fmt::Display| format!("ca_file {}: {reason}", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|e| unreadable(&e))? {
        roots.add(certificate.map_err(|e| unreadable(&e))?).map_err(|e| unreadable(&e))?;
    }
    if roots.is_empty() { Err(unreadable(&"no certificate in it")) } else { Ok(roots) }
}

/// Returns the name a certificate must be for.
pub(super) fn server_name(host: &str) -> Result<ServerName<'static>, String> {
    ServerName::try_from(host.to_owned()).map_err(|_| format!("{host} is not a name a certificate can be for"))
}

/// Returns what went wrong in a handshake with `host`, in an operator's words, and whether it will go wrong again.
pub(super) fn handshake_trouble(host: &str, error: &io::Error) -> (String, bool) {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return (format!("the handshake broke off: {error}"), false);
    };
    let words = match tls {
        Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::NotValidForName => format!("its certificate is not for {host}"),
            CertificateError::NotValidForNameContext { presented, .. } => {
                format!("its certificate is not for {host} but for {}", presented.join(", "))
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "its certificate has expired".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet".to_owned()
            }
            // An authority that only has the name of one we trust shows in the signature.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "nobody we trust has signed its certificate; a private authority can be named with ca_file".to_owned()
            }
            other => format!("its certificate is not good: {other}"),
        },
        Error::InvalidMessage(_) => {
            return ("it does not speak TLS on this port; starttls or another port may be meant".to_owned(), true);
        }
        other => return (other.to_string(), false),
    };
    (words, true)
}
