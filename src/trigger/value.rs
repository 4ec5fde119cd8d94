//! JSON as CEL values, in one pass and without a tree in between. Strings borrow the text where they can.

use std::collections::HashMap;
use std::fmt;

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString};
use cel::common::value::Val;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::schema::{Bounds, Contract, Type};

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
pub(super) fn from_json<'a>(json: &'a str, shape: Shape<'_>) -> Result<Box<dyn Val + 'a>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = ValueSeed(shape).deserialize(&mut reader)?;
    reader.end()?;
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

struct ValueSeed<'c>(Shape<'c>);

impl<'a> DeserializeSeed<'a> for ValueSeed<'_> {
    type Value = Box<dyn Val + 'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for ValueSeed<'_> {
    type Value = Box<dyn Val + 'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Box::new(CelNull))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Box::new(CelBool::from(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        match self.0 {
            Shape::Typed(Type::Number(_) | Type::Decimal { .. }) => self.visit_f64(value as f64),
            Shape::Any | Shape::Typed(_) | Shape::Fields(_) | Shape::Sparse => Ok(Box::new(CelInt::from(value))),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => self.visit_f64(value as f64),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        if let (Shape::Typed(Type::Integer(_)), Some(whole)) = (self.0, whole(value)) {
            return Ok(Box::new(CelInt::from(whole)));
        }
        Ok(Box::new(CelDouble::from(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Box::new(CelString::from(value.to_owned())))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'a str) -> Result<Self::Value, E> {
        Ok(Box::new(CelString::from(value)))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list: Vec<Box<dyn Val + 'a>> = Vec::new();
        while let Some(item) = items.next_element_seed(ValueSeed(self.0.element()))? {
            list.push(item);
        }
        Ok(Box::new(CelList::from(list)))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut map: HashMap<CelMapKey<'a>, Box<dyn Val + 'a>> = HashMap::new();
        while let Some(key) = entries.next_key_seed(KeySeed)? {
            let (shape, null) = self.0.field(key.inner());
            let value = entries.next_value_seed(ValueSeed(shape))?;
            if null == Null::Value || value.downcast_ref::<CelNull>().is_none() {
                map.insert(CelMapKey::String(key), value);
            }
        }
        Ok(Box::new(CelMap::from(map)))
    }
}

/// A double that is a whole number within 64 bits.
fn whole(value: f64) -> Option<i64> {
    // Both ends are powers of two and so exact; 2^63 itself is too large.
    let within = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value);
    (within && value.fract() == 0.0).then_some(value as i64)
}

/// A name, borrowed where it has no escapes.
struct KeySeed;

impl<'a> DeserializeSeed<'a> for KeySeed {
    type Value = CelString<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for KeySeed {
    type Value = CelString<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(CelString::from(value.to_owned()))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'a str) -> Result<Self::Value, E> {
        Ok(CelString::from(value))
    }
}
