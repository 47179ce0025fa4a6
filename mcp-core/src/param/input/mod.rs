//! The arguments of one call, split into slots without copying.

use super::{Field, Kind, diagnose, text};
use crate::{
    context::Context,
    error::{ArgumentPath, Failure, InvalidArgument},
    protocol::RawJson,
};
use serde::de::{self, DeserializeOwned, IgnoredAny, MapAccess};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// What a handler is called with.
#[derive(Debug)]
pub struct Input {
    context: Context,
    arguments: Arguments,
    ignore_unknown: bool,
}

/// Where the arguments of an operation come from.
#[derive(Debug)]
pub(crate) enum Arguments {
    /// A JSON object whose values have any type: tools.
    Json(RawJson),
    /// A JSON object whose values are strings: prompts.
    Strings(RawJson),
    /// Variables of a URI template: resources.
    Variables(Vec<(String, String)>),
}

impl Input {
    pub(crate) fn new(context: Context, arguments: Arguments, ignore_unknown: bool) -> Self {
        Self {
            context,
            arguments,
            ignore_unknown,
        }
    }

    /// The context of the call.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Finds the slot of each parameter.
    ///
    /// # Errors
    /// When there are members that no parameter reads, or one member twice.
    pub fn slots<const N: usize>(
        &self,
        fields: [(&'static Field, Kind); N],
    ) -> Result<Slots<'_, N>, Failure> {
        let (raw, strings) = match &self.arguments {
            Arguments::Variables(variables) => return Ok(Slots::variables(variables, &fields)),
            Arguments::Json(raw) => (raw, false),
            Arguments::Strings(raw) => (raw, true),
        };
        let mut split = Split {
            fields: &fields,
            found: [None; N],
            faults: Vec::new(),
            // Whoever reads everything decides for itself what is unknown.
            ignore_unknown: self.ignore_unknown
                || fields.iter().any(|(_, kind)| *kind == Kind::All),
        };
        let mut json = serde_json::Deserializer::from_str(raw.as_str());
        let visited = de::Deserializer::deserialize_map(&mut json, &mut split);
        if visited.is_err() {
            split
                .faults
                .push(InvalidArgument::new("", "expected an object of arguments"));
        }
        if !split.faults.is_empty() {
            return Err(Failure::arguments(split.faults));
        }
        let mut slots = [Slot::Absent; N];
        for (index, slot) in slots.iter_mut().enumerate() {
            *slot = match (fields[index].1, split.found[index]) {
                (Kind::All, _) => Slot::Json(raw.as_str()),
                (_, None) => Slot::Absent,
                (_, Some(value)) if strings => Slot::JsonString(value.get()),
                (_, Some(value)) => Slot::Json(value.get()),
            };
        }
        Ok(Slots(slots))
    }
}

/// The slots of the parameters of one call.
#[derive(Debug)]
pub struct Slots<'a, const N: usize>([Slot<'a>; N]);

impl<'a, const N: usize> Slots<'a, N> {
    /// The slot of a parameter; absent past the end.
    pub fn get(&self, index: usize) -> Slot<'a> {
        self.0.get(index).copied().unwrap_or(Slot::Absent)
    }

    fn variables(variables: &'a [(String, String)], fields: &[(&'static Field, Kind); N]) -> Self {
        let mut slots = [Slot::Absent; N];
        for (slot, (field, kind)) in slots.iter_mut().zip(fields) {
            if *kind == Kind::Argument {
                *slot = variables
                    .iter()
                    .find(|(name, _)| field.reads(name))
                    .map_or(Slot::Absent, |(_, value)| Slot::Text(value));
            }
        }
        Self(slots)
    }
}

impl Field {
    fn reads(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

/// The raw value of one parameter.
#[derive(Clone, Copy, Debug)]
pub enum Slot<'a> {
    /// It was not given.
    Absent,
    /// JSON.
    Json(&'a str),
    /// JSON that must be a string, which is then read like [`Text`](Self::Text).
    JsonString(&'a str),
    /// Text, from which numbers, booleans and names are read.
    Text(&'a str),
}

impl Slot<'_> {
    /// Reads the value.
    ///
    /// The error names path and expectation. It is worked out only after reading has failed, by a
    /// second, slower reading that keeps the path and quotes no value.
    pub(crate) fn read<T: DeserializeOwned>(self, name: &str) -> Result<T, InvalidArgument> {
        match self {
            Self::Absent => T::deserialize(text::Absent)
                .map_err(|_| InvalidArgument::missing(ArgumentPath::default(), name)),
            Self::Json(json) => {
                serde_json::from_str(json).map_err(|_| diagnose::fault::<T>(name, json))
            }
            Self::JsonString(json) => match serde_json::from_str::<Cow<'_, str>>(json) {
                Ok(value) => Slot::Text(&value).read(name),
                Err(_) => Err(InvalidArgument::new(name, "expected a string")),
            },
            Self::Text(value) => {
                T::deserialize(text::TextValue(value)).map_err(|error| error.into_fault(name))
            }
        }
    }
}

struct Split<'de, 'f, const N: usize> {
    fields: &'f [(&'static Field, Kind); N],
    found: [Option<&'de RawValue>; N],
    faults: Vec<InvalidArgument>,
    ignore_unknown: bool,
}

impl<'de, const N: usize> Split<'de, '_, N> {
    fn position(&self, name: &str) -> Option<usize> {
        self.fields
            .iter()
            .position(|(field, kind)| *kind == Kind::Argument && field.reads(name))
    }

    /// Notes a fault. A few say enough; the peer chooses how many there are.
    fn fault(&mut self, fault: InvalidArgument) {
        const MOST: usize = 8;
        if self.faults.len() < MOST {
            self.faults.push(fault);
        }
    }

    fn unknown(&mut self, name: &str) {
        if !self.ignore_unknown {
            let known = self
                .fields
                .iter()
                .filter(|(_, kind)| *kind == Kind::Argument)
                .map(|(field, _)| field.name);
            let fault = InvalidArgument::unknown_field(ArgumentPath::default(), name, known);
            self.fault(fault);
        }
    }
}

impl<'de, const N: usize> de::Visitor<'de> for &mut Split<'de, '_, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(text::KeySeed)? {
            let Some(position) = self.position(&key) else {
                map.next_value::<IgnoredAny>()?;
                self.unknown(&key);
                continue;
            };
            let value = map.next_value()?;
            if self.found[position].replace(value).is_some() {
                let name = self.fields[position].0.name;
                self.fault(InvalidArgument::new(name, "is given more than once"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
