//! Asking whoever sits at the terminal.

use std::io::{IsTerminal, Write};

use super::output::plain;

/// Returns whether `question` is answered with yes.
///
/// # Errors
/// `nobody` in words, where no one can be asked: standard input is no terminal.
pub(super) fn agreed(question: &str, nobody: &str) -> anyhow::Result<bool> {
    anyhow::ensure!(std::io::stdin().is_terminal(), "{nobody}: say --yes where nobody can be asked");
    let mut asked = std::io::stderr();
    write!(asked, "{} [y/N] ", plain(question))?;
    asked.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "はい"))
}
