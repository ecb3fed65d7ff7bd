//! `[templates]`: the operator's own words and pages.

use std::path::PathBuf;

use super::reader::Table;

/// The operator's own templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplatesConfig {
    /// A folder whose files replace the built-in ones of the same name.
    pub dir: Option<PathBuf>,
}

impl TemplatesConfig {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let config = Self { dir: table.path("dir") };
        table.finish();
        config
    }
}
