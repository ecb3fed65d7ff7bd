//! What a path in a template leads to: Handlebars' rules of scope, on shapes in the place of values.
//!
//! `each`, `with` and every partial open a scope; `if` and the like do not. A path begins at the innermost scope,
//! `../` goes out by one, `@root.` begins at the top. What `as |name|` and a partial's `name=` introduce is found first,
//! from anywhere further in.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::shape::Shape;
use crate::domain::nearest::nearest;

/// A scope.
#[derive(Clone)]
pub(super) struct Scope {
    base: Arc<Shape>,
    /// What has a name of its own here.
    named: BTreeMap<String, Arc<Shape>>,
    /// `@index` and the like, without the `@`; nothing is known of them inside what is not known itself.
    locals: &'static [&'static str],
}

/// The scopes that are open, the outermost first.
#[derive(Clone)]
pub(super) struct Scopes(Vec<Scope>);

/// What the rounds of `each` have.
const OF_A_ROUND: &[&str] = &["first", "last", "index", "key"];

impl Scopes {
    pub(super) fn new(root: Arc<Shape>) -> Self {
        Self(vec![Scope { base: root, named: BTreeMap::new(), locals: &[] }])
    }

    fn innermost(&self) -> &Scope {
        self.0.last().expect("the outermost scope is never closed")
    }

    /// Returns what the innermost scope is about.
    pub(super) fn here(&self) -> Arc<Shape> {
        Arc::clone(&self.innermost().base)
    }

    /// Opens the scope of a round of `each`.
    pub(super) fn open_round(&mut self, list: &Shape, names: &[&str]) {
        let item = list.each();
        let named = names.iter().zip([Arc::clone(&item), Shape::anything()]);
        let named = named.map(|(name, shape)| ((*name).to_owned(), shape)).collect();
        self.0.push(Scope { base: item, named, locals: OF_A_ROUND });
    }

    /// Opens a scope about `base`, in which `named` have names of their own. `@index` stays what it is.
    pub(super) fn open(&mut self, base: Arc<Shape>, named: BTreeMap<String, Arc<Shape>>) {
        let locals = self.innermost().locals;
        self.0.push(Scope { base, named, locals });
    }

    pub(super) fn close(&mut self) {
        self.0.pop();
    }

    /// Returns what a path leads to, or in words why it leads nowhere.
    pub(super) fn find(&self, path: &str) -> Result<Arc<Shape>, String> {
        let path = Path::parse(path);
        if path.local {
            return self.local(&path);
        }
        let from = self.0.len().checked_sub(1 + path.up);
        // Whoever goes out too far is where they were.
        let scope = from.map_or_else(|| self.innermost(), |index| &self.0[index]);
        let mut names = path.names.iter().enumerate();
        let mut shape = if path.root {
            Arc::clone(&self.0[0].base)
        } else if let Some(named) = path.names.first().and_then(|first| self.named(first)) {
            names.next();
            named
        } else {
            Arc::clone(&scope.base)
        };
        for (nth, name) in names {
            shape = shape.field(name).ok_or_else(|| self.missing(&path, nth, &shape))?;
        }
        Ok(shape)
    }

    fn named(&self, name: &str) -> Option<Arc<Shape>> {
        self.0.iter().rev().find_map(|scope| scope.named.get(name)).map(Arc::clone)
    }

    fn local(&self, path: &Path<'_>) -> Result<Arc<Shape>, String> {
        let name = path.names.first().copied().unwrap_or_default();
        let scope = self.0.len().checked_sub(1 + path.up).map(|index| &self.0[index]);
        if scope.is_some_and(|scope| scope.locals.contains(&name)) {
            return Ok(Shape::anything());
        }
        Err(if OF_A_ROUND.contains(&name) {
            format!("`{}` is there only inside `{{{{#each}}}}`", path.written)
        } else {
            format!("`{}` is not there; inside `{{{{#each}}}}` there are @first, @last, @index and @key", path.written)
        })
    }

    /// Says that the `nth` name of a path is not there, and what is.
    fn missing(&self, path: &Path<'_>, nth: usize, at: &Shape) -> String {
        let (written, name) = (path.written, path.names[nth]);
        let walked = path.up_to(nth);
        if at.is_list() {
            let list = if walked.is_empty() { "this" } else { &walked };
            return format!("`{written}` is not there: `{list}` is a list; go through it with `{{{{#each {list}}}}}`");
        }
        let known: Vec<&str> = at.names().collect();
        if known.is_empty() {
            let text = if walked.is_empty() { "this" } else { &walked };
            return format!("`{written}` is not there: `{text}` is a text or a number and has no fields");
        }
        let meant = match nearest(name, known.iter().copied()) {
            Some(near) => Some(path.with(nth, near)),
            None => self.elsewhere(path, nth),
        };
        let meant = meant.map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
        let place = if walked.is_empty() { "here".to_owned() } else { format!("in `{walked}`") };
        format!("`{written}` is not there; {meant}{place} there are: {}", known.join(", "))
    }

    /// Returns the path to what an outer scope has of this name.
    fn elsewhere(&self, path: &Path<'_>, nth: usize) -> Option<String> {
        if nth > 0 || path.up > 0 || path.root {
            return None;
        }
        let name = path.names[nth];
        let outwards = self.0.iter().rev().skip(1).position(|scope| scope.base.names().any(|known| known == name))?;
        Some(format!("{}{}", "../".repeat(outwards + 1), path.names.join(".")))
    }
}

/// A path, taken apart.
struct Path<'a> {
    written: &'a str,
    root: bool,
    local: bool,
    up: usize,
    names: Vec<&'a str>,
}

impl<'a> Path<'a> {
    fn parse(written: &'a str) -> Self {
        let mut rest = written;
        for current in ["this.", "this/", "./"] {
            rest = rest.strip_prefix(current).unwrap_or(rest);
        }
        let root = rest.starts_with("@root.") || rest.starts_with("@root/");
        if root {
            rest = &rest["@root.".len()..];
        }
        let local = rest.starts_with('@');
        rest = rest.strip_prefix('@').unwrap_or(rest);
        let mut up = 0;
        while let Some(further) = rest.strip_prefix("../").or_else(|| rest.strip_prefix("...")) {
            up += 1;
            rest = further;
        }
        let mut names = Vec::new();
        while !rest.is_empty() {
            let (name, behind) = match rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
                Some(found) => found,
                None => rest.split_at(rest.find(['.', '/']).unwrap_or(rest.len())),
            };
            // Written in brackets or not, Handlebars passes over it.
            if name != "this" {
                names.push(name);
            }
            rest = behind.strip_prefix(['.', '/']).unwrap_or(behind);
        }
        Self { written, root, local, up, names }
    }

    /// Returns what stands before the names: `../`, `@root.` or nothing.
    fn way(&self) -> String {
        if self.root { "@root.".to_owned() } else { "../".repeat(self.up) }
    }

    /// Returns the path to where its `nth` name is looked for; nothing if that is here.
    fn up_to(&self, nth: usize) -> String {
        match (nth, self.root) {
            (0, true) => "@root".to_owned(),
            (0, false) => vec![".."; self.up].join("/"),
            _ => format!("{}{}", self.way(), self.names[..nth].join(".")),
        }
    }

    /// Returns the path to `name` in the place of its `nth` name.
    fn with(&self, nth: usize, name: &str) -> String {
        let names: Vec<&str> = self.names[..nth].iter().copied().chain([name]).collect();
        format!("{}{}", self.way(), names.join("."))
    }
}
