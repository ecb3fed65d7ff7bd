//! Every variable of every template, looked up in what the template is given.
//!
//! Rendering the samples finds a variable that is not there only where a sample passes by, one at a time, and `with` and
//! a partial's parameter take a misspelt one for nothing. So each template is walked as it would be rendered, through
//! its blocks and its partials, rendered or not.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use handlebars::Template;
use handlebars::template::{BlockParam, DecoratorTemplate, HelperTemplate, Parameter, TemplateElement};

use super::scope::Scopes;
use super::shape::{self, Shape};
use super::structure::{Compiled, Place, children, is_branch};
use crate::render::blame::Blame;
use crate::render::error::TemplateError;
use crate::render::helpers;

/// A template of ours has a few hundred, with all it includes. Partials that include one another twice, thirty deep,
/// would never be done.
const MAX_ELEMENTS: usize = 200_000;

/// A variable that is not there: the template it stands in, where, and how it is written.
type Missing<'a> = (&'a str, Place, &'a str);
/// A partial of ours that the operator includes: their template, where, and the partial.
type Inclusion<'a> = (&'a str, Place, &'a str);

/// Refuses templates with variables that their contexts do not have. No circle of partials may be left in them. Returns
/// whether rendering them comes to an end in a reasonable time.
pub(in crate::render) fn check(compiled: &Compiled<'_>, blame: &mut Blame) -> Result<bool, TemplateError> {
    // What is missing in a partial is missing wherever it is included, and told once.
    let mut missing: BTreeMap<Missing<'_>, (String, BTreeSet<&str>)> = BTreeMap::new();
    // Of these the operator can mend where they include it, and not the partial.
    let mut misplaced: BTreeMap<Inclusion<'_>, (BTreeSet<&str>, String)> = BTreeMap::new();
    let mut ends = true;
    for (root, shape) in shape::of_templates() {
        let Some((source, template)) = compiled.get(root) else { continue };
        let scopes = Scopes::new(shape);
        let mut walk = Walk {
            compiled,
            name: root,
            scopes,
            left: MAX_ELEMENTS,
            missing: Vec::new(),
            through: None,
            misplaced: BTreeMap::new(),
        };
        walk.template(template, Place::of_block(1, 1));
        if walk.left == 0 {
            ends = false;
            let problem = format!(
                "includes partials that include others, more than {MAX_ELEMENTS} elements in all: include them less often"
            );
            blame.take::<()>(Err(source.at(1, None, problem)))?;
        }
        for (inclusion, (names, here)) in walk.misplaced {
            misplaced.entry(inclusion).or_insert_with(|| (BTreeSet::new(), here)).0.extend(names);
        }
        for (found, problem) in walk.missing {
            missing.entry(found).or_insert_with(|| (problem, BTreeSet::new())).1.insert(root);
        }
    }
    for ((name, place, partial), (names, here)) in misplaced {
        let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
        let problem = format!(
            "`{partial}` does not fit here: {} not there; {here}",
            match names.as_slice() {
                [one] => format!("{one} is"),
                several => format!("{} are", several.join(", ")),
            }
        );
        blame.take::<()>(Err(place.refuse(compiled[name].0, problem)))?;
    }
    for ((name, place, _), (problem, roots)) in missing {
        let (source, _) = compiled[name];
        let mut also = roots.into_iter().filter(|root| *root != name).collect::<Vec<_>>();
        let more = match also.len() {
            0 => String::new(),
            1 => format!(" (where {} includes it)", also.remove(0)),
            n => format!(" (where {} and {} more include it)", also.remove(0), n - 1),
        };
        blame.take::<()>(Err(place.refuse(source, format!("{problem}{more}"))))?;
    }
    Ok(ends)
}

struct Walk<'a> {
    compiled: &'a Compiled<'a>,
    /// The template we are in.
    name: &'a str,
    scopes: Scopes,
    left: usize,
    /// Each with why it is not there.
    missing: Vec<(Missing<'a>, String)>,
    /// How we came from the operator's templates to ours, if so, and what there is.
    through: Option<(Inclusion<'a>, String)>,
    misplaced: BTreeMap<Inclusion<'a>, (BTreeSet<&'a str>, String)>,
}

impl<'a> Walk<'a> {
    fn template(&mut self, template: &'a Template, block: Place) {
        for (element, place) in children(template, block) {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            match element {
                TemplateElement::Expression(tag) | TemplateElement::HtmlExpression(tag) => self.expression(tag, place),
                TemplateElement::HelperBlock(tag) => self.block(tag, place),
                TemplateElement::PartialExpression(tag) | TemplateElement::PartialBlock(tag) => {
                    self.partial(tag, place);
                }
                _ => {}
            }
        }
    }

