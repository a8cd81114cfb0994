//! What surrounds the store: settings, files and who may read them, certificates, disk, clock.

use super::finding::Finding;
use crate::command::output::counted;
use crate::config::{ConfigError, Folder, Unsound, mode};
use crate::http::valid_until;
use crate::machine;
use crate::settings::Settings;
use model::limits::{CERTIFICATE_TOLD_DAYS, WAL_BYTES_TOLD};
use model::time::Instant;
use node::seen::Segments;
use std::path::Path;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A file of settings that cannot be used.
pub(super) fn settings(error: &ConfigError) -> Finding {
    Finding::error("settings", error.to_string())
        .next("mend that file; `entente config show` says when it is right")
}

/// What was seen, as far as it cannot be read.
pub(super) fn seen(folder: &Folder) -> Vec<Finding> {
    let unusable = match Segments::inspect(&folder.seen()) {
        Ok(segments) => segments.unusable().iter().map(ToString::to_string).collect(),
        Err(error) => vec![error.to_string()],
    };
    let next = format!("entente verify {}", folder.path().display());
    unusable.into_iter().map(|what| Finding::error("seen", what).next(next.clone())).collect()
}

/// Files that others can read.
pub(super) fn permissions(folder: &Folder, settings: &Settings) -> Vec<Finding> {
    let open = |path: &Path, allowed: &str| {
        let shared = mode(path).filter(|mode| mode & 0o077 != 0)?;
        let what = format!("{} can be read by others (mode {shared:03o})", path.display());
        let next = format!("chmod {allowed} {}", path.display());
        Some(Finding::error("permissions", what).next(next))
    };
    let secrets = folder.secrets();
    let key = settings.http.key.as_deref();
    let files = secrets.iter().map(std::path::PathBuf::as_path).chain(key);
    open(folder.path(), "700")
        .into_iter()
        .chain(files.filter_map(|path| open(path, "600")))
        .collect()
}

/// The HTTP certificate: whether it can be used, and for how long.
pub(super) fn certificate(settings: &Settings, now: Instant) -> Option<Finding> {
    let file = settings.http.certificate.as_ref()?.display();
    let until = match crate::http::Certificate::of(&settings.http) {
        Ok(certificate) => certificate?.until(),
        Err(error) => {
            let next = "put a certificate and its key there; the node reads them within a minute";
            return Some(Finding::error("certificate", error.to_string()).next(next));
        }
    };
    let next = format!("renew {file}; the running node reads it within a minute, or at SIGHUP");
    ending(until?, now).map(|finding| finding.next(next))
}

/// A certificate that has ended, or soon will have.
fn ending(until: Instant, now: Instant) -> Option<Finding> {
    let days = until.micros().saturating_sub(now.micros()).div_euclid(MICROS_PER_DAY);
    if days < 0 {
        return Some(Finding::error("certificate", format!("the HTTP certificate ended {until}")));
    }
    let soon = days < CERTIFICATE_TOLD_DAYS;
    let what = format!(
        "the HTTP certificate ends in {} ({until})",
        counted(days.unsigned_abs(), "day", "days")
    );
    soon.then(|| Finding::warning("certificate", what))
}

/// The certificates of authorities for sources, if the operator has set any.
pub(super) fn authorities(settings: &Settings, now: Instant) -> Option<Finding> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let path = settings.network.authorities.as_ref()?;
    let shown = path.display();
    let next = format!("put the authorities' certificates into {shown}");
    let bytes = match crate::config::read_file(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            return Some(Finding::error("certificate", format!("{shown}: {error}")).next(next));
        }
    };
    let all: Vec<_> = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
    if all.is_empty() {
        return Some(
            Finding::error("certificate", format!("{shown} holds none in PEM")).next(next),
        );
    }
    let ended = all.iter().filter_map(|one| valid_until(one)).any(|until| until < now);
    let what = format!("a certificate in {shown} has ended");
    ended.then(|| Finding::warning("certificate", what).next(next))
}

/// The small files that are not what the node wrote; the settings are looked at apart.
pub(super) fn files(folder: &Folder) -> Vec<Finding> {
    let snapshots = folder.snapshots();
    // A store that cannot be read is told of by itself.
    let Ok(Ok(mut snapshot)) = snapshots.map(|snapshots| snapshots.open()) else {
        return Vec::new();
    };
    let unsound = snapshot.read(|reading| folder.unsound(Some(reading))).unwrap_or_default();
    let finding = |one: Unsound| {
        let next = if one.path == folder.admin_token_file() {
            "put it back from a backup; or stop the node: entente token create NAME --admin"
        } else {
            "put it back from a backup"
        };
        let shown = one.path.display().to_string();
        let said =
            if one.what.contains(&shown) { one.what } else { format!("{shown}: {}", one.what) };
        Finding::error("files", said).next(next)
    };
    let others = unsound.into_iter().filter(|one| one.path != folder.settings());
    others.map(finding).collect()
}

/// Room on the disk.
pub(super) fn disk(folder: &Folder, settings: &Settings) -> Option<Finding> {
    free(machine::free_bytes(folder.path())?, settings, folder)
}

fn free(free: u64, settings: &Settings, folder: &Folder) -> Option<Finding> {
    let (bulk, all) = (settings.disk.bulk_stops_below, settings.disk.all_stops_below);
    let shown = crate::config::print_size(free >> 20 << 20);
    let finding = if free < all {
        Finding::error(
            "disk",
            format!("{shown} free: only recalls, withdrawals and revocations are still tried"),
        )
    } else if free < bulk {
        Finding::error(
            "disk",
            format!("{shown} free: publishing, sources and backfill are refused"),
        )
    } else if free < bulk.saturating_mul(2) {
        Finding::warning("disk", format!("{shown} free: publishing will soon be refused"))
    } else {
        return None;
    };
    let place = folder.path().display();
    Some(finding.next(format!("df -h {place}; make room there, or set [retention]")))
}

/// The write-ahead log's file.
pub(super) fn wal(folder: &Folder) -> Option<Finding> {
    let bytes = folder.wal_bytes();
    let shown = crate::config::print_size(bytes >> 20 << 20);
    let what = format!("the write-ahead log has grown to {shown}: a reader holds on to old pages");
    let next = "restart the node: the log is taken up into the database then";
    (bytes > WAL_BYTES_TOLD).then(|| Finding::warning("wal", what).next(next))
}

/// Whether the machine keeps its clock.
pub(super) fn clock() -> Option<Finding> {
    let what = "the machine's clock is not kept by a time server: validity and deadlines drift";
    let kept = machine::is_clock_kept()?;
    (!kept).then(|| Finding::warning("clock", what).next("timedatectl set-ntp true"))
}

/// An address that only we could dial.
pub(super) fn link_address(settings: &Settings) -> Option<Finding> {
    let listen = settings.link.listen?;
    let unsaid = listen.ip().is_unspecified() && settings.link.public_address.is_none();
    let what = format!("the link listens on {listen}, and invitations cannot say where that is");
    let next = "set link.public_address = \"host:port\" in entente.toml and restart the node";
    unsaid.then(|| Finding::warning("settings", what).next(next))
}

#[cfg(test)]
mod tests;
