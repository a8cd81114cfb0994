//! `entente token`: made for tools and people, listed, revoked.

use super::client::{Client, encoded, wait};
use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::init::{administrator, all_rights};
use super::lock::Lock;
use super::output::{json, line, remark};
use super::table::Table;
use super::when::{instant, second, second_or_dash};
use crate::http::api::tokens::{Revoked, TokenMade, TokenView, TokenWanted};
use crate::runtime::{now, random};
use clap::{Args, Subcommand};
use model::label::Tlp;
use model::time::Instant;
use node::token::{NewToken, new_text};

/// Tokens: what tools and people show to this node
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token; its text is shown once
    Create(Create),
    /// List tokens, without their texts
    List,
    /// Make a token worthless at once
    Revoke {
        /// Its name
        name: String,
    },
}

/// A token to be made.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four rights, each a flag of its own")]
pub(crate) struct Create {
    /// Its name, for people
    name: String,
    /// A circle that it is for; the first is its home
    #[arg(long = "circle", value_name = "NAME")]
    circles: Vec<String>,
    /// It may read
    #[arg(long)]
    read: bool,
    /// It may publish
    #[arg(long)]
    write: bool,
    /// It may read TLP:RED, too
    #[arg(long)]
    red: bool,
    /// The label of what it publishes without a marking
    #[arg(long, value_name = "TLP")]
    default: Option<Tlp>,
    /// It may administer this node and has all circles
    #[arg(long)]
    admin: bool,
    /// Until when it is good: a time, or a span such as 90d
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
}

impl Token {
    pub(crate) fn run(self, here: &Here) -> Ended {
        wait(self.ask(here))
    }

    async fn ask(self, here: &Here) -> Ended {
        match self {
            Self::Create(create) => return create.ask(here).await,
            Self::List => {
                let tokens: Vec<TokenView> = Client::new(here)?.get("/api/v1/tokens").await?;
                if here.json { json(&tokens)? } else { print(tokens)? }
            }
            Self::Revoke { name } => {
                let path = format!("/api/v1/tokens/{}", encoded(&name));
                let revoked: Revoked = Client::new(here)?.delete(&path).await?;
                match &revoked.before {
                    _ if here.json => json(&revoked)?,
                    Some(at) => line(&format!("{name} is revoked already, since {}", second(at)))?,
                    None => line(&format!("{name} is revoked"))?,
                }
            }
        }
        Ok(Outcome::Done)
    }
}

impl Create {
    async fn ask(self, here: &Here) -> Ended {
        if !(self.read || self.write || self.admin) {
            return Err(Failure::input("a token that may do nothing")
                .hint("give it --read, --write or --admin"));
        }
        if self.circles.is_empty() && !self.admin {
            return Err(Failure::input("a token needs at least one circle")
                .hint("name one with --circle; `entente circle list` shows them"));
        }
        let expires = self.expires.as_deref().map(instant).transpose()?;
        if let Some(made) = self.without_the_node(here, expires)? {
            return shown(&made, here);
        }
        let wanted = TokenWanted {
            name: self.name,
            circles: self.circles,
            read: self.read,
            write: self.write,
            red: self.red,
            admin: self.admin,
            default: self.default.map(|tlp| tlp.to_string()),
            expires: expires.map(|at| at.to_string()),
        };
        let made: TokenMade = Client::new(here)?.post("/api/v1/tokens", &wanted).await?;
        shown(&made, here)
    }

    /// Where the folder's own token is lost or not the store's, no command reaches the node any
    /// more: whoever has the folder of a stopped node makes an administrator's token anew, which is
    /// the folder's from then on. `None` where there is no need.
    fn without_the_node(
        &self,
        here: &Here,
        expires: Option<Instant>,
    ) -> Result<Option<TokenMade>, Failure> {
        let folder = here.folder();
        if !self.admin || here.url.is_some() || folder.seed().is_err() {
            return Ok(None);
        }
        let _lock = match Lock::take(&folder) {
            Err(failure) if failure.exit == Exit::Later => return Ok(None),
            taken => taken?,
        };
        let mut store = folder.open()?;
        if folder.is_token_good(&store.reading())? {
            return Ok(None);
        }
        let me = folder.identity(&store)?;
        let mut secret = [0; 32];
        random(&mut secret);
        let token = new_text(secret);
        let new = NewToken { expires, ..all_rights(&self.name, &token) };
        administrator(&mut store, me, new)?;
        store.close()?;
        // CRASH: before it is in the folder, the same command under another name makes another.
        folder.write_admin_token(&token)?;
        let written = "admin.token is written anew; revoke the lost one: entente token list";
        remark(written);
        Ok(Some(TokenMade { token, name: self.name.clone() }))
    }
}

fn shown(made: &TokenMade, here: &Here) -> Ended {
    if here.json {
        json(made)?;
    } else {
        line(&made.token)?;
    }
    Ok(Outcome::Done)
}

fn expired(token: &TokenView, now: Instant) -> bool {
    token.expires.as_ref().and_then(|at| at.parse::<Instant>().ok()).is_some_and(|at| at <= now)
}

fn print(tokens: Vec<TokenView>) -> Result<(), Failure> {
    let mut table = Table::new(&["NAME", "RIGHTS", "CIRCLES", "DEFAULT", "EXPIRES", "STATE"]);
    let now = now();
    for token in tokens {
        let all = token.circles.is_empty();
        let state = match &token.revoked {
            Some(at) => format!("revoked {}", second(at)),
            None if expired(&token, now) => "expired".to_owned(),
            None => "good".to_owned(),
        };
        table.row([
            token.name,
            token.rights.join(" "),
            if all { "all".to_owned() } else { token.circles.join(", ") },
            token.default.map_or_else(|| "-".to_owned(), |tlp| tlp.to_uppercase()),
            second_or_dash(token.expires.as_ref()),
            state,
        ]);
    }
    table.print("no tokens")
}
