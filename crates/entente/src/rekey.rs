//! A node's change of key, where its files are: the next key is made and stated, and takes the place of
//! the present one once partners know it. What is stated and believed is `node::keys`' business.
//!
//! CRASH: the key is in a file before it is stated, stated before it signs, and its file takes the place
//! of the other by a rename before the running node uses it. Whoever is stopped in between goes on here.

use crate::config::{ConfigError, Folder};
use crate::runtime::{Runtime, Unavailable, now, random};
use formats::problem::Problem;
use model::ledger::Note;
use model::seal::{PublicKey, SigningKey};
use node::command::{Act, Administer};
use node::keys::{Change, Stranded, Stranding, change};
use node::{Answer, Command, Store};
use std::time::Duration;
use tokio::sync::Mutex;

/// Between two looks at whether it is time; a partner that learns the key ends the wait at once.
const LOOK: Duration = Duration::from_secs(60);

/// One at a time touches the files of keys: an administrator may ask while a change is due by itself.
static FILES: Mutex<()> = Mutex::const_new(());

/// Why a key is not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RekeyError {
    /// A file of the folder.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// The node refuses.
    #[error("{0}")]
    Refused(#[from] Problem),
    /// The node is stopping, or its store or disk fails.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Finishes, before a node starts, a change that was due when it stopped.
pub(crate) fn settle(folder: &Folder, store: &Store) -> Result<(), ConfigError> {
    let Some(next) = folder.next_key()? else { return Ok(()) };
    let (key, reading) = (folder.public()?, store.reading());
    let stated = node::keys::own_keys(&reading, &key)?.key == next.key()?.public();
    if stated && change(&reading, &key, now())? == Change::Due {
        folder.change_key()?;
    }
    Ok(())
}

/// Makes the key that is to sign, unless there is one.
pub(crate) async fn prepare(runtime: &Runtime) -> Result<SigningKey, RekeyError> {
    let _alone = FILES.lock().await;
    let folder = runtime.folder().ok_or(Unavailable::Stopping)?;
    Ok(folder.make_next_key(runtime.me().first(), &mut random)?.key()?)
}

/// States the next key; it signs once partners know it.
pub(crate) async fn rotate(runtime: &Runtime, by: Act) -> Result<PublicKey, RekeyError> {
    let next = prepare(runtime).await?;
    let key = next.public();
    act(runtime, by, Administer::RotateKey(next)).await?;
    Ok(key)
}

/// Takes what the recovery key signed, with the key that was prepared for it; says what the revoked
/// key leaves unsent.
pub(crate) async fn rescue(
    runtime: &Runtime,
    by: Act,
    statement: String,
) -> Result<Stranded, RekeyError> {
    let own = prepare(runtime).await?;
    let (inside, said, next) = (runtime.clone(), statement.clone(), prepare(runtime).await?);
    let revoked = runtime.read(move |reading| {
        let chain = node::keys::own_chain(reading, inside.me(), now())?;
        let completed = chain.completed(&said, &next);
        let stated = completed.map(|next| next.last().revoked.clone()).unwrap_or_default();
        let new = stated.iter().map(|one| one.key);
        Ok(new.filter(|key| chain.last().revoked(key).is_none()).collect())
    });
    let stranded = stranded(runtime, revoked.await?).await?;
    let who = by.who.clone();
    act(runtime, by, Administer::RescueKeys { statement, own }).await?;
    // Whoever needs it waits for nobody.
    change_now(runtime).await?;
    note(runtime, who, &stranded).await?;
    Ok(stranded)
}

/// States that a former key proves nothing new; says what that leaves unsent.
pub(crate) async fn revoke(
    runtime: &Runtime,
    by: Act,
    key: PublicKey,
) -> Result<Stranded, RekeyError> {
    let (stranded, who) = (stranded(runtime, vec![key]).await?, by.who.clone());
    act(runtime, by, Administer::RevokeKey(key)).await?;
    note(runtime, who, &stranded).await?;
    Ok(stranded)
}

/// What these keys signed and no partner has. It is looked for before they are revoked: afterwards
/// partners refuse it, and have it no more than before.
async fn stranded(runtime: &Runtime, keys: Vec<PublicKey>) -> Result<Stranded, RekeyError> {
    let own = runtime.me().public();
    let mut look = runtime.read(move |reading| Stranding::begin(reading, &own, &keys)).await?;
    let mut more = true;
    while more {
        let stepped = runtime.read(move |reading| {
            let more = look.step(reading)?;
            Ok((look, more))
        });
        (look, more) = stepped.await?;
    }
    Ok(look.found())
}

async fn note(runtime: &Runtime, who: String, stranded: &Stranded) -> Result<(), RekeyError> {
    if stranded.is_empty() {
        return Ok(());
    }
    let Stranded { records, words, partial, .. } = stranded;
    let least = if *partial { "at least " } else { "" };
    let text = format!(
        "of what the revoked key signed no partner has {least}{records} records and {words} words; \
         they are to be published and said again"
    );
    let note = Note { about: "keys".to_owned(), who, code: None, text };
    runtime.write(Command::Administer(Administer::Note(note))).await?;
    Ok(())
}

async fn act(runtime: &Runtime, by: Act, what: Administer) -> Result<(), RekeyError> {
    let act = Administer::Act { by, what: Box::new(what) };
    let answer = runtime.write(Command::Administer(act)).await?;
    if let Answer::Refused(problem) = answer { Err(problem.into()) } else { Ok(()) }
}

/// Changes to the key that was stated, whenever that is due, until the node stops.
pub(crate) async fn keep(runtime: Runtime) {
    let (mut changed, mut stopping) = (runtime.partners_changed(), runtime.stopping());
    loop {
        match change_if_due(&runtime).await {
            Ok(false) => {}
            Ok(true) => tracing::warn!("this node signs with its new key from now on"),
            Err(RekeyError::Unavailable(Unavailable::Stopping)) => return,
            Err(error) => tracing::error!(%error, "the node's key cannot be changed"),
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            changed = changed.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Changes now, whoever knows it yet.
pub(crate) async fn change_now(runtime: &Runtime) -> Result<(), RekeyError> {
    let _alone = FILES.lock().await;
    let Some(folder) = runtime.folder() else { return Err(Unavailable::Stopping.into()) };
    let Some(next) = folder.next_key()? else { return Ok(()) };
    let stated = {
        let key = runtime.me().public();
        runtime.read(move |reading| node::keys::own_keys(reading, &key)).await?
    };
    if stated.key != next.key()?.public() {
        return Err(Problem::error("E-KEY-012", "the key that was stated is not in this folder")
            .hint("put the newer node.key there, or use the recovery key; see docs/operating.md")
            .into());
    }
    folder.change_key()?;
    // CRASH: from here on the folder starts with the new key; the running node follows.
    let used = runtime.write(Command::Administer(Administer::UseKey(next.key()?))).await?;
    if let Answer::Refused(problem) = used {
        return Err(problem.into());
    }
    if !runtime.change_identity(next.key()?, next.seed) {
        return Err(Problem::error("E-KEY-012", "the new key is used after the next start").into());
    }
    Ok(())
}

async fn change_if_due(runtime: &Runtime) -> Result<bool, RekeyError> {
    let key = runtime.me().public();
    let due = runtime.read(move |reading| change(reading, &key, now())).await?;
    if due != Change::Due {
        return Ok(false);
    }
    // Without it nothing can be changed: `doctor` says what to do.
    if runtime.folder().is_none_or(|folder| !matches!(folder.next_key(), Ok(Some(_)))) {
        return Ok(false);
    }
    change_now(runtime).await.map(|()| true)
}
