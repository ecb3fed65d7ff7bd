//! `templates`: for operators who write their own. None of it needs a configuration.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;

use super::args::TemplatesCommand;
use super::exit::{Exit, Outcome};
use super::output::{Output, facts, plain, table};
use super::words::{count, digits, number};
use crate::domain::language::Language;
use crate::render::{self, Inspection, MAX_HTML_BYTES, TemplateError};

pub(super) fn run(command: TemplatesCommand, out: &Output) -> Outcome {
    match command {
        TemplatesCommand::Export { dir, force } => export(&dir, force, out),
        TemplatesCommand::Check { dir } => check(&dir, out),
        TemplatesCommand::Context { name, lang } => context(name.as_deref(), lang, out),
    }
}

/// What an export wrote, as JSON.
#[derive(Serialize)]
struct Exported {
    folder: PathBuf,
    files: Vec<String>,
}

fn export(folder: &Path, force: bool, out: &Output) -> Outcome {
    let files = everything();
    if !force {
        // Looked at before the first is written: half an export would be neither theirs nor ours.
        let there: Vec<_> = files.iter().map(|(name, _)| name).filter(|name| folder.join(name).exists()).collect();
        if let Some(first) = there.first() {
            bail!(
                "{} is there already, and {} more; --force writes over them",
                folder.join(first).display(),
                there.len() - 1
            );
        }
    }
    for (name, text) in &files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let exported = Exported { folder: folder.to_owned(), files: files.into_iter().map(|(name, _)| name).collect() };
    out.answer(&exported, |exported| {
        format!(
            "{} files are in {}. README.md there says what they are.",
            exported.files.len(),
            exported.folder.display()
        )
    })?;
    Ok(Exit::Done)
}

/// Returns every file of an export.
fn everything() -> Vec<(String, String)> {
    let mut files = render::built_in();
    for language in Language::ALL {
        for (name, mail, samples) in render::samples(language) {
            let folder = if mail { "mail" } else { "web" };
            let text = serde_json::to_string_pretty(&samples).expect("samples are made of strings, numbers and lists");
            files.push((format!("samples/{folder}/{name}.{language}.json"), text + "\n"));
        }
    }
    files.push(("README.md".to_owned(), readme()));
    files
}

fn readme() -> String {
    let mut text = "# Templates\n\n\
        Each file here may be changed, and takes the place of the built-in one of the same name. Delete those you leave \
        as they are. `kawaraban templates check DIR` says what is wrong with them; the daemon does not start with broken \
        ones.\n\n\
        - `mail/<name>/{subject,text,html}.hbs`: the three parts of a mail. `html.mjml.hbs` instead of `html.hbs` is MJML.\n\
        - `web/<name>.hbs`: a page. `partials/`: what several share. `assets/`: the stylesheet and the icon.\n\
        - `locales/<language>.ftl`: every word. A file with only the messages that differ is enough.\n\
        - `samples/`: what each template is given, as JSON: a list of cases. This file and the samples are not read.\n\n\
        ## The fields of the mails\n\n| field | meaning |\n|---|---|\n"
        .to_owned();
    for (field, meaning) in render::fields("digest") {
        let _ = writeln!(text, "| `{field}` | {meaning} |");
    }
    text.push_str(
        "\nHelpers: `t`, `format_date`, `truncate`, `host`, `html`, `if`, `unless`, `each`, `with`, `lookup`, `eq`, `ne`, \
         `gt`, `gte`, `lt`, `lte`, `and`, `or`, `not`.\n",
    );
    text
}

/// A mistake or a warning, as JSON.
#[derive(Serialize)]
struct FindingView {
    severity: &'static str,
    file: String,
    line: Option<usize>,
    column: Option<usize>,
    problem: String,
}

/// What a check found, as JSON.
#[derive(Serialize)]
struct CheckedView {
    ok: bool,
    /// Those that differ from the built-in ones.
    files: usize,
    /// Those that do not.
    same: usize,
    full_issue_html_bytes: Option<usize>,
    findings: Vec<FindingView>,
}

fn finding(severity: &'static str, error: TemplateError) -> FindingView {
    let (file, line, column, problem) = match error {
        TemplateError::Refused { place, problem } => (place.file, Some(place.line), place.column, problem),
        TemplateError::UnknownFile { path, hint } => {
            let problem = format!("no template, locale or asset has this name; {hint}");
            (path.display().to_string(), None, None, problem)
        }
        TemplateError::NoTemplates { path, problem } => (path.display().to_string(), None, None, problem),
        TemplateError::Read { path, source } => (path.display().to_string(), None, None, source.to_string()),
    };
    FindingView { severity, file, line, column, problem }
}

