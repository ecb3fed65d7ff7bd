//! Snapshots of every mail and page in every language, to be read by whoever changes a template.

use super::super::*;

fn mails<C: MailContext>(templates: &Templates) {
    for language in Language::ALL {
        let mail = templates.mail(language, &C::samples(language)[0]).unwrap();
        let text = format!("Subject: {}\n\n{}", mail.subject, mail.text);
        insta::assert_snapshot!(format!("{}_text_{language}", C::NAME), text);
        insta::assert_snapshot!(format!("{}_html_{language}", C::NAME), mail.html);
    }
}

fn several_editions(templates: &Templates) {
    for language in Language::ALL {
        let mail = templates.mail(language, &Confirmation::samples(language)[2]).unwrap();
        let text = format!("Subject: {}\n\n{}", mail.subject, mail.text);
        insta::assert_snapshot!(format!("confirmation_2_text_{language}"), text);
        insta::assert_snapshot!(format!("confirmation_2_html_{language}"), mail.html);
    }
}

fn pages<C: PageContext>(templates: &Templates, sample: usize) {
    for language in Language::ALL {
        let page = templates.page(language, &C::samples(language)[sample]).unwrap();
        insta::assert_snapshot!(format!("{}_{sample}_{language}", C::NAME), page);
    }
}

#[test]
fn mails_look_like_this() {
    let templates = Templates::load(None).unwrap();
    mails::<Digest>(&templates);
    mails::<Confirmation>(&templates);
    several_editions(&templates);
    mails::<DraftPreview>(&templates);
    mails::<Report>(&templates);
    mails::<Skipped>(&templates);
    mails::<PausedFeeds>(&templates);
}

#[test]
fn pages_look_like_this() {
    let templates = Templates::load(None).unwrap();
    pages::<SignUp>(&templates, 0);
    // Sent back, with what is wrong and what was probably meant.
    pages::<SignUp>(&templates, 1);
    // Several editions to choose from, fresh and sent back.
    pages::<SignUp>(&templates, 3);
    pages::<SignUp>(&templates, 4);
    // Where there is one edition, and where there are several.
    for sample in [0, 1] {
        pages::<CheckInbox>(&templates, sample);
        pages::<Confirm>(&templates, sample);
        pages::<Confirmed>(&templates, sample);
        pages::<Unsubscribe>(&templates, sample);
        pages::<Unsubscribed>(&templates, sample);
        pages::<Resubscribed>(&templates, sample);
    }
    pages::<Preferences>(&templates, 0);
    pages::<Preferences>(&templates, 1);
    pages::<BadLink>(&templates, 0);
    pages::<LinkOver>(&templates, 0);
    pages::<Message>(&templates, 0);
    pages::<IssueList>(&templates, 0);
    pages::<IssuePage>(&templates, 0);
    pages::<IssueEntry>(&templates, 0);
    pages::<Embed>(&templates, 0);
    pages::<EmbedForm>(&templates, 0);
    pages::<DeskAsk>(&templates, 0);
    pages::<DeskDone>(&templates, 0);
    pages::<DeskDraft>(&templates, 0);
    pages::<DeskOver>(&templates, 0);
    pages::<PreviewLink>(&templates, 0);
}
