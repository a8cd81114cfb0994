//! How much room the disk has, and what is refused for want of it: bulk first, then all but what
//! takes something back; reading never. What belongs where, `node` says.

use crate::runtime::Runtime;
use crate::settings::{DISK_EVERY, Disk};
use formats::problem::Problem;
use node::{Command, Weight};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// Seconds after which who was refused may try again.
pub(crate) const RETRY_SECONDS: &str = "10";

/// How long it rests who was refused where the disk seems to have room: a quota, or no more inodes.
const REST: Duration = Duration::from_secs(10);

/// What is let through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Room {
    /// Everything.
    Enough = 0,
    /// Everything but bulk.
    Scarce = 1,
    /// Only what takes something back.
    None = 2,
}

impl Room {
    fn of(free: u64, settings: &Disk) -> Self {
        if free < settings.all_stops_below {
            Self::None
        } else if free < settings.bulk_stops_below {
            Self::Scarce
        } else {
            Self::Enough
        }
    }

    const fn lets(self, weight: Weight) -> bool {
        match (self, weight) {
            (Self::Enough, _) | (_, Weight::Last) | (Self::Scarce, Weight::Usual) => true,
            (Self::Scarce, Weight::Bulk) | (Self::None, Weight::Bulk | Weight::Usual) => false,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Enough => "enough",
            Self::Scarce => "scarce: bulk is refused",
            Self::None => "none: only recalls, withdrawals and revocations are tried",
        }
    }
}

/// What is let through now; shared by all doors.
#[derive(Debug, Default)]
pub(crate) struct Guard(AtomicU8);

impl Guard {
    /// What is let through now.
    pub(crate) fn room(&self) -> Room {
        match self.0.load(Ordering::Relaxed) {
            0 => Room::Enough,
            1 => Room::Scarce,
            _ => Room::None,
        }
    }

    /// Whether a command is let through.
    pub(crate) fn lets(&self, command: &Command) -> bool {
        let room = self.room();
        room == Room::Enough || room.lets(command.weight())
    }

    /// The disk refused to take more: until the next look nothing but the last is tried.
    pub(crate) fn filled(&self) {
        self.set(Room::None);
    }

    fn set(&self, room: Room) {
        let before = self.room();
        self.0.store(room as u8, Ordering::Relaxed);
        if before != room {
            let room = room.as_str();
            tracing::warn!(room, "the room on the disk has changed");
        }
    }
}

/// The refusal as people read it.
pub(crate) fn problem() -> Problem {
    Problem::error("E-DISK-001", "the disk of this node is nearly full; nothing was taken").hint(
        "it goes on as soon as there is room again; its operator finds in docs/operating.md how",
    )
}

/// Looks at the disk until the node stops.
pub(crate) async fn watch(runtime: Runtime) {
    let Some(folder) = runtime.folder().cloned() else { return };
    let mut stopping = runtime.stopping();
    loop {
        let path = folder.path().to_owned();
        let look = tokio::task::spawn_blocking(move || crate::machine::free_bytes(&path));
        // A file system that does not tell is taken as it comes: what does not fit is refused.
        if let Ok(Some(free)) = look.await {
            runtime.disk().set(Room::of(free, &runtime.settings().disk));
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(DISK_EVERY) => {}
        }
    }
}

/// Whether bulk is refused for want of room.
pub(crate) fn is_scarce(runtime: &Runtime) -> bool {
    runtime.disk().room() != Room::Enough
}

/// Waits until bulk is let through.
pub(crate) async fn room(runtime: &Runtime) {
    while is_scarce(runtime) {
        tokio::time::sleep(DISK_EVERY).await;
    }
}

/// Waits, after the disk took no more, until it is worth another try.
pub(crate) async fn room_again(runtime: &Runtime) {
    // A refusal closes the guard until the next look.
    tokio::time::sleep(DISK_EVERY).await;
    if is_scarce(runtime) { room(runtime).await } else { tokio::time::sleep(REST).await }
}

#[cfg(test)]
mod tests;
