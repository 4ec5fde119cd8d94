//! What is asked of a derived event: its data keeps the command's contract, its entity can be a key.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::super::admit::check_entity;
use crate::catalogue::EventType;
use crate::json::{self, Kind, Member, Scanner, Value, push_string};
use crate::reason::{Reason, ReasonCode};
use crate::schema::{self, Rewrite, Type};

/// How deep `payload.data` lies in an event.
const DATA_DEPTH: u32 = 2;

/// The data of a derived event that keeps its contract.
pub(in crate::kernel) struct Checked<'v> {
    /// The entity that the command's key names, if it is there.
    pub(in crate::kernel) entity: Option<Cow<'v, str>>,
    /// The data, where it is not what was checked: under the canonical names of the command.
    pub(in crate::kernel) data: Option<Vec<u8>>,
}

/// Checks the data of a derived event.
pub(in crate::kernel) fn check(target: &EventType, data: &[u8]) -> Result<Checked<'static>, Vec<Reason>> {
    // What we wrote is a slice of UTF-8 texts, so it is one.
    let text = std::str::from_utf8(data).unwrap_or_default();
    let mut members: SmallVec<[Member<'_>; 16]> = SmallVec::new();
    let read = Scanner::inside(text, DATA_DEPTH).object(|name, scanner| {
        members.push(Member { name, value: scanner.value()? });
        Ok(())
    });
    let mut reasons = Vec::new();
    if let Err(fault) = read {
        reasons.push(Reason::new(ReasonCode::DerivedInvalid, format!("its data is {fault}")));
        return Err(reasons);
    }
    let checked = schema::check(&target.contract, &members, &mut reasons);
    match entity(target, target.key.and_then(|index| checked.values[index])) {
        Ok(entity) if reasons.is_empty() => {
            let entity = entity.map(|entity| entity.into_owned().into());
            Ok(Checked { entity, data: checked.aliased.then(|| canonical(target, &members)) })
        }
        Ok(_) => Err(reasons),
        Err(more) => {
            reasons.extend(more);
            Err(reasons)
        }
    }
}

fn canonical(target: &EventType, members: &[Member<'_>]) -> Vec<u8> {
    let mut out = vec![b'{'];
    Rewrite::Canonical.push_members(Some(&target.contract), members, &mut out);
    out.push(b'}');
    out
}

/// The entity in the value of the command's key field. Where there is none, the source's stands in (decision 67).
pub(super) fn entity<'v>(target: &EventType, value: Option<Value<'v>>) -> Result<Option<Cow<'v, str>>, Vec<Reason>> {
    let Some(text) = value.and_then(|value| value.text()) else { return Ok(None) };
    match check_entity(&text) {
        Ok(()) => Ok(Some(text)),
        Err(problem) => {
            let name = target.key.map_or("", |index| &target.contract.fields[index].name);
            Err(vec![Reason::new(ReasonCode::EntityInvalid, format!("`{name}` {problem}"))])
        }
    }
}

/// A mapped value as its field declares it: where we make a decimal, it is a string (decision 51).
pub(super) fn as_declared(target: &EventType, field: &str, value: Vec<u8>) -> Vec<u8> {
    let declared = target.contract.find(field, 0).map(|(index, _)| &target.contract.fields[index].ty);
    let Some(ty) = declared.filter(|ty| has_decimal(ty)) else { return value };
    let mut out = Vec::with_capacity(value.len() + 2);
    // What an expression gives is JSON; if it is not, the check of the whole says so.
    match std::str::from_utf8(&value).ok().and_then(|text| Scanner::new(text).value().ok()) {
        Some(read) => push_declared(ty, read, &mut out),
        None => return value,
    }
    out
}

fn has_decimal(ty: &Type) -> bool {
    matches!(ty.innermost(), Type::Decimal { .. }) || ty.fields().iter().any(|field| has_decimal(&field.ty))
}

fn push_declared(ty: &Type, value: Value<'_>, out: &mut Vec<u8>) {
    let mut first = true;
    let mut separate = |out: &mut Vec<u8>| {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
    };
    match (ty, value.kind) {
        (Type::Decimal { .. }, Kind::Number) => push_string(out, &plain_digits(value.raw)),
        (Type::Array(Some(element)), Kind::Array) => {
            out.push(b'[');
            json::elements(value, |value| {
                separate(out);
                push_declared(element, value, out);
            });
            out.push(b']');
        }
        (Type::Object(Some(contract)), Kind::Object) => {
            out.push(b'{');
            json::members(value, |Member { name, value }| {
                separate(out);
                push_string(out, &name);
                out.push(b':');
                match contract.find(&name, 0) {
                    Some((index, _)) => push_declared(&contract.fields[index].ty, value, out),
                    None => out.extend_from_slice(value.raw.as_bytes()),
                }
            });
            out.push(b'}');
        }
        _ => out.extend_from_slice(value.raw.as_bytes()),
    }
}

/// A number without an exponent.
fn plain_digits(token: &str) -> String {
    match token.parse::<f64>() {
        // Rust writes doubles without an exponent, and the fewest digits that read back.
        Ok(number) if token.contains(['.', 'e', 'E']) => number.to_string(),
        _ => token.to_owned(),
    }
}
