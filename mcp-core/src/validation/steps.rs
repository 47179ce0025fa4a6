//! What it costs to check a value, before it is checked.
//!
//! A *step* is one schema that is applied to one value. Three things make more of them than a schema
//! and a value have parts:
//!
//! - Branches for one value, which [`branches`](super::branches) bounds when the schema is added.
//! - A schema that comes to itself again by several ways, or whose definitions each refer to the next one
//!   twice: with every level of the *value* the steps multiply.
//! - Telling what is wrong. Whether a value is valid is found quickly; but once it is not, the errors
//!   of all forms of each `anyOf` and `oneOf` are collected, at each level, before one is told.
//!
//! So the steps are counted first, by a walk through schema and value that remembers what it has counted
//! for each pair of both, and ends at [`MAX_STEPS`]. It assumes the worst: that all that could be tried
//! is, and forgets that the compiler remembers some of what it has tried. There is one exception:
//! where a member tells the forms apart (a tag), one form is tried. The verdict of a schema
//! that has an end, and not too many parts, is not counted, as its steps for one value are bounded by them.

use super::{
    branches,
    graph::{Graph, Id, Node},
};
use serde_json::Value;
use std::collections::HashMap;

/// The most steps of one check.
const MAX_STEPS: u64 = 1_000_000;
/// The most steps whose errors are collected before the first is told: about 2 KiB each.
const MAX_COLLECTED: u64 = 20_000;
/// The most steps with which all faults are looked for.
const MAX_ALL: u64 = 32_000;
/// The most schemas that apply within each other, on the way to the innermost value: each needs a stack.
const MAX_LEVELS: usize = 600;

/// What a schema costs, for whoever checks values against it with the `jsonschema` crate:
/// [`SchemaChecks`](crate::SchemaChecks) does this for tools.
///
/// ```
/// use mcp_core::{SchemaCost, SchemaEffort};
/// use serde_json::json;
///
/// // Two ways back to itself, and nothing that tells which one is meant.
/// let schema = json!({"anyOf": [
///     {"properties": {"not": {"$ref": "#"}}},
///     {"properties": {"not": {"$ref": "#"}}, "required": ["not"]},
/// ]});
/// let cost = SchemaCost::new(&schema)?;
/// let mut value = json!(1);
/// assert_eq!(cost.effort(&value), SchemaEffort::AllFaults);
/// for _ in 0..40 {
///     value = json!({"not": value});
/// }
/// assert_eq!(cost.effort(&value), SchemaEffort::Nothing);
/// # Ok::<(), String>(())
/// ```
#[derive(Debug)]
pub struct SchemaCost {
    graph: Graph,
    is_plain: bool,
}

/// How much of a check a value can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SchemaEffort {
    /// None: not even whether it is valid.
    Nothing,
    /// Whether it is valid: `is_valid`.
    Verdict,
    /// The first fault, too: `validate`.
    FirstFault,
    /// All of them: `iter_errors`.
    AllFaults,
}

impl SchemaCost {
    /// The branches of a schema that may apply to one value.
    const MAX_BRANCHES: u64 = 10_000;

    /// The parts of a schema, references written out, up to which verdicts are not counted.
    const MAX_PLAIN_PARTS: u64 = 1_000;

    /// Measures a schema.
    ///
    /// # Errors
    /// Why no bound can be told: more than 10 000 branches apply to one value, it refers to itself for
    /// the same value, a reference does not lead to a place in the document, or a schema within
    /// it has an `$id`. The text goes on from "the schema".
    pub fn new(schema: &Value) -> Result<Self, String> {
        let graph = Graph::new(schema)?;
        branches::check(&graph, Self::MAX_BRANCHES)?;
        let is_plain = branches::is_plain(&graph, Self::MAX_PLAIN_PARTS);
        Ok(Self { graph, is_plain })
    }

    /// What can be done with a value in bounded time and memory: 1 000 000 steps, errors of 20 000.
    pub fn effort(&self, value: &Value) -> SchemaEffort {
        let Some(steps) = Counting::new(&self.graph).steps(0, value, 0) else {
            return match self.is_plain {
                true => SchemaEffort::Verdict,
                false => SchemaEffort::Nothing,
            };
        };
        if steps.all <= MAX_ALL {
            return SchemaEffort::AllFaults;
        }
        if steps.collected <= MAX_COLLECTED && steps.first <= MAX_STEPS {
            return SchemaEffort::FirstFault;
        }
        match self.is_plain || steps.verdict <= MAX_STEPS {
            true => SchemaEffort::Verdict,
            false => SchemaEffort::Nothing,
        }
    }

    /// Whether every value has a verdict, so that its steps need no counting.
    pub(super) const fn is_plain(&self) -> bool {
        self.is_plain
    }
}

