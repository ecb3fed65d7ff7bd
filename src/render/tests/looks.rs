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
}

#[test]
fn pages_look_like_this() {
    let templates = Templates::load(None).unwrap();
    pages::<SignUp>(&templates, 0);
    // Sent back, with what is wrong and what was probably meant.
    pages::<SignUp>(&templates, 1);
    pages::<CheckInbox>(&templates, 0);
    pages::<Confirm>(&templates, 0);
    pages::<Confirmed>(&templates, 0);
    pages::<Unsubscribe>(&templates, 0);
    pages::<Unsubscribed>(&templates, 0);
    pages::<Resubscribed>(&templates, 0);
    pages::<BadLink>(&templates, 0);
    pages::<Message>(&templates, 0);
    pages::<IssueList>(&templates, 0);
    pages::<IssuePage>(&templates, 0);
    pages::<IssueEntry>(&templates, 0);
    pages::<Embed>(&templates, 0);
    pages::<EmbedForm>(&templates, 0);
}
