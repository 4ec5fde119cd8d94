//! When to look at a file again. Editors write in pieces, or rename a new file over the old one; Kubernetes swaps a
//! symbolic link two folders away. So whatever happens in the folders that the path goes through is a hint to look, and
//! without a hint it is looked at every few seconds all the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Reloads;

/// How long nothing may have happened to the file before it is looked at.
const QUIET: Duration = Duration::from_millis(200);
/// How often it is looked at without a hint: not every file system gives any.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many links a path may go through.
const LINKS: usize = 16;

/// When the next look is due.
#[derive(Debug)]
pub(super) struct Due {
    at: Instant,
    /// When it is due at the latest, however much goes on in the folder.
    latest: Instant,
}

impl Due {
    pub(super) fn new(now: Instant) -> Self {
        Self { at: now + LOOK_EVERY, latest: now + LOOK_EVERY }
    }

    /// A hint: a look is due once no other follows.
    pub(super) fn touched(&mut self, now: Instant) {
        self.at = (now + QUIET).min(self.latest);
    }

    /// It was looked at.
    pub(super) fn looked(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    /// How long until the next look.
    pub(super) fn left(&self, now: Instant) -> Duration {
        self.at.saturating_duration_since(now)
    }
}

/// Gives hints while something happens around a file.
pub(super) struct FileWatch {
    file: PathBuf,
    watcher: Option<RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
}

impl FileWatch {
    pub(super) fn new(file: &Path, reloads: Reloads) -> Self {
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // That somebody reads the file is nothing new: we do.
            if event.is_ok_and(|event| !event.kind.is_access()) {
                reloads.touched();
            }
        });
        let watcher = watcher.map_err(|error| unwatched(file, &error)).ok();
        let mut watch = Self { file: file.to_owned(), watcher, folders: BTreeSet::new() };
        watch.follow();
        watch
    }

    /// Watches the folders that the path goes through now; links may lead elsewhere since.
    pub(super) fn follow(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        let folders = folders(&self.file);
        // One that is gone is not watched any more: that it cannot be left is no news.
        for old in self.folders.difference(&folders) {
            let _ = watcher.unwatch(old);
        }
        for new in folders.difference(&self.folders) {
            if let Err(error) = watcher.watch(new, RecursiveMode::NonRecursive) {
                unwatched(new, &error);
            }
        }
        self.folders = folders;
    }
}

fn unwatched(path: &Path, error: &notify::Error) {
    tracing::warn!(path = %path.display(), %error, "changes are noticed within seconds only: the path is not watched");
}

/// The folders of a file and of everything that it is a link to.
fn folders(file: &Path) -> BTreeSet<PathBuf> {
    let (mut folders, mut next) = (BTreeSet::new(), Some(file.to_owned()));
    for _ in 0..LINKS {
        let Some(path) = next else { break };
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        next = path.read_link().ok().map(|target| folder.join(target));
        folders.insert(folder);
    }
    // Of a link among the folders themselves, the end is what is left.
    folders.extend(file.canonicalize().ok().and_then(|end| end.parent().map(Path::to_owned)));
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_waits_for_quiet_but_not_for_ever() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut due = Due::new(start);
        assert_eq!(due.left(start), LOOK_EVERY);
        due.touched(at(100));
        due.touched(at(250));
        assert_eq!(due.left(at(250)), QUIET, "each hint puts it off");
        assert_eq!(due.left(at(450)), Duration::ZERO);
        for millis in (300..6000).step_by(50) {
            due.touched(at(millis));
        }
        assert_eq!(due.left(start + LOOK_EVERY), Duration::ZERO, "however much goes on");
        due.looked(at(6000));
        assert_eq!(due.left(at(6000)), LOOK_EVERY);
    }

    #[cfg(unix)]
    #[test]
    fn every_folder_that_a_link_leads_through_is_watched() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for folder in ["app", "config", "config/..2026"] {
            std::fs::create_dir(root.join(folder)).unwrap();
        }
        std::fs::write(root.join("config/..2026/topics.yaml"), "").unwrap();
        symlink("..2026", root.join("config/..data")).unwrap();
        symlink("..data/topics.yaml", root.join("config/topics.yaml")).unwrap();
        symlink(root.join("config/topics.yaml"), root.join("app/topics.yaml")).unwrap();
        let found = folders(&root.join("app/topics.yaml"));
        for folder in ["app", "config", "config/..2026"] {
            assert!(found.contains(&root.join(folder)), "{folder} is not in {found:?}");
        }
        assert!(folders(Path::new("topics.yaml")).contains(Path::new(".")));
    }
}
