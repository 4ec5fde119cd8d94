//! Data under its canonical names (decisions 36 and 59): alias names change, values never do.

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
    /// Alias names change, and fields declared `redact`, or listed here under any of their names, lose their values.
    Redacted(&'r [std::sync::Arc<str>]),
}

impl Rewrite<'_> {
    fn hides(&self, written: &str, field: Option<&Field>) -> bool {
        let Self::Redacted(listed) = self else { return false };
        let is_listed = |name: &str| listed.iter().any(|one| **one == *name);
        is_listed(written)
            || field.is_some_and(|field| {
                field.redact || is_listed(&field.name) || field.aliases.iter().any(|alias| is_listed(alias))
            })
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
