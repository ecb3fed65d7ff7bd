//! Counts in the log, as people say them.

use std::fmt::Display;

/// Returns `1 item` or `2 items`.
pub(super) fn count<N: Display + PartialEq + From<u8>>(n: N, one: &str, many: &str) -> String {
    let what = if n == N::from(1) { one } else { many };
    format!("{n} {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let told = [0_i64, 1, 2].map(|n| count(n, "mail shows it", "mails show it"));
        assert_eq!(told, ["0 mails show it", "1 mail shows it", "2 mails show it"]);
        assert_eq!(
            (count(1_usize, "item", "items"), count(9_u64, "item", "items")),
            ("1 item".into(), "9 items".into())
        );
    }
}
