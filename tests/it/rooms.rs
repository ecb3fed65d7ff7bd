//! The folder is the architecture: who may import whom is decided here, and a `use` that says otherwise fails.
//!
//! Every path in every source file counts, whether it stands in a `use`, in a type, in an expression or in a macro.
//! Code under `#[cfg(test)]` may reach rooms of its own level, too: the tests of `mail` talk to a server of `smtpd`.

#![expect(clippy::unwrap_used, reason = "a source file that cannot be read fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// One room: its level, and what it may import beyond its own.
struct Room {
    name: &'static str,
    level: u8,
    may: &'static [&'static str],
}

const ROOMS: &[Room] = &[
    Room { name: "domain", level: 0, may: &[] },
    Room { name: "clock", level: 0, may: &[] },
    Room { name: "crash", level: 0, may: &[] },
    Room { name: "sanitise", level: 0, may: &[] },
    Room { name: "config", level: 1, may: &["domain"] },
    Room { name: "telemetry", level: 1, may: &["domain", "config::LogConfig", "config::LogFormat"] },
    // An adapter knows its own section of the configuration and no other.
    Room { name: "store", level: 2, may: &["domain", "clock", "crash", "config::DatabaseConfig"] },
    Room { name: "render", level: 2, may: &["domain", "clock", "sanitise", "config::TemplatesConfig"] },
    Room {
        name: "mail",
        level: 2,
        may: &[
            "domain",
            "clock",
            "crash",
            "config::RelayConfig",
            "config::RelayTls",
            "config::SenderConfig",
            "config::DkimConfig",
            "config::DkimKeyConfig",
        ],
    },
    Room { name: "smtpd", level: 2, may: &["domain", "clock"] },
    Room { name: "feeds", level: 2, may: &["domain", "clock", "sanitise", "config::FeedsConfig"] },
    // Services meet in the tables, not in each other's functions.
    Room { name: "subscribers", level: 3, may: UP_TO_ADAPTERS },
    Room { name: "articles", level: 3, may: UP_TO_ADAPTERS },
    Room { name: "digest", level: 3, may: UP_TO_ADAPTERS },
    Room { name: "delivery", level: 3, may: UP_TO_ADAPTERS },
    Room { name: "bounces", level: 3, may: UP_TO_ADAPTERS },
    Room { name: "access", level: 3, may: UP_TO_ADAPTERS },
    Room { name: "scheduler", level: 4, may: SERVICES_AND_STORE },
    Room { name: "web", level: 4, may: SERVICES_AND_STORE },
    Room { name: "timekeeper", level: 5, may: &["clock", "store"] },
    Room { name: "app", level: 5, may: UP_TO_WEB },
    Room { name: "demo", level: 6, may: UP_TO_APP },
    Room { name: "cli", level: 7, may: UP_TO_DEMO },
    Room { name: "main", level: 8, may: &["app", "cli", "clock", "config", "crash", "telemetry"] },
];

const UP_TO_ADAPTERS: &[&str] =
    &["domain", "clock", "crash", "config", "telemetry", "store", "render", "mail", "smtpd", "feeds"];
const SERVICES_AND_STORE: &[&str] = &[
    "domain",
    "clock",
    "config",
    "store",
    "render",
    "subscribers",
    "articles",
    "digest",
    "delivery",
    "bounces",
    "access",
];
const UP_TO_WEB: &[&str] = &[
    "domain",
    "clock",
    "config",
    "telemetry",
    "store",
    "render",
    "mail",
    "smtpd",
    "feeds",
    "subscribers",
    "articles",
    "digest",
    "delivery",
    "bounces",
    "access",
    "scheduler",
    "web",
];
const UP_TO_APP: &[&str] = &[
    "domain",
    "clock",
    "config",
    "telemetry",
    "store",
    "render",
    "mail",
    "smtpd",
    "feeds",
    "subscribers",
    "articles",
    "digest",
    "delivery",
    "bounces",
    "access",
    "scheduler",
    "web",
    "app",
];
const UP_TO_DEMO: &[&str] = &[
    "domain",
    "clock",
    "config",
    "telemetry",
    "store",
    "render",
    "mail",
    "smtpd",
    "feeds",
    "subscribers",
    "articles",
    "digest",
    "delivery",
    "bounces",
    "access",
    "scheduler",
    "web",
    "timekeeper",
    "app",
    "demo",
];

