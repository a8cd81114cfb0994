//! Views built anew: beside the one in use while the node runs, in slices between its commits, or
//! without a pause while it does not. What a view holds is `node`'s.

use crate::config::Folder;
use crate::maintain::{Halt, Work};
use crate::runtime::{Runtime, now};
use formats::problem::Problem;
use model::limits::{PROBLEMS_MAX, REBUILD_SLICE_MICROS};
use node::rebuild::{rebuild, slice, views};
use node::{Store, StoreError, view_pages};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// A view that was built anew.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct RebuiltView {
    pub(crate) view: String,
    /// Entries taken.
    pub(crate) entries: u64,
    /// Entries that could not be read: `verify` names them.
    #[serde(default)]
    pub(crate) unreadable: u64,
}

/// The views that are meant: the one of this name, or all.
///
/// # Errors
/// When there is no view of this name.
pub(crate) fn wanted(name: Option<&str>) -> Result<Vec<&'static str>, Problem> {
    let Some(name) = name else { return Ok(views()) };
    let found = views().into_iter().find(|view| *view == name);
    found.map(|view| vec![view]).ok_or_else(|| {
        let message = format!("there is no view `{}`", formats::problem::shown(name));
        Problem::error("E-REBUILD-001", message).hint(format!("one of {}", views().join(", ")))
    })
}

/// Builds views anew while the node runs; gives what it made.
pub(crate) async fn run(runtime: Runtime, views: Vec<&'static str>) -> Result<Value, Halt> {
    let mut done = Vec::with_capacity(views.len());
    for view in views {
        sound(&runtime, view).await?;
        let made = Arc::new(Mutex::new((0, 0)));
        runtime.in_slices(work(view, Arc::clone(&made))).await?;
        let (entries, unreadable) = *made.lock().unwrap_or_else(PoisonError::into_inner);
        tracing::info!(view, entries, unreadable, "a view was built anew");
        done.push(RebuiltView { view: view.to_owned(), entries, unreadable });
    }
    serde_json::to_value(done)
        .map_err(|error| Halt::Failed(Problem::error("E-REBUILD-003", error.to_string())))
}

/// A view whose very pages are damaged is not emptied beside the running of a node: what it takes
/// for its pages may be the log's.
async fn sound(runtime: &Runtime, view: &'static str) -> Result<(), Halt> {
    let Some(folder) = runtime.folder() else { return Ok(()) };
    let path = folder.store();
    let pages = tokio::task::spawn_blocking(move || view_pages(&path, view)).await;
    let complaints = pages.map_err(|_| Halt::Stopping)??;
    if complaints.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = complaints.into_iter().take(PROBLEMS_MAX.min(3)).collect();
    let message = format!("the pages of view {view} are damaged: {}", told.join("; "));
    Err(Problem::error("E-REBUILD-002", message)
        .hint("stop the node; entente rebuild then writes the whole database anew")
        .into())
}

fn work(view: &'static str, made: Arc<Mutex<(u64, u64)>>) -> Work {
    Box::new(move |store, pause| {
        let mut work = store.begin_rebuild(view)?;
        loop {
            let end = now().plus_micros(REBUILD_SLICE_MICROS);
            let ended = slice(store, &mut work, &mut || now() >= end);
            let ended = ended.and_then(|ended| store.checkpoint().map(|()| ended));
            let (done, total) = work.progress();
            let paused = match ended {
                Ok(true) => break,
                Ok(false) => pause(done, total),
                Err(error) => Err(error.into()),
            };
            if let Err(halt) = paused {
                store.abandon();
                return Err(halt);
            }
        }
        *made.lock().unwrap_or_else(PoisonError::into_inner) = (work.taken, work.unreadable);
        Ok(())
    })
}

/// Builds views anew while no node runs on the folder, and mends pages before that where SQLite
/// complains; `each` hears the view, how many entries are looked at, and of how many.
///
/// # Errors
/// When the log or the state is damaged, or the store fails.
pub(crate) fn offline(
    folder: &Folder,
    views: Vec<&'static str>,
    each: &mut dyn FnMut(&'static str, u64, u64),
) -> Result<Vec<RebuiltView>, StoreError> {
    let mut views = views;
    for view in Store::mend(&folder.store(), &node::Options::default())? {
        if !views.contains(&view) {
            views.push(view);
        }
    }
    let store = folder.open_store()?;
    let mut done = Vec::with_capacity(views.len());
    for view in views {
        let (entries, unreadable) =
            rebuild(&store, view, &mut |done, total| each(view, done, total))?;
        done.push(RebuiltView { view: view.to_owned(), entries, unreadable });
    }
    store.close()?;
    Ok(done)
}
