//! Signed mail keeps the promise that a retry has the same bytes.

use super::*;
use crate::config::{DkimConfig, DkimKeyConfig};
use crate::mail::dkim::{Algorithm, generate};

fn keys() -> DkimConfig {
    let key = |algorithm, selector: &str, setting| {
        let (pem, _) = generate(algorithm, selector, "example.jp").unwrap();
        DkimKeyConfig { selector: selector.to_owned(), pem, file: None, setting }
    };
    DkimConfig {
        domain: "example.jp".to_owned(),
        rsa: key(Algorithm::Rsa, "k2026", "dkim.key"),
        ed25519: Some(key(Algorithm::Ed25519, "e2026", "dkim.ed25519_key")),
        oversign: true,
    }
}

#[tokio::test]
async fn a_signed_mail_that_is_sent_again_after_a_restart_has_the_same_bytes() {
    let keys = keys();
    let (behaviour, seen) = AtTheDot::new(1, Answer::Drop);
    let mut house = House::new(behaviour).await;
    house.reader("a@example.jp").await;
    house.issue().await;
    for _ in 0..2 {
        // The keys are loaded anew, as a new process would, and much later.
        house.dkim = Some(Arc::new(Dkim::load(&keys).unwrap()));
        house.drain().await;
        house.pass(SignedDuration::from_mins(16));
    }
    assert_eq!(house.line_to("a@example.jp").await.state, DeliveryState::Accepted);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0], seen[1]);
    let mail = read(&house.inbox.mails()[0].content);
    let signatures: Vec<&str> =
        mail.headers.iter().take_while(|(name, _)| name == "DKIM-Signature").map(|(_, value)| value.as_str()).collect();
    assert!(signatures[0].contains("a=rsa-sha256") && signatures[1].contains("a=ed25519-sha256"), "{signatures:?}");
    assert_eq!(signatures.len(), 2);
}
