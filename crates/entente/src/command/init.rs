//! `entente init`: a new node in a folder, with its keys and its administrator's token.

use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::lock::Lock;
use super::output::{json, line};
use crate::http::api::node::fingerprint;
use crate::runtime::{now, random};
use clap::Args;
use model::seal::PublicKey;
use node::command::Administer;
use node::identity::Identity;
use node::membership::fingerprint_words;
use node::token::NewToken;
use node::{Answer, Command, Moment, Node, OpenError, Rights, Store};
use serde::Serialize;

/// Make a new node: keys, database, the administrator's token
#[derive(Args, Debug)]
pub(crate) struct Init {
    /// The name that partners will see, such as "CERT Alpha"
    #[arg(long)]
    name: String,
}

#[derive(Serialize)]
struct Made<'a> {
    node: String,
    name: &'a str,
    fingerprint: String,
    words: String,
    token: &'a str,
}

impl Init {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let folder = here.folder();
        let fresh = std::fs::read_dir(folder.path()).map_or(true, |mut all| all.next().is_none());
        if !model::circle::valid_name(&self.name) {
            return Err(crate::config::ConfigError::Name.into());
        }
        let lock = Lock::take(&folder)?;
        let (me, mut store, token) = folder.create(&self.name, &mut random)?;
        if fresh {
            // Keys, tokens and partners' secrets: nobody else on this machine reads them.
            private(folder.path())?;
        }
        let key = me.public();
        folder.write_settings()?;
        let twin = folder.identity(&store)?;
        administrator(&mut store, twin, all_rights("admin", &token))?;
        let recovery = folder.make_recovery_key(&mut random)?;
        let twin = folder.identity(&store)?;
        state_keys(&mut store, twin, recovery)?;
        store.close()?;
        drop(lock);
        let made = Made {
            node: me.node().to_string(),
            name: &me.name,
            fingerprint: fingerprint(&key),
            words: fingerprint_words(&key),
            token: &token,
        };
        if here.json {
            json(&made)?;
            return Ok(Outcome::Done);
        }
        let data = here.data.display();
        line(&format!("{} is made in {data}", made.name))?;
        line(&format!("  node         {}", made.node))?;
        line(&format!("  fingerprint  {}", made.fingerprint))?;
        line(&format!("  in words     {}", made.words))?;
        line(&format!("  token        {token}"))?;
        line("The token administers this node and is shown once; a copy is in the folder.")?;
        let recovery = folder.recovery_file();
        line(&format!("The recovery key lies in {}: move it off", recovery.display()))?;
        line(
            "this machine now. It takes the node back from whoever steals its key; nothing else can.",
        )?;
        line(&format!("Next: entente serve --data {data}"))?;
        Ok(Outcome::Done)
    }
}

fn private(path: &std::path::Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let owner_only = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(path, owner_only).map_err(|error| Failure::file(path, &error))
}

/// An administrator's token of this text.
pub(super) fn all_rights(name: &str, text: &str) -> NewToken {
    let rights = Rights::ADMIN.with(Rights::READ).with(Rights::WRITE).with(Rights::RED);
    NewToken {
        name: name.to_owned(),
        circles: Vec::new(),
        rights,
        default: None,
        expires: None,
        text: Some(text.to_owned()),
    }
}

/// States the node's first key, and the recovery key that may speak in its place.
fn state_keys(store: &mut Store, me: Identity, recovery: PublicKey) -> Result<(), Failure> {
    administer(store, me, Administer::BeginKeys(recovery))
}

/// Makes a token known to the store of a node that does not run.
pub(super) fn administrator(store: &mut Store, me: Identity, new: NewToken) -> Result<(), Failure> {
    administer(store, me, Administer::CreateToken(new))
}

fn administer(store: &mut Store, me: Identity, what: Administer) -> Result<(), Failure> {
    let mut node = Node::open(me, &store.reading()).map_err(|OpenError::Store(e)| e)?;
    let mut tx = store.begin()?;
    let mut effects = Vec::new();
    let mut moment = Moment { tx: &mut tx, now: now(), random: &mut random, effects: &mut effects };
    let act = Command::Administer(what);
    if let Answer::Refused(problem) = node.apply(&mut moment, act)? {
        return Err(problem.into());
    }
    tx.commit()?;
    Ok(())
}
