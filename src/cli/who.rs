//! Who runs a command, for the record: the account of the system.

use std::os::unix::fs::MetadataExt;

use crate::config::process_environment;

/// Where programs that lend an account leave the name of who borrows it, and where a login leaves its own.
const NAMES: [&str; 4] = ["SUDO_USER", "DOAS_USER", "USER", "LOGNAME"];

/// Returns the name of the account, or its number if it has none: a timer or a container has no login.
pub(super) fn who() -> String {
    let environment = process_environment();
    let named = NAMES.into_iter().find_map(|name| environment.get(name).filter(|name| !name.is_empty()));
    named.cloned().or_else(of_process).unwrap_or_else(|| "command line".to_owned())
}

/// Returns the account this process runs as, where the system tells: Linux does.
fn of_process() -> Option<String> {
    let uid = std::fs::metadata("/proc/self").ok()?.uid();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    Some(name_of(uid, &accounts).unwrap_or_else(|| format!("uid {uid}")))
}

/// Returns the name of an account in the words of `passwd(5)`.
fn name_of(uid: u32, accounts: &str) -> Option<String> {
    let mut lines = accounts.lines().map(|line| line.split(':'));
    lines.find_map(|mut fields| {
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_called_by_its_name() {
        let accounts = "# ours\nroot:x:0:0:root:/root:/bin/sh\nbroken\n:x:8\nnews:x:9:9::/var:/bin/false\n";
        assert_eq!(name_of(9, accounts).as_deref(), Some("news"));
        assert_eq!(name_of(0, accounts).as_deref(), Some("root"));
        assert_eq!((name_of(8, accounts), name_of(1000, accounts)), (None, None));
    }

    #[test]
    fn somebody_runs_this() {
        assert!(!who().is_empty());
    }
}
