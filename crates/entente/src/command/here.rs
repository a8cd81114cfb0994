//! Where a command works: the folder, the form of its output, the node that it asks.

use crate::config::Folder;
use clap::Args;
use std::path::PathBuf;

/// What every command understands.
#[derive(Args, Clone, Debug)]
pub(crate) struct Here {
    /// The node's folder
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "ENTENTE_DATA_DIR",
        default_value = "./entente-data"
    )]
    pub(crate) data: PathBuf,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Ask the node at this address instead of the one that runs on the folder; the token is taken
    /// from ENTENTE_TOKEN
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) url: Option<String>,
}

impl Here {
    /// The folder.
    pub(crate) fn folder(&self) -> Folder {
        Folder::new(&self.data)
    }
}
