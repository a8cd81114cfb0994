//! What a process and its children cost, as the kernel tells it. It starts and ends nothing; it
//! may make one stand still.

use crate::runtime::now;

/// A process and whatever it started, by the number of the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Process(pub(super) u32);

/// What a piece of work cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// Seconds of processor, in user and kernel together.
    pub(super) cpu: f64,
    /// Seconds on the wall.
    pub(super) wall: f64,
}

impl Process {
    /// Does a piece of work and says what it cost these processes.
    pub(super) fn during<T, E>(self, work: impl FnOnce() -> Result<T, E>) -> Result<(T, Cost), E> {
        let (cpu, wall) = (self.cpu(), now());
        let done = work()?;
        let wall = seconds(now().micros() - wall.micros());
        Ok((done, Cost { cpu: self.cpu() - cpu, wall }))
    }

    /// Sends it a signal by its name.
    pub(super) fn signal(self, name: &str) -> std::io::Result<()> {
        let number = self.0.to_string();
        std::process::Command::new("kill").args([&format!("-{name}"), &number]).status().map(drop)
    }

    /// CPU seconds used so far; those of children that have ended count for their parent.
    pub(super) fn cpu(self) -> f64 {
        let own = |process: &Self| {
            let stat = process.file("stat");
            let fields = stat.rsplit(") ").next().unwrap_or_default();
            // Fields 14 to 17 of proc(5), in clock ticks of 1/100 s on every Linux in use.
            let ticks = fields.split_whitespace().skip(11).take(4);
            ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
        };
        self.all().iter().map(own).sum()
    }

    /// CPU seconds of the children of this process that have ended.
    pub(super) fn ended_children() -> f64 {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let fields = stat.rsplit(") ").next().unwrap_or_default();
        // Fields 16 and 17 of proc(5).
        let ticks = fields.split_whitespace().skip(13).take(2);
        ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
    }

    /// Anonymous memory in MB: what the processes need beside the files they map; a page that
    /// several of them share counts once.
    pub(super) fn anonymous_mb(self) -> f64 {
        let own = |process: &Self| {
            let rollup = process.file("smaps_rollup");
            let shared = line(&rollup, "Pss_Anon:");
            shared.or_else(|| line(&process.file("status"), "RssAnon:")).unwrap_or(0.0)
        };
        self.all().iter().map(own).sum::<f64>() * 1_024.0 / 1_000_000.0
    }

    fn all(self) -> Vec<Self> {
        let mut all = vec![self];
        let mut next = 0;
        while let Some(process) = all.get(next).copied() {
            let tasks = std::fs::read_dir(format!("/proc/{}/task", process.0));
            for task in tasks.into_iter().flatten().flatten() {
                let children = std::fs::read_to_string(task.path().join("children"));
                let children = children.unwrap_or_default();
                all.extend(children.split_whitespace().filter_map(|id| id.parse().ok().map(Self)));
            }
            next += 1;
        }
        all
    }

    fn file(self, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.0)).unwrap_or_default()
    }
}

/// The number of KiB that a line of the kernel's files names.
fn line(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Seconds from microseconds.
pub(super) fn seconds(micros: i64) -> f64 {
    i32::try_from(micros / 100).map_or(f64::INFINITY, f64::from) / 10_000.0
}