fn check(folder: &Path, out: &Output) -> Outcome {
    let Inspection { errors, warnings, files, same, full_issue_bytes } = render::inspect(folder)?;
    let errors = errors.into_iter().map(|error| finding("error", error));
    let findings: Vec<_> = errors.chain(warnings.into_iter().map(|warning| finding("warning", warning))).collect();
    let ok = findings.iter().all(|finding| finding.severity == "warning");
    let view = CheckedView { ok, files, same, full_issue_html_bytes: full_issue_bytes, findings };
    out.answer(&view, worded)?;
    Ok(if view.ok { Exit::Done } else { Exit::Failed })
}

fn worded(view: &CheckedView) -> String {
    let mut text = String::new();
    for FindingView { severity, file, line, column, problem } in &view.findings {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let column = column.map(|column| format!(":{column}")).unwrap_or_default();
        let _ = writeln!(text, "{severity}: {}{line}{column}: {}", plain(file), plain(problem));
    }
    text.push_str(&verdict(view));
    text
}

fn verdict(view: &CheckedView) -> String {
    let errors = view.findings.iter().filter(|finding| finding.severity == "error");
    let mistakes = errors.clone().count();
    if mistakes > 0 {
        let files = errors.map(|finding| finding.file.as_str()).collect::<BTreeSet<_>>().len();
        let count = |n: usize, one: &str, many: &str| count(number(n), one, many);
        return format!("{} in {}.\n", count(mistakes, "mistake", "mistakes"), count(files, "file", "files"));
    }
    let mut text = match (view.files, view.same) {
        (0, same) => format!("{} the same as built in, and good.", count(number(same), "file is", "files are")),
        (files, 0) => format!("{} good.", count(number(files), "file is", "files are")),
        (files, same) => format!(
            "{} good; {} the same as built in.",
            count(number(files), "file is", "files are"),
            count(number(same), "more is", "more are")
        ),
    };
    if let Some(bytes) = view.full_issue_html_bytes {
        let (bytes, most) = (digits(number(bytes)), digits(number(MAX_HTML_BYTES)));
        let _ = write!(text, " The HTML of a full issue has {bytes} bytes of {most}.");
    }
    text + "\n"
}

/// What a template is given, as JSON.
#[derive(Serialize)]
struct ContextView {
    name: &'static str,
    kind: &'static str,
    fields: Vec<FieldView>,
    samples: serde_json::Value,
}

#[derive(Serialize)]
struct FieldView {
    field: &'static str,
    meaning: &'static str,
}

fn context(name: Option<&str>, language: Language, out: &Output) -> Outcome {
    let all = render::samples(language);
    let kind = |mail: bool| if mail { "mail" } else { "page" };
    let Some(name) = name else {
        let names: Vec<_> = all.iter().map(|(name, mail, _)| (*name, kind(*mail))).collect();
        out.answer(&names, |names| {
            let rows = names.iter().map(|(name, kind)| [(*name).to_owned(), (*kind).to_owned()]).collect();
            table(["name", "kind"], rows, "There is none.")
        })?;
        return Ok(Exit::Done);
    };
    let Some((name, mail, samples)) = all.into_iter().find(|(known, _, _)| *known == name) else {
        bail!("there is no template {name:?}; `kawaraban templates context` lists them");
    };
    let first = samples.get(0).cloned().unwrap_or_default();
    let known = |field: &str| field.split(['.', '[']).next().is_some_and(|top| first.get(top).is_some());
    let fields = render::fields(name)
        .iter()
        .filter(|(field, _)| known(field))
        .map(|&(field, meaning)| FieldView { field, meaning })
        .collect();
    let view = ContextView { name, kind: kind(mail), fields, samples };
    out.answer(&view, |view| {
        let lines: Vec<_> = view.fields.iter().map(|line| (line.field, line.meaning.to_owned())).collect();
        let sample = serde_json::to_string_pretty(&first).unwrap_or_default();
        format!("{}\nA sample:\n\n{sample}\n", facts(&lines))
    })?;
    Ok(Exit::Done)
}
