//! Certificates good and bad, and relays that would rather not encrypt.

use std::{io::Write, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tempfile::NamedTempFile;

use super::stage::*;
use crate::{
    config::RelayTls,
    domain::delivery::Outcome,
    mail::{Phase, RelayTrouble},
    smtpd::{Answer, Options, Tls},
};

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pem: NamedTempFile,
}

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut pem = NamedTempFile::new().unwrap();
    pem.write_all(issuer.pem().as_bytes()).unwrap();
    Authority { issuer, pem }
}

impl Authority {
    fn config(&self, name: &str, expired: bool) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}

async fn stage(mode: RelayTls, config: Arc<ServerConfig>, authority: Option<&Authority>) -> Stage {
    let tls = match mode {
        RelayTls::Implicit => Tls::Implicit(config),
        RelayTls::StartTls => Tls::StartTls(config),
        RelayTls::None => Tls::Off,
    };
    let options = Options { tls, auth: Some(("me".into(), "hunter2".into())), ..Options::default() };
    let mut stage = Stage::with(options, []).await;
    wanting(&mut stage, mode, authority);
    stage
}

fn wanting(stage: &mut Stage, mode: RelayTls, authority: Option<&Authority>) {
    let config = &mut stage.relay.config;
    config.tls = mode;
    config.host = "localhost".into();
    config.username = Some("me".into());
    config.password = Some("hunter2".into());
    config.ca_file = authority.map(|a| a.pem.path().to_owned());
}

const BOTH: [RelayTls; 2] = [RelayTls::Implicit, RelayTls::StartTls];

#[tokio::test]
async fn mail_goes_encrypted_to_a_relay_that_proves_who_it_is() {
    let authority = authority();
    for mode in BOTH {
        let stage = stage(mode, authority.config("localhost", false), Some(&authority)).await;
        let mut session = stage.connect().await.unwrap();
        for _ in 0..3 {
            session.begin(FROM, TO).await.unwrap();
            assert!(matches!(session.finish(MESSAGE).await, Outcome::Accepted(_)));
        }
        session.quit().await;
        let mails = stage.mails();
        assert_eq!(mails.len(), 3);
        assert!(mails.iter().all(|m| m.envelope.encrypted && m.content == MESSAGE));
        let in_clear: Vec<_> = stage.heard().into_iter().filter(|v| !v.starts_with('+')).collect();
        assert!(in_clear.iter().all(|v| v == "EHLO" || v == "STARTTLS"), "{in_clear:?}");
    }
}

#[tokio::test]
async fn a_large_message_and_the_next_one_travel_together_under_tls() {
    let authority = authority();
    let lines = "a line of some length, so that the network takes it in parts\r\n".repeat(100_000);
    let long = [MESSAGE, lines.as_bytes()].concat();
    for mode in BOTH {
        let stage = stage(mode, authority.config("localhost", false), Some(&authority)).await;
        let mut session = stage.connect().await.unwrap();
        session.begin(FROM, TO).await.unwrap();
        for _ in 0..3 {
            let finished = session.finish_and_announce(&long, Some((FROM, TO))).await;
            assert!(matches!(finished.outcome, Outcome::Accepted(_)), "{finished:?}");
            assert_eq!(finished.next, Some(Ok(())));
            session.hear_next().await.unwrap();
        }
        assert!(matches!(session.finish(MESSAGE).await, Outcome::Accepted(_)));
        assert_eq!(stage.mails().iter().filter(|mail| mail.content == long).count(), 3);
    }
}

async fn refused(stage: &Stage) -> RelayTrouble {
    let trouble = stage.connect().await.unwrap_err();
    assert!(stage.heard().iter().all(|v| v == "EHLO" || v == "STARTTLS"), "{:?}", stage.heard());
    assert!(stage.mails().is_empty());
    trouble
}

