//! A schema, compiled for the dialects it may be read in.

use super::{
    fault,
    steps::{SchemaCost, SchemaEffort},
};
use crate::{
    error::InvalidArgument,
    protocol::{RawJson, Revision, compat::Feature},
};
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;
use std::sync::OnceLock;

/// How many faults of one value are told.
pub(super) const MAX_FAULTS: usize = 16;

const NOT_ALLOWED: &str =
    "is not what the schema allows, and too large or too deeply nested to tell where";
const TOO_COSTLY: &str =
    "takes too many steps to check, as the schema allows several forms at each level: nest it less";

#[derive(Clone, Copy, Debug)]
pub(super) struct SchemaLimits {
    pub(super) bytes: usize,
}

impl SchemaLimits {
    pub(super) const DEFAULT: Self = Self { bytes: 256 * 1024 };
}

#[derive(Debug)]
pub(super) struct Compiled {
    cost: SchemaCost,
    /// In the dialect that it names, or in the newest.
    validator: Validator,
    /// For older revisions, where it names none: made with the first call that needs it.
    older: Option<Older>,
}

#[derive(Debug)]
struct Older {
    schema: RawJson,
    validator: OnceLock<Option<Box<Validator>>>,
}

impl Compiled {
    pub(super) fn new(schema: &RawJson, limits: SchemaLimits) -> Result<Self, String> {
        if schema.as_str().len() > limits.bytes {
            return Err(format!("is longer than {} bytes", limits.bytes));
        }
        let value: Value = schema
            .parse()
            .map_err(|error| format!("is not JSON: {error}"))?;
        let cost = SchemaCost::new(&value)?;
        let is_named = value.get("$schema").is_some();
        let newest = (!is_named).then_some(Draft::Draft202012);
        let validator =
            compile(&value, newest).map_err(|error| format!("is not valid: {error}"))?;
        let older = (!is_named).then(|| Older {
            schema: schema.clone(),
            validator: OnceLock::new(),
        });
        Ok(Self {
            cost,
            validator,
            older,
        })
    }

    /// What is wrong with a value; nothing, for one that the schema allows.
    pub(super) fn faults(&self, value: &Value, revision: Revision) -> Vec<InvalidArgument> {
        let validator = match &self.older {
            Some(older) if !revision.has(Feature::SchemaDialect2020) => {
                // What is not valid there has only its newer reading.
                older.validator().unwrap_or(&self.validator)
            }
            _ => &self.validator,
        };
        let counted = (!self.cost.is_plain()).then(|| self.cost.effort(value));
        if counted == Some(SchemaEffort::Nothing) {
            return vec![InvalidArgument::new("", TOO_COSTLY)];
        }
        // Quick for what is valid; going on after the first fault is not.
        if validator.is_valid(value) {
            return Vec::new();
        }
        let mut faults = Vec::new();
        match counted.unwrap_or_else(|| self.cost.effort(value)) {
            SchemaEffort::AllFaults => {
                for error in validator.iter_errors(value).take(MAX_FAULTS) {
                    fault::describe(&error, &mut faults);
                }
            }
            SchemaEffort::FirstFault => {
                if let Err(error) = validator.validate(value) {
                    fault::describe(&error, &mut faults);
                }
            }
            SchemaEffort::Verdict | SchemaEffort::Nothing => {}
        }
        faults.truncate(MAX_FAULTS);
        if faults.is_empty() {
            faults.push(InvalidArgument::new("", NOT_ALLOWED));
        }
        faults
    }
}

impl Older {
    fn validator(&self) -> Option<&Validator> {
        let compile = || {
            let value = self.schema.parse().ok()?;
            compile(&value, Some(Draft::Draft7)).ok().map(Box::new)
        };
        self.validator.get_or_init(compile).as_deref()
    }
}

fn compile(schema: &Value, draft: Option<Draft>) -> Result<Validator, String> {
    let options = jsonschema::options().offline();
    let mut options = options.with_pattern_options(PatternOptions::regex());
    if let Some(draft) = draft {
        options = options.with_draft(draft);
    }
    options.build(schema).map_err(|error| error.to_string())
}
