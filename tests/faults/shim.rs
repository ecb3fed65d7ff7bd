//! What stands between the program and the C library in some tests: see `shim.c`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns what a shell has to say before it starts the program, so that `settings` (`CLOCK_AHEAD=600`) come true in it.
pub(crate) fn preparation(settings: &str) -> String {
    format!("export LD_PRELOAD={} {settings}", library().display())
}

/// Returns the shim, compiled at the first call.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        // Another process of this test may be at it, too: each makes its own, and the last one stays.
        let (made, library) = (folder.join(format!("shim-{}.so", std::process::id())), folder.join("shim.so"));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/shim.c");
        let ran = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-Wall", "-o"]).arg(&made).arg(source).status();
        assert!(ran.unwrap().success(), "cc could not compile {source}");
        std::fs::rename(made, &library).unwrap();
        library
    })
}
