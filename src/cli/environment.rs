//! Variables that nearly have the name of one that the command line reads: slips, of which nobody would hear.

use std::collections::BTreeSet;

use clap::Command;

use crate::diagnostic::{nearest, shorten};

const OURS: &str = "REVBUS_";
/// What begins so is a setting of the Kafka client; a name that it does not have is an error there.
const KAFKA: &str = "REVBUS_KAFKA_";

/// A sentence for each variable whose name is a slip.
pub(super) fn slips(command: &Command, variables: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut known = BTreeSet::new();
    collect(command, &mut known);
    let ours = variables.into_iter().filter(|one| one.starts_with(OURS) && !one.starts_with(KAFKA));
    ours.filter(|one| !known.contains(one))
        .filter_map(|one| {
            let meant = nearest(&one[OURS.len()..], known.iter().map(|known| &known[OURS.len()..]))?;
            Some(format!("the environment's {} is not read: did you mean {OURS}{meant}?", shorten(&one)))
        })
        .collect()
}

/// The variables that a command and its verbs read.
fn collect(command: &Command, known: &mut BTreeSet<String>) {
    let read = command.get_arguments().filter_map(|one| one.get_env()?.to_str());
    known.extend(read.filter(|one| one.starts_with(OURS)).map(str::to_owned));
    command.get_subcommands().for_each(|verb| collect(verb, known));
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn said(variables: &[&str]) -> Vec<String> {
        slips(&Cli::command(), variables.iter().map(|&one| one.to_owned()))
    }

    #[test]
    fn a_variable_that_is_nearly_one_of_ours_is_named() {
        let said = said(&["REVBUS_GROUPE", "REVBUS_DEAD_LETER_LIMIT", "PATH"]);
        assert_eq!(
            said,
            [
                "the environment's REVBUS_GROUPE is not read: did you mean REVBUS_GROUP?",
                "the environment's REVBUS_DEAD_LETER_LIMIT is not read: did you mean REVBUS_DEAD_LETTER_LIMIT?",
            ]
        );
    }

    #[test]
    fn others_variables_are_theirs() {
        assert_eq!(said(&["REVBUS_GROUP", "REVBUS_KAFKA_BOOTSTRAP_SERVERS", "REVBUS_BILLING_URL", "REVBUS_"]), [""; 0]);
    }
}
