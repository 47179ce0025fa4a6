//! What a call comes to: which scenario answers, where its sequence stands, what its placeholders become.
//!
//! [`decide`] depends on nothing but the tool and the arguments. What changes from call to call is in
//! [`Counters`] and [`Random`], of which a server has one each.

mod counters;
mod fill;
mod operators;
mod random;
mod trace;

pub use counters::Counters;
pub use fill::Fill;
pub use random::Random;
pub use trace::{Answered, Look, Miss, Trace, Verdict};

use crate::design::{Condition, Scenario, ToolDesign};
use serde_json::Value;
use trace::Misses;

/// Which scenario answers a call, and why.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    /// What answers.
    pub answer: Answer<'a>,
    /// What was looked at.
    pub trace: Trace,
}

/// What answers a call.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// A scenario. [`Counters::pick`] says where its sequence stands.
    Scenario {
        /// Its place in the tool.
        index: usize,
        /// What it says.
        scenario: &'a Scenario,
    },
    /// The default response, with placeholders.
    Default(&'a Value),
    /// Nothing fits, and there is no default.
    Nothing,
}

/// Which scenario of a tool answers a call with these arguments. Moves no counter.
///
/// ```
/// use mock_platform::{design::ServerDesign, engine::{self, Answer}};
/// use serde_json::json;
///
/// let design = ServerDesign::parse(&json!({
///     "id": "abc123", "name": "Forecast", "version": "1.0.0",
///     "tools": [{"name": "get_weather", "default": {"temperature": 15}, "scenarios": [
///         {"condition": {"field": "city", "operator": "equals", "value": "Graz"}, "response": 21}
///     ]}]
/// }))?;
/// let decision = engine::decide(&design.tools[0], &json!({"city": "Graz"}));
/// assert!(matches!(decision.answer, Answer::Scenario { index: 0, .. }));
/// # Ok::<(), mock_platform::design::DesignFaults>(())
/// ```
pub fn decide<'a>(tool: &'a ToolDesign, arguments: &Value) -> Decision<'a> {
    decide_among(&tool.scenarios, tool.default.as_ref(), arguments)
}

/// As [`decide`], for scenarios that are not a tool's: those of a resource template, with its variables as arguments.
pub fn decide_among<'a>(
    scenarios: &'a [Scenario],
    default: Option<&'a Value>,
    arguments: &Value,
) -> Decision<'a> {
    let mut looks = Vec::new();
    let mut misses = Misses::default();
    for (index, scenario) in scenarios.iter().enumerate() {
        let fits = scenario.enabled && holds(&scenario.condition, arguments);
        let (verdict, why) = match (scenario.enabled, fits) {
            (false, _) => (Verdict::Disabled, Vec::new()),
            (_, true) => (Verdict::Fits, Vec::new()),
            _ => (
                Verdict::DoesNotFit,
                misses.of(&scenario.condition, arguments),
            ),
        };
        let name = scenario.name.clone();
        looks.push(Look {
            index,
            name: name.clone(),
            verdict,
            why,
        });
        if fits {
            let answered = Answered::Scenario { index, name };
            let answer = Answer::Scenario { index, scenario };
            return Decision {
                answer,
                trace: Trace::new(looks, answered),
            };
        }
    }
    let (answer, answered) = match default {
        Some(default) => (Answer::Default(default), Answered::Default),
        None => (Answer::Nothing, Answered::Nothing),
    };
    Decision {
        answer,
        trace: Trace::new(looks, answered),
    }
}

fn holds(condition: &Condition, arguments: &Value) -> bool {
    match condition {
        Condition::Always => true,
        Condition::Test(test) => operators::holds(test, arguments),
        Condition::All(several) => several.iter().all(|one| holds(one, arguments)),
        Condition::Any(several) => several.iter().any(|one| holds(one, arguments)),
        Condition::None(several) => !several.iter().any(|one| holds(one, arguments)),
        Condition::Not(one) => !holds(one, arguments),
    }
}
