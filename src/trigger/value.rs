//! JSON as CEL values, in one pass and without a tree in between. Strings borrow the text where they can.

use std::borrow::Cow;
use std::collections::HashMap;

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString};
use cel::common::value::Val;

use crate::json::{Fault, Kind, Scanner};
use crate::schema::{Bounds, Contract, Type, integral};

/// What is known of a value before it is read.
#[derive(Clone, Copy)]
pub(super) enum Shape<'c> {
    /// Nothing.
    Any,
    /// Its declared type.
    Typed(&'c Type),
    /// An object of declared and other fields.
    Fields(&'c Contract),
    /// An object in which `null` is absent.
    Sparse,
}

/// Reads a JSON text.
pub(super) fn from_json<'a>(json: &'a str, shape: Shape<'_>) -> Result<Box<dyn Val + 'a>, Fault> {
    let mut scanner = Scanner::new(json);
    let value = read(&mut scanner, shape)?;
    scanner.end()?;
    Ok(value)
}

impl<'c> Shape<'c> {
    const fn element(self) -> Self {
        if let Self::Typed(Type::Array(Some(of))) = self { Self::Typed(of) } else { Self::Any }
    }

    /// The shape of a field, and whether its `null` is absence.
    fn field(self, name: &str) -> (Self, Null) {
        let contract = match self {
            // The bus reads `1.0` as a whole number where one must stand.
            Self::Sparse if matches!(name, "hops" | "reply_partition") => {
                static WHOLE: Type = Type::Integer(Bounds { min: None, max: None });
                return (Self::Typed(&WHOLE), Null::Absent);
            }
            Self::Sparse => return (Self::Any, Null::Absent),
            Self::Fields(contract) => contract,
            Self::Typed(Type::Object(Some(contract))) => &**contract,
            Self::Any | Self::Typed(_) => return (Self::Any, Null::Value),
        };
        let named =
            |field: &&crate::schema::Field| &*field.name == name || field.aliases.iter().any(|alias| &**alias == name);
        contract
            .fields
            .iter()
            .find(named)
            .map_or((Self::Any, Null::Value), |field| (Self::Typed(&field.ty), Null::Absent))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Null {
    Absent,
    Value,
}

fn read<'a>(scanner: &mut Scanner<'a>, shape: Shape<'_>) -> Result<Box<dyn Val + 'a>, Fault> {
    if scanner.next_is_object() {
        let mut map: HashMap<CelMapKey<'a>, Box<dyn Val + 'a>> = HashMap::new();
        scanner.object(|name, scanner| {
            let (shape, null) = shape.field(&name);
            let value = read(scanner, shape)?;
            if null == Null::Value || value.downcast_ref::<CelNull>().is_none() {
                map.insert(CelMapKey::String(text(name)), value);
            }
            Ok(())
        })?;
        return Ok(Box::new(CelMap::from(map)));
    }
    if scanner.next_is_array() {
        let mut list: Vec<Box<dyn Val + 'a>> = Vec::new();
        scanner.array(|scanner| {
            list.push(read(scanner, shape.element())?);
            Ok(())
        })?;
        return Ok(Box::new(CelList::from(list)));
    }
    let value = scanner.value()?;
    Ok(match value.kind {
        Kind::Bool(value) => Box::new(CelBool::from(value)),
        Kind::Number => number(value.raw, shape),
        Kind::String(_) => Box::new(text(value.text().unwrap_or_default())),
        // Those with something in them were read above.
        Kind::Null | Kind::Array | Kind::Object => Box::new(CelNull),
    })
}

/// Exact where it is whole and within 64 bits, however it is written; otherwise the nearest double, which is infinite for
/// what is beyond all doubles.
fn number<'a>(token: &str, shape: Shape<'_>) -> Box<dyn Val + 'a> {
    let whole = match shape {
        Shape::Typed(Type::Number(_) | Type::Decimal { .. }) => None,
        Shape::Typed(Type::Integer(_)) => integral(token),
        Shape::Any | Shape::Typed(_) | Shape::Fields(_) | Shape::Sparse => token.parse().ok(),
    };
    match whole {
        Some(whole) => Box::new(CelInt::from(whole)),
        None => Box::new(CelDouble::from(token.parse::<f64>().unwrap_or(f64::NAN))),
    }
}

fn text(text: Cow<'_, str>) -> CelString<'_> {
    match text {
        Cow::Borrowed(text) => CelString::from(text),
        Cow::Owned(text) => CelString::from(text),
    }
}
