//! Numbers on the command line: who writes none is told what was expected, and where it is found.

/// Returns the number of an issue.
pub(in crate::cli) fn issue_number(text: &str) -> Result<i64, String> {
    row(text).ok_or_else(|| "write the issue's number, such as 12; `kawaraban issues list` shows it".to_owned())
}

/// Returns the number of an article.
pub(in crate::cli) fn article_number(text: &str) -> Result<i64, String> {
    row(text).ok_or_else(|| {
        "write the article's number, such as 345; `kawaraban issues show` has those of an issue, `kawaraban articles list` \
         all of them"
            .to_owned()
    })
}

/// Returns the number of a line of the ledger.
pub(in crate::cli) fn line_number(text: &str) -> Result<i64, String> {
    row(text).ok_or_else(|| "write the id of a line, such as 17; `kawaraban deliveries list` shows it".to_owned())
}

/// Returns the line of the ledger to go on from; 0 is before the first.
pub(in crate::cli) fn after(text: &str) -> Result<i64, String> {
    if text == "0" { Ok(0) } else { line_number(text) }
}

/// Returns a place in a section, from 1.
pub(in crate::cli) fn place(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|place| *place > 0).ok_or_else(|| "write a place from 1 on, 1 being the top".to_owned())
}

/// Rows are numbered from 1.
fn row(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_answered_with_what_was_expected() {
        assert_eq!((issue_number("12"), place("1"), after("0")), (Ok(12), Ok(1), Ok(0)));
        for wrong in ["", "twelve", "-1", "0", "1.5", "99999999999999999999"] {
            let told = [issue_number(wrong), article_number(wrong), line_number(wrong)];
            assert!(told.iter().all(|told| told.as_ref().is_err_and(|told| told.contains("kawaraban"))), "{wrong}");
            assert!(place(wrong).unwrap_err().contains("from 1"), "{wrong}");
        }
    }
}
