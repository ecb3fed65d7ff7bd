//! The arguments of `dkim`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::config::DkimConfig;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DkimCommand {
    /// Make a key, and say what to write into the DNS and the configuration.
    #[command(after_help = "\
The file can be read by its owner only, and no file is overwritten. Nothing is signed before the configuration says so: \
publish the record first. A key is changed without a gap by making a new one under another selector; docs/deliverability.md \
has the steps.

Examples:
  kawaraban dkim generate --out /etc/kawaraban/dkim.pem
  kawaraban dkim generate --selector k2027 --out /etc/kawaraban/dkim-k2027.pem
  kawaraban dkim generate --ed25519 --out /etc/kawaraban/dkim-ed25519.pem   a second signature
  kawaraban dkim generate --domain example.jp --out dkim.pem                without a configuration")]
    Generate(DkimGenerateArgs),
    /// Show the DNS records of the configured keys.
    #[command(after_help = "\
Examples:
  kawaraban dkim show
  kawaraban dkim show --json               for a program that writes zones")]
    Show,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DkimGenerateArgs {
    /// The file to write the private key to.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: PathBuf,
    /// The name of the key in the DNS. Without it: kawaraban, or kawaraban-ed25519.
    #[arg(long, value_parser = DkimConfig::parse_selector)]
    pub(in crate::cli) selector: Option<String>,
    /// The domain to sign for. Without it: that of the configuration.
    #[arg(long, value_parser = DkimConfig::parse_domain)]
    pub(in crate::cli) domain: Option<String>,
    /// Make an Ed25519 key, for a second signature beside RSA (RFC 8463).
    #[arg(long)]
    pub(in crate::cli) ed25519: bool,
}
