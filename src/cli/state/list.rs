//! `revbus state list`.

use std::cell::RefCell;

use serde::Serialize;

use super::changes::Shown;
use super::names::{self, TypeName};
use super::reads::Reads;
use super::view::Source;
use super::{Common, Printed, ReadArgs, output, run_async};
use crate::cli::exit::say_aside;
use crate::cli::{Exit, Failure};
use crate::client::state::Filter;
use crate::client::state::view::{ListPage, ListScope};
use crate::diagnostic::one_line;
use crate::state::{Entity, EntityKey};

/// The longest state in a table.
const MAX_STATE: usize = 100;

/// List the entities of a type
///
/// In the order of their ids, a page at a time. --where takes a condition as `topics.yaml` does: declared fields go by
/// their names, others as data.NAME; a field that may be absent is asked for with has(). Nothing else has a name there.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    revbus state list customer_success/account --tenant tenant_001\n  \
    revbus state list customer_success/account --tenant tenant_001 --where 'health_score < 50.0' --limit 10\n  \
    revbus state list customer_success/account --tenant tenant_001 --prefix eu_ --after eu_acme -o json")]
pub(super) struct Args {
    /// The entity type
    #[arg(value_name = "MODULE/TYPE")]
    entity_type: TypeName,
    /// Only ids that begin like this; written as ids are
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT", value_parser = names::id,
        allow_hyphen_values = true)]
    prefix: String,
    /// Only ids behind this one; `%`, `/` and control characters as %25, %2F …
    #[arg(long, value_name = "ID", value_parser = names::id, allow_hyphen_values = true)]
    after: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = limit)]
    limit: usize,
    /// Only entities whose state fulfils this
    #[arg(long = "where", value_name = "CEL")]
    condition: Option<String>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    printed: Printed,
    #[command(flatten)]
    common: Common,
}

fn limit(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|limit| (1..=100_000).contains(limit)).ok_or_else(|| "expected 1 to 100000".to_owned())
}

/// What was found.
struct Found {
    entities: Vec<(String, Entity<'static>)>,
    next: Option<String>,
}

/// A page as a document.
#[derive(Serialize)]
struct Document<'a> {
    entities: &'a [Shown<'a>],
    next: Option<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let TypeName { module, entity_type } = &args.entity_type;
    let source = Source::of(&args.common, module, Some(entity_type))?;
    let filter = args.condition.as_deref().map(|text| {
        Filter::compile(text, source.catalogue.entity_type(module, entity_type)).map_err(|error| {
            let help = error.help.map_or_else(String::new, |help| format!("; {help}"));
            Failure::new(Exit::Usage, format!("--where: {}{help}", error.message))
        })
    });
    let filter = filter.transpose()?;
    let found = run_async(async {
        let view = source.open(&args.read).await?;
        find(args, &view, filter.as_ref()).await
    })?;
    let key = |id| EntityKey { tenant: &args.common.tenant, module, entity_type, id };
    let shown: Vec<_> = found.entities.iter().map(|(id, entity)| Shown::entity(key(id), entity)).collect();
    let page = Document { entities: &shown, next: found.next.as_deref().map(names::encoded) };
    output::print(args.printed.output, &page, || text(&shown, &found))?;
    Ok(Exit::Good)
}

/// One call of the view looks at so many entities and no more: it is asked until the page is full.
async fn find(args: &Args, view: &Reads<'_>, filter: Option<&Filter>) -> anyhow::Result<Found> {
    let TypeName { module, entity_type } = &args.entity_type;
    let failed: RefCell<(u64, String)> = RefCell::default();
    let keeps = |id: &str, entity: &Entity<'_>| match filter.map(|filter| filter.keeps(&entity.state)) {
        None => true,
        Some(Ok(keeps)) => keeps,
        Some(Err(error)) => {
            let mut failed = failed.borrow_mut();
            failed.0 += 1;
            if failed.1.is_empty() {
                failed.1 = format!("{}: {error}", one_line(id, 80));
            }
            false
        }
    };
    let scope = ListScope { tenant: &args.common.tenant, module, entity_type };
    let mut found = Found { entities: Vec::new(), next: args.after.clone() };
    loop {
        let after = found.next.take();
        let limit = args.limit - found.entities.len();
        let page = ListPage { id_prefix: &args.prefix, after: after.as_deref(), limit, filter: Some(&keeps) };
        let listed = view.list(scope, page).await?;
        found.entities.extend(listed.entities);
        found.next = listed.next;
        if found.next.is_none() || found.entities.len() >= args.limit {
            break;
        }
    }
    let (count, example) = failed.into_inner();
    if count > 0 {
        say_aside(&format!("note: --where failed on {count} entities, which are left out, such as {example}\n"));
    }
    Ok(found)
}

/// For a shell, which takes nothing between these quotes for anything else.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn text(shown: &[Shown<'_>], found: &Found) -> String {
    let row = |(shown, (id, entity)): (&Shown<'_>, &(String, Entity<'_>))| {
        let (version, at) = (entity.written.version.to_string(), entity.written.at.to_rfc3339());
        [one_line(id, 80), version, at, shown.author(), one_line(&entity.state, MAX_STATE)]
    };
    let rows = shown.iter().zip(&found.entities).map(row);
    let mut out = output::table(["ID", "VERSION", "WRITTEN AT", "BY", "STATE"], rows);
    if let Some(next) = &found.next {
        out.push_str(&format!("\nthere are more: --after {}", quoted(&names::encoded(next))));
    }
    out
}
