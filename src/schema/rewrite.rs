//! Data under its canonical names (decisions 36 and 59): alias names change, values never do.

use std::sync::Arc;

use smallvec::SmallVec;

use super::{Contract, Field, Type};
use crate::json::{self, Kind, Member, Value};

/// What a full payload shows in place of a redacted value.
const REDACTED: &[u8] = b"\"[redacted]\"";

/// How data is rewritten.
#[derive(Debug, Clone, Copy)]
pub enum Rewrite<'r> {
    /// Only alias names change.
    Canonical,
    /// Alias names change, and what is hidden loses its value.
    Redacted(Hidden<'r>),
}

/// What is hidden beside the fields that are declared `redact`.
#[derive(Debug, Clone, Copy)]
pub struct Hidden<'r> {
    /// Fields by any of their names.
    pub listed: &'r [Arc<str>],
    /// Members that no contract declares where they stand.
    pub strays: &'r [Arc<str>],
}

impl Hidden<'_> {
    fn hides(&self, written: &str, field: Option<&Field>) -> bool {
        match field {
            None => self.listed.iter().chain(self.strays).any(|one| **one == *written),
            Some(field) => field.redact || self.listed.iter().any(|one| field.goes_by(one)),
        }
    }

    /// Whether a value of this type has something to hide in it.
    fn hides_inside(&self, ty: &Type) -> bool {
        ty.fields().iter().any(|field| self.hides(&field.name, Some(field)) || self.hides_inside(&field.ty))
    }
}

impl Rewrite<'_> {
    fn hides(&self, written: &str, field: Option<&Field>) -> bool {
        matches!(self, Self::Redacted(hidden) if hidden.hides(written, field))
    }

    /// Whether the value stands where something to hide was to be, and in another form than was declared.
    fn hides_misplaced(&self, ty: Option<&Type>, kind: Kind) -> bool {
        matches!((self, ty), (Self::Redacted(hidden), Some(ty)) if kind != Kind::Null && hidden.hides_inside(ty))
    }

    /// Appends the members of an object, comma between, without its braces.
    pub fn push_members(&self, contract: Option<&Contract>, members: &[Member<'_>], out: &mut Vec<u8>) {
        let mut first = true;
        for member in members {
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            self.push_member(contract, member, out);
        }
    }

    /// Appends one member: its canonical name, a colon, its value.
    pub fn push_member(&self, contract: Option<&Contract>, member: &Member<'_>, out: &mut Vec<u8>) {
        let field = contract.and_then(|contract| contract.find(&member.name, 0).map(|(i, _)| &contract.fields[i]));
        let name = field.map_or(&*member.name, |field| &*field.name);
        json::push_string(out, name);
        out.push(b':');
        if self.hides(&member.name, field) {
            out.extend_from_slice(REDACTED);
        } else {
            self.push_value(field.map(|field| &field.ty), member.value, out);
        }
    }

    fn push_value(&self, ty: Option<&Type>, value: Value<'_>, out: &mut Vec<u8>) {
        match (ty, value.kind) {
            (Some(Type::Object(contract)), Kind::Object) => self.push_object(contract.as_deref(), value, out),
            (Some(Type::Array(Some(element))), Kind::Array) => self.push_array(Some(element), value, out),
            (ty, kind) if self.hides_misplaced(ty, kind) => out.extend_from_slice(REDACTED),
            // Free values may still hold a listed name.
            (_, Kind::Object) if matches!(self, Self::Redacted(_)) => self.push_object(None, value, out),
            (_, Kind::Array) if matches!(self, Self::Redacted(_)) => self.push_array(None, value, out),
            _ => out.extend_from_slice(value.raw.as_bytes()),
        }
    }

    fn push_object(&self, contract: Option<&Contract>, value: Value<'_>, out: &mut Vec<u8>) {
        let mut members: SmallVec<[Member<'_>; 8]> = SmallVec::new();
        json::members(value, |member| members.push(member));
        out.push(b'{');
        self.push_members(contract, &members, out);
        out.push(b'}');
    }

    fn push_array(&self, element: Option<&Type>, value: Value<'_>, out: &mut Vec<u8>) {
        out.push(b'[');
        let mut first = true;
        json::elements(value, |value| {
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            self.push_value(element, value, out);
        });
        out.push(b']');
    }
}
