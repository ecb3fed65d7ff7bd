//! What the scenarios share: a store, and how much memory the process ever had.

use kawaraban::store::Store;

/// A SQLite file of its own on the disk where temporary files are.
pub(crate) async fn sqlite() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite://{}/bench.db", folder.path().display()).into()).await.unwrap();
    store.migrate().await.unwrap();
    (store, folder)
}

/// The most memory this process ever had, in MiB; 0 where the system does not say.
pub(crate) fn peak_memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
