//! The arguments of `templates`.

use std::path::PathBuf;

use clap::Subcommand;

use crate::domain::language::Language;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TemplatesCommand {
    /// Write every built-in template and locale to a folder, with samples of what each is given.
    #[command(after_help = "\
Delete what you do not change: a file that is not there is the built-in one, and improves with each version. Then put \
the folder into templates.dir.

Examples:
  kawaraban templates export /etc/kawaraban/templates")]
    Export {
        /// The folder.
        dir: PathBuf,
        /// Write over files that are there.
        #[arg(long)]
        force: bool,
    },
    /// Say everything that is wrong with the templates in a folder.
    #[command(after_help = "\
Looked for: files that replace nothing, syntax, unknown helpers, partials, messages and variables, partials in a circle, \
nesting without end, unescaped output, what hides or loads, a full issue that is too large, and mails without the way to \
leave or without their sender. All of it is said at once, each with file, line and column. Ends with 1 if anything is wrong.

Examples:
  kawaraban templates check ./templates
  kawaraban templates check ./templates --json")]
    Check {
        /// The folder.
        dir: PathBuf,
    },
    /// Show what a template is given: its fields and a sample.
    #[command(after_help = "\
Examples:
  kawaraban templates context              the names of all
  kawaraban templates context digest --lang ja")]
    Context {
        /// The template, such as `digest`; without it, all names.
        name: Option<String>,
        /// The language of the sample.
        #[arg(long, default_value = "en", value_parser = |text: &str| text.parse::<Language>())]
        lang: Language,
    },
}
