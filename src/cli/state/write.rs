//! `revbus state put|patch|delete`.

use serde_json::json;

use super::names::EntityName;
use super::{Common, Printed, WriteArgs, client, data, output, run_async, trouble};
use crate::cli::{Exit, catalogue};
use crate::client::state::{Write, Written, object};
use crate::state::{Operation, UpdateBody, Version};

/// Replace an entity's state, or create it
///
/// The router decides: the module must own the entity, and the state must fit its contract. Nothing else is asked of the
/// version unless --expected-version says so.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus state put customer_success/account/acme --tenant tenant_001 --data '{\"health_score\": 80, \"risk_level\": \"low\"}'\n  \
    revbus state put customer_success/account/acme --tenant tenant_001 --data @acme.json --expected-version 3\n  \
    revbus state put customer_success/account/a%2Fb --tenant tenant_001 --data - < ab.json\n\n\
    Exit code: 0 written, 1 conflict, denied, invalid or failed, 3 unreachable, or no answer in time.")]
pub(super) struct PutArgs {
    /// The new state: a JSON object, @FILE with one, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-")]
    data: String,
    #[command(flatten)]
    target: Target,
}

/// Change members of an entity's state
///
/// The data is a JSON merge patch (RFC 7386): what it names is set, `null` removes, what it does not name stays as it
/// is. An entity that is not there begins empty.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus state patch customer_success/account/acme --tenant tenant_001 --data '{\"health_score\": 42}'\n  \
    revbus state patch customer_success/account/acme --tenant tenant_001 --data '{\"last_updated\": null}'")]
pub(super) struct PatchArgs {
    /// The patch: a JSON object, @FILE with one, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-")]
    data: String,
    #[command(flatten)]
    target: Target,
}

/// Delete an entity
///
/// It names one entity and is done at once, as `put` is, which replaces one at once; --expected-version makes sure of
/// what is deleted. `history` shows what it was, as long as the log holds it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus state delete customer_success/account/acme --tenant tenant_001\n  \
    revbus state delete customer_success/account/acme --tenant tenant_001 --expected-version 4")]
pub(super) struct DeleteArgs {
    #[command(flatten)]
    target: Target,
}

/// What the three have in common.
#[derive(Debug, clap::Args)]
struct Target {
    /// The entity; `%`, `/` and control characters of its id as %25, %2F …
    #[arg(value_name = "MODULE/TYPE/ID")]
    entity: EntityName,
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    printed: Printed,
    #[command(flatten)]
    common: Common,
}

pub(super) fn put(args: &PutArgs) -> anyhow::Result<Exit> {
    run(&args.target, Operation::Put, Some(&args.data))
}

pub(super) fn patch(args: &PatchArgs) -> anyhow::Result<Exit> {
    run(&args.target, Operation::Patch, Some(&args.data))
}

pub(super) fn delete(args: &DeleteArgs) -> anyhow::Result<Exit> {
    run(&args.target, Operation::Delete, None)
}

fn run(target: &Target, operation: Operation, data: Option<&str>) -> anyhow::Result<Exit> {
    let Target { entity, write, printed, common } = target;
    let text = data.map(data::read).transpose()?.unwrap_or_default();
    let body = match operation {
        Operation::Put => UpdateBody::Put(object(&text, "--data").map_err(|error| trouble::failure(&error))?),
        Operation::Patch => UpdateBody::Patch(object(&text, "--data").map_err(|error| trouble::failure(&error))?),
        Operation::Delete => UpdateBody::Delete,
    };
    let how = Write { expected: write.expected_version.map(Version), event_id: write.event_id.clone(), deadline: None };
    let (catalogue, _) = catalogue::load(&common.catalogue)?;
    let options = client::options(common, &write.how, catalogue, entity.module())?;
    run_async(async {
        let client = client::connect(options).await?;
        match client.write(entity.of(&common.tenant), body, how).await {
            Ok(written) => {
                output::print(printed.output, &document(&written), || text_of(&written, operation))?;
                Ok(Exit::Good)
            }
            Err(error) => Err(trouble::refused(printed.output, &error)),
        }
    })
}

fn document(written: &Written) -> serde_json::Value {
    json!({
        "outcome": "state_changed",
        "entity": written.entity.to_string(),
        "tenant": written.entity.tenant,
        "version": written.version.0,
        "repeated": written.repeated,
        "event_id": written.event_id,
    })
}

pub(super) fn text_of(written: &Written, operation: Operation) -> String {
    let Written { entity, version, event_id, repeated } = written;
    if *repeated {
        // The router remembers the first update by its id: not whether it was of this entity, or of this kind.
        return format!(
            "{entity}  nothing done now: the update with the event id {event_id} was done before, and made version {version}\n"
        );
    }
    match operation {
        Operation::Put | Operation::Patch => format!("{entity}  version {version}\n"),
        Operation::Delete => format!("{entity}  deleted, version {version}\n"),
    }
}
