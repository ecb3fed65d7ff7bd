//! What is refused before a template is ever rendered.

pub(super) mod hiding;
pub(super) mod nesting;
pub(super) mod structure;
