//! What the environment adds to the file: variables first, then systemd credentials.
//!
//! `KAWARABAN_DATABASE__URL` is `database.url`. A relay or an edition is addressed by its name:
//! `KAWARABAN_RELAYS__MAIN__PASSWORD` is the `password` of the relay named `main`; where the file has no relays at
//! all, it makes one. Environment variables win over credentials, credentials over the file.

use std::collections::BTreeMap;
use std::path::Path;

use super::editions;
use super::error::{Place, Problem};
use super::reader::name_in;
use super::tree::{Entries, Node, Origin, Value};

/// What the variables begin with that are ours.
const PREFIX: &str = "KAWARABAN_";
/// Names the file itself, so it is no key in it.
pub(super) const CONFIG_VARIABLE: &str = "KAWARABAN_CONFIG";
/// Set by systemd for a unit with `LoadCredential=`.
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// The sections that are lists of tables with a name.
const NAMED: [&str; 2] = ["relays", "editions"];

/// Returns the variables that set a key.
pub(super) fn settings(environment: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    environment
        .iter()
        .filter(|(name, _)| name.starts_with(PREFIX) && *name != CONFIG_VARIABLE)
        .map(|(name, value)| (name.as_str(), value.as_str()))
}

/// Lays variables and credentials over `root`.
pub(super) fn apply(root: &mut Entries, environment: &BTreeMap<String, String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, value) in settings(environment) {
        let lower = name[PREFIX.len()..].to_ascii_lowercase();
        let path: Vec<&str> = lower.split("__").collect();
        let node = Node { value: Value::Raw(value.to_owned()), origin: Origin::Variable(name.to_owned()) };
        if let Err(message) = set(root, &path, node) {
            problems.push(Problem { place: Place::Variable(name.to_owned()), key: path.join("."), message });
        }
    }
    if let Some(directory) = environment.get(CREDENTIALS_DIRECTORY).filter(|d| !d.is_empty()) {
        problems.extend(apply_credentials(root, Path::new(directory)));
    }
    problems
}

/// Puts `node` where `path` leads.
fn set(entries: &mut Entries, path: &[&str], node: Node) -> Result<(), String> {
    let (key, rest) = path.split_first().ok_or("names no key")?;
    if key.is_empty() {
        return Err("names no key".to_owned());
    }
    if rest.is_empty() {
        // `password` and `password_file` say the same thing: the new word for it replaces the old ones.
        let sibling = key.strip_suffix("_file").map_or_else(|| format!("{key}_file"), str::to_owned);
        if entries.get(&sibling).is_some_and(|(_, other)| !matches!(other.origin, Origin::Variable(_))) {
            entries.remove(&sibling);
        }
        entries.insert((*key).to_owned(), (node.origin.clone(), node));
        return Ok(());
    }
    let origin = node.origin.clone();
    if NAMED.contains(key) {
        let (_, list) = entries.entry((*key).to_owned()).or_insert_with(|| {
            let built_in = if *key == "editions" { editions::built_in() } else { Vec::new() };
            (origin.clone(), Node { value: Value::List(built_in), origin: origin.clone() })
        });
        let Value::List(items) = &mut list.value else {
            return Err(format!("{key} is not a list of tables; write [[{key}]] in the file"));
        };
        return set_in_named(items, key, rest, node);
    }
    let (_, section) = entries
        .entry((*key).to_owned())
        .or_insert_with(|| (origin.clone(), Node { value: Value::Table(Entries::new()), origin }));
    match &mut section.value {
        Value::Table(inner) => set(inner, rest, node),
        _ => Err(format!("{key} has no keys of its own")),
    }
}

fn set_in_named(items: &mut Vec<Node>, section: &str, path: &[&str], node: Node) -> Result<(), String> {
    let (wanted, rest) = path.split_first().ok_or("names no key")?;
    if rest.is_empty() || wanted.is_empty() {
        return Err(format!("name one of the {section} and a key: {PREFIX}{}__NAME__KEY", section.to_uppercase()));
    }
    if items.is_empty() {
        let name = Node { value: Value::Raw((*wanted).to_owned()), origin: node.origin.clone() };
        let table = Entries::from([("name".to_owned(), (node.origin.clone(), name))]);
        items.push(Node { value: Value::Table(table), origin: node.origin.clone() });
    }
    for item in items.iter_mut() {
        if let Some(name) = name_of(item)
            && spelled(&name) == *wanted
            && let Value::Table(inner) = &mut item.value
        {
            return set(inner, rest, node);
        }
    }
    let names: Vec<String> = items.iter().filter_map(name_of).collect();
    Err(format!("none of the {section} is named {wanted}; there is {}", names.join(", ")))
}

/// A name as it can stand in a variable.
fn spelled(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

fn name_of(item: &Node) -> Option<String> {
    match &item.value {
        Value::Table(entries) => name_in(entries).map(str::to_owned),
        _ => None,
    }
}

/// Takes `secret`, `database.url`, the keys of `dkim` and `relays.NAME.password` from the files systemd has put there.
fn apply_credentials(root: &mut Entries, directory: &Path) -> Vec<Problem> {
    let mut keys = ["secret", "database.url", "dkim.key", "dkim.ed25519_key"].map(str::to_owned).to_vec();
    if let Some((_, Node { value: Value::List(relays), .. })) = root.get("relays") {
        keys.extend(relays.iter().filter_map(name_of).map(|name| format!("relays.{name}.password")));
    }
    let mut problems = Vec::new();
    for key in keys {
        let file = directory.join(&key);
        let place = Place::Credential(file.clone());
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let value = Value::Raw(text.trim_end_matches(['\r', '\n']).to_owned());
                let node = Node { value, origin: Origin::Credential(file) };
                let spelled_key = spelled(&key);
                let path: Vec<&str> = spelled_key.split('.').collect();
                if is_set_by_variable(root, &path) {
                    continue;
                }
                if let Err(message) = set(root, &path, node) {
                    problems.push(Problem { place, key, message });
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => problems.push(Problem { place, key, message: format!("cannot be read: {error}") }),
        }
    }
    problems
}

/// Whether a variable sets the key at `path` or its `_file`.
fn is_set_by_variable(entries: &Entries, path: &[&str]) -> bool {
    let Some((key, rest)) = path.split_first() else { return false };
    if rest.is_empty() {
        return [(*key).to_owned(), format!("{key}_file")]
            .iter()
            .any(|k| entries.get(k).is_some_and(|(_, node)| matches!(node.origin, Origin::Variable(_))));
    }
    match entries.get(*key).map(|(_, node)| &node.value) {
        Some(Value::Table(inner)) => is_set_by_variable(inner, rest),
        Some(Value::List(items)) => items.iter().any(|item| {
            let Value::Table(inner) = &item.value else { return false };
            name_of(item).is_some_and(|name| spelled(&name) == rest[0]) && is_set_by_variable(inner, &rest[1..])
        }),
        _ => false,
    }
}