#[tokio::test]
async fn bad_certificates_are_refused_and_the_reason_is_told() {
    let (authority, stranger) = (authority(), authority());
    for mode in BOTH {
        for (config, trusted, words) in [
            (authority.config("other.example", false), &authority, "is not for localhost but for"),
            (authority.config("localhost", true), &authority, "has expired"),
            (stranger.config("localhost", false), &authority, "nobody we trust"),
        ] {
            let trouble = refused(&stage(mode, config, Some(trusted)).await).await;
            assert_eq!((trouble.phase, trouble.permanent), (Phase::Tls, true), "{trouble}");
            assert!(trouble.to_string().contains(words), "{trouble}");
        }
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused_by_the_systems_verifier() {
    let authority = authority();
    let trouble = refused(&stage(RelayTls::Implicit, authority.config("localhost", false), None).await).await;
    // Without any system certificates the verifier cannot even be made; nothing is sent in either case.
    assert!(trouble.permanent && matches!(trouble.phase, Phase::Tls | Phase::Configuration), "{trouble}");
}

#[tokio::test]
async fn a_relay_without_starttls_gets_nothing() {
    let authority = authority();
    let mut stage = stage(RelayTls::None, authority.config("localhost", false), None).await;
    wanting(&mut stage, RelayTls::StartTls, Some(&authority));
    let trouble = refused(&stage).await;
    assert_eq!((trouble.phase, trouble.permanent), (Phase::StartTls, true));
    assert!(trouble.to_string().contains("does not offer STARTTLS"), "{trouble}");
    assert_eq!(stage.heard(), ["EHLO"]);
}

#[tokio::test]
async fn a_relay_that_refuses_starttls_gets_nothing() {
    let authority = authority();
    for answer in [no(454, "4.7.0 not now"), no(501, "5.5.4 no"), Answer::Drop] {
        let options = Options { tls: Tls::StartTls(authority.config("localhost", false)), ..Options::default() };
        let mut stage = Stage::with(options, [(At::StartTls, answer)]).await;
        wanting(&mut stage, RelayTls::StartTls, Some(&authority));
        assert_eq!(refused(&stage).await.phase, Phase::StartTls);
    }
}

#[tokio::test]
async fn words_slipped_in_before_the_handshake_are_not_believed() {
    let authority = authority();
    let options = Options { tls: Tls::StartTls(authority.config("localhost", false)), ..Options::default() };
    let slipped = Answer::Raw(b"220 go\r\n250-relay\r\n250 AUTH PLAIN\r\n".to_vec());
    let mut stage = Stage::with(options, [(At::StartTls, slipped)]).await;
    wanting(&mut stage, RelayTls::StartTls, Some(&authority));
    assert_eq!(refused(&stage).await.phase, Phase::Tls);
}

#[tokio::test]
async fn a_handshake_that_stalls_is_given_up() {
    let authority = authority();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stage = stage(RelayTls::Implicit, authority.config("localhost", false), Some(&authority)).await;
    stage.relay.config.port = silent.local_addr().unwrap().port();
    stage.relay.config.host = "127.0.0.1".into();
    stage.relay.deadlines = short();
    let trouble = refused(&stage).await;
    assert_eq!((trouble.phase, trouble.permanent), (Phase::Tls, false), "{trouble}");
}

#[tokio::test]
async fn tls_to_a_port_that_does_not_speak_it_says_so() {
    let authority = authority();
    let mut stage = stage(RelayTls::None, authority.config("localhost", false), None).await;
    wanting(&mut stage, RelayTls::Implicit, Some(&authority));
    let trouble = stage.connect().await.unwrap_err();
    assert_eq!((trouble.phase, trouble.permanent), (Phase::Tls, true), "{trouble}");
}

#[tokio::test]
async fn a_ca_file_that_is_none_is_named() {
    let authority = authority();
    let mut stage = stage(RelayTls::Implicit, authority.config("localhost", false), None).await;
    let empty = NamedTempFile::new().unwrap();
    for path in [empty.path().to_owned(), "/nowhere/ca.pem".into()] {
        stage.relay.config.ca_file = Some(path);
        let trouble = refused(&stage).await;
        assert_eq!((trouble.phase, trouble.permanent), (Phase::Configuration, true));
        assert!(trouble.to_string().contains("ca_file"), "{trouble}");
    }
}
