//! Writes every page and mail, made from its samples in every language, to a folder, to look at in a browser:
//!
//! ```text
//! cargo run --example render_samples -- /tmp/samples [TEMPLATES]
//! python3 -m http.server --directory /tmp/samples
//! ```
//!
//! With TEMPLATES, an operator's folder of templates, it shows theirs.

use std::path::{Path, PathBuf};

use kawaraban::domain::language::Language;
use kawaraban::render::{self, MailContext, PageContext, Templates};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().ok_or_else(|| anyhow::anyhow!("usage: render_samples FOLDER [TEMPLATES]"))?;
    let templates = Templates::load(arguments.next().as_deref())?;
    let out = Out { folder: &folder, templates: &templates };
    for name in ["site.css", "icon.svg"] {
        let asset = templates.asset(name).ok_or_else(|| anyhow::anyhow!("{name} is missing"))?;
        out.write(&format!("assets/{name}"), &asset.bytes)?;
    }
    // The pictures the samples name; `.ci/screenshots.js` serves them in the place of the host they are on.
    for (index, name) in ["3f2a19c07d5be846", "9d04e7c15fb2a683", "b81c06f2aa93de57"].into_iter().enumerate() {
        // The lead has the second of them.
        let draw = if index == 1 { kawaraban::demo::sample_picture } else { kawaraban::demo::small_sample_picture };
        out.write(&format!("images/{name}.jpg"), &draw(index))?;
    }
    for language in Language::ALL {
        out.mail::<render::Digest>(language)?;
        out.mail::<render::Confirmation>(language)?;
        out.mail::<render::DraftPreview>(language)?;
        out.mail::<render::Report>(language)?;
        out.mail::<render::Skipped>(language)?;
        out.mail::<render::PausedFeeds>(language)?;
        out.page::<render::DeskAsk>(language)?;
        out.page::<render::DeskDone>(language)?;
        out.page::<render::DeskDraft>(language)?;
        out.page::<render::DeskOver>(language)?;
        out.page::<render::PreviewLink>(language)?;
        out.page::<render::SignUp>(language)?;
        out.page::<render::CheckInbox>(language)?;
        out.page::<render::Confirm>(language)?;
        out.page::<render::Confirmed>(language)?;
        out.page::<render::Unsubscribe>(language)?;
        out.page::<render::Unsubscribed>(language)?;
        out.page::<render::Resubscribed>(language)?;
        out.page::<render::Preferences>(language)?;
        out.page::<render::BadLink>(language)?;
        out.page::<render::LinkOver>(language)?;
        out.page::<render::Message>(language)?;
        out.page::<render::IssueList>(language)?;
        out.page::<render::IssuePage>(language)?;
        out.page::<render::Embed>(language)?;
        out.page::<render::ApiPage>(language)?;
    }
    Ok(())
}

struct Out<'a> {
    folder: &'a Path,
    templates: &'a Templates,
}

impl Out<'_> {
    fn mail<C: MailContext>(&self, language: Language) -> anyhow::Result<()> {
        for (index, sample) in C::samples(language).iter().enumerate() {
            let mail = self.templates.mail(language, sample)?;
            let name = format!("mail/{}.{index}.{language}", C::NAME);
            self.write(&format!("{name}.html"), mail.html.as_bytes())?;
            self.write(&format!("{name}.txt"), format!("{}\n\n{}", mail.subject, mail.text).as_bytes())?;
        }
        Ok(())
    }

    fn page<C: PageContext>(&self, language: Language) -> anyhow::Result<()> {
        for (index, sample) in C::samples(language).iter().enumerate() {
            let html = self.templates.page(language, sample)?;
            self.write(&format!("web/{}.{index}.{language}.html", C::NAME), html.as_bytes())?;
        }
        Ok(())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(self.folder))?;
        std::fs::write(&path, bytes)?;
        Ok(())
    }
}
