//! One connection, from the greeting to the goodbye.

use std::{fmt::Write as _, io, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret;
use smtp_proto::request::receiver::DataReceiver;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time,
};

use super::{
    behaviour::{Answer, Peer},
    command::{Command, Fault, Mechanism, verb},
    inbox::Envelope,
    options::Tls,
    server::{Shared, encrypt},
};

/// How long the last words may take to leave.
const GOODBYE: Duration = Duration::from_secs(5);

pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}
pub(super) type BoxedStream = Box<dyn Stream>;

/// How a conversation ends before its time.
pub(super) enum End {
    /// There is nothing more to say or nobody to say it to.
    Over,
    /// The peer or the network failed.
    Failed(io::Error),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

pub(super) struct Conversation<'a> {
    pub(super) shared: &'a Shared,
    pub(super) peer: Peer,
    pub(super) stream: BoxedStream,
    /// What has arrived and was not looked at yet.
    pub(super) input: Vec<u8>,
    /// What is to be said before we listen again: pipelined commands get their replies together.
    pub(super) output: Vec<u8>,
    mail: Option<Envelope>,
    pub(super) faults: u32,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(stream: BoxedStream, peer: Peer, shared: &'a Shared) -> Self {
        Self { shared, peer, stream, input: Vec::new(), output: Vec::new(), mail: None, faults: 0 }
    }

    pub(super) async fn run(mut self) -> io::Result<()> {
        let end = self.converse().await;
        let last_words = async {
            self.stream.write_all(&self.output).await?;
            self.stream.shutdown().await
        };
        let _ = time::timeout(GOODBYE, last_words).await;
        match end {
            End::Over => Ok(()),
            End::Failed(error) => Err(error),
        }
    }

