//! `[dkim]`: the keys mail is signed with (RFC 6376). Without the section, nothing is signed here.
//!
//! Whether a key is a key is found out where it is used, in `mail`; here it is a text.

use std::path::PathBuf;

use secrecy::SecretString;

use super::reader::Table;

/// RFC 1035 §2.3.4.
const MAX_LABEL: usize = 63;

/// How mail is signed.
#[derive(Debug, Clone)]
pub struct DkimConfig {
    /// `d=`: the sender's domain or a parent of it, in lower-case A-labels.
    pub domain: String,
    /// The RSA key, which every verifier understands.
    pub rsa: DkimKeyConfig,
    /// The Ed25519 key (RFC 8463), where a second signature is wanted.
    pub ed25519: Option<DkimKeyConfig>,
    /// Whether fields that must not be added on the way are signed once more than they are there (RFC 6376 §8.15).
    pub oversign: bool,
}

/// A private key and where its public half is published.
#[derive(Debug, Clone)]
pub struct DkimKeyConfig {
    /// `s=`.
    pub selector: String,
    /// The key, in PEM.
    pub pem: SecretString,
    /// The file it was read from, if it was.
    pub file: Option<PathBuf>,
    /// The key of the configuration it came from, in full, for messages.
    pub setting: &'static str,
}

impl DkimConfig {
    /// Reads the section. `sender` is the sender's address, empty if nobody set one.
    pub(super) fn read(mut table: Table<'_>, sender: &str) -> Option<Self> {
        let sender_domain = sender.rsplit_once('@').map_or("", |(_, domain)| domain);
        let domain_origin = table.origin_of("domain");
        let second_origin = table.origin_of("ed25519_selector");
        let has_rsa = table.has("key") || table.has("key_file");
        let has_ed25519 = table.has("ed25519_key") || table.has("ed25519_key_file");

        let given_domain = table.parsed("domain", Self::parse_domain);
        let selector_given = table.has("selector");
        let selector = table.parsed("selector", Self::parse_selector);
        let pem = table.secret_text("key", "key_file", not_empty);
        let second_selector = table.parsed("ed25519_selector", Self::parse_selector);
        let second_pem = table.secret_text("ed25519_key", "ed25519_key_file", not_empty);
        let oversign = table.boolean("oversign").unwrap_or(true);

        let domain = given_domain.unwrap_or_else(|| sender_domain.to_owned());
        if domain.is_empty() && domain_origin.is_none() {
            table.report(None, "domain", "set it, or sender.email, whose domain it is otherwise");
        } else if !sender_domain.is_empty() && !is_aligned(&domain, sender_domain) {
            let message = format!(
                "{domain:?} is neither {sender_domain}, the domain of sender.email, nor a parent of it: a signature \
                 for another domain does not count for DMARC"
            );
            table.report(domain_origin.as_ref(), "domain", message);
        }
        if !selector_given {
            table.report(None, "selector", "this key must be set; `kawaraban dkim generate` says to what");
        }
        if !has_rsa {
            let more = if has_ed25519 { ": few verifiers understand Ed25519 alone" } else { "" };
            table.report(
                None,
                "key",
                format!("this key or key_file must be set, to an RSA key; `kawaraban dkim generate` makes one{more}"),
            );
        }
        match (second_origin.is_some(), has_ed25519) {
            (true, false) => {
                table.report(second_origin.as_ref(), "ed25519_selector", "set ed25519_key or ed25519_key_file, too");
            }
            (false, true) => table.report(None, "ed25519_selector", "set it, too, or remove the Ed25519 key"),
            _ if second_selector.is_some() && second_selector == selector => table.report(
                second_origin.as_ref(),
                "ed25519_selector",
                "write another one than selector: a DNS record holds one key",
            ),
            _ => {}
        }
        table.finish();

        let key = |selector, pem, [direct, by_file]: [&'static str; 2]| {
            let (pem, file): (SecretString, Option<PathBuf>) = pem;
            DkimKeyConfig { selector, pem, setting: if file.is_some() { by_file } else { direct }, file }
        };
        let ed25519 = second_selector
            .zip(second_pem)
            .map(|(selector, pem)| key(selector, pem, ["dkim.ed25519_key", "dkim.ed25519_key_file"]));
        Some(Self { domain, rsa: key(selector?, pem?, ["dkim.key", "dkim.key_file"]), ed25519, oversign })
    }

    /// Returns a domain as it stands in `d=`: in lower case and A-labels.
    ///
    /// # Errors
    /// If `text` is no domain; the words say what one looks like.
    pub fn parse_domain(text: &str) -> Result<String, String> {
        match url::Host::parse(text) {
            Ok(url::Host::Domain(name)) if !name.ends_with('.') && !name.contains('_') => Ok(name),
            _ => Err(format!("{text:?} is no domain: write one such as \"example.jp\"")),
        }
    }

    /// Returns a selector: labels with dots between them (RFC 6376 §3.1), in lower case, because to the DNS the case
    /// makes no difference and to a comparison it does.
    ///
    /// # Errors
    /// If `text` is no selector; the words say what one looks like.
    pub fn parse_selector(text: &str) -> Result<String, String> {
        let sound = text.split('.').all(|label| {
            (1..=MAX_LABEL).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        });
        let allowed = || format!("{text:?} is no selector: write letters, digits, - and dots, such as \"k2026\"");
        if sound { Ok(text.to_ascii_lowercase()) } else { Err(allowed()) }
    }
}

/// Returns whether a signature for `domain` is aligned with `sender` in DMARC's relaxed way (RFC 7489 §3.1.1), as far
/// as that can be said without the list of public suffixes: a single label is nobody's domain.
fn is_aligned(domain: &str, sender: &str) -> bool {
    domain == sender
        || domain.contains('.') && sender.strip_suffix(domain).is_some_and(|host_part| host_part.ends_with('.'))
}

fn not_empty(pem: &str) -> Result<(), String> {
    if pem.trim().is_empty() { Err("the key is empty".to_owned()) } else { Ok(()) }
}