/// The crates that have a home, and where it is.
const CRATES: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("lettre", &["mail"]),
    ("handlebars", &["render"]),
    ("axum", &["web", "demo", "app"]),
    ("tower_http", &["web", "demo", "app"]),
    ("clap", &["cli", "main"]),
    ("indicatif", &["cli"]),
    ("comfy_table", &["cli"]),
    ("reqwest", &["feeds"]),
    ("feed_rs", &["feeds"]),
    ("quick_xml", &["feeds"]),
    ("ammonia", &["sanitise"]),
    ("image", &["feeds"]),
    ("pulldown_cmark", &["render"]),
    ("mrml", &["render"]),
    ("html5ever", &["render"]),
    ("smtp_proto", &["smtpd", "mail"]),
    ("mail_auth", &["mail"]),
    ("aws_lc_rs", &["mail"]),
    ("fail", &["crash"]),
];

/// The name other crates know ours by; `main.rs` is one of them.
const OURS: &str = "kawaraban";

#[test]
fn no_room_imports_what_it_may_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = sources_under(&root);
    assert!(sources.len() > 20, "{} files", sources.len());
    let found = violations(&sources);
    assert!(found.is_empty(), "docs/architecture.md says who may import whom:\n{}", found.join("\n"));
}

#[test]
fn every_folder_is_a_room_of_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rooms: BTreeSet<String> =
        sources_under(&root).iter().filter_map(|source| source.module.first().cloned()).collect();
    for room in rooms {
        assert!(ROOMS.iter().any(|r| r.name == room), "src/{room} is not in the table of tests/it/rooms.rs");
    }
}

#[test]
fn a_forbidden_import_is_caught_however_it_is_written() {
    for (module, code) in [
        ("domain::x", "use crate::store::Store;"),
        ("domain::x", "use crate::{clock, domain::ids};"),
        ("store::x", "use crate::config::{DatabaseConfig, FeedsConfig};"),
        ("store::x", "use crate::config;"),
        ("store::x", "use crate::config::*;"),
        ("mail", "use super::feeds as f;"),
        ("mail::a::b", "use super::super::super::feeds::Fetcher;"),
        ("mail::a", "fn f() { let _ = crate::feeds::fetch(); }"),
        ("mail::a", "fn f() -> crate::feeds::Fetched { todo() }"),
        ("mail::a", "fn f() { println!(\"{}\", crate::feeds::NAME); }"),
        ("mail::a", "mod inner { fn f() { super::super::super::feeds::fetch() } }"),
        ("mail::a", "fn f() { use crate::feeds::fetch; }"),
        ("mail::a", "impl crate::feeds::Fetch for X {}"),
        ("digest", "use crate::delivery::deliver;"),
        ("web::public", "use crate::mail::Message;"),
        ("scheduler", "use crate::feeds::fetch;"),
        ("app", "use crate::cli::Args;"),
        ("config", "use crate::*;"),
        ("main", "use kawaraban::store::Store;"),
        ("web", "async fn f(pool: sqlx::SqlitePool) {}"),
        ("web", "use ::sqlx::query;"),
        ("subscribers", "use lettre::{Address, message::Mailbox};"),
        ("domain", "#[derive(clap::ValueEnum)] enum E {}"),
        ("articles", "macro_rules! get { () => { reqwest::get(1) } }"),
        ("smtpd", "#[cfg(test)] mod tests { use crate::delivery::deliver; }"),
        ("smtpd", "#[cfg(test)] mod tests { use sqlx::query; }"),
        ("subscribers", "use crate::basement::Boiler;"),
    ] {
        let found = violations(&[Source::of(module, code)]);
        assert_eq!(found.len(), 1, "{module}: {code}: {found:?}");
    }
}

