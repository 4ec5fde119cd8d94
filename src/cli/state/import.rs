//! `revbus state import`.

mod dry_run;
mod lines;
mod send;

use std::path::PathBuf;

use serde::Serialize;

use self::lines::Lines;
use super::{Common, Kept, Printed, WriteHow, output, run_async, trouble};
use crate::catalogue::Catalogue;
use crate::cli::exit::say_aside;
use crate::cli::{Exit, catalogue};
use crate::client::state::{EntityLine, known_module};
use crate::diagnostic::visible;
use crate::state::{OwnedEntityKey, Version};

/// How many lines that were refused are named; more are counted.
const MAX_NAMED: usize = 100;

/// Write the entities of a file, as `export` makes it
///
/// Each line is a put that the router decides on; it replaces what is there, so without --yes it only says what would
/// become of them: each line is decided on as the router would, over what is there now. Versions and authors are those of
/// the import, not those of the file. Lines are written as the module that owns the entity, unless --as says otherwise.
/// After an interruption, run it again: it writes all lines once more.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus state import accounts.jsonl --tenant tenant_002\n  \
    revbus state import accounts.jsonl --tenant tenant_002 --create-only --yes\n  \
    revbus state export customer_success --tenant tenant_001 | revbus state import - --tenant tenant_002 --yes\n\n\
    Exit code: 0 all lines are written or kept, 1 some were refused, 3 unreachable, or no answer in time.")]
pub(super) struct Args {
    /// The file, a JSON object a line; - is stdin
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Leave entities alone that are there
    #[arg(long)]
    create_only: bool,
    /// Do it
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    how: WriteHow,
    #[command(flatten)]
    printed: Printed,
    #[command(flatten)]
    common: Common,
}

/// What became of the lines, or what would.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Tally {
    /// Whether it was done.
    pub(super) done: bool,
    /// How many entities were not there, as far as that is known.
    pub(super) created: u64,
    /// How many were replaced.
    pub(super) replaced: u64,
    /// Of those, how many have the very same state already; only a dry run knows.
    pub(super) same: u64,
    /// How many were left as they are: --create-only.
    pub(super) kept: u64,
    /// How many lines were refused.
    pub(super) refused: u64,
    /// How many were on their way when the cluster failed: whether they were written is not known.
    pub(super) unknown: u64,
    /// Why, for the first of those.
    pub(super) reasons: Vec<Refused>,
}

/// A line that was refused.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Refused {
    pub(super) line: usize,
    pub(super) reason: String,
}

impl Tally {
    pub(super) fn refuse(&mut self, line: usize, reason: String) {
        self.refused += 1;
        if self.reasons.len() < MAX_NAMED {
            self.reasons.push(Refused { line, reason });
        }
    }
}

impl Args {
    /// The module that writes what another owns.
    fn writer<'a>(&'a self, owner: &'a str) -> &'a str {
        self.common.module.as_deref().unwrap_or(owner)
    }

    /// The next line that somebody could write, with its number; those before it that nobody could are refused.
    fn next(
        &self,
        lines: &mut Lines,
        catalogue: &Catalogue,
        tally: &mut Tally,
    ) -> anyhow::Result<Option<(usize, OwnedEntityKey, EntityLine)>> {
        while let Some((number, line)) = lines.next()? {
            match self.entity(catalogue, &line) {
                Ok((key, line)) => return Ok(Some((number, key, line))),
                Err(reason) => tally.refuse(number, reason),
            }
        }
        Ok(None)
    }

    /// What a line writes, where somebody could write it.
    fn entity(&self, catalogue: &Catalogue, line: &str) -> Result<(OwnedEntityKey, EntityLine), String> {
        let (line, key) = EntityLine::parse(line, &self.common.tenant)?;
        known_module(catalogue, self.writer(&key.module)).map_err(|error| error.to_string())?;
        Ok((key, line))
    }

    const fn expected(&self) -> Option<Version> {
        if self.create_only { Some(Version::ABSENT) } else { None }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let (catalogue, _) = catalogue::load(&args.common.catalogue)?;
    if let Some(module) = &args.common.module {
        known_module(&catalogue, module).map_err(|error| trouble::failure(&error))?;
    }
    let mut lines = Lines::open(&args.file)?;
    let mut tally = Tally { done: args.yes, ..Tally::default() };
    let ended = run_async(async {
        if args.yes {
            send::run(args, catalogue, &mut lines, &mut tally).await
        } else {
            dry_run::run(args, catalogue, &mut lines, &mut tally).await
        }
    });
    // What was written by then is reported also where the rest cannot be.
    if tally.done || ended.is_ok() {
        report(&tally, args)?;
    }
    if ended.is_err() {
        say_aside(&format!("note: nothing behind line {} was looked at\n", lines.number()));
    }
    ended.map(|()| if tally.refused == 0 { Exit::Good } else { Exit::Found })
}

fn report(tally: &Tally, args: &Args) -> anyhow::Result<()> {
    for Refused { line, reason } in &tally.reasons {
        say_aside(&format!("line {line}: {}\n", visible(reason)));
    }
    let more = tally.refused - tally.reasons.len() as u64;
    if more > 0 {
        say_aside(&format!("and {more} more\n"));
    }
    output::print(args.printed.output, tally, || text(tally))
}

pub(super) fn text(tally: &Tally) -> String {
    let Tally { created, replaced, same, kept, refused, unknown, .. } = tally;
    if !tally.done {
        return format!(
            "{created} would be created, {replaced} replaced ({same} by the same state), {kept} kept, {refused} refused; \
             `--yes` does it\n"
        );
    }
    let unknown = if *unknown == 0 { String::new() } else { format!(", {unknown} not known: run it again") };
    format!("{created} created, {replaced} replaced, {kept} kept, {refused} refused{unknown}\n")
}
