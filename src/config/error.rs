//! What can be wrong with a configuration: all of it at once, each with its place, its key and what is allowed.

use std::fmt;
use std::path::PathBuf;

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No file was named, and there is none in the usual places.
    #[error(
        "there is no configuration: looked for {}.\nCopy config/kawaraban.toml, which comes with the source, to \
         one of these, set base_url and secret, and try again; or name a file with --config or KAWARABAN_CONFIG.\nTo look around first, run `kawaraban demo`: it needs no configuration",
        tried.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" and ")
    )]
    NotFound {
        /// Where it was looked for.
        tried: Vec<PathBuf>,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It says something that cannot be.
    #[error("{}", listed(.0))]
    Invalid(Vec<Problem>),
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub place: Place,
    /// Which key, in full: `relays.main.port`. Empty if the text is no TOML at all.
    pub key: String,
    /// What is wrong with it and what is allowed. Never a secret.
    pub message: String,
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The configuration file.
    File {
        /// Its path.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, in characters, from 1.
        column: usize,
    },
    /// An environment variable.
    Variable(String),
    /// A systemd credential.
    Credential(PathBuf),
    /// Nowhere: something is missing.
    Nowhere,
}

impl ConfigError {
    /// Returns the single things that are wrong, if that is what is the matter.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Invalid(problems) => problems,
            Self::NotFound { .. } | Self::Read { .. } => &[],
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::File { path, line, column } => write!(f, "{}:{line}:{column}: ", path.display())?,
            Place::Variable(name) => write!(f, "environment variable {name}: ")?,
            Place::Credential(path) => write!(f, "credential {}: ", path.display())?,
            Place::Nowhere => {}
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

fn listed(problems: &[Problem]) -> String {
    match problems {
        [only] => only.to_string(),
        many => {
            let lines: Vec<String> = many.iter().map(|p| format!("\n  {p}")).collect();
            format!("{} things are wrong with the configuration:{}", many.len(), lines.concat())
        }
    }
}
