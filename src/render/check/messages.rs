//! What an operator's messages refer to: variables that the message is given, and other messages.
//!
//! Fluent finds what is missing only where a message is printed, and of a choice only in the variant that is taken. So
//! every message is looked at as it is written.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};

use crate::domain::language::Language;
use crate::domain::nearest::nearest;
use crate::render::blame::Blame;
use crate::render::error::TemplateError;
use crate::render::locale::{self, Locales};
use crate::render::source::{Source, position};
use crate::render::sources::Sources;

/// The variables that a message is given, by its key.
pub(in crate::render) type Given = BTreeMap<String, BTreeSet<String>>;

/// Returns what our own messages make use of. Some are printed by no template.
pub(in crate::render) fn given_by_us(sources: &Sources) -> Given {
    let mut given = Given::new();
    for language in Language::ALL {
        let ours = locale::readable(&sources.files[&locale::file_name(language)]);
        for entry in ours.entries() {
            let Entry::Message(message) = entry else { continue };
            let known = given.entry(message.id.name.to_owned()).or_default();
            let mut found = Vec::new();
            message.value.iter().for_each(|value| references(value, &mut found));
            known.extend(found.into_iter().filter_map(|reference| match reference {
                Reference::Variable(name) => Some(name.to_owned()),
                _ => None,
            }));
        }
    }
    given
}

/// Refuses what the operator's messages refer to and is not there.
pub(in crate::render) fn check(
    sources: &Sources,
    locales: &Locales,
    given: &Given,
    blame: &mut Blame,
) -> Result<(), TemplateError> {
    for language in Language::ALL {
        let Some(source) = sources.locale_overrides.get(&locale::file_name(language)) else { continue };
        let resource = locale::readable(source);
        let look = Look::new(source, &resource, language, locales);
        for entry in resource.entries() {
            let Entry::Message(message) = entry else { continue };
            let id = message.id.name;
            let nothing = BTreeSet::new();
            let given = given.get(id).unwrap_or(&nothing);
            let problems = match &message.value {
                Some(value) => look.problems(id, value, given, &mut vec![id]),
                None => vec![(id, format!("`{id}` has no text of its own: write it behind the `=`"))],
            };
            problems
                .into_iter()
                .try_for_each(|(at, problem)| blame.take::<()>(Err(look.refuse(at, problem))).map(drop))?;
        }
    }
    Ok(())
}

/// Something a message refers to.
#[derive(Clone, Copy)]
enum Reference<'a> {
    Variable(&'a str),
    Message(&'a str),
    Term(&'a str),
    Function(&'a str),
}

struct Look<'a> {
    source: &'a Source,
    resource: &'a FluentResource,
    terms: BTreeSet<&'a str>,
    language: Language,
    locales: &'a Locales,
}

impl<'a> Look<'a> {
    fn new(source: &'a Source, resource: &'a FluentResource, language: Language, locales: &'a Locales) -> Self {
        let terms = resource.entries().filter_map(|entry| match entry {
            Entry::Term(term) => Some(term.id.name),
            _ => None,
        });
        Self { source, resource, terms: terms.collect(), language, locales }
    }

    /// Refuses what a name of the resource stands for.
    fn refuse(&self, at: &str, problem: String) -> TemplateError {
        // Both are parts of one text: as far as one begins behind the other.
        let text = self.resource.source();
        let (line, column) = position(text, (at.as_ptr() as usize).saturating_sub(text.as_ptr() as usize));
        self.source.at(line, Some(column), problem)
    }

    /// Returns what is wrong with a message, each with the name it is about. `path` is how we came to it.
    fn problems(
        &self,
        id: &str,
        value: &'a Pattern<&'a str>,
        given: &BTreeSet<String>,
        path: &mut Vec<&'a str>,
    ) -> Vec<(&'a str, String)> {
        let mut found = Vec::new();
        references(value, &mut found);
        let mut problems = Vec::new();
        for reference in found {
            match reference {
                Reference::Variable(name) if given.contains(name) => {}
                Reference::Variable(name) => problems.push((name, not_given(id, name, given))),
                Reference::Message(name) if path.contains(&name) => {
                    problems.push((name, format!("messages that refer to each other never end: take `{name}` out")));
                }
                Reference::Message(name) => match self.locales.pattern(self.language, name) {
                    Some(value) => {
                        path.push(name);
                        // What is wrong further in is wrong here: it is here that the message is given too little.
                        let within = self.problems(id, value, given, path);
                        problems.extend(within.into_iter().map(|(_, problem)| (name, problem)));
                        path.pop();
                    }
                    None => problems.push((name, format!("there is no message `{name}` to refer to"))),
                },
                Reference::Term(name) if self.terms.contains(name) => {}
                Reference::Term(name) => problems.push((name, format!("there is no term `-{name}` in this file"))),
                Reference::Function(name) => {
                    problems.push((name, format!("there are no functions here: leave `{name}()` out")));
                }
            }
        }
        problems
    }
}

fn not_given(id: &str, name: &str, given: &BTreeSet<String>) -> String {
    let meant = nearest(name, given.iter().map(String::as_str));
    let meant = meant.map(|near| format!("did you mean `{{ ${near} }}`? ")).unwrap_or_default();
    let known: Vec<_> = given.iter().map(|name| format!("${name}")).collect();
    match known.is_empty() {
        true => format!("`{id}` is not given `{{ ${name} }}`, nor any other variable: write words"),
        false => format!("`{id}` is not given `{{ ${name} }}`; {meant}it is given: {}", known.join(", ")),
    }
}

/// Finds everything a text refers to, in every variant of its choices.
fn references<'a>(pattern: &'a Pattern<&'a str>, found: &mut Vec<Reference<'a>>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, found);
        }
    }
}

fn of_expression<'a>(expression: &'a Expression<&'a str>, found: &mut Vec<Reference<'a>>) {
    match expression {
        Expression::Inline(inline) => of_inline(inline, found),
        Expression::Select { selector, variants } => {
            of_inline(selector, found);
            variants.iter().for_each(|variant| references(&variant.value, found));
        }
    }
}

fn of_inline<'a>(inline: &'a InlineExpression<&'a str>, found: &mut Vec<Reference<'a>>) {
    match inline {
        InlineExpression::VariableReference { id } => found.push(Reference::Variable(id.name)),
        InlineExpression::MessageReference { id, .. } => found.push(Reference::Message(id.name)),
        InlineExpression::TermReference { id, arguments, .. } => {
            found.push(Reference::Term(id.name));
            arguments.iter().for_each(|arguments| of_arguments(arguments, found));
        }
        InlineExpression::FunctionReference { id, arguments } => {
            found.push(Reference::Function(id.name));
            of_arguments(arguments, found);
        }
        InlineExpression::Placeable { expression } => of_expression(expression, found),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
    }
}

fn of_arguments<'a>(arguments: &'a CallArguments<&'a str>, found: &mut Vec<Reference<'a>>) {
    arguments.positional.iter().for_each(|value| of_inline(value, found));
    arguments.named.iter().for_each(|argument| of_inline(&argument.value, found));
}
