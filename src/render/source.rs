//! A file that a template, a locale or an asset is made from, and the places in it.

use super::error::{Place, TemplateError};
use super::mjml;

/// A file, ours or the operator's.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// What errors call it: the full path of an operator's file, the name of ours.
    pub(super) shown: String,
    pub(super) text: String,
    /// Whether it is the operator's, and not the same as ours.
    pub(super) overriding: bool,
    /// What it was compiled from, and what was ignored of that.
    pub(super) mjml: Option<Mjml>,
    /// What was written, where what is wrong in it has been taken out.
    pub(super) original: Option<String>,
}

/// What a template was written in, where that is not HTML.
#[derive(Debug, Clone)]
pub(super) struct Mjml {
    pub(super) text: String,
    /// Whether that could be done.
    pub(super) compiled: bool,
    pub(super) warnings: Vec<(usize, String)>,
}

impl Source {
    /// Refuses what the template says at this place; of MJML, the template it became.
    pub(super) fn refuse(&self, line: usize, column: Option<usize>, problem: impl Into<String>) -> TemplateError {
        TemplateError::Refused { place: self.place(line, column), problem: problem.into() }
    }

    /// Refuses what is written at this place of the file.
    pub(super) fn at(&self, line: usize, column: Option<usize>, problem: impl Into<String>) -> TemplateError {
        let place = Place { file: self.shown.clone(), line, column };
        TemplateError::Refused { place, problem: problem.into() }
    }

    /// Refuses what is written at this byte of the file.
    pub(super) fn at_offset(&self, offset: usize, problem: impl Into<String>) -> TemplateError {
        let (line, column) = position(self.written(), offset);
        self.at(line, Some(column), problem)
    }

    /// Returns where a line and a column of the template were written. The line of a template that came out of MJML
    /// says nothing to whoever wrote it.
    pub(super) fn place(&self, line: usize, column: Option<usize>) -> Place {
        let Some(mjml) = &self.mjml else { return Place { file: self.shown.clone(), line, column } };
        let found = mjml::written_at(&mjml.text, &self.text, offset(&self.text, line, column.unwrap_or(1)));
        let (line, column) = found.map_or((1, None), |at| {
            let (line, column) = position(&mjml.text, at);
            (line, Some(column))
        });
        Place { file: self.shown.clone(), line, column }
    }

    /// Returns the text as it was written.
    pub(super) fn written(&self) -> &str {
        self.mjml.as_ref().map_or(&self.text, |mjml| &mjml.text)
    }

    /// Returns the byte of the file that is written at this line and column.
    pub(super) fn offset(&self, line: usize, column: usize) -> usize {
        offset(self.written(), line, column)
    }

    /// Returns the line, from 1, on which the byte at `offset` of the file stands.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        position(self.written(), offset).0
    }

    pub(super) fn is_mjml(&self) -> bool {
        self.mjml.is_some()
    }

    /// Returns whether the template is what readers would get, and not MJML that could not be compiled.
    pub(super) fn is_compiled(&self) -> bool {
        self.mjml.as_ref().is_none_or(|mjml| mjml.compiled)
    }

    /// Returns whether it is a template, and not an asset.
    pub(super) fn is_template(&self) -> bool {
        self.shown.ends_with(".hbs")
    }

    /// Returns what was ignored of it, and where.
    pub(super) fn warnings(&self) -> impl Iterator<Item = TemplateError> {
        let warnings = self.mjml.iter().flat_map(|mjml| &mjml.warnings);
        warnings.map(|(offset, problem)| self.at_offset(*offset, problem.clone()))
    }

    /// Puts another text in the place of what was written.
    pub(super) fn rewrite(&mut self, written: String) {
        self.original = self.original.take().or_else(|| Some(self.written().to_owned()));
        let Some(mjml) = &mut self.mjml else {
            self.text = written;
            return;
        };
        let plain = Self { shown: self.shown.clone(), text: written, overriding: true, mjml: None, original: None };
        let compiled = mjml::compile(&plain);
        self.text = compiled.html;
        (mjml.text, mjml.compiled) = (plain.text, compiled.mistakes.is_empty());
    }

    #[cfg(test)]
    pub(super) fn written_as(shown: &str, text: &str) -> Self {
        Self { shown: shown.to_owned(), text: text.to_owned(), overriding: true, mjml: None, original: None }
    }
}

/// Returns the line and the column, both from 1, of a byte.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset.min(text.len()))];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Returns the byte at a line and a column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = &text[line_start..];
    line_start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
}
