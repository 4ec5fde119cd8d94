//! `revbus test`.

mod files;
mod text;

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::str::FromStr;

use serde::Serialize;

use self::files::CaseFile;
use super::{Exit, Failure, Output, catalogue};
use crate::diagnostic::plural;
use crate::kernel::cases::{self, Coverage, Difference, TriggerCoverage};
use crate::kernel::{Rules, Topology};

/// Run the cases of a catalogue: given an event, what must come of it
///
/// Each case is decided on as the router would do it, with no broker. Cases stand under `tests:`, in the catalogue itself
/// or in files of their own.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  revbus test
  revbus test tests/pipeline.yaml --filter 'won deal'
  revbus test --min-coverage 100% -o json

A case:
  tests:
    - name: a won deal pays a commission
      given: {type: pipeline.deal_won, data: {deal_id: d1, final_amount: 5000, rep_id: r1}}
      expect:
        derived:
          - command: compensation.calculate
            data: {final_amount: 5000}
        others: allow
    - name: a falling health score is told
      given:
        type: state.patch
        entity: customer_success/account/acct_1
        before: {version: 3, state: {health_score: 80, risk_level: low}}
        data: {patch: {health_score: 42}}
      expect: {version: 4, derived: [customer_success.health_score_changed]}
What `expect` does not say is not looked at: without `derived`, whatever comes out is good; with it, nothing else may
come out unless `others: allow`.

Exit code: 0 every case passes; 1 one fails, the coverage is too low, or the catalogue has errors; 2 a file of cases
is unreadable or wrong, or there is no case.")]
pub(super) struct Args {
    /// Files of cases, or folders with such files [default: `tests:` of the catalogue, and tests/*.yaml beside it]
    #[arg(value_name = "FILES")]
    files: Vec<PathBuf>,
    /// The catalogue
    #[arg(long, env = "REVBUS_CATALOGUE", default_value = "topics.yaml", value_name = "FILE")]
    catalogue: PathBuf,
    /// Only cases with this text in their name
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Text for people, or JSON
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
    /// Show for every trigger how many cases exercise it
    #[arg(long)]
    coverage: bool,
    /// Fail where fewer of the triggers are exercised
    #[arg(long, value_name = "N%")]
    min_coverage: Option<Percent>,
}

/// A share of a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Percent(usize);

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix('%').unwrap_or(text).parse().ok().filter(|number| *number <= 100);
        number.map(Self).ok_or_else(|| "write 0% to 100%".to_owned())
    }
}

/// What came of all cases.
#[derive(Debug, Serialize)]
struct Results {
    passed: usize,
    failed: usize,
    cases: Vec<CaseLine>,
    coverage: CoverageLine,
}

/// What came of one case.
#[derive(Debug, Serialize)]
struct CaseLine {
    name: String,
    file: String,
    line: usize,
    passed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<Difference>,
}

/// Which triggers the cases exercise.
#[derive(Debug, Serialize)]
struct CoverageLine {
    percent: usize,
    never: usize,
    triggers: Vec<TriggerCoverage>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let (catalogue, _) = catalogue::load(&args.catalogue)?;
    let mut files = files::read(&args.files, &args.catalogue, &catalogue)?;
    if let Some(filter) = &args.filter {
        files.iter_mut().for_each(|file| file.cases.retain(|case| case.name.contains(filter.as_str())));
    }
    if files.iter().all(|file| file.cases.is_empty()) {
        let message = match &args.filter {
            Some(filter) => format!("no case has `{filter}` in its name"),
            None => "there are no cases: write some under `tests:`, as `revbus test --help` shows".to_owned(),
        };
        return Err(Failure::new(Exit::Usage, message));
    }
    let topology = Topology::unlimited(&catalogue);
    let results = results(&Rules::new(catalogue, topology), &files);
    let mut out = std::io::stdout().lock();
    match args.output {
        Output::Text => {
            let rows = if args.coverage { text::Rows::All } else { text::Rows::Never };
            out.write_all(text::render(&results, rows, paint()).as_bytes())?;
        }
        Output::Json => {
            serde_json::to_writer_pretty(&mut out, &results)?;
            writeln!(out)?;
        }
    }
    let least = args.min_coverage.map_or(0, |least| least.0);
    if results.coverage.percent < least {
        let message =
            format!("{} % of the triggers are exercised, and {least} % are asked for", results.coverage.percent);
        return Err(Failure::new(Exit::Found, message));
    }
    Ok(if results.failed == 0 { Exit::Good } else { Exit::Found })
}

fn results(rules: &Rules, files: &[CaseFile]) -> Results {
    let mut coverage = Coverage::of(&rules.catalogue);
    let mut lines = Vec::new();
    for file in files {
        for case in &file.cases {
            let result = cases::run(rules, case);
            coverage.add(&result);
            lines.push(CaseLine {
                name: case.name.clone(),
                file: file.name.clone(),
                line: case.line,
                passed: result.differences.is_empty(),
                differences: result.differences,
            });
        }
    }
    let failed = lines.iter().filter(|line| !line.passed).count();
    let never = coverage.never().count();
    let coverage = CoverageLine { percent: coverage.percent(), never, triggers: coverage.triggers().to_vec() };
    Results { passed: lines.len() - failed, failed, cases: lines, coverage }
}

/// Colour where a person reads it and `NO_COLOR` is not set.
fn paint() -> text::Paint {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if std::io::stdout().is_terminal() && !no_colour { text::Paint::Colour } else { text::Paint::Plain }
}

#[cfg(test)]
mod tests;
