//! The editor's Markdown, as HTML for mails and pages and as plain text.

use super::helpers::escape_html;

/// Returns what `markdown` looks like, as HTML that is safe to print: paragraphs.
pub fn markdown_html(markdown: &str) -> String {
    paragraphs(markdown).map(|text| format!("<p>{}</p>", escape_html(&text))).collect()
}

/// Returns `markdown` as it reads in a plain text mail: as it was written, which is what Markdown is for.
pub fn markdown_text(markdown: &str) -> String {
    paragraphs(markdown).collect::<Vec<_>>().join("\n\n")
}

fn paragraphs(markdown: &str) -> impl Iterator<Item = String> {
    let text = markdown.replace("\r\n", "\n");
    let paragraphs: Vec<String> = text.split("\n\n").map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect();
    paragraphs.into_iter()
}
