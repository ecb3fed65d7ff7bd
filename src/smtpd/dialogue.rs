//! Listening and answering, line by line, within bounds.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time,
};

use super::{
    behaviour::Answer,
    conversation::{Conversation, End},
};

/// The longest command line (RFC 5321 §4.5.3.1.4 says 512; parameters of extensions may make it longer).
const MAX_LINE: usize = 4096;
/// So many faults and the peer is not speaking SMTP.
const MAX_FAULTS: u32 = 20;
const CHUNK: usize = 16 * 1024;

impl Conversation<'_> {
    /// Does what `answer` says, the usual being `code` and `text`. Returns the code that was said.
    pub(super) async fn say(&mut self, answer: Answer, code: u16, text: &str) -> Result<u16, End> {
        match answer {
            Answer::Usual => self.reply(code, text),
            Answer::Reply(other, words) => {
                self.reply(other, &words);
                return Ok(other);
            }
            Answer::ReplyThenDrop(other, words) => {
                self.reply(other, &words);
                return Err(End::Over);
            }
            Answer::Raw(bytes) => {
                self.output.extend_from_slice(&bytes);
                let digits = bytes.get(..3).and_then(|d| std::str::from_utf8(d).ok());
                return Ok(digits.and_then(|d| d.parse().ok()).unwrap_or(500));
            }
            Answer::Drop => return Err(End::Over),
            Answer::Stall(pause) => {
                self.stall(pause).await;
                self.reply(code, text);
            }
        }
        Ok(code)
    }

    pub(super) async fn stall(&mut self, pause: Duration) {
        // What was answered before is said before (RFC 2920 §3.2). Who does not hear it is not there for the rest.
        let _ = self.flush().await;
        let _ = time::timeout(pause, self.shared.stop.cancelled()).await;
    }

    pub(super) async fn fault(&mut self, code: u16, text: &str) -> Result<(), End> {
        self.faults += 1;
        if self.faults > MAX_FAULTS {
            self.reply(421, "4.7.0 this leads nowhere");
            return Err(End::Over);
        }
        self.reply(code, text);
        Ok(())
    }

    /// Puts a reply where the next flush finds it; each line of `text` becomes a line of the reply.
    pub(super) fn reply(&mut self, code: u16, text: &str) {
        let mut lines = text.split('\n').peekable();
        while let Some(line) = lines.next() {
            let mark = if lines.peek().is_some() { '-' } else { ' ' };
            self.output.extend_from_slice(format!("{code}{mark}{}\r\n", line.trim_end()).as_bytes());
        }
    }

    pub(super) async fn line(&mut self) -> Result<Vec<u8>, End> {
        loop {
            if let Some(at) = self.input.iter().take(MAX_LINE).position(|b| *b == b'\n') {
                let rest = self.input.split_off(at + 1);
                return Ok(std::mem::replace(&mut self.input, rest));
            }
            if self.input.len() >= MAX_LINE {
                self.reply(500, "5.5.2 line too long");
                return Err(End::Over);
            }
            self.read_more().await?;
        }
    }

    pub(super) async fn flush(&mut self) -> Result<(), End> {
        if !self.output.is_empty() {
            let writing = async {
                self.stream.write_all(&self.output).await?;
                self.stream.flush().await
            };
            time::timeout(self.shared.options.idle_timeout, writing).await.map_err(|_| End::Over)??;
            self.output.clear();
        }
        Ok(())
    }

    pub(super) async fn read_more(&mut self) -> Result<(), End> {
        self.flush().await?;
        let start = self.input.len();
        self.input.resize(start + CHUNK, 0);
        let waiting = tokio::select! {
            () = self.shared.stop.cancelled() => None,
            read = time::timeout(self.shared.options.idle_timeout, self.stream.read(&mut self.input[start..])) => {
                Some(read)
            }
        };
        let read = match waiting {
            Some(Ok(read)) => read,
            Some(Err(_)) | None => {
                self.input.truncate(start);
                self.reply(421, "4.4.2 closing the connection");
                return Err(End::Over);
            }
        };
        self.input.truncate(start + *read.as_ref().unwrap_or(&0));
        match read? {
            0 => Err(End::Over),
            _ => Ok(()),
        }
    }
}
