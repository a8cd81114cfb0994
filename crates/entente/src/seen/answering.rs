//! Answering partners' questions at fixed instants, so that when an answer leaves does not tell what
//! was found. Who is told how much, `node` decides.

use crate::runtime::{Runtime, Unavailable, now};
use detect::observable::Observable;
use model::facts::Value;
use model::limits::{ANSWERS_EVERY_MILLIS, QUESTIONS_AT_ONCE, QUESTIONS_WAITING_MAX};
use node::question::{Answering, Due, Found, askable, due, unanswered};
use node::seen::Asked;
use node::{Command, Seq};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Questions that wait for their answers.
#[derive(Debug, Default)]
pub(super) struct Questions {
    waiting: Mutex<VecDeque<Seq>>,
    /// There are others, in the log.
    more: AtomicBool,
}

impl Questions {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<Seq>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A question came.
    pub(super) fn push(&self, seq: Seq) {
        let mut waiting = self.waiting();
        if waiting.len() < QUESTIONS_WAITING_MAX {
            waiting.push_back(seq);
        } else {
            self.more.store(true, Ordering::Relaxed);
        }
    }

    /// The next ones to answer, the oldest first.
    fn next(&self) -> Vec<Seq> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(QUESTIONS_AT_ONCE);
        waiting.drain(..count).collect()
    }
}

/// Answers until the node stops.
pub(crate) async fn answer(runtime: Runtime) {
    let mut stopping = runtime.stopping();
    let mut instants = interval(Duration::from_millis(ANSWERS_EVERY_MILLIS));
    instants.set_missed_tick_behavior(MissedTickBehavior::Skip);
    // What came before the last process ended may have no answer.
    runtime.seen().questions.more.store(true, Ordering::Relaxed);
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            _ = instants.tick() => {}
        }
        let answered = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            answered = runtime.answer_now(&mut instants) => answered,
        };
        if let Err(error) = answered {
            tracing::warn!(%error, "partners' questions are answered later");
            runtime.seen().questions.more.store(true, Ordering::Relaxed);
        }
    }
}

impl Runtime {
    /// Looks up what waits, and says it at the next instant: refused, never seen and seen alike.
    async fn answer_now(&self, instants: &mut Interval) -> Result<(), Unavailable> {
        let questions = &self.seen().questions;
        let mut next = questions.next();
        if next.is_empty() && questions.more.swap(false, Ordering::Relaxed) {
            let me = self.me().node();
            let left = self.read(move |reading| unanswered(reading, me, now())).await?;
            left.into_iter().for_each(|seq| questions.push(seq));
            next = questions.next();
        }
        if next.is_empty() {
            // As long as with a question: the instant of an answer tells of nobody else's.
            instants.tick().await;
            return Ok(());
        }
        let inside = self.clone();
        let found = tokio::task::spawn_blocking(move || inside.look_up(&next)).await;
        let found = found.map_err(|_| Unavailable::Stopping)??;
        instants.tick().await;
        for answering in found {
            let seq = answering.question;
            self.write(Command::AnswerSeen(answering)).await?;
            tracing::info!(seq, "a partner's question is answered");
        }
        Ok(())
    }

    fn look_up(&self, questions: &[Seq]) -> Result<Vec<Answering>, Unavailable> {
        let me = self.me().node();
        let mut all = Vec::with_capacity(questions.len());
        for question in questions {
            let found = match self.read_here(|reading| due(reading, me, *question))? {
                Due::Nothing => continue,
                Due::Refusal => None,
                Due::Look(values) => self.found(&values),
            };
            all.push(Answering { question: *question, found });
        }
        Ok(all)
    }

    /// What was seen of each value; `None` where nothing is kept.
    fn found(&self, values: &[Value]) -> Option<Vec<Found>> {
        let held = self.seen().held.get().filter(|held| held.keeps())?;
        let asked: Vec<Option<Observable>> = values.iter().map(askable).collect();
        let values: Vec<Observable> = asked.iter().flatten().cloned().collect();
        let Asked { lines, unread, .. } = held.ask(&values);
        let mut lines = lines.into_iter();
        let found = asked.iter().map(|value| {
            let line = value.as_ref().and_then(|_| lines.next());
            match line {
                Some(Some(seen)) => {
                    let (count, first, last) = (seen.count, seen.first, seen.last);
                    Found::Seen { count, first, last }
                }
                Some(None) if unread.is_empty() => Found::Never,
                // What cannot be read may have it.
                Some(None) | None => Found::Unknown,
            }
        });
        Some(found.collect())
    }
}
