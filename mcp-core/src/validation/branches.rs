//! How many branches of a schema may apply to one value, and whether that holds for all there is in it.
//!
//! A few lines of `anyOf` that refer to each other make a tree of any size; it is measured before
//! anything is compiled.

use super::graph::{Graph, Id};

/// Further in, a schema is refused, too: whoever follows it needs a stack.
const MAX_LEVELS: usize = 200;
/// How far in a schema may lead, through members and items, for its values not to be measured.
const MAX_PLAIN_LEVELS: usize = 500;

/// Refuses a schema of which more than `max` branches may apply to one value.
pub(super) fn check(graph: &Graph, max: u64) -> Result<(), String> {
    let mut branches = Measuring::new(graph, false, MAX_LEVELS);
    for id in 0..graph.nodes.len() {
        match branches.extent(id, 0) {
            Err(Endless::Circle) => {
                return Err("refers to itself for one and the same value, without end".to_owned());
            }
            Ok(extent) if extent.steps <= max => {}
            Ok(_) | Err(Endless::Deep) => {
                return Err(format!("has more than {max} branches for one value"));
            }
        }
    }
    Ok(())
}

/// Whether a schema, its references written out, has an end, and at most `max` parts: then no more of it
/// applies to any value within a value, however that is nested.
pub(super) fn is_plain(graph: &Graph, max: u64) -> bool {
    let extent = Measuring::new(graph, true, MAX_PLAIN_LEVELS).extent(0, 0);
    extent.is_ok_and(|extent| extent.steps <= max)
}

struct Measuring<'a> {
    graph: &'a Graph,
    /// Whether members and items count, too.
    is_whole: bool,
    max_levels: usize,
    known: Vec<Known>,
}

#[derive(Clone, Copy)]
enum Known {
    Nothing,
    Begun,
    All(Extent),
}

#[derive(Clone, Copy)]
struct Extent {
    steps: u64,
    /// The steps of finding what has been looked at: all that applies is tried once more.
    collecting: u64,
    /// The longest way in. What is known of a schema says it too: the way may be begun at its end.
    levels: usize,
}

enum Endless {
    Circle,
    Deep,
}

impl<'a> Measuring<'a> {
    fn new(graph: &'a Graph, is_whole: bool, max_levels: usize) -> Self {
        Self {
            graph,
            is_whole,
            max_levels,
            known: vec![Known::Nothing; graph.nodes.len()],
        }
    }

    fn extent(&mut self, id: Id, level: usize) -> Result<Extent, Endless> {
        match self.known[id] {
            Known::All(extent) => return Ok(extent),
            Known::Begun => return Err(Endless::Circle),
            Known::Nothing if level > self.max_levels => return Err(Endless::Deep),
            Known::Nothing => self.known[id] = Known::Begun,
        }
        let node = &self.graph.nodes[id];
        let mut extent = Extent {
            steps: 1,
            collecting: 1,
            levels: 0,
        };
        for inner in node.here() {
            let inner = self.extent(inner, level + 1)?;
            extent.steps = extent.steps.saturating_add(inner.steps);
            let collecting = inner.steps.saturating_add(inner.collecting);
            extent.collecting = extent.collecting.saturating_add(collecting);
            extent.levels = extent.levels.max(inner.levels + 1);
        }
        if self.is_whole {
            for inner in node.below() {
                let inner = self.extent(inner, level + 1)?;
                extent.steps = extent.steps.saturating_add(inner.steps);
                extent.levels = extent.levels.max(inner.levels + 1);
            }
        }
        if extent.levels > self.max_levels {
            return Err(Endless::Deep);
        }
        if node.collects {
            extent.steps = extent.steps.saturating_add(extent.collecting);
        }
        self.known[id] = Known::All(extent);
        Ok(extent)
    }
}