/// The steps of one schema and one value.
#[derive(Clone, Copy)]
struct Steps {
    verdict: u64,
    /// Those of the first fault, without what is collected.
    first: u64,
    /// The most that is collected at one place.
    collected: u64,
    all: u64,
    /// Those of finding what has been looked at.
    collecting: u64,
    /// The longest way in. Steps that are known say it too: the way may be begun at its end.
    levels: usize,
}

impl Steps {
    fn new(weight: u64) -> Self {
        Self {
            verdict: weight,
            first: weight,
            collected: 0,
            all: weight,
            collecting: 1,
            levels: 0,
        }
    }

    fn add(&mut self, inner: Self) {
        self.verdict = self.verdict.saturating_add(inner.verdict);
        self.first = self.first.saturating_add(inner.first);
        self.collected = self.collected.max(inner.collected);
        self.all = self.all.saturating_add(inner.all);
        self.levels = self.levels.max(inner.levels + 1);
    }

    fn add_collecting(&mut self, steps: u64) {
        self.collecting = self.collecting.saturating_add(steps);
    }
}

struct Counting<'a> {
    graph: &'a Graph,
    /// By schema and the address of a value that has others in it.
    known: HashMap<(Id, *const Value), Steps>,
    counted: u64,
}

impl<'a> Counting<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self {
            graph,
            known: HashMap::new(),
            counted: 0,
        }
    }

    /// Nothing if there is no end of it.
    fn steps(&mut self, id: Id, value: &Value, level: usize) -> Option<Steps> {
        self.counted += 1;
        if self.counted > MAX_STEPS || level > MAX_LEVELS {
            return None;
        }
        let has_more = match value {
            Value::Object(members) => !members.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => false,
        };
        let key = (id, std::ptr::from_ref(value));
        if let Some(known) = self.known.get(&key) {
            return Some(*known);
        }
        let node = &self.graph.nodes[id];
        // Patterns read all of a text.
        let long = value.as_str().map_or(0, |text| text.len() as u64 / 1_024);
        let mut steps = Steps::new(node.weight.saturating_mul(1 + long));
        self.add_here(node, value, level + 1, &mut steps)?;
        self.add_below(node, value, level + 1, &mut steps)?;
        if steps.levels > MAX_LEVELS {
            return None;
        }
        if node.collects {
            let collecting = steps.collecting;
            for total in [&mut steps.verdict, &mut steps.first, &mut steps.all] {
                *total = total.saturating_add(collecting);
            }
        }
        if has_more {
            self.known.insert(key, steps);
        }
        Some(steps)
    }

    fn add_here(
        &mut self,
        node: &Node,
        value: &Value,
        level: usize,
        steps: &mut Steps,
    ) -> Option<()> {
        for inner in &node.in_place {
            let inner = self.steps(*inner, value, level)?;
            steps.add(inner);
            steps.add_collecting(inner.verdict.saturating_add(inner.collecting));
        }
        for of in &node.alternatives {
            let is_tagged = of.is_tagged && value.is_object();
            let (mut verdict, mut all, mut levels) = (0_u64, 0_u64, 0);
            for form in &of.forms {
                let form = self.steps(*form, value, level)?;
                verdict = match is_tagged {
                    true => verdict.max(form.verdict),
                    false => verdict.saturating_add(form.verdict),
                };
                all = all.saturating_add(form.all);
                levels = levels.max(form.levels);
                steps.add_collecting(form.verdict.saturating_add(form.collecting));
            }
            // Their errors are looked for when there is no other way, and kept together.
            steps.add(Steps {
                verdict,
                first: verdict,
                collected: all,
                all: all.saturating_add(verdict),
                collecting: 0,
                levels,
            });
        }
        Some(())
    }

    fn add_below(
        &mut self,
        node: &Node,
        value: &Value,
        level: usize,
        steps: &mut Steps,
    ) -> Option<()> {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let named = node.members.get(name.as_str());
                    let others = named.is_none().then_some(&node.other_members);
                    let others = others.into_iter().flatten();
                    for inner in named.into_iter().chain(others) {
                        steps.add(self.steps(*inner, member, level)?);
                    }
                    for inner in &node.any_member {
                        let inner = self.steps(*inner, member, level)?;
                        steps.add(inner);
                        steps.add_collecting(inner.verdict);
                    }
                    for inner in &node.names {
                        steps.add(self.steps(*inner, &Value::Null, level)?);
                    }
                }
            }
            Value::Array(items) => {
                for (index, inner) in &node.indexed {
                    if let Some(item) = items.get(*index) {
                        steps.add(self.steps(*inner, item, level)?);
                    }
                }
                for item in items {
                    for inner in &node.items {
                        let inner = self.steps(*inner, item, level)?;
                        steps.add(inner);
                        steps.add_collecting(inner.verdict);
                    }
                }
            }
            _ => {}
        }
        Some(())
    }
}