#[test]
fn what_is_allowed_is_left_alone() {
    for (module, code) in [
        (
            "domain::x",
            "use super::ids::FeedId; use jiff::Timestamp; pub(crate) struct A; pub(in crate::domain) struct B;",
        ),
        ("store::x", "use crate::{clock::Clock, config::DatabaseConfig, domain}; use sqlx::{Row, query};"),
        ("mail", "/// Not `crate::feeds::fetch`.\nuse lettre::Address; fn f() { self::g(\"crate::feeds::x\") }"),
        ("mail", "#[cfg(test)] mod tests { use super::*; use crate::smtpd::Server; }"),
        ("web::public", "use crate::{render::Renderer, store::Store, subscribers}; use axum::Router;"),
        ("main", "use kawaraban::cli; fn main() { cli::run() }"),
        ("cli", "use crate::{app, demo, web}; #[derive(clap::Parser)] struct Args;"),
        ("digest", "mod delivery { pub fn x() {} } fn f() { delivery::x() }"),
    ] {
        let found = violations(&[Source::of(module, code)]);
        assert!(found.is_empty(), "{module}: {code}: {found:?}");
    }
    let outside = Source::of("mail", "#[cfg(test)] mod tests;");
    let tests = Source::of("mail::tests", "use crate::smtpd::Server;");
    assert!(violations(&[outside, tests]).is_empty(), "a file that is a test is one throughout");
}

/// A source file and the module it is.
struct Source {
    path: PathBuf,
    module: Vec<String>,
    file: syn::File,
}

impl Source {
    fn of(module: &str, code: &str) -> Self {
        let file = syn::parse_file(code).unwrap_or_else(|e| panic!("{code}: {e}"));
        Self { path: PathBuf::from(module), module: module.split("::").map(str::to_owned).collect(), file }
    }
}

fn sources_under(root: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let inside = path.strip_prefix(root).unwrap().with_extension("");
                let mut module: Vec<String> =
                    inside.iter().map(|part| part.to_str().unwrap().to_owned()).filter(|part| part != "lib").collect();
                if module.last().is_some_and(|last| last == "mod") {
                    module.pop();
                }
                let code = fs::read_to_string(&path).unwrap();
                let file = syn::parse_file(&code).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                sources.push(Source { path, module, file });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn violations(sources: &[Source]) -> Vec<String> {
    let mut test_modules = BTreeSet::new();
    for source in sources {
        TestModules { module: source.module.clone(), found: &mut test_modules }.visit_file(&source.file);
    }
    let mut found = Vec::new();
    for source in sources {
        // lib.rs only lists the rooms.
        let Some(room) = ROOMS.iter().find(|room| Some(room.name) == source.module.first().map(String::as_str)) else {
            continue;
        };
        let in_test = (1..=source.module.len()).any(|end| test_modules.contains(&source.module[..end]));
        let mut imports = Imports { room, module: source.module.clone(), in_test, problems: BTreeSet::new() };
        imports.visit_file(&source.file);
        found.extend(imports.problems.into_iter().map(|problem| format!("{}: {problem}", source.path.display())));
    }
    found
}

fn is_cfg_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// Collects the modules that exist in tests only, so that their files are known for what they are.
struct TestModules<'a> {
    module: Vec<String>,
    found: &'a mut BTreeSet<Vec<String>>,
}

impl<'ast> Visit<'ast> for TestModules<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        if is_cfg_test(&item.attrs) {
            self.found.insert(self.module.clone());
        }
        visit::visit_item_mod(self, item);
        self.module.pop();
    }
}

/// Judges every path of a file.
struct Imports<'a> {
    room: &'a Room,
    module: Vec<String>,
    in_test: bool,
    problems: BTreeSet<String>,
}

