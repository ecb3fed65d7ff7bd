//! How templates and the partials they include go together: whether they come to an end, and a block has a place.
//!
//! A circle of partials never does: it takes the process with it. Of the templates it goes through, the operator's own
//! is the one they can mend, so that is where it is told.

use std::collections::BTreeMap;

use super::nesting::MAX_DEPTH;
use super::structure::{Compiled, Inclusion, Looked, Place};
use crate::render::blame::Blame;
use crate::render::error::TemplateError;

/// What a template has of its own.
pub(super) struct Own {
    /// How many levels deep its blocks are nested.
    pub(super) depth: usize,
    pub(super) inclusions: Vec<Inclusion>,
    /// Whether it has a place for the block it is included with.
    pub(super) frames: bool,
}

/// Refuses partials that include each other in a circle, and nesting too deep with everything that is included. Returns
/// whether rendering the templates comes to an end.
pub(super) fn check(
    compiled: &Compiled<'_>,
    own: &BTreeMap<&str, Own>,
    blame: &mut Blame,
) -> Result<bool, TemplateError> {
    let mut depths = Depths { compiled, own, total: BTreeMap::new(), ends: true, blame };
    for name in compiled.keys() {
        depths.of(name, &mut Vec::new())?;
    }
    Ok(depths.ends)
}

/// How deep each template goes with everything it includes.
struct Depths<'a> {
    compiled: &'a Compiled<'a>,
    own: &'a BTreeMap<&'a str, Own>,
    total: BTreeMap<&'a str, usize>,
    ends: bool,
    blame: &'a mut Blame,
}

/// A step on the way to a partial: a template, and where it includes the next one.
type Step<'a> = (&'a str, Place);

impl<'a> Depths<'a> {
    fn refuse(&mut self, error: TemplateError) -> Looked {
        self.ends = false;
        self.blame.take::<()>(Err(error)).map(drop)
    }

    /// `path` is how we came here. It cannot grow longer than there are templates: a circle ends the walk.
    fn of(&mut self, name: &'a str, path: &mut Vec<Step<'a>>) -> Result<usize, TemplateError> {
        if let Some(total) = self.total.get(name) {
            return Ok(*total);
        }
        let (compiled, own) = (self.compiled, self.own);
        let mut total = own[name].depth;
        if total > MAX_DEPTH {
            self.refuse(compiled[name].0.at(1, None, format!("nested more than {MAX_DEPTH} levels deep")))?;
        }
        for Inclusion { partial, at, depth, block } in &own[name].inclusions {
            // One that is not there has been told of.
            let Some((&partial, (source, _))) = compiled.get_key_value(partial.as_str()) else { continue };
            if *block && !own[partial].frames {
                // Handlebars drops what is in the block without a word.
                self.refuse(match source.overriding {
                    true => source.at(1, None, "`{{> @partial-block}}` is missing: write it where the contents go"),
                    false => at.refuse(
                        compiled[name].0,
                        format!("`{partial}` has no place for a block: write `{{{{> {partial}}}}}`"),
                    ),
                })?;
            }
            path.push((name, *at));
            if let Some(first) = path.iter().position(|(on_the_way, _)| *on_the_way == partial) {
                self.circle(&path[first..])?;
            } else {
                let below = depth + self.of(partial, path)?;
                if below > MAX_DEPTH && total <= MAX_DEPTH {
                    self.refuse(self.too_deep(path, partial))?;
                }
                total = total.max(below);
            }
            path.pop();
        }
        // Above the limit it has been told of, and what includes it is not to blame.
        self.total.insert(name, if total > MAX_DEPTH { 0 } else { total });
        Ok(self.total[name])
    }

    /// Refuses a circle, of which each step includes the next, and the last the first.
    fn circle(&mut self, steps: &[Step<'a>]) -> Looked {
        let names = steps.iter().chain(steps.first()).map(|(name, _)| *name);
        let circle = names.collect::<Vec<_>>().join(" → ");
        let (name, at) = self.theirs(steps).or(steps.last().copied()).expect("a circle has a step");
        let problem = format!("a circle of partials never ends: {circle}; take one of them out");
        self.refuse(at.refuse(self.compiled[name].0, problem))
    }

    /// Says that what includes `partial`, at the end of this path, is nested too deep with it.
    fn too_deep(&self, path: &[Step<'a>], partial: &'a str) -> TemplateError {
        if let Some((name, at)) = self.theirs(path) {
            let problem = format!("nested more than {MAX_DEPTH} levels deep with what it includes");
            return at.refuse(self.compiled[name].0, problem);
        }
        // All that leads here is built in, so it is what is included that is the operator's.
        self.compiled[partial].0.at(1, None, format!("nested more than {MAX_DEPTH} levels deep with what includes it"))
    }

    /// Returns the last of these steps that the operator wrote.
    fn theirs(&self, steps: &[Step<'a>]) -> Option<Step<'a>> {
        steps.iter().rfind(|(name, _)| self.compiled[name].0.overriding).copied()
    }
}
