//! What a check found.

use super::Exit;
use crate::cli::output::plain;
use crate::cli::words::{count, number};
use crate::config::ConfigError;

/// Everything that was found.
#[derive(Debug, Default, serde::Serialize)]
pub(super) struct Report {
    findings: Vec<Finding>,
}

#[derive(Debug, serde::Serialize)]
struct Finding {
    subject: String,
    verdict: Verdict,
    text: String,
    #[serde(skip)]
    exit: Exit,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Fine,
    Warning,
    Wrong,
}

impl Report {
    /// Notes that something is as it should be.
    pub(super) fn fine(&mut self, subject: &str, text: impl Into<String>) {
        self.note(subject, Verdict::Fine, text.into(), Exit::Done);
    }

    /// Notes something that works, but hardly as it was meant.
    pub(super) fn warning(&mut self, subject: &str, text: impl Into<String>) {
        self.note(subject, Verdict::Warning, text.into(), Exit::Done);
    }

    /// Notes what is wrong.
    pub(super) fn wrong(&mut self, subject: &str, exit: Exit, text: impl Into<String>) {
        self.note(subject, Verdict::Wrong, text.into(), exit);
    }

    /// Notes every single thing that is wrong with the configuration.
    pub(super) fn problems(&mut self, subject: &str, exit: Exit, error: &ConfigError) {
        if error.problems().is_empty() {
            let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
            self.wrong(subject, exit, format!("{error}{source}"));
        }
        for problem in error.problems() {
            self.wrong(subject, exit, problem.to_string());
        }
    }

    fn note(&mut self, subject: &str, verdict: Verdict, text: String, exit: Exit) {
        self.findings.push(Finding { subject: subject.to_owned(), verdict, text, exit });
    }

    /// Returns the exit code: of several, that of the trouble that must be mended first.
    pub(super) fn exit(&self) -> Exit {
        self.findings.iter().map(|f| f.exit).filter(|exit| *exit != Exit::Done).min().unwrap_or(Exit::Done)
    }

    /// Returns the report in words.
    pub(super) fn worded(&self) -> String {
        let width = self.findings.iter().map(|f| f.subject.len()).max().unwrap_or_default();
        let mut text = String::new();
        for finding in &self.findings {
            let mark = match finding.verdict {
                Verdict::Fine => "ok      ",
                Verdict::Warning => "warning ",
                Verdict::Wrong => "WRONG   ",
            };
            text.push_str(&format!("{mark}{:width$}  {}\n", finding.subject, plain(&finding.text)));
        }
        let found = |verdict| number(self.findings.iter().filter(|f| f.verdict == verdict).count());
        text.push_str(&match (found(Verdict::Wrong), found(Verdict::Warning)) {
            (0, 0) => "Everything is in order.\n".to_owned(),
            (0, n) => format!("Nothing is wrong; {} above.\n", count(n, "warning is", "warnings are")),
            (n, _) => format!("{} to be mended.\n", count(n, "thing is", "things are")),
        });
        text
    }
}
