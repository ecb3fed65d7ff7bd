//! What can be wrong with a feed or an article an operator names.

use super::FieldProblem;
use crate::store::StoreError;

/// A feed or an article was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ArticlesError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A field cannot be as it is.
    #[error("{field}: {problem}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong, and what it should be.
        problem: String,
    },
    /// Fields of an article cannot be as they are.
    #[error("{}", in_words(.0))]
    Invalid(Vec<FieldProblem>),
    /// An issue was sealed with the article, which stays as it was printed.
    #[error("the article is in an issue already, and stays as it was printed")]
    Printed,
    /// The article was withdrawn.
    #[error("the article was withdrawn, and stays so")]
    Withdrawn,
    /// There is no such feed.
    #[error("there is no feed {0:?}; `kawaraban feeds list` shows those there are")]
    NoFeed(String),
}

impl ArticlesError {
    pub(super) fn field(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Field { field, problem: problem.into() }
    }
}

fn in_words(problems: &[FieldProblem]) -> String {
    let lines: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}", problem.field.replace('/', "."), problem.message)).collect();
    lines.join("\n")
}

/// Returns the URL if it is one a reader or a fetcher can follow.
pub(super) fn web_url(field: &'static str, text: &str) -> Result<String, ArticlesError> {
    web_address(text).map_err(|problem| ArticlesError::field(field, problem))
}

/// Returns the URL if it is one a reader or a fetcher can follow, or what is wrong with it.
pub(super) fn web_address(text: &str) -> Result<String, String> {
    let mut url =
        url::Url::parse(text.trim()).map_err(|error| format!("{text:?} is no URL ({error}); write https://…"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(format!("{text:?} is not a web address; write https://…"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a user and a password in the address are not sent; leave them out".to_owned());
    }
    // It is never sent, and with it one address would be two.
    url.set_fragment(None);
    Ok(url.into())
}

/// Returns a section's name if it can be one.
pub(super) fn section_name(field: &'static str, text: &str) -> Result<String, ArticlesError> {
    let name = text.trim();
    if name.is_empty() {
        return Err(ArticlesError::field(field, "a section has a name, such as news or openings"));
    }
    Ok(name.to_owned())
}
