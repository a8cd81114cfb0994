//! The way of a piece to the node. Whoever follows a log has patience: while the node is away or
//! asks for time, the piece waits and is sent again, under its name, until it is acknowledged.

use super::follow::{Piece, Place};
use crate::command::client::{Client, Reply, encoded};
use crate::command::failure::{Exit, Failure};
use crate::command::here::Here;
use crate::command::output::remark;
use bytes::Bytes;
use http::Method;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Between two tries, at first and at most.
const TRY_EVERY: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];

/// Where pieces go.
#[derive(Debug)]
pub(super) struct Road {
    here: Here,
    /// The form that the lines are said to have.
    format: String,
    /// The words that matches are told in, where they are not ours.
    wording: Option<String>,
    patient: bool,
    /// The node is away, and that has been said.
    away: AtomicBool,
}

impl Road {
    pub(super) fn new(here: &Here, (format, wording): (&str, Option<&str>), patient: bool) -> Self {
        let (here, format) = (here.clone(), format.to_owned());
        let wording = wording.map(str::to_owned);
        Self { here, format, wording, patient, away: AtomicBool::new(false) }
    }

    /// A connection to the node, wherever it is now.
    pub(super) async fn client(&self) -> Result<Client, Failure> {
        let mut wait = TRY_EVERY[0];
        loop {
            match Client::new(&self.here) {
                Err(failure) => wait = self.patience(failure, wait).await?,
                found => return found,
            }
        }
    }

    /// Sends a piece; the answer means that it is matched and durable.
    pub(super) async fn send(
        self: Arc<Self>,
        mut client: Client,
        piece: Piece,
    ) -> Result<(Client, Reply), Failure> {
        let mut path = format!("/api/v1/watch?line={}&format={}", piece.line, self.format);
        if let Some(wording) = &self.wording {
            write!(path, "&as={}", encoded(wording)).ok();
        }
        if let Some(header) = &piece.header {
            write!(path, "&header={}", encoded(header)).ok();
        }
        if piece.passed > 0 {
            write!(path, "&passed={}", piece.passed).ok();
        }
        if let Some(place) = piece.place {
            let Place { stamp, start, end, .. } = place;
            write!(path, "&delivery={stamp:016x}-{start}-{end}").ok();
        }
        let bytes = Bytes::from(piece.bytes);
        let mut wait = TRY_EVERY[0];
        loop {
            let body = Some(("application/x-ndjson", bytes.clone()));
            match client.send(Method::POST, &path, body).await {
                Ok(reply) => {
                    if self.away.swap(false, Ordering::AcqRel) {
                        remark("the node is back");
                    }
                    return Ok((client, reply));
                }
                Err(failure) => wait = self.patience(failure, wait).await?,
            }
            // A node that was started anew may listen elsewhere.
            client = self.client().await?;
        }
    }

    /// Waits before another try, where one may help; gives how long to wait the next time.
    async fn patience(&self, failure: Failure, wait: Duration) -> Result<Duration, Failure> {
        if !self.patient || failure.exit != Exit::Later {
            return Err(failure);
        }
        if !self.away.swap(true, Ordering::AcqRel) {
            remark(&format!("{}; waiting", failure.message));
        }
        tokio::time::sleep(wait).await;
        Ok(wait.saturating_mul(2).min(TRY_EVERY[1]))
    }
}
