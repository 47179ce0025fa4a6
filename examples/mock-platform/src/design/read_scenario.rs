//! Scenarios and what they answer, as documents write them.

use super::{
    ErrorOutcome, LogStep, Outcome, OutputSchema, ProgressStep, Response, Scenario,
    fault::DesignFaults as Faults,
    limits::{
        MAX_DELAY_MS, MAX_DESCRIPTION_BYTES, MAX_NAME_BYTES, MAX_NESTING, MAX_STEPS, MAX_TEXT_BYTES,
    },
    placeholder::{self, Scope},
    read_condition, read_content,
    reader::{Node, Object, member_path},
};
use mcp_tower::LogLevel;
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What a scenario may answer with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed<'a> {
    /// What its placeholders may name.
    pub(super) scope: Scope<'a>,
    /// Whether it may have blocks of content: what is read has none.
    pub(super) content: bool,
    /// What its responses have to be.
    pub(super) output: Option<&'a OutputSchema>,
}

/// What is around an answer.
#[derive(Clone, Copy, Debug, Default)]
struct Around {
    /// Sequences.
    levels: usize,
    /// Whether clients hear of progress or log messages before it.
    is_announced: bool,
}

const OUTCOMES: [&str; 4] = ["response", "content", "sequence", "error"];
const STEPS: [&str; 7] = [
    "response", "content", "sequence", "error", "delayMs", "progress", "log",
];
const MEMBERS: [&str; 12] = [
    "name",
    "enabled",
    "condition",
    "conditions",
    "match",
    "response",
    "content",
    "sequence",
    "error",
    "delayMs",
    "progress",
    "log",
];

pub(super) fn scenario(
    node: &Node<'_>,
    allowed: Allowed<'_>,
    faults: &mut Faults,
) -> Option<Scenario> {
    let object = node.object(&MEMBERS, faults)?;
    let name = object.optional("name", faults, |node, faults| {
        node.name(MAX_NAME_BYTES, faults)
    });
    let enabled = object.optional("enabled", faults, Node::boolean);
    let condition = read_condition::of_scenario(&object, faults);
    let response = members_of_response(&object, allowed, Around::default(), faults);
    Some(Scenario {
        name: name?,
        enabled: enabled?.unwrap_or(true),
        condition: condition?,
        response: response?,
        identity: identity(node.value),
    })
}

fn identity(scenario: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    scenario.to_string().hash(&mut hasher);
    hasher.finish()
}

fn members_of_response(
    object: &Object<'_>,
    allowed: Allowed<'_>,
    mut around: Around,
    faults: &mut Faults,
) -> Option<Response> {
    let says_something = |name| {
        let steps = object.get(name);
        steps.is_some_and(|steps| {
            steps
                .value
                .as_array()
                .is_some_and(|steps| !steps.is_empty())
        })
    };
    around.is_announced |= says_something("progress") || says_something("log");
    let found = object.one_of(&OUTCOMES, faults);
    let outcome = found.and_then(|(kind, node)| outcome(kind, &node, allowed, around, faults));
    let delay_ms = object.optional("delayMs", faults, |node, faults| {
        node.whole(0, MAX_DELAY_MS, faults)
    });
    let progress = object.optional("progress", faults, progress);
    let log = object.optional("log", faults, |node, faults| {
        node.list(MAX_STEPS, faults, log_step)
    });
    Some(Response {
        outcome: outcome?,
        delay_ms: delay_ms?.unwrap_or_default(),
        progress: progress?.unwrap_or_default(),
        log: log?.unwrap_or_default(),
    })
}

fn outcome(
    kind: &str,
    node: &Node<'_>,
    allowed: Allowed<'_>,
    around: Around,
    faults: &mut Faults,
) -> Option<Outcome> {
    match kind {
        "response" => {
            response(node, allowed, faults);
            Some(Outcome::Response(node.value.clone()))
        }
        "content" if !allowed.content => {
            node.fault(faults, "blocks of content are for tools");
            None
        }
        "content" if allowed.output.is_some() => {
            let reason = "a tool with `outputSchema` answers with structured content: expected `response` in its place";
            node.fault(faults, reason);
            None
        }
        "content" => {
            let blocks = node.list(MAX_STEPS, faults, read_content::block)?;
            Some(Outcome::Content(blocks))
        }
        "sequence" => sequence(node, allowed, around, faults).map(Outcome::Sequence),
        _ => match error(node, faults)? {
            ErrorOutcome::Http { .. } if around.is_announced => {
                let reason = "a status comes alone: expected no `progress` and no `log` before it, here or in a sequence around it";
                node.fault(faults, reason);
                None
            }
            error => Some(Outcome::Error(error)),
        },
    }
}

/// Tells what is wrong with JSON that is answered: that of a scenario, or the default.
pub(super) fn response(node: &Node<'_>, allowed: Allowed<'_>, faults: &mut Faults) {
    placeholder::check(node, allowed.scope, faults);
    if let Some(output) = allowed.output {
        output.check(node, faults);
    }
}

fn sequence(
    node: &Node<'_>,
    allowed: Allowed<'_>,
    around: Around,
    faults: &mut Faults,
) -> Option<Vec<Response>> {
    if around.levels >= MAX_NESTING {
        node.fault(
            faults,
            format!("expected at most {MAX_NESTING} levels of sequences"),
        );
        return None;
    }
    let inside = Around {
        levels: around.levels + 1,
        ..around
    };
    let sequence = node.list(MAX_STEPS, faults, |item, faults| {
        let object = item.object(&STEPS, faults)?;
        members_of_response(&object, allowed, inside, faults)
    })?;
    if sequence.is_empty() {
        node.fault(faults, "expected at least one answer");
        return None;
    }
    Some(sequence)
}