impl Imports<'_> {
    /// Judges `path`; `::name` begins with an empty part.
    fn judge(&mut self, path: &[String]) {
        let Some(first) = path.first() else { return };
        let absolute = match first.as_str() {
            "crate" => path[1..].to_vec(),
            "self" | "super" => {
                let ups = path.iter().take_while(|part| matches!(part.as_str(), "self" | "super")).count();
                let up = path[..ups].iter().filter(|part| *part == "super").count();
                let keep = self.module.len().saturating_sub(up);
                [&self.module[..keep], &path[ups..]].concat()
            }
            // Only from outside the library is its name a path.
            OURS => path[1..].to_vec(),
            "" => return self.judge_crate(path.get(1)),
            _ => return self.judge_crate(Some(first)),
        };
        self.judge_room(&absolute);
    }

    fn judge_room(&mut self, path: &[String]) {
        let Some(other) = path.first() else { return };
        let item = path.iter().take(2).map(String::as_str).collect::<Vec<_>>().join("::");
        let allowed = other == self.room.name || self.room.may.iter().any(|may| may == other || *may == item);
        if other == "*" {
            self.problems.insert(format!("{} imports all of the crate", self.room.name));
        } else if !allowed {
            match ROOMS.iter().find(|room| room.name == other) {
                Some(room) if self.in_test && room.level <= self.room.level => {}
                Some(_) => {
                    self.problems.insert(format!("{} may not import {item}", self.room.name));
                }
                None => {
                    self.problems.insert(format!("{} imports {other}, which is no room", self.room.name));
                }
            }
        }
    }

    fn judge_crate(&mut self, name: Option<&String>) {
        if let Some((name, homes)) = CRATES.iter().find(|(n, _)| Some(*n) == name.map(String::as_str))
            && !homes.contains(&self.room.name)
        {
            self.problems.insert(format!("{} may not use the crate {name}: its home is {}", self.room.name, homes[0]));
        }
    }

    fn judge_use(&mut self, before: &mut Vec<String>, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.judge_use(before, &path.tree);
                before.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.judge_use(before, tree)),
            syn::UseTree::Name(syn::UseName { ident }) | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                // `use crate::domain::{self}` is the module itself.
                let whole = if ident == "self" { before.clone() } else { [&before[..], &[ident.to_string()]].concat() };
                self.judge(&whole);
            }
            syn::UseTree::Glob(_) => self.judge(&[&before[..], &["*".to_owned()]].concat()),
        }
    }

    /// Judges the paths in the text of a macro call or an attribute, which syn does not take apart.
    fn judge_tokens(&mut self, tokens: &str) {
        for path in paths_in(tokens) {
            self.judge(&path);
        }
    }
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let was_in_test = self.in_test;
        self.in_test |= is_cfg_test(&item.attrs);
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
        self.in_test = was_in_test;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut before = if item.leading_colon.is_some() { vec![String::new()] } else { Vec::new() };
        self.judge_use(&mut before, &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // A single name is a variable or was imported, and judged, elsewhere.
        if path.segments.len() > 1 {
            let leading = path.leading_colon.iter().map(|_| String::new());
            let parts: Vec<String> = leading.chain(path.segments.iter().map(|s| s.ident.to_string())).collect();
            self.judge(&parts);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.judge_tokens(&call.tokens.to_string());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.judge_tokens(&list.tokens.to_string());
        }
        visit::visit_attribute(self, attribute);
    }
}

/// Returns the paths of two or more parts in a text of tokens, as they print: parts and `::` apart or together.
fn paths_in(tokens: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut joined = false;
    let mut rest = without_strings(tokens);
    loop {
        rest = rest.trim_start().to_owned();
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if word > 0 && (joined || path.is_empty()) {
            path.push(rest[..word].to_owned());
            joined = false;
            rest.drain(..word);
        } else if rest.starts_with("::") && !joined {
            joined = true;
            rest.drain(..2);
        } else {
            if path.len() > 1 {
                paths.push(std::mem::take(&mut path));
            }
            path.clear();
            let Some(next) = rest.chars().next() else { return paths };
            if word == 0 {
                rest.drain(..next.len_utf8());
            }
            joined = false;
        }
    }
}

/// Blanks out string literals; what a text says is no import.
fn without_strings(tokens: &str) -> String {
    let mut out = String::with_capacity(tokens.len());
    let mut chars = tokens.chars();
    while let Some(c) = chars.next() {
        if c == '"' {
            while let Some(inside) = chars.next() {
                match inside {
                    '\\' => drop(chars.next()),
                    '"' => break,
                    _ => {}
                }
            }
            out.push(' ');
        } else {
            out.push(c);
        }
    }
    out
}
