//! Cells that a spreadsheet would run as a formula (CWE-1236): made harmless with an apostrophe on the way out, and
//! given back as they were on the way in.

use std::borrow::Cow;

/// What begins a formula, in Japanese Excel in full width too, and the white space some programs skip before it.
const STARTS: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];

/// Returns the cell with an apostrophe in front of it if a spreadsheet would run it. Apostrophes that are there
/// already do not hide what follows them: otherwise [`bared`] would take one of the address's own.
pub(super) fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.trim_start_matches('\'').starts_with(STARTS) { format!("'{cell}").into() } else { cell.into() }
}

/// Returns the cell as it was before [`guarded`].
pub(super) fn bared(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(STARTS) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_made_harmless() {
        for cell in ["=cmd|'/C calc'!A0", "+1@x.jp", "-2@x.jp", "@SUM(1)", "\t=1", "＝1", "＋1", "－1", "＠1", "\0"]
        {
            assert_eq!(guarded(cell), format!("'{cell}"));
        }
        for cell in ["hana@example.jp", "o'neil@example.jp", "'x@example.jp", ""] {
            assert_eq!(guarded(cell), cell);
            assert_eq!(bared(cell), cell);
        }
    }

    proptest! {
        #[test]
        fn a_guarded_cell_comes_back_as_it_was(cell in "['=+＝a-]{0,6}") {
            let out = guarded(&cell);
            prop_assert_eq!(bared(&out), cell.as_str());
            prop_assert!(!out.starts_with(STARTS));
        }
    }
}
