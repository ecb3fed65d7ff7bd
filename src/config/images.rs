//! `[images]`: the pictures of articles.

use super::reader::Table;

/// Whether articles are shown with their pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ImagesMode {
    /// We fetch them once, and readers have them from our host.
    #[default]
    Proxy,
    /// Without pictures.
    None,
}

/// The pictures of articles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagesConfig {
    /// Whether they are shown.
    pub mode: ImagesMode,
    /// How wide they are drawn at most, in pixels.
    pub max_width: u32,
}

impl Default for ImagesConfig {
    fn default() -> Self {
        Self { mode: ImagesMode::Proxy, max_width: 1200 }
    }
}

impl ImagesConfig {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let default = Self::default();
        let config = Self {
            mode: table.parsed("mode", mode).unwrap_or(default.mode),
            // A mail is 600 px wide; twice that is for fine screens.
            max_width: table.integer("max_width", 320..=2400).unwrap_or(default.max_width),
        };
        table.finish();
        config
    }
}

fn mode(text: &str) -> Result<ImagesMode, &'static str> {
    match text {
        "proxy" => Ok(ImagesMode::Proxy),
        "none" => Ok(ImagesMode::None),
        _ => Err("write \"proxy\" or \"none\""),
    }
}
