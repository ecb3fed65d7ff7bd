//! What is refused before a template is ever rendered.

pub(super) mod circles;
pub(super) mod hiding;
pub(super) mod markup;
pub(super) mod masks;
pub(super) mod messages;
pub(super) mod nesting;
pub(super) mod scope;
pub(super) mod shape;
pub(super) mod shown;
pub(super) mod structure;
pub(super) mod syntax;
pub(super) mod tags;
pub(super) mod variables;
