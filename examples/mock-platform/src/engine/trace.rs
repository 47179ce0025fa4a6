//! Why a scenario answered, and others did not.

use super::holds;
use crate::design::{Condition, Test};
use serde::Serialize;
use serde_json::Value;
use std::io;

/// How many misses of one scenario are told, and of all scenarios of a call.
const MAX_MISSES: usize = 8;
const MAX_MISSES_IN_ALL: usize = 64;
/// The longest value that is shown as it is, in bytes of its JSON.
const LONGEST_SHOWN: usize = 200;

/// How a call was decided.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Trace {
    /// What was looked at, in order; those behind the one that fits were not.
    pub scenarios: Vec<Look>,
    /// What answered.
    pub answered: Answered,
    /// Why what answered is not what a client was told: the output schema of the tool does not allow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Trace {
    pub(super) const fn new(scenarios: Vec<Look>, answered: Answered) -> Self {
        let problem = None;
        Self {
            scenarios,
            answered,
            problem,
        }
    }
}

/// What answered a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answered {
    /// A scenario.
    Scenario {
        /// Its place in the tool.
        index: usize,
        /// Its name.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// The default response.
    Default,
    /// Nothing.
    #[default]
    Nothing,
}

/// What became of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Look {
    /// Its place in the tool.
    pub index: usize,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it fits.
    pub verdict: Verdict,
    /// Why it does not: the first eight reasons, and 64 of a call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Miss>,
}

/// Whether a scenario fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It answers.
    Fits,
    /// It does not.
    DoesNotFit,
    /// It is off.
    Disabled,
}

/// A test that kept a scenario from answering.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Miss {
    /// The field, as a path.
    pub field: String,
    /// The operator.
    pub operator: &'static str,
    /// What it compares with.
    pub expected: Value,
    /// What was there; nothing if the field is missing. Long values are cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<Value>,
    /// Whether the test holds, and should not: within `not` and `none`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub holds: bool,
}

/// The misses of a call.
#[derive(Debug, Default)]
pub(super) struct Misses {
    told: usize,
}

impl Misses {
    /// Why a condition does not hold.
    pub(super) fn of(&mut self, condition: &Condition, arguments: &Value) -> Vec<Miss> {
        let room = MAX_MISSES.min(MAX_MISSES_IN_ALL - self.told);
        let mut why = Vec::new();
        explain(condition, arguments, false, room, &mut why);
        self.told += why.len();
        why
    }
}

/// The tests by which a condition is what it is: held or not.
fn explain(condition: &Condition, arguments: &Value, held: bool, room: usize, why: &mut Vec<Miss>) {
    if why.len() >= room {
        return;
    }
    // Of several that decide alone the first is enough; all that had to agree are told.
    let (several, held_inside, one_is_enough) = match condition {
        Condition::Always => return,
        Condition::Test(test) => return why.push(miss(test, arguments, held)),
        Condition::Not(one) => return explain(one, arguments, !held, room, why),
        Condition::All(several) => (several, held, !held),
        Condition::Any(several) => (several, held, held),
        Condition::None(several) => (several, !held, !held),
    };
    let decisive = several
        .iter()
        .filter(|one| holds(one, arguments) == held_inside);
    let most = if one_is_enough { 1 } else { room };
    for one in decisive.take(most) {
        explain(one, arguments, held_inside, room, why);
    }
}

fn miss(test: &Test, arguments: &Value, holds: bool) -> Miss {
    Miss {
        field: test.field.to_string(),
        operator: test.operator.name(),
        expected: shown(&test.operator),
        actual: test.field.find(arguments).map(shown),
        holds,
    }
}

fn shown(value: &impl Serialize) -> Value {
    let mut beginning = Beginning(Vec::with_capacity(LONGEST_SHOWN));
    if serde_json::to_writer(&mut beginning, value).is_ok() {
        return serde_json::to_value(value).unwrap_or_default();
    }
    // A character may have been cut in two.
    let text = beginning.0.utf8_chunks().next();
    Value::String(format!("{}…", text.map_or("", |text| text.valid())))
}

/// Takes what can be shown, and then no more: nobody waits for the rest of a long value.
struct Beginning(Vec<u8>);

impl io::Write for Beginning {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let room = LONGEST_SHOWN - self.0.len();
        if text.len() > room {
            self.0.extend_from_slice(&text[..room]);
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
