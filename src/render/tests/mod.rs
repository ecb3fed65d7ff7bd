//! The room from outside: what every page and mail looks like, what holds for all of them, and what is refused.

mod broken;
mod inspections;
mod looks;
mod markup;
mod promises;
mod refusals;
mod words;

use std::path::Path;

use super::{TemplateError, Templates};

/// Returns what is written into an override folder of these files comes to.
fn load_with(files: &[(&str, &str)]) -> Result<Templates, TemplateError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    Templates::load(Some(folder.path()))
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
