//! What a template can find in its context, told by the samples of it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use crate::domain::language::Language;
use crate::render::context;

/// What stands at a place of a context in any of the samples. A place where no sample has more than null may hold
/// anything.
#[derive(Debug, Default)]
pub(in crate::render) struct Shape {
    fields: BTreeMap<String, Arc<Shape>>,
    items: Option<Arc<Shape>>,
    /// Whether it is a text, a number or the like somewhere.
    plain: bool,
}

impl Shape {
    /// Returns what may hold anything.
    pub(super) fn anything() -> Arc<Self> {
        Arc::new(Self::default())
    }

    fn of(values: &[&Value]) -> Arc<Self> {
        let mut fields: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        let (mut items, mut lists, mut plain) = (Vec::new(), false, false);
        for value in values {
            match value {
                Value::Object(map) => map.iter().for_each(|(name, value)| fields.entry(name).or_default().push(value)),
                Value::Array(list) => {
                    lists = true;
                    items.extend(list);
                }
                Value::Null => {}
                Value::Bool(_) | Value::Number(_) | Value::String(_) => plain = true,
            }
        }
        let fields = fields.into_iter().map(|(name, values)| (name.to_owned(), Self::of(&values))).collect();
        Arc::new(Self { fields, items: lists.then(|| Self::of(&items)), plain })
    }

    fn is_open(&self) -> bool {
        self.fields.is_empty() && self.items.is_none() && !self.plain
    }

    /// Returns what the field `name` holds, or nothing if there is no such field in any sample.
    pub(super) fn field(&self, name: &str) -> Option<Arc<Self>> {
        if self.is_open() {
            return Some(Self::anything());
        }
        let item = || self.items.clone().filter(|_| name.parse::<usize>().is_ok());
        self.fields.get(name).cloned().or_else(item)
    }

    /// Returns what a round of `each` sees.
    pub(super) fn each(&self) -> Arc<Self> {
        match &self.items {
            Some(items) => Arc::clone(items),
            // The fields of an object differ.
            None => Self::anything(),
        }
    }

    /// Returns the names of its fields.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// Returns whether it is a list.
    pub(super) fn is_list(&self) -> bool {
        self.items.is_some()
    }
}

/// The shape of what each template is given, by the template's name: `mail/digest/html`, `web/sign_up`.
static OF_TEMPLATES: LazyLock<BTreeMap<String, Arc<Shape>>> = LazyLock::new(|| {
    let mut samples: BTreeMap<(&str, bool), Vec<Value>> = BTreeMap::new();
    for language in Language::ALL {
        for (name, mail, cases) in context::every_sample(language) {
            let known = samples.entry((name, mail)).or_default();
            if let Value::Array(cases) = cases {
                known.extend(cases);
            }
        }
    }
    let mut shapes = BTreeMap::new();
    for ((name, mail), cases) in samples {
        let shape = Shape::of(&cases.iter().collect::<Vec<_>>());
        if mail {
            for part in ["subject", "text", "html"] {
                shapes.insert(format!("mail/{name}/{part}"), Arc::clone(&shape));
            }
        } else {
            shapes.insert(format!("web/{name}"), shape);
        }
    }
    shapes
});

/// Returns every template that is rendered by itself, and what it is given.
pub(super) fn of_templates() -> impl Iterator<Item = (&'static str, Arc<Shape>)> {
    OF_TEMPLATES.iter().map(|(name, shape)| (name.as_str(), Arc::clone(shape)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_shape_has_what_any_sample_has() {
        let [one, two] = [json!({"a": null, "list": []}), json!({"a": {"b": 1}, "list": [{"c": "x"}, {"d": null}]})];
        let shape = Shape::of(&[&one, &two]);
        let a = shape.field("a").unwrap();
        assert!(a.field("b").is_some() && a.field("c").is_none());
        assert!(a.field("b").unwrap().field("x").is_none(), "a number has no fields");
        let item = shape.field("list").unwrap().each();
        assert!(item.field("c").is_some() && item.field("e").is_none());
        assert!(item.field("d").unwrap().field("whatever").is_some(), "nobody knows");
        assert!(shape.field("list").unwrap().field("0").is_some());
        assert!(shape.field("list").unwrap().field("c").is_none());
    }
}
