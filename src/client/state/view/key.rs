//! Keys within a view: tenant, module, type and id with a NUL between them, which none of them can hold. So ids stand in
//! the order of their bytes, whatever had to be encoded in the record's key, and one entity type is one stretch of keys.

use crate::state::{EntityKey, KeyFault, OwnedEntityKey};

const BETWEEN: u8 = 0;

/// The key of an entity.
pub(super) fn of(key: EntityKey<'_>) -> Result<Vec<u8>, KeyFault> {
    let EntityKey { tenant, module, entity_type, id } = key;
    let key = EntityKey::new(tenant, module, entity_type, id)?;
    let mut out = Vec::with_capacity(tenant.len() + module.len() + entity_type.len() + id.len() + 3);
    push(key, &mut out);
    Ok(out)
}

fn push(key: EntityKey<'_>, out: &mut Vec<u8>) {
    for part in [key.tenant, key.module, key.entity_type] {
        out.extend_from_slice(part.as_bytes());
        out.push(BETWEEN);
    }
    out.extend_from_slice(key.id.as_bytes());
}

/// What the keys of one entity type begin with.
pub(super) fn scope(tenant: &str, module: &str, entity_type: &str) -> Result<Vec<u8>, KeyFault> {
    let mut out = of(EntityKey { tenant, module, entity_type, id: "x" })?;
    out.pop();
    Ok(out)
}

/// What the keys of the same entity type begin with, and the id.
pub(super) fn split(key: &[u8]) -> (&[u8], &[u8]) {
    let ends = key.iter().enumerate().filter(|(_, byte)| **byte == BETWEEN);
    let id = ends.map(|(at, _)| at + 1).nth(2).unwrap_or(key.len());
    key.split_at(id)
}

/// Appends the key of a record; whether it is one of an entity.
pub(super) fn push_of_record(record: &[u8], out: &mut Vec<u8>) -> bool {
    match plain(record) {
        Some(key) => push(key, out),
        None => match OwnedEntityKey::parse(record) {
            Ok(key) => push(key.borrow(), out),
            Err(_) => return false,
        },
    }
    true
}

/// The entity of a record's key in which nothing is encoded, and nothing would have to be: nearly all of them.
fn plain(record: &[u8]) -> Option<EntityKey<'_>> {
    if !record.iter().all(|byte| matches!(byte, b' '..=b'~') && *byte != b'%') {
        return None;
    }
    let mut parts = std::str::from_utf8(record).ok()?.split('/');
    let key = EntityKey::new(parts.next()?, parts.next()?, parts.next()?, parts.next()?).ok()?;
    parts.next().is_none().then_some(key)
}

/// The entity of a key.
pub(super) fn entity(key: &[u8]) -> Option<EntityKey<'_>> {
    let mut parts = std::str::from_utf8(key).ok()?.splitn(4, '\0');
    let (tenant, module) = (parts.next()?, parts.next()?);
    Some(EntityKey { tenant, module, entity_type: parts.next()?, id: parts.next()? })
}
