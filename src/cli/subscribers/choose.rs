//! `subscribers set`: what a subscriber takes.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::known;
use crate::app::App;
use crate::cli::args::SubscribersSetArgs;
use crate::cli::exit::{Exit, Outcome};
use crate::cli::output::Output;
use crate::domain::choice::{Choice, is_language, primary};
use crate::domain::edition::Edition;
use crate::domain::subscriber::Subscriber;
use crate::store::Taken;

/// An edition somebody takes.
#[derive(Debug, Serialize)]
pub(super) struct Takes {
    edition: String,
    /// None is all of them.
    sections: Option<BTreeSet<String>>,
    /// None is all of them.
    languages: Option<BTreeSet<String>>,
}

impl fmt::Display for Takes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let choice = Choice { sections: self.sections.clone(), languages: self.languages.clone() };
        write!(f, "{} ({choice})", self.edition)
    }
}

/// Returns what a subscriber takes.
pub(super) async fn taken(app: &App, subscriber: &Subscriber) -> anyhow::Result<Vec<Takes>> {
    let taken = app.subscribers.taken_by(subscriber).await?;
    Ok(taken
        .into_iter()
        .map(|(edition, Choice { sections, languages })| Takes { edition, sections, languages })
        .collect())
}

/// What was set.
#[derive(Serialize)]
struct Set {
    address: String,
    takes: Vec<Takes>,
}

pub(super) async fn set(app: &App, args: &SubscribersSetArgs, out: &Output) -> Outcome {
    let subscriber = known(app, &args.address).await?;
    let name = match &args.edition {
        Some(name) => name,
        None => &app.digests.editions()[0].name,
    };
    let edition = app.digests.edition(name)?;
    let before = app.subscribers.taken_by(&subscriber).await?;
    let before = before.into_iter().find(|(name, _)| *name == edition.name).map(|(_, choice)| choice);
    let choice = Choice {
        sections: match &args.sections {
            None => before.as_ref().and_then(|choice| choice.sections.clone()),
            Some(sections) => chosen_sections(sections, edition)?,
        },
        languages: match &args.languages {
            None => before.and_then(|choice| choice.languages),
            Some(languages) => chosen_languages(languages)?,
        },
    };
    // The language of their mails alone says nothing about any edition.
    let about_one = args.edition.is_some() || args.sections.is_some() || args.languages.is_some() || args.leave;
    let taken = Taken {
        language: args.lang.unwrap_or(subscriber.language),
        offered: about_one.then(|| edition.name.clone()).into_iter().collect(),
        editions: (about_one && !args.leave).then(|| (edition.name.clone(), choice)).into_iter().collect(),
    };
    app.subscribers.choose_by_operator(&subscriber, &taken).await?;
    let set = Set { address: subscriber.address.clone(), takes: self::taken(app, &subscriber).await? };
    out.answer(&set, |set| {
        let takes: Vec<String> = set.takes.iter().map(ToString::to_string).collect();
        let takes = if takes.is_empty() { "no edition any more".to_owned() } else { takes.join(", ") };
        format!("From the next issue on they take {takes}.")
    })?;
    Ok(Exit::Done)
}

fn is_all(words: &[String]) -> bool {
    matches!(words, [word] if word == "all")
}

fn chosen_sections(sections: &[String], edition: &Edition) -> anyhow::Result<Option<BTreeSet<String>>> {
    if is_all(sections) {
        return Ok(None);
    }
    for section in sections {
        anyhow::ensure!(
            edition.sections.contains(section),
            "{} has no section {section:?}; it has: {}",
            edition.name,
            edition.sections.join(", ")
        );
    }
    Ok(Choice::among(sections.iter().cloned(), &edition.sections, [], &[]).sections)
}

fn chosen_languages(languages: &[String]) -> anyhow::Result<Option<BTreeSet<String>>> {
    if is_all(languages) {
        return Ok(None);
    }
    let tags: BTreeSet<String> = languages.iter().map(|tag| primary(tag)).collect();
    anyhow::ensure!(tags.iter().all(|tag| is_language(tag)), "write languages as tags, such as ja or en, or all");
    Ok(Some(tags))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::default_editions;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn sections_are_those_of_the_edition_and_languages_are_tags() {
        let edition = &default_editions()[0];
        assert_eq!(chosen_sections(&words(&["all"]), edition).unwrap(), None);
        assert_eq!(chosen_sections(&words(&["openings", "news"]), edition).unwrap(), None, "all there are");
        assert_eq!(chosen_sections(&words(&["news"]), edition).unwrap().unwrap().len(), 1);
        let refused = chosen_sections(&words(&["culture"]), edition).unwrap_err().to_string();
        assert_eq!(refused, "weekly has no section \"culture\"; it has: news, openings");
        assert_eq!(chosen_languages(&words(&["ja-JP", "fr"])).unwrap().unwrap(), ["fr".into(), "ja".into()].into());
        assert!(chosen_languages(&words(&["日本語"])).is_err() && chosen_languages(&words(&[""])).is_err());
        assert_eq!(chosen_languages(&words(&["all"])).unwrap(), None);
    }
}
