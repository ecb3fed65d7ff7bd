//! Where in the HTML of a template a reader can be.

use super::scan::SILENT;

/// Where in HTML a place is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Text,
    /// In an element that is not read as HTML, from where on.
    Raw(String, usize),
    Comment,
    /// In `<!doctype` and the like.
    Declaration,
    /// In the name of a tag.
    Name,
    /// Behind the name of a tag or a whole attribute, where white space must follow.
    Behind,
    /// In a tag, between attributes.
    Between,
    /// In the name of an attribute.
    AttributeName,
    /// Behind the name of an attribute and white space.
    AfterName,
    /// Behind the `=`.
    BeforeValue,
    Quoted(u8),
}

impl State {
    /// Returns whether a tag may go on behind an attribute here.
    pub(super) const fn ends_attribute(&self) -> bool {
        matches!(self, Self::Name | Self::Behind | Self::Between | Self::AttributeName | Self::AfterName)
    }

    /// Returns whether what ends here could go on as the beginning or the end of a tag or comment. These are the only
    /// signs that are read several at a time, and nothing may take them apart.
    pub(super) fn is_between_signs(&self, before: &str) -> bool {
        let before = before.trim_end_matches(SILENT);
        let begun =
            || before.rfind('<').is_some_and(|at| !before[at..].contains(|c: char| c.is_whitespace() || c == '>'));
        match self {
            Self::Text => before.ends_with('<'),
            Self::Comment => before.ends_with('-') || before.ends_with("--!"),
            Self::Raw(..) | Self::Declaration => begun(),
            _ => false,
        }
    }
}

/// A block that is open: where it was opened, and in which state its branches began and ended.
pub(super) struct Block {
    pub(super) at: usize,
    pub(super) start: (State, usize),
    pub(super) ends: Vec<(State, usize)>,
    pub(super) has_else: bool,
    pub(super) of_image: bool,
}
