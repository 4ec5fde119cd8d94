//! The key of an entity on Kafka: `tenant/module/type/id`, each part percent-encoded, so that no two entities share one.

use std::fmt;

use crate::ids::{MAX_ENTITY_BYTES, is_tenant_id, push_key_part};

/// Which entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityKey<'a> {
    /// Its tenant.
    pub tenant: &'a str,
    /// The module that owns it.
    pub module: &'a str,
    /// Its entity type.
    pub entity_type: &'a str,
    /// Its id among the entities of its type.
    pub id: &'a str,
}

/// Which entity, owned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnedEntityKey {
    /// Its tenant.
    pub tenant: String,
    /// The module that owns it.
    pub module: String,
    /// Its entity type.
    pub entity_type: String,
    /// Its id among the entities of its type.
    pub id: String,
}

/// Why something names no entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// The tenant is none.
    #[error("the tenant must be 1 to 128 of A-Z, a-z, 0-9, `.`, `_`, `-`, and begin with a letter or a digit")]
    Tenant,
    /// The module or the entity type is no lower snake case name.
    #[error("module and entity type are names in lower snake case, of at most 128 bytes")]
    Name,
    /// The id cannot be one (decision 45).
    #[error("the entity id must have 1 to 512 bytes and no NUL")]
    Id,
    /// The bytes are no key that an entity could have.
    #[error("not `tenant/module/type/id`, each part percent-encoded as it must be")]
    Form,
}

/// A tenant that any entity could have: people name entities without it.
pub const ANY_TENANT: &str = "any";

/// The longest name of a module or of an entity type, in bytes.
const MAX_NAME_BYTES: usize = 128;

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= MAX_NAME_BYTES
        && bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_')
}

impl<'a> EntityKey<'a> {
    /// An entity's key, where each part can be one.
    ///
    /// # Errors
    /// The first part that cannot.
    pub fn new(tenant: &'a str, module: &'a str, entity_type: &'a str, id: &'a str) -> Result<Self, KeyFault> {
        if !is_tenant_id(tenant) {
            Err(KeyFault::Tenant)
        } else if !is_name(module) || !is_name(entity_type) {
            Err(KeyFault::Name)
        } else if id.is_empty() || id.len() > MAX_ENTITY_BYTES || id.contains('\0') {
            Err(KeyFault::Id)
        } else {
            Ok(Self { tenant, module, entity_type, id })
        }
    }

    /// Appends the record's key.
    pub fn push(&self, out: &mut Vec<u8>) {
        for part in [self.tenant, self.module, self.entity_type] {
            push_key_part(out, part);
            out.push(b'/');
        }
        push_key_part(out, self.id);
    }

    /// The record's key.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out =
            Vec::with_capacity(self.tenant.len() + self.module.len() + self.entity_type.len() + self.id.len() + 3);
        self.push(&mut out);
        out
    }

    /// The same, owned.
    #[must_use]
    pub fn to_owned(&self) -> OwnedEntityKey {
        OwnedEntityKey {
            tenant: self.tenant.to_owned(),
            module: self.module.to_owned(),
            entity_type: self.entity_type.to_owned(),
            id: self.id.to_owned(),
        }
    }
}

impl OwnedEntityKey {
    /// Reads a record's key. Only what [`EntityKey::push`] writes is one: an entity has no second spelling.
    ///
    /// # Errors
    /// The bytes are no key, or a part cannot be what it stands for.
    pub fn parse(key: &[u8]) -> Result<Self, KeyFault> {
        let text = std::str::from_utf8(key).map_err(|_| KeyFault::Form)?;
        let mut parts = text.split('/').map(decode_key_part);
        let mut next = || parts.next().flatten().ok_or(KeyFault::Form);
        let (tenant, module, entity_type, id) = (next()?, next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(KeyFault::Form);
        }
        let owned = EntityKey::new(&tenant, &module, &entity_type, &id)?.to_owned();
        if owned.borrow().to_bytes() == key { Ok(owned) } else { Err(KeyFault::Form) }
    }

    /// Reads `MODULE/TYPE/ID`, as people name an entity of whatever tenant, written as in a record's key. Its tenant stands
    /// for any.
    ///
    /// # Errors
    /// As of [`parse`](Self::parse).
    pub fn of_name(name: &str) -> Result<Self, KeyFault> {
        Self::parse(format!("{ANY_TENANT}/{name}").as_bytes())
    }

    /// The same, borrowed.
    #[must_use]
    pub fn borrow(&self) -> EntityKey<'_> {
        EntityKey { tenant: &self.tenant, module: &self.module, entity_type: &self.entity_type, id: &self.id }
    }
}

/// A part without its percent encoding; `None` where that is none.
#[must_use]
pub fn decode_key_part(part: &str) -> Option<String> {
    let mut out = Vec::with_capacity(part.len());
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let (high, low) = (bytes.next()?, bytes.next()?);
            let digit = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            out.push(digit(high)? << 4 | digit(low)?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// Within what the id of an update event is one of its own: all modules write to one topic, and none may spend the ids
/// of another.
#[must_use]
pub fn update_scope(tenant: &str, module: &str) -> String {
    format!("{tenant}/{module}")
}

/// `module/type/id`, encoded as in the key: what a command line takes and shows.
impl fmt::Display for EntityKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.to_bytes();
        let text = String::from_utf8_lossy(&key[self.tenant.len() + 1..]);
        f.write_str(&text)
    }
}

impl fmt::Display for OwnedEntityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.borrow().fmt(f)
    }
}
