//! What is refused before a template is ever rendered.

pub(super) mod nesting;
pub(super) mod structure;
