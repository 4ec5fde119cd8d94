//! Entities on the command line: `MODULE/TYPE/ID`, the id percent-encoded where it must be, as in the record's key.

use std::fmt;
use std::str::FromStr;

use crate::ids::push_key_part;
use crate::state::{ANY_TENANT, EntityKey, KeyFault, OwnedEntityKey, decode_key_part};

/// For what a name leaves out: names are read before the tenant is.
const ANY: &str = ANY_TENANT;

/// An entity: `customer_success/account/acme`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntityName(OwnedEntityKey);

/// An entity type: `customer_success/account`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TypeName {
    pub(super) module: String,
    pub(super) entity_type: String,
}

/// The entities of a type, or of all types of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScopeName {
    pub(super) module: String,
    pub(super) entity_type: Option<String>,
}

/// The entities of a module, of a type, or one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WatchName {
    pub(super) module: String,
    pub(super) entity_type: Option<String>,
    pub(super) id: Option<String>,
}

impl FromStr for WatchName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.matches('/').count() < 2 {
            let ScopeName { module, entity_type } = text.parse()?;
            return Ok(Self { module, entity_type, id: None });
        }
        let EntityName(key) = text.parse()?;
        Ok(Self { module: key.module, entity_type: Some(key.entity_type), id: Some(key.id) })
    }
}

impl fmt::Display for WatchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { module, entity_type, id } = self;
        match (entity_type, id) {
            (Some(entity_type), Some(id)) => EntityKey { tenant: ANY, module, entity_type, id }.fmt(f),
            (Some(entity_type), None) => write!(f, "{module}/{entity_type}"),
            (None, _) => f.write_str(module),
        }
    }
}

impl EntityName {
    pub(super) fn module(&self) -> &str {
        &self.0.module
    }

    /// The entity of a tenant that is one.
    pub(super) fn of<'a>(&'a self, tenant: &'a str) -> EntityKey<'a> {
        EntityKey { tenant, ..self.0.borrow() }
    }
}

impl FromStr for EntityName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match OwnedEntityKey::of_name(text) {
            Ok(key) => Ok(Self(key)),
            Err(fault) => Err(why_not(text, fault)),
        }
    }
}

/// An id, or the beginning of one, as it stands in a name.
pub(super) fn id(text: &str) -> Result<String, String> {
    decode_key_part(text).ok_or_else(|| format!("`{text}`: a `%` is written %25"))
}

/// How an id stands in a name.
pub(super) fn encoded(id: &str) -> String {
    let mut out = Vec::new();
    push_key_part(&mut out, id);
    String::from_utf8_lossy(&out).into_owned()
}

/// What is wrong with a name, and how it is written.
fn why_not(text: &str, fault: KeyFault) -> String {
    let mut parts = text.splitn(3, '/');
    let (Some(module), Some(entity_type), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
        return "expected MODULE/TYPE/ID, such as customer_success/account/acme".to_owned();
    };
    if fault != KeyFault::Form {
        return fault.to_string();
    }
    // Encoded where it need not be, or not encoded where it must be.
    let id = decode_key_part(id).filter(|_| !id.contains('/')).unwrap_or_else(|| id.to_owned());
    match EntityKey::new(ANY, module, entity_type, &id) {
        Ok(key) => format!("in an id only `%`, `/` and control characters are written %25, %2F …: write {key}"),
        Err(fault) => fault.to_string(),
    }
}

impl FromStr for TypeName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (module, entity_type) =
            text.split_once('/').ok_or("expected MODULE/TYPE, such as customer_success/account")?;
        EntityKey::new(ANY, module, entity_type, ANY).map_err(|fault| fault.to_string())?;
        Ok(Self { module: module.to_owned(), entity_type: entity_type.to_owned() })
    }
}

impl FromStr for ScopeName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (module, entity_type) = match text.split_once('/') {
            Some((module, entity_type)) => (module, Some(entity_type.to_owned())),
            None => (text, None),
        };
        EntityKey::new(ANY, module, entity_type.as_deref().unwrap_or(ANY), ANY)
            .map_err(|_| "expected MODULE or MODULE/TYPE, such as customer_success/account".to_owned())?;
        Ok(Self { module: module.to_owned(), entity_type })
    }
}

/// Reads a tenant.
pub(super) fn tenant(text: &str) -> Result<String, String> {
    EntityKey::new(text, ANY, ANY, ANY).map(|_| text.to_owned()).map_err(|fault| fault.to_string())
}
