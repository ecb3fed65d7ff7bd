//! What can be wrong with a template, and where.

use std::fmt;
use std::path::PathBuf;

/// Where in which file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file: its full path if it is the operator's, or its name below `templates/` if it is ours.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, where known.
    pub column: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        self.column.map_or(Ok(()), |column| write!(f, ":{column}"))
    }
}

/// The templates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A template or locale is refused.
    #[error("{place}: {problem}")]
    Refused {
        /// Where.
        place: Place,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A file in the override folder replaces nothing of ours.
    #[error("{}: no template, locale or asset has this name; {hint}", path.display())]
    UnknownFile {
        /// The file.
        path: PathBuf,
        /// The name that was probably meant, or the names there are.
        hint: String,
    },
    /// A folder has nothing of what is looked for.
    #[error("{}: {problem}", path.display())]
    NoTemplates {
        /// The folder.
        path: PathBuf,
        /// What was found, and what was expected.
        problem: String,
    },
    /// A file could not be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl TemplateError {
    /// Returns where in which file the mistake is, if it is in the text of one.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Refused { place, .. } => Some(place),
            Self::UnknownFile { .. } | Self::NoTemplates { .. } | Self::Read { .. } => None,
        }
    }
}

/// A template could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template and its context do not fit.
    #[error("{place}: {problem}")]
    Template {
        /// Where.
        place: Place,
        /// What is wrong.
        problem: String,
    },
    /// The context cannot be turned into a value.
    #[error("a template's context cannot be serialised")]
    Context(#[from] serde_json::Error),
}
