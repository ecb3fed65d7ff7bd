//! How a session begins: TCP, the greeting, TLS and AUTH.

use lettre::transport::smtp::{
    authentication::{Credentials, Mechanism},
    client::AsyncSmtpConnection,
    commands::{Auth, Ehlo, Starttls},
    extension::ClientId,
    response::Response,
};
use tokio_rustls::TlsConnector;

use super::{Session, State};
use crate::{
    config::RelayTls,
    mail::{
        offers::Offers,
        reach::{connector, guard_plain, hello, reach, server_name, shaken},
        relay::{Phase, Relay, RelayTrouble},
        transport::{Transport, handshake},
        wire::{Lost, Wire, WireReply},
    },
};

/// A challenge and its response are one step of AUTH; LOGIN has two.
const MAX_AUTH_STEPS: u32 = 4;

impl Session {
    /// Connects, encrypts and authenticates as `relay` says.
    ///
    /// # Errors
    /// With the trouble the relay, or its configuration, is in.
    pub async fn connect(relay: &Relay) -> Result<Self, RelayTrouble> {
        let hello = hello(relay)?;
        let connector = match relay.config.tls {
            RelayTls::None => None,
            RelayTls::Implicit | RelayTls::StartTls => Some(connector(relay).await?),
        };
        let tcp = reach(relay).await?;
        let to_ourselves = tcp.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
        guard_plain(relay, to_ourselves)?;

        let transport = match &connector {
            Some(connector) if relay.config.tls == RelayTls::Implicit => {
                let name = server_name(relay)?;
                handshake(connector, name, tcp, relay.deadlines.handshake).await.map_err(|e| shaken(relay, &e))?
            }
            _ => Transport::Plain(tcp),
        };
        let wire = Wire::new(transport, relay.deadlines.greeting, relay.deadlines.command)
            .map_err(|e| relay.own_trouble(Phase::Connect, &e.to_string(), false))?;
        let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(wire.clone()), &hello).await;
        // Which of the two replies lettre did not like shows in how much was said.
        let phase = if wire.said() == 0 { Phase::Greeting } else { Phase::Hello };
        let offers = expect_yes(relay, phase, wire.answer())?;
        let smtp = greeted.map_err(|e| relay.own_trouble(phase, &e.to_string(), false))?;

        let mut session =
            Self { relay: relay.clone(), smtp, wire, offers: Offers::read(&offers), state: State::Closed };
        if let (RelayTls::StartTls, Some(connector)) = (relay.config.tls, &connector) {
            session.start_tls(connector, &hello).await?;
        }
        if let Some((user, password)) = relay.credentials() {
            session.authenticate(Credentials::new(user.to_owned(), password.to_owned())).await?;
        }
        session.state = State::Idle;
        Ok(session)
    }

    async fn start_tls(&mut self, connector: &TlsConnector, hello: &ClientId) -> Result<(), RelayTrouble> {
        let relay = self.relay.clone();
        if !self.offers.starttls {
            let words = "it does not offer STARTTLS, and nothing is sent in the clear";
            return Err(relay.own_trouble(Phase::StartTls, words, true));
        }
        let answer = self.exchange(Starttls, relay.deadlines.command).await;
        expect_yes(&relay, Phase::StartTls, answer)?;
        let name = server_name(&relay)?;
        self.wire.encrypt(connector, name, relay.deadlines.handshake).await.map_err(|e| shaken(&relay, &e))?;
        // RFC 3207 §4.2: what was said in the clear counts for nothing.
        let answer = self.exchange(Ehlo::new(hello.clone()), relay.deadlines.command).await;
        self.offers = Offers::read(&expect_yes(&relay, Phase::Hello, answer)?);
        Ok(())
    }

    async fn authenticate(&mut self, credentials: Credentials) -> Result<(), RelayTrouble> {
        let relay = self.relay.clone();
        let unable = |words: &str| relay.own_trouble(Phase::Auth, words, true);
        let mechanism = match self.offers {
            Offers { plain: true, .. } => Mechanism::Plain,
            Offers { login: true, .. } => Mechanism::Login,
            _ => return Err(unable("it offers neither AUTH PLAIN nor AUTH LOGIN")),
        };
        let first = Auth::new(mechanism, credentials.clone(), None).map_err(|e| unable(&e.to_string()))?;
        let mut answer = self.exchange(first, relay.deadlines.command).await;
        for _ in 0..MAX_AUTH_STEPS {
            let reply = expect_yes(&relay, Phase::Auth, answer)?;
            if reply.code != 334 {
                return Ok(());
            }
            let challenge = reply.lines.first().map(String::as_str).unwrap_or_default();
            let challenge: Response = format!("334 {challenge}\r\n").parse().map_err(|_| unable("an odd challenge"))?;
            let next = Auth::new_from_response(mechanism, credentials.clone(), &challenge)
                .map_err(|_| unable("it asks something we have no answer to"))?;
            answer = self.exchange(next, relay.deadlines.command).await;
        }
        Err(unable("it never stops asking"))
    }
}

fn expect_yes(relay: &Relay, phase: Phase, answer: Result<WireReply, Lost>) -> Result<WireReply, RelayTrouble> {
    let reply = answer.map_err(|lost| relay.own_trouble(phase, &lost.words, false))?;
    let yes = (200..300).contains(&reply.code) || (phase == Phase::Auth && reply.code == 334);
    if yes { Ok(reply) } else { Err(relay.trouble(phase, &reply.to_reply(), reply.code >= 500)) }
}
