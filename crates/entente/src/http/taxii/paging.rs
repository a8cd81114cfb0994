//! Asks for one page of a collection: numbers first what this audience lacks, so that the numbers
//! are durable before the page leaves. It doesn't write resources.

use super::negotiate::{Desk, Refusal};
use crate::http::reads::Asker;
use crate::runtime::{Runtime, Unavailable, now};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use formats::taxii::{Filter, Next};
use model::id::CircleId;
use model::limits::{PAGE_OBJECTS_MAX, PAGES_AT_ONCE_MAX, SINGLES_AT_ONCE_MAX};
use model::time::Instant;
use node::outlet::audience_key;
use node::read::{Page, Shape, is_current, page};
use node::release::Lens;
use node::{Answer, Command, Reading, StoreError};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Pages made at once; more wait. Each is held in memory.
static PAGES: Semaphore = Semaphore::const_new(PAGES_AT_ONCE_MAX);
/// Single objects opened at once: who asks for one does not wait for others' pages.
static SINGLES: Semaphore = Semaphore::const_new(SINGLES_AT_ONCE_MAX);

/// A question for one page, bound to the asker's eyes.
#[derive(Debug)]
pub(super) struct Question {
    circle: CircleId,
    key: String,
    scope: String,
    lens: Lens,
    filter: Filter,
    shape: Shape,
    start: Option<u64>,
    limit: usize,
    asker: Asker,
}

impl Question {
    /// A question with a request's filter; `resource` is what a `next` token is good for, beside
    /// the collection and the audience.
    pub(super) fn new(
        desk: &Desk,
        (resource, shape): (&str, Shape),
        filter: Filter,
    ) -> Result<Self, Refusal> {
        let caller = &desk.asker.caller;
        let key = audience_key(&desk.circle, caller.capacity());
        let scope = format!("{resource} {key}");
        let start = match &filter.next {
            Some(token) => Some(Next::parse(token, &scope, &filter)?.offset),
            None => None,
        };
        let mut reader = caller.submitter.reader.clone();
        reader.circles = BTreeSet::from([desk.circle]);
        let wanted = filter.limit.and_then(|limit| usize::try_from(limit).ok());
        let limit = wanted.unwrap_or(PAGE_OBJECTS_MAX).min(PAGE_OBJECTS_MAX);
        let lens = Lens { reader, now: now() };
        let asker = Asker::of(caller);
        Ok(Self { circle: desk.circle, key, scope, lens, filter, shape, start, limit, asker })
    }

    /// At most so many entries.
    pub(super) fn at_most(mut self, limit: usize) -> Self {
        self.limit = self.limit.min(limit);
        self
    }

    /// The page, with all that this audience may have at this moment.
    pub(super) async fn ask(self, runtime: &Runtime) -> Result<Answered, Refusal> {
        let question = Arc::new(self);
        let turns = if question.filter.ids.len() == 1 { &SINGLES } else { &PAGES };
        let turn = turns.acquire().await.map_err(|_| Unavailable::Stopping)?;
        let first = Arc::clone(&question);
        let current = runtime.read(move |reading| first.read_if_current(reading)).await?;
        let page = match current {
            Some(page) => page,
            None => Self::number_and_read(&question, runtime).await?,
        };
        drop(turn);
        let noted = question.note(runtime, &page);
        Ok(Answered { question, page, noted })
    }

    /// Numbers in steps, so that the writer can serve others between them, until the page is full
    /// or everything has its number.
    async fn number_and_read(question: &Arc<Self>, runtime: &Runtime) -> Result<Page, Refusal> {
        loop {
            let answer = match runtime.write(Command::Number(question.key.clone())).await {
                // Without room for more numbers, what has one is read all the same.
                Err(Unavailable::Full) => Answer::Done,
                answer => answer?,
            };
            let again = Arc::clone(question);
            let page = runtime.read(move |reading| again.read(reading)).await?;
            let unfinished = matches!(answer, Answer::Numbered { unfinished: true });
            if page.next.is_some() || !unfinished {
                return Ok(page);
            }
        }
    }

    /// Keeps what the asker is given, while the answer is written.
    fn note(&self, runtime: &Runtime, page: &Page) -> Noted {
        let (runtime, asker) = (runtime.clone(), self.asker.clone());
        let (outlet, ranges) = (page.outlet, page.ranges.clone());
        tokio::spawn(
            async move { crate::http::reads::note(&runtime, &asker, outlet, &ranges).await },
        )
    }

    fn read_if_current(&self, reading: &Reading<'_>) -> Result<Option<Page>, StoreError> {
        if is_current(reading, &self.key, self.lens.now)? {
            self.read(reading).map(Some)
        } else {
            Ok(None)
        }
    }

    fn read(&self, reading: &Reading<'_>) -> Result<Page, StoreError> {
        let place = (self.circle, self.key.as_str());
        page(*reading, &self.lens, place, &self.filter, (self.shape, self.start, self.limit))
    }
}

/// Ends when what is given is on disk.
type Noted = tokio::task::JoinHandle<Result<(), Unavailable>>;

/// A page and what was asked.
#[derive(Debug)]
pub(super) struct Answered {
    question: Arc<Question>,
    noted: Noted,
    pub(super) page: Page,
}

impl Answered {
    /// The token of the next page, if there is one.
    pub(super) fn next(&self) -> Option<String> {
        let Question { scope, filter, .. } = &*self.question;
        self.page.next.map(|offset| Next { offset }.print(scope, filter))
    }

    /// Lets an answer with the page out once it is on disk who was given it, and adds the headers
    /// that say when the first and the last entry were added. An empty page has
    /// neither: it repeats `added_after`, so that a client that goes on from it loses nothing.
    ///
    /// SPEC: TAXII 2.1 §3.4.2, §5.3 to §5.8
    pub(super) async fn date(self, mut response: Response) -> Result<Response, Refusal> {
        // CRASH: nothing of the page has left, and all of it counts as read.
        self.noted.await.map_err(|_| Unavailable::Stopping)??;
        let since = self.question.filter.added_after.unwrap_or(Instant::from_micros(0));
        let first = self.page.entries.first().map_or(since, |entry| entry.date);
        let last = self.page.entries.last().map_or(since, |entry| entry.date);
        for (name, date) in [(FIRST, first), (LAST, last)] {
            if let Ok(value) = HeaderValue::try_from(date.to_taxii()) {
                response.headers_mut().insert(name, value);
            }
        }
        Ok(response)
    }
}

const FIRST: HeaderName = HeaderName::from_static("x-taxii-date-added-first");
const LAST: HeaderName = HeaderName::from_static("x-taxii-date-added-last");