fn error(node: &Node<'_>, faults: &mut Faults) -> Option<ErrorOutcome> {
    #[derive(Clone, Copy)]
    enum Kind {
        Tool,
        Protocol,
        Http,
        Disconnect,
    }
    let kinds = [
        ("tool", Kind::Tool),
        ("protocol", Kind::Protocol),
        ("http", Kind::Http),
        ("disconnect", Kind::Disconnect),
    ];
    let Some(kind) = node.value.get("kind") else {
        let reason = if node.value.is_object() {
            "is required"
        } else {
            "expected an object"
        };
        let path = if node.value.is_object() {
            member_path(&node.path, "kind")
        } else {
            node.path.clone()
        };
        faults.add(&path, reason);
        return None;
    };
    let path = member_path(&node.path, "kind");
    let kind = Node { value: kind, path }.word(&kinds, faults)?;
    let known: &[&str] = match kind {
        Kind::Tool => &["kind", "message"],
        Kind::Protocol => &["kind", "code", "message", "data"],
        Kind::Http => &["kind", "status"],
        Kind::Disconnect => &["kind"],
    };
    let object = node.object(known, faults)?;
    let message = |faults: &mut Faults| {
        object.required("message", faults, |node, faults| {
            node.text(MAX_DESCRIPTION_BYTES, faults)
        })
    };
    match kind {
        Kind::Tool => message(faults).map(|message| ErrorOutcome::Tool { message }),
        Kind::Protocol => {
            let code = object.required("code", faults, |node, faults| {
                // What every client can read: beyond, numbers of JavaScript are not exact.
                const FAR: i64 = (1 << 53) - 1;
                let code = node.value.as_i64();
                let code = code.filter(|code| (-FAR..=FAR).contains(code));
                if code.is_none() {
                    let reason = format!("expected a whole number from -{FAR} to {FAR}");
                    node.fault(faults, reason);
                }
                code
            });
            let message = message(faults);
            let data = object.get("data").map(|node| node.value.clone());
            Some(ErrorOutcome::Protocol {
                code: code?,
                message: message?,
                data,
            })
        }
        Kind::Http => object.required("status", faults, |node, faults| {
            let status = u16::try_from(node.whole(400, 599, faults)?).ok()?;
            Some(ErrorOutcome::Http { status })
        }),
        Kind::Disconnect => Some(ErrorOutcome::Disconnect),
    }
}

fn progress(node: &Node<'_>, faults: &mut Faults) -> Option<Vec<ProgressStep>> {
    let steps = node.list(MAX_STEPS, faults, progress_step)?;
    for (index, pair) in steps.windows(2).enumerate() {
        if pair[0].progress >= pair[1].progress {
            let path = format!("{}/{}/progress", node.path, index + 1);
            faults.add(&path, "expected more than in the step before");
        }
    }
    let total = steps.iter().map(|step| step.after_ms).sum::<u64>();
    if total > MAX_DELAY_MS {
        node.fault(
            faults,
            format!("expected at most {MAX_DELAY_MS} milliseconds in all"),
        );
    }
    Some(steps)
}

fn progress_step(node: &Node<'_>, faults: &mut Faults) -> Option<ProgressStep> {
    let object = node.object(&["progress", "total", "message", "afterMs"], faults)?;
    let progress = object.required("progress", faults, Node::amount);
    let total = object.optional("total", faults, |node, faults| {
        let total = node.amount(faults)?;
        if progress.is_some_and(|progress| total < progress) {
            node.fault(faults, "expected at least `progress`");
            return None;
        }
        Some(total)
    });
    let message = object.optional("message", faults, |node, faults| {
        node.text(MAX_TEXT_BYTES, faults)
    });
    let after_ms = object.optional("afterMs", faults, |node, faults| {
        node.whole(0, MAX_DELAY_MS, faults)
    });
    Some(ProgressStep {
        progress: progress?,
        total: total?,
        message: message?,
        after_ms: after_ms?.unwrap_or_default(),
    })
}

fn log_step(node: &Node<'_>, faults: &mut Faults) -> Option<LogStep> {
    if node.value.is_string() {
        let message = node.text(MAX_DESCRIPTION_BYTES, faults)?;
        let level = LogLevel::Info;
        return Some(LogStep { level, message });
    }
    const LEVELS: [(&str, LogLevel); 8] = [
        ("debug", LogLevel::Debug),
        ("info", LogLevel::Info),
        ("notice", LogLevel::Notice),
        ("warning", LogLevel::Warning),
        ("error", LogLevel::Error),
        ("critical", LogLevel::Critical),
        ("alert", LogLevel::Alert),
        ("emergency", LogLevel::Emergency),
    ];
    let object = node.object(&["level", "message"], faults)?;
    let level = object.optional("level", faults, |node, faults| node.word(&LEVELS, faults));
    let message = object.required("message", faults, |node, faults| {
        node.text(MAX_DESCRIPTION_BYTES, faults)
    });
    Some(LogStep {
        level: level?.unwrap_or(LogLevel::Info),
        message: message?,
    })
}
