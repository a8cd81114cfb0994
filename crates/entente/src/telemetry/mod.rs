//! Telemetry beside HTTP: how a delivery is made durable, whichever door it came by, and the doors
//! for syslog. What lines mean, `detect::reading` knows.

mod deliver;
mod framing;
mod syslog;

pub(crate) use deliver::{Again, DeliverError, Sender, deliver};
pub(crate) use syslog::{Doors, OpenError, open};
