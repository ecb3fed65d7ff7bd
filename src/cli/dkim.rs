//! `dkim`: making a key, and what to write into the DNS.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::args::{DkimCommand, DkimGenerateArgs};
use super::exit::{Exit, Outcome};
use super::output::Output;
use crate::app::App;
use crate::config::{Config, process_environment};
use crate::mail::dkim::{Algorithm, DkimRecord, generate};

/// A record, as JSON.
#[derive(Serialize)]
struct RecordView {
    algorithm: &'static str,
    bits: usize,
    selector: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
    strings: Vec<String>,
    zone_line: String,
}

/// A new key, as JSON.
#[derive(Serialize)]
struct GeneratedView {
    file: PathBuf,
    record: RecordView,
    configuration: String,
}

/// The records of the configured keys, as JSON.
#[derive(Serialize)]
struct ShownView {
    domain: String,
    records: Vec<RecordView>,
}

impl From<&DkimRecord> for RecordView {
    fn from(record: &DkimRecord) -> Self {
        Self {
            algorithm: record.algorithm.as_str(),
            bits: record.bits,
            selector: record.selector.clone(),
            name: record.name.clone(),
            kind: "TXT",
            value: record.value.clone(),
            strings: record.strings().into_iter().map(str::to_owned).collect(),
            zone_line: record.zone_line(),
        }
    }
}

/// Makes a key or shows the records. The configuration is not loaded before: a key is made before there is a `[dkim]`
/// that can be read.
pub(super) fn run(config_file: Option<&Path>, command: DkimCommand, out: &Output) -> Outcome {
    match command {
        DkimCommand::Generate(args) => make(config_file, args, out),
        DkimCommand::Show => show(config_file, out),
    }
}

fn make(config_file: Option<&Path>, args: DkimGenerateArgs, out: &Output) -> Outcome {
    let domain = match args.domain {
        Some(domain) => domain,
        None => configured_domain(config_file)?,
    };
    let algorithm = if args.ed25519 { Algorithm::Ed25519 } else { Algorithm::Rsa };
    let selector = args.selector.unwrap_or_else(|| usual_selector(algorithm).to_owned());
    let (pem, record) = generate(algorithm, &selector, &domain)?;
    write_new(&args.out, pem.expose_secret().as_bytes())?;
    let file = std::path::absolute(&args.out)?;
    let generated = GeneratedView {
        record: RecordView::from(&record),
        configuration: configuration(algorithm, &domain, &selector, &file),
        file,
    };
    out.answer(&generated, worded)?;
    Ok(Exit::Done)
}

fn show(config_file: Option<&Path>, out: &Output) -> Outcome {
    let config = Config::load(config_file, &process_environment())?;
    let Some(dkim) = App::load_dkim(&config)? else {
        bail!("there is no [dkim] in the configuration; `kawaraban dkim generate` makes a key and says what to write");
    };
    let records = dkim.records();
    let shown = ShownView { domain: dkim.domain().to_owned(), records: records.iter().map(Into::into).collect() };
    out.answer(&shown, |shown| shown.records.iter().map(record_worded).collect::<Vec<_>>().join("\n"))?;
    Ok(Exit::Done)
}

/// Returns the domain mail is signed for, or would be.
fn configured_domain(config_file: Option<&Path>) -> anyhow::Result<String> {
    const HINT: &str = "name the domain with --domain, or set sender.email in the configuration";
    let config = Config::load(config_file, &process_environment()).context(HINT)?;
    let sender = config.sender.email.rsplit_once('@').map(|(_, domain)| domain.to_owned());
    config.dkim.map(|dkim| dkim.domain).or(sender).context(HINT)
}

/// Two keys cannot have one name.
const fn usual_selector(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Rsa => "kawaraban",
        Algorithm::Ed25519 => "kawaraban-ed25519",
    }
}

/// Writes a file that only its owner can read, in one step: it is there whole or not at all, and never in the place of
/// another.
fn write_new(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    anyhow::ensure!(folder.is_dir(), "cannot write {}: there is no folder {}", path.display(), folder.display());
    // A temporary file has mode 0600 from the beginning.
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    file.write_all(content).and_then(|()| file.as_file().sync_all()).with_context(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!("{} is there already and may be a key in use: name another file", path.display())
        }
        Err(error) => Err(error.error).with_context(failed),
    }
}

fn configuration(algorithm: Algorithm, domain: &str, selector: &str, file: &Path) -> String {
    // TOML's basic strings take what a path may hold in the same escapes as Rust's.
    let file = file.display().to_string();
    match algorithm {
        Algorithm::Rsa => {
            format!("[dkim]\ndomain = \"{domain}\"\nselector = \"{selector}\"\nkey_file = {file:?}\n")
        }
        Algorithm::Ed25519 => format!("[dkim]\ned25519_selector = \"{selector}\"\ned25519_key_file = {file:?}\n"),
    }
}

fn worded(generated: &GeneratedView) -> String {
    let kind = match generated.record.algorithm {
        "rsa" => format!("RSA key of {} bits", generated.record.bits),
        _ => "Ed25519 key".to_owned(),
    };
    let mut text = format!(
        "{} holds a new {kind}. Only its owner can read it; keep it so.\n\n1. Publish its other half in the DNS, and \
         wait until it can be seen there:\n\n",
        generated.file.display()
    );
    text.push_str(&record_worded(&generated.record));
    text.push_str("\n2. Then write this into the configuration, and restart the daemon:\n\n");
    text.push_str(&generated.configuration);
    if generated.record.algorithm == "ed25519" {
        text.push_str("\nIt signs beside an RSA key, never alone: selector and key_file stay.\n");
    }
    text
}

fn record_worded(record: &RecordView) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "name   {}", record.name);
    let _ = writeln!(text, "type   {}", record.kind);
    let _ = writeln!(text, "value  {}", record.value);
    let _ = writeln!(text, "\nThe same as a line of a zone file:\n\n{}", record.zone_line);
    text
}
