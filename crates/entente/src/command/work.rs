//! Following long work that the running node does: how far it is, until it ends.

use super::client::Client;
use super::failure::{Exit, Failure};
use super::progress::Progress;
use crate::maintain::{DONE, FAILED, WorkView};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Between two looks at the work.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Waits until the work of this number ends, and gives what it made.
pub(super) async fn follow<T: DeserializeOwned>(
    client: &mut Client,
    number: u64,
    bar: &Progress,
) -> Result<T, Failure> {
    loop {
        let view: Option<WorkView> = client.get("/api/v1/maintenance").await?;
        let other = || {
            Failure::new(Exit::Later, "the node has begun other work since")
                .hint("its log says how this one ended")
        };
        let view = view.filter(|view| view.number == number).ok_or_else(other)?;
        bar.expect(view.total);
        bar.reach(view.done);
        if view.state == DONE {
            let made = serde_json::from_value(view.result.unwrap_or_default());
            return made.map_err(|error| Failure::new(Exit::Later, error.to_string()));
        }
        if view.state == FAILED {
            let [code, message, hint] = view.problem.unwrap_or_default();
            return Err(Failure::new(Exit::Later, format!("{code} {message}")).hint(hint));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
