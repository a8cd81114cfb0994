//! The files of the repository as values, so that every check is a plain function over them.
//!
//! It reads what git tracks or would track; it never looks at build output or ignored files.

use std::{fs, process::Command};

/// One text file: its path from the root, with `/` on every system, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    #[cfg(test)]
    pub(crate) fn made_up(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the file is program text in any of the languages we write.
    pub(crate) fn is_code(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        matches!(ending, "rs" | "py" | "sh" | "ts" | "js" | "svelte" | "css" | "sql")
            || matches!(name, "Makefile" | "run")
    }

    /// Whether the file lies in the folder `folder`, which is written without a closing `/`.
    pub(crate) fn is_under(&self, folder: &str) -> bool {
        self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The lines, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// Every text file that git tracks or would track.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: Vec<File>,
}

impl Tree {
    #[cfg(test)]
    pub(crate) fn made_up(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| File::made_up(path, text)).collect() }
    }

    /// Reads the repository around the current folder. Files that are not UTF-8 are no text and
    /// are left out; files that are listed but deleted are left out as well.
    pub(crate) fn of_this_repository() -> Result<Self, String> {
        let (root, paths) = listed()?;
        let read = |path: String| {
            let bytes = fs::read(format!("{root}/{path}")).ok()?;
            Some(File { path, text: String::from_utf8(bytes).ok()? })
        };
        Ok(Self { files: paths.into_iter().filter_map(read).collect() })
    }

    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_rust())
    }

    pub(crate) fn find(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// The root of the repository around the current folder, and the paths of what git tracks or would
/// track, each once and in order.
fn listed() -> Result<(String, Vec<String>), String> {
    let root = output("git", &["rev-parse", "--show-toplevel"])?.trim_end().to_owned();
    let kinds = ["--cached", "--others", "--exclude-standard"];
    let listing = output("git", &[["-C", &root, "ls-files", "-z"].as_slice(), &kinds].concat())?;
    let mut paths: Vec<String> = listing.split_terminator('\0').map(str::to_owned).collect();
    paths.sort_unstable();
    paths.dedup();
    Ok((root, paths))
}

/// The paths of the files that are there and are no text.
pub(crate) fn others() -> Result<Vec<String>, String> {
    let (root, paths) = listed()?;
    let bytes = |path: &String| fs::read(format!("{root}/{path}")).ok();
    let is_other = |path: &String| bytes(path).is_some_and(|b| String::from_utf8(b).is_err());
    Ok(paths.into_iter().filter(is_other).collect())
}

/// Runs a program and returns what it printed, or its complaint.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Result<String, String> {
    let told = || format!("{program} {}", arguments.join(" "));
    let done = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|e| format!("cannot run `{}`: {e}", told()))?;
    if !done.status.success() {
        let complaint = String::from_utf8_lossy(&done.stderr);
        return Err(format!("`{}` failed: {}", told(), complaint.trim()));
    }
    String::from_utf8(done.stdout).map_err(|_| format!("`{}` printed no UTF-8", told()))
}