    async fn converse(&mut self) -> End {
        match self.exchange().await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn exchange(&mut self) -> Result<std::convert::Infallible, End> {
        let greeting = self.shared.options.behaviour.greeting(&self.peer);
        let usual = format!("{} ESMTP", self.shared.options.hostname);
        if self.say(greeting, 220, &usual).await? >= 400 {
            return Err(End::Over);
        }
        loop {
            let line = self.line().await?;
            self.shared.options.behaviour.heard(&self.peer, &verb(&line));
            match Command::parse(&line) {
                Ok(command) => self.obey(command).await?,
                Err(Fault(code, text)) => self.fault(code, text).await?,
            }
        }
    }

    async fn obey(&mut self, command: Command) -> Result<(), End> {
        match command {
            Command::Ehlo(name) => self.ehlo(name).await,
            Command::Helo(name) => self.helo(name).await,
            Command::StartTls => self.starttls().await,
            Command::Auth(mechanism, first) => self.auth(mechanism, first).await,
            Command::Mail { from, size } => self.mail(from, size).await,
            Command::Rcpt { to } => self.rcpt(to).await,
            Command::Data => self.data().await,
            Command::Rset => {
                self.mail = None;
                self.reply(250, "2.0.0 forgotten");
                Ok(())
            }
            Command::Noop => {
                self.reply(250, "2.0.0 still here");
                Ok(())
            }
            Command::Vrfy => {
                self.reply(252, "2.1.5 try and see");
                Ok(())
            }
            Command::Help => {
                self.reply(214, "2.0.0 RFC 5321");
                Ok(())
            }
            Command::Quit => {
                self.reply(221, "2.0.0 goodbye");
                Err(End::Over)
            }
        }
    }

    async fn ehlo(&mut self, name: String) -> Result<(), End> {
        let options = &self.shared.options;
        let mut offer = format!("{} at your service", options.hostname);
        offer.push_str("\nPIPELINING\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES");
        let _ = write!(offer, "\nSIZE {}", options.max_message_bytes);
        if matches!(options.tls, Tls::StartTls(_)) && !self.peer.encrypted {
            offer.push_str("\nSTARTTLS");
        }
        if self.offers_auth() {
            offer.push_str("\nAUTH PLAIN LOGIN");
        }
        let answer = options.behaviour.on_ehlo(&self.peer, &name);
        if self.say(answer, 250, &offer).await? < 400 {
            self.peer.hello = name;
            self.mail = None;
        }
        Ok(())
    }

    async fn helo(&mut self, name: String) -> Result<(), End> {
        let answer = self.shared.options.behaviour.on_ehlo(&self.peer, &name);
        let usual = self.shared.options.hostname.clone();
        if self.say(answer, 250, &usual).await? < 400 {
            self.peer.hello = name;
            self.mail = None;
        }
        Ok(())
    }

    async fn starttls(&mut self) -> Result<(), End> {
        let Tls::StartTls(config) = &self.shared.options.tls else {
            return self.fault(502, "5.5.1 not offered").await;
        };
        if self.peer.encrypted {
            return self.fault(503, "5.5.1 encrypted already").await;
        }
        let answer = self.shared.options.behaviour.on_starttls(&self.peer);
        if self.say(answer, 220, "2.0.0 go ahead").await? >= 400 {
            return Ok(());
        }
        self.flush().await?;
        // Whatever came in the clear with the command was not said under TLS and must not be taken for it.
        if !self.input.is_empty() {
            return Err(End::Over);
        }
        let (placeholder, _) = tokio::io::duplex(1);
        let clear = std::mem::replace(&mut self.stream, Box::new(placeholder));
        self.stream = encrypt(clear, config).await?;
        self.peer = Peer { connection: self.peer.connection, hello: String::new(), encrypted: true, user: None };
        self.mail = None;
        Ok(())
    }

    fn offers_auth(&self) -> bool {
        let options = &self.shared.options;
        options.auth.is_some() && (self.peer.encrypted || options.auth_in_clear)
    }

    async fn auth(&mut self, mechanism: Mechanism, first: String) -> Result<(), End> {
        if !self.offers_auth() {
            return self.fault(502, "5.5.1 not offered").await;
        }
        if self.peer.user.is_some() || self.mail.is_some() {
            return self.fault(503, "5.5.1 not now").await;
        }
        let Some((user, password)) = self.credentials(mechanism, first).await? else {
            return self.fault(501, "5.5.2 that is not how one authenticates").await;
        };
        let options = &self.shared.options;
        let known = options.auth.as_ref().is_some_and(|(u, p)| *u == user && p.expose_secret() == password);
        let answer = options.behaviour.on_auth(&self.peer, &user, &password);
        let (code, text) = if known { (235, "2.7.0 welcome") } else { (535, "5.7.8 wrong user or password") };
        if self.say(answer, code, text).await? < 400 {
            self.peer.user = Some(user);
        }
        Ok(())
    }

    async fn credentials(&mut self, mechanism: Mechanism, first: String) -> Result<Option<(String, String)>, End> {
        let text = |bytes: &[u8]| STANDARD.decode(bytes).ok().and_then(|b| String::from_utf8(b).ok());
        match mechanism {
            Mechanism::Plain => {
                let response = if first.is_empty() { self.ask("").await? } else { first.into_bytes() };
                // authorisation identity NUL user NUL password (RFC 4616 §2)
                let Some(response) = text(&response) else { return Ok(None) };
                let mut parts = response.split('\0');
                Ok(match (parts.next(), parts.next(), parts.next(), parts.next()) {
                    (Some(_), Some(user), Some(password), None) => Some((user.to_owned(), password.to_owned())),
                    _ => None,
                })
            }
            Mechanism::Login => {
                let user = if first.is_empty() { self.ask("Username:").await? } else { first.into_bytes() };
                let password = self.ask("Password:").await?;
                Ok(text(&user).zip(text(&password)))
            }
        }
    }

    async fn ask(&mut self, question: &str) -> Result<Vec<u8>, End> {
        self.reply(334, &STANDARD.encode(question));
        let line = self.line().await?;
        Ok(line.trim_ascii_end().to_vec())
    }

    async fn mail(&mut self, from: String, size: usize) -> Result<(), End> {
        let options = &self.shared.options;
        if self.mail.is_some() {
            return self.fault(503, "5.5.1 one message at a time").await;
        }
        if options.auth.is_some() && self.peer.user.is_none() {
            return self.fault(530, "5.7.0 authenticate first").await;
        }
        if size > options.max_message_bytes {
            return self.fault(552, "5.3.4 too large").await;
        }
        let answer = options.behaviour.on_mail(&self.peer, &from);
        if self.say(answer, 250, "2.1.0 go on").await? < 400 {
            self.mail = Some(Envelope {
                connection: self.peer.connection,
                hello: self.peer.hello.clone(),
                encrypted: self.peer.encrypted,
                user: self.peer.user.clone(),
                from,
                to: Vec::new(),
            });
        }
        Ok(())
    }

    async fn rcpt(&mut self, to: String) -> Result<(), End> {
        let Some(envelope) = &self.mail else {
            return self.fault(503, "5.5.1 MAIL first").await;
        };
        if envelope.to.len() >= self.shared.options.max_recipients {
            self.reply(452, "4.5.3 no more recipients for this message");
            return Ok(());
        }
        let answer = self.shared.options.behaviour.on_rcpt(&self.peer, &to);
        if self.say(answer, 250, "2.1.5 go on").await? < 400
            && let Some(envelope) = &mut self.mail
        {
            envelope.to.push(to);
        }
        Ok(())
    }

    async fn data(&mut self) -> Result<(), End> {
        let Some(envelope) = self.mail.as_ref().filter(|mail| !mail.to.is_empty()).cloned() else {
            if self.mail.is_some() {
                // No fault of a client that sent DATA in one group with recipients that were refused (RFC 2920 §3.1).
                self.reply(554, "5.5.1 no valid recipients");
                return Ok(());
            }
            return self.fault(503, "5.5.1 MAIL first").await;
        };
        let answer = self.shared.options.behaviour.on_data(&self.peer, &envelope);
        if self.say(answer, 354, "go on, end with a dot on a line of its own").await? != 354 {
            return Ok(());
        }
        self.mail = None;
        let Some(content) = self.content().await? else {
            self.reply(552, "5.3.4 too large");
            return Ok(());
        };
        let (behaviour, inbox) = (&self.shared.options.behaviour, &self.shared.inbox);
        match behaviour.on_content(&self.peer, &envelope, &content) {
            Answer::Usual => {}
            Answer::Stall(pause) => self.stall(pause).await,
            answer => {
                self.say(answer, 250, "").await?;
                return Ok(());
            }
        }
        let reply = inbox.take(envelope.clone(), content).await;
        let answer = behaviour.on_taken(&self.peer, &envelope, &reply);
        self.say(answer, reply.code.unwrap_or(451), &reply.text).await?;
        Ok(())
    }

    /// Reads a message up to its final dot. Returns none if it was too large; it is read to its end all the same, so
    /// that the next command is a command.
    async fn content(&mut self) -> Result<Option<Vec<u8>>, End> {
        self.flush().await?;
        let mut receiver = DataReceiver::new();
        let mut content = Vec::new();
        // A dot right after DATA ends an empty message: the line break of the command is the one in front of it.
        receiver.ingest(&mut b"\r\n".iter(), &mut content);
        content.clear();
        let (mut total, mut too_large) = (0, false);
        loop {
            let arrived = std::mem::take(&mut self.input);
            total += arrived.len();
            let mut bytes = arrived.iter();
            let complete = receiver.ingest(&mut bytes, &mut content);
            if content.len() > self.shared.options.max_message_bytes {
                too_large = true;
                content.clear();
            }
            if complete {
                self.input = bytes.as_slice().to_vec();
                return Ok((!too_large).then_some(content));
            }
            match self.shared.options.behaviour.on_content_so_far(&self.peer, total) {
                Answer::Usual => {}
                Answer::Stall(pause) => self.stall(pause).await,
                answer => {
                    self.say(answer, 451, "4.3.0 not now").await?;
                    return Err(End::Over);
                }
            }
            self.read_more().await?;
        }
    }
}
