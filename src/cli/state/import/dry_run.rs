//! What an import would do, by what is there now and by the catalogue's contracts.

use super::lines::Lines;
use super::{Args, Tally};
use crate::catalogue::{Catalogue, StateMode};
use crate::cli::state::ReadArgs;
use crate::cli::state::view::{Source, undeclared};
use crate::client::state::{EntityLine, object};
use crate::schema;
use crate::state::EntityKey;

pub(super) async fn run(args: &Args, tally: &mut Tally) -> anyhow::Result<()> {
    let source = Source::any(&args.common)?;
    let view = source.open(&ReadArgs { state_dir: None, deadline: args.how.deadline }).await?;
    let mut lines = Lines::open(&args.file)?;
    while let Some((number, line)) = lines.next()? {
        let checked = EntityLine::parse(&line, &args.common.tenant)
            .and_then(|(line, key)| check(&source.catalogue, key.borrow(), line.state.get()).map(|()| (line, key)));
        let (line, key) = match checked {
            Ok(read) => read,
            Err(reason) => {
                tally.refuse(number, reason);
                continue;
            }
        };
        match view.get(key.borrow())? {
            None => tally.created += 1,
            Some(there) if args.create_only || *there.state == *line.state.get() => tally.kept += 1,
            Some(_) => tally.replaced += 1,
        }
    }
    Ok(())
}

/// Whether a state fits the contract of its entity type.
fn check(catalogue: &Catalogue, key: EntityKey<'_>, state: &str) -> Result<(), String> {
    let Some(entity_type) = catalogue.entity_type(key.module, key.entity_type) else {
        return match catalogue.settings.state_mode {
            StateMode::Open => Ok(()),
            StateMode::Declared => Err(undeclared(catalogue, key.module, key.entity_type)),
        };
    };
    let state = object(state, "`state`").map_err(|error| error.to_string())?;
    let mut members = Vec::new();
    crate::json::members(state, |member| members.push(member));
    let mut reasons = Vec::new();
    schema::check(&entity_type.contract, &members, &mut reasons);
    if reasons.is_empty() {
        return Ok(());
    }
    let sentences = reasons.iter().map(|reason| format!("{} ({})", reason.message, reason.code.code()));
    Err(sentences.collect::<Vec<_>>().join("; "))
}
