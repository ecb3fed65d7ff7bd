//! What a relay's answers come to.

use super::*;

#[tokio::test]
async fn every_reader_gets_the_issue_with_a_link_of_their_own() {
    let house = House::new(Courteous).await;
    for address in ["a@example.jp", "a..b@docomo.ne.jp"] {
        house.reader(address).await;
    }
    let issue = house.issue().await;
    assert_eq!(house.drain().await, 2);

    let mails = house.inbox.mails();
    let recipients: Vec<_> = mails.iter().map(|mail| mail.envelope.to[0].as_str()).collect();
    assert_eq!(recipients, ["a@example.jp", "\"a..b\"@docomo.ne.jp"]);
    let mut ids = BTreeSet::new();
    for mail in &mails {
        let mail = read(&mail.content);
        let header = |name: &str| {
            let mut all = mail.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
            let value = all.next().unwrap_or_else(|| panic!("no {name}")).1.clone();
            assert!(all.next().is_none(), "{name} twice");
            value
        };
        ids.insert(header("Message-ID"));
        assert_eq!(header("List-Unsubscribe-Post").trim(), "List-Unsubscribe=One-Click");
        let url = header("List-Unsubscribe").trim().trim_matches(['<', '>']).to_owned();
        let token = url.rsplit_once('/').unwrap().1;
        let token = house.links.signer().verify(Purpose::Unsubscribe, token).unwrap();
        assert_eq!(token.context, issue.0);
        let reader = house.store.subscriber_by_public_id(token.public_id).await.unwrap().unwrap();
        assert_eq!(house.line_to(&reader.address).await.state, DeliveryState::Accepted);
        assert!(mail.text.contains(&url), "the text part has the link");
        assert!(mail.html.contains(&url), "the HTML part has the link");
    }
    assert_eq!(ids.len(), 2);
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Finished);
}

#[tokio::test]
async fn a_deferred_mail_is_tried_again_later_with_the_same_bytes() {
    let (behaviour, seen) = AtTheDot::new(1, refusal(451, "4.7.1 come back later"));
    let house = House::new(behaviour).await;
    house.reader("a@example.jp").await;
    house.issue().await;
    assert_eq!(house.drain().await, 1);
    let line = house.line_to("a@example.jp").await;
    assert_eq!((line.state, line.attempts), (DeliveryState::Queued, 1));
    let wait = line.due.unwrap().duration_since(house.now());
    assert!((300..=360).contains(&wait.as_secs()), "{wait}");

    house.pass(SignedDuration::from_mins(4));
    assert_eq!(house.drain().await, 0, "it is not due yet");
    house.pass(SignedDuration::from_mins(3));
    assert_eq!(house.drain().await, 1);
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Accepted);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_refused_recipient_is_refused_once_and_the_others_are_not_touched() {
    let house = House::new(AtTheRecipient(vec![
        ("gone@example.jp", refusal(550, "5.1.1 User unknown")),
        ("spam@example.jp", refusal(550, "5.7.1 we do not like this")),
    ]))
    .await;
    for address in ["gone@example.jp", "spam@example.jp", "fine@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    assert_eq!(house.drain().await, 3);
    assert_eq!(house.inbox.taken(), 1);
    let line = house.line_to("gone@example.jp").await;
    assert_eq!((line.state, line.reply.unwrap().code), (DeliveryState::Rejected, Some(550)));
    assert_eq!(house.state("gone@example.jp").await, SubscriberState::Suppressed(SuppressReason::Bounced));
    assert_eq!(house.state("spam@example.jp").await, SubscriberState::Confirmed, "policy is not the reader's fault");
    assert_eq!(house.drain().await, 0);
}

#[tokio::test]
async fn what_is_never_taken_is_given_up_after_two_days() {
    let (behaviour, _) = AtTheDot::new(usize::MAX, refusal(452, "4.2.2 mailbox full"));
    let house = House::new(behaviour).await;
    house.reader("a@example.jp").await;
    let issue = house.issue().await;
    let mut attempts = 0;
    for _ in 0..72 {
        attempts += house.drain().await;
        house.pass(SignedDuration::from_hours(1));
    }
    let line = house.line_to("a@example.jp").await;
    assert_eq!(line.state, DeliveryState::Expired);
    assert_eq!(line.reply.unwrap().text, "4.2.2 mailbox full");
    assert!((15..30).contains(&attempts), "{attempts} attempts in 48 hours");
    assert_eq!(house.store.issue(issue).await.unwrap().state, IssueState::Finished);
    assert_eq!(house.state("a@example.jp").await, SubscriberState::Confirmed);
}

#[tokio::test]
async fn one_mail_that_cannot_be_made_does_not_stop_the_others() {
    let house = House::new(Courteous).await;
    for address in ["a@example.jp", "not an address", "b@example.jp"] {
        house.reader(address).await;
    }
    house.issue().await;
    assert_eq!(house.drain().await, 3);
    assert_eq!(house.inbox.taken(), 2);
    assert_eq!(house.line_to("not an address").await.state, DeliveryState::Rejected);
}