    fn expression(&mut self, tag: &'a HelperTemplate, place: Place) {
        let bare = tag.params.is_empty() && tag.hash.is_empty();
        match &tag.name {
            Parameter::Path(_) if bare && !tag.name.as_name().is_some_and(|name| helpers::NAMES.contains(&name)) => {
                self.value(&tag.name, place);
            }
            Parameter::Subexpression(_) => drop(self.value(&tag.name, place)),
            _ => drop(self.parameters(tag, place)),
        }
    }

    /// Returns what the parameters of a helper lead to.
    fn parameters(&mut self, tag: &'a HelperTemplate, place: Place) -> Vec<Arc<Shape>> {
        let values: Vec<_> = tag.params.iter().map(|parameter| self.value(parameter, place)).collect();
        sorted(&tag.hash).for_each(|(_, parameter)| drop(self.value(parameter, place)));
        values
    }

    fn value(&mut self, parameter: &'a Parameter, place: Place) -> Arc<Shape> {
        match parameter {
            Parameter::Path(_) | Parameter::Name(_) => {
                let path = parameter.as_name().unwrap_or_default();
                self.scopes.find(path).unwrap_or_else(|problem| {
                    match &self.through {
                        Some((inclusion, here)) if !self.compiled[self.name].0.overriding => {
                            let known = self.misplaced.entry(*inclusion);
                            known.or_insert_with(|| (BTreeSet::new(), here.clone())).0.insert(path);
                        }
                        _ => self.missing.push(((self.name, place, path), problem)),
                    }
                    Shape::anything()
                })
            }
            Parameter::Subexpression(inner) => match inner.as_element() {
                TemplateElement::Expression(tag) => self.call(tag, place),
                _ => Shape::anything(),
            },
            _ => Shape::anything(),
        }
    }

    /// Returns what a helper in parentheses comes to.
    fn call(&mut self, tag: &'a HelperTemplate, place: Place) -> Arc<Shape> {
        let values = self.parameters(tag, place);
        let (Some("lookup"), Some(of)) = (tag.name.as_name(), values.first()) else { return Shape::anything() };
        if of.is_list() {
            return of.each();
        }
        match tag.params.get(1) {
            Some(Parameter::Literal(name)) => name.as_str().and_then(|name| of.field(name)).unwrap_or_default(),
            _ => Shape::anything(),
        }
    }

    fn block(&mut self, tag: &'a HelperTemplate, place: Place) {
        let values = self.parameters(tag, place);
        let about = values.first().cloned().unwrap_or_default();
        let names = named(tag.block_param.as_ref());
        let opens = match tag.name.as_name() {
            Some("each") => {
                self.scopes.open_round(&about, &names);
                true
            }
            Some("with") => {
                let named = names.first().map(|name| ((*name).to_owned(), Arc::clone(&about)));
                self.scopes.open(about, named.into_iter().collect());
                true
            }
            Some(name) if helpers::NAMES.contains(&name) => false,
            // Nobody knows what it would have been about.
            _ => {
                self.scopes.open(Shape::anything(), BTreeMap::new());
                true
            }
        };
        if let Some(template) = &tag.template {
            self.template(template, place);
        }
        if opens {
            self.scopes.close();
        }
        if let Some(template) = &tag.inverse {
            self.template(template, if is_branch(template) { place.next_branch() } else { place });
        }
    }

    fn partial(&mut self, tag: &'a DecoratorTemplate, place: Place) {
        let named: BTreeMap<String, Arc<Shape>> =
            sorted(&tag.hash).map(|(name, parameter)| (name.clone(), self.value(parameter, place))).collect();
        let values: Vec<_> = tag.params.iter().map(|parameter| self.value(parameter, place)).collect();
        let about = values.first().cloned().unwrap_or_else(|| self.scopes.here());
        self.scopes.open(about, named);
        if let Some(block) = &tag.template {
            self.template(block, place);
        }
        let compiled = self.compiled;
        let included = tag.name.as_name().and_then(|name| compiled.get_key_value(name));
        if let Some((name, (source, template))) = included {
            let through = self.through.clone();
            if self.compiled[self.name].0.overriding && !source.overriding {
                let there = self.scopes.here().names().collect::<Vec<_>>().join(", ");
                self.through = Some(((self.name, place, name), format!("here there are: {there}")));
            }
            let outer = std::mem::replace(&mut self.name, name);
            self.template(template, Place::of_block(1, 1));
            (self.name, self.through) = (outer, through);
        }
        self.scopes.close();
    }
}

/// Returns the entries of a hash in an order that is always the same.
fn sorted(hash: &HashMap<String, Parameter>) -> impl Iterator<Item = (&String, &Parameter)> {
    hash.iter().collect::<BTreeMap<_, _>>().into_iter()
}

fn named(parameter: Option<&BlockParam>) -> Vec<&str> {
    match parameter {
        Some(BlockParam::Single(name)) => name.as_name().into_iter().collect(),
        Some(BlockParam::Pair((value, key))) => value.as_name().into_iter().chain(key.as_name()).collect(),
        _ => Vec::new(),
    }
}
