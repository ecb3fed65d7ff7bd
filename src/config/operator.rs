//! `[operator]`: who runs the installation, and is shown drafts and told how things went.

use crate::domain::address::EmailAddress;
use crate::domain::desk::Approval;
use crate::domain::language::Language;

use super::reader::Table;

/// Who runs the installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatorConfig {
    /// Their addresses, in wire form; none if they read the log.
    pub email: Vec<String>,
    /// The language they are written to in.
    pub language: Language,
}

impl OperatorConfig {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let address = |text: &str| EmailAddress::parse_mailbox(text).map(|address| address.wire());
        let config = Self {
            email: table.list("email", address).unwrap_or_default(),
            language: table.parsed("language", str::parse).unwrap_or_default(),
        };
        table.finish();
        config
    }

    /// Returns what has to happen before an issue goes out of an edition that does not say: whoever can be shown a draft
    /// is shown it, and an installation from before there was an operator goes on as it did.
    pub(super) fn approval(&self) -> Approval {
        if self.email.is_empty() { Approval::Auto } else { Approval::Veto }
    }
}
