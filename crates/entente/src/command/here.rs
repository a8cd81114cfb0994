//! Where a command works: the folder, the form of its output, the node that it asks.

use crate::config::{ConfigError, Effective, Folder};
use clap::Args;
use std::path::PathBuf;

/// Under which they stand in each help, apart from what is the command's own.
const ALL: &str = "Options of every command";

/// What every command understands.
#[derive(Args, Clone, Debug)]
pub(crate) struct Here {
    /// The node's folder
    ///
    /// Without it the variable ENTENTE_DATA_DIR names the folder.
    #[arg(
        long,
        global = true,
        help_heading = ALL,
        value_name = "DIR",
        env = "ENTENTE_DATA_DIR",
        hide_env = true,
        default_value = "./entente-data"
    )]
    pub(crate) data: PathBuf,
    /// The settings, instead of DIR's entente.toml
    #[arg(long, global = true, help_heading = ALL, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true, help_heading = ALL)]
    pub(crate) json: bool,
    /// Ask this node; its token is in ENTENTE_TOKEN
    ///
    /// Instead of the node that runs on the folder. https:// anywhere, http:// on this machine alone.
    #[arg(long, global = true, help_heading = ALL, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The certificate of the node at --url
    ///
    /// Speak to the node whose certificate has this fingerprint and to nobody else, whoever signed
    /// it. Without it a public authority must have, or one of network.authorities.
    #[arg(long, global = true, help_heading = ALL, value_name = "SHA256", requires = "url")]
    pub(crate) pin: Option<String>,
}

impl Here {
    /// The settings that hold: of the file, the environment, the defaults.
    pub(crate) fn settings(&self) -> Result<Effective, ConfigError> {
        crate::config::load(self.config.as_deref(), &self.folder().settings())
    }

    /// The folder.
    pub(crate) fn folder(&self) -> Folder {
        Folder::new(&self.data)
    }
}
