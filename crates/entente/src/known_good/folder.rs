//! The lists of known-good values in the folder of a node. It judges no value.

use crate::runtime::Runtime;

/// Reads the folder again whenever it changes, until the node stops; none is read yet.
pub(crate) async fn reread(runtime: Runtime) {
    runtime.stopping().wait_for(|stop| *stop).await.ok();
}
