//! Calls that end with questions and begin again with answers (2026-07-28, multi-round requests).
//!
//! Nothing is kept between rounds. What the handler has learnt and done so far, its *journal*,
//! travels through the client, sealed. Each round the handler runs from its start: answers that are
//! in the journal return at once, steps that are in it return their results instead of being done
//! again, and the first question without an answer ends the round.
//!
//! ```text
//! client                               server
//!   │ tools/call transfer                │ step "hold": done          ┐
//!   │───────────────────────────────────▶│ elicit "confirm": no answer │ round 0
//!   │◀─ input_required {confirm}, state ─│ suspended below all layers ┘
//!   │ tools/call transfer,               │ step "hold": from the journal ┐
//!   │   {confirm: accept}, state         │ elicit "confirm": answered    │ round 1
//!   │───────────────────────────────────▶│ … finishes                    │
//!   │◀──────────────────────── complete ─│                               ┘
//! ```
//!
//! # Limits
//!
//! A step is done once per unbroken chain of states. A crash between its effect and the end of the
//! round, or a client that sends an older state again, does it again: pass the step's
//! [`IdempotencyKey`](crate::IdempotencyKey) on to whatever has the effect, or let each state be
//! used once ([`ServerBuilder::one_shot_rounds`](crate::ServerBuilder::one_shot_rounds)). State expires after
//! [`Rounds::LIFETIME`], holds at most [`Rounds::MAX_STATE_BYTES`], and a call has at most
//! [`Rounds::MAX_ROUNDS`] rounds.

mod journal;
mod one_shot;
mod scope;

pub(crate) use one_shot::OneShot;
pub(crate) use scope::Scope;

use crate::{
    ask::{AskError, Question},
    protocol::{ErrorCode, ErrorObject, Known, RawJson},
    refusal::Refusal,
    request::Facts,
    seal::KeyRing,
};
use journal::Journal;
use std::{
    collections::BTreeMap,
    fmt, mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

const PURPOSE: &str = "request-state";

/// The rounds of one call.
pub struct Rounds {
    keys: KeyRing,
    one_shot: Option<OneShot>,
    /// Whether the method of the call may ask at all.
    may_ask: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    journal: Journal,
    /// What binds the journal to its call; made when it is first needed.
    bound: Option<Arc<[u8]>>,
    /// Answers that came with this request and are in no journal yet.
    fresh: BTreeMap<String, RawJson>,
    /// Questions without answers.
    open: Vec<Question>,
    /// What the handler did wrong. A question beside it would hide it.
    misuse: Option<String>,
    /// How many steps are being done.
    doing: usize,
    /// Whether the request's state was taken up: once, however often a layer runs the handler.
    resumed: bool,
}

/// Why a handler cannot go on in this round.
#[derive(Debug)]
pub(crate) struct Suspension {
    pub(crate) questions: Vec<Question>,
}

impl Rounds {
    /// How long a state may be used.
    pub const LIFETIME: Duration = Duration::from_secs(3600);
    /// The most bytes of a sealed state.
    pub const MAX_STATE_BYTES: usize = 64 * 1024;
    /// The most rounds of a call.
    pub const MAX_ROUNDS: u32 = 16;

    /// The first round of a call, whose state is sealed with these keys.
    pub fn new(keys: KeyRing) -> Self {
        Self {
            keys,
            one_shot: None,
            may_ask: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    /// Refuses states that were used before.
    #[must_use]
    pub(crate) fn with_one_shot(mut self, one_shot: Option<OneShot>) -> Self {
        self.one_shot = one_shot;
        self
    }

    /// Takes up what the request brings: a state, which must verify, and answers, which need none
    /// in the first round. Answers in the journal win over new ones.
    pub(crate) fn resume(&self, facts: &Facts) -> Result<(), Refusal> {
        self.may_ask.store(true, Ordering::Relaxed);
        let Some(params) = facts.message.params().round.as_deref() else {
            return Ok(());
        };
        let mut state = self.lock();
        if mem::replace(&mut state.resumed, true) {
            return Ok(());
        }
        let bound = journal::binding(facts);
        match &params.request_state {
            Known::Absent => {}
            Known::Malformed => return Err(refuse("`requestState` must be a string")),
            Known::Is(sealed) => {
                let opened = self.keys.open(PURPOSE, &bound, sealed);
                let journal = opened.and_then(|plain| Journal::read(&plain, now()));
                let Some(journal) = journal else {
                    return Err(refuse("`requestState` is not valid for this request"));
                };
                self.spend(&journal)?;
                state.journal = journal;
                state.journal.round += 1;
            }
        }
        state.bound = Some(bound.into());
        if let Known::Is(answers) = &params.input_responses {
            // Entry by entry: what is unknown or malformed is as good as not there.
            state.fresh = answers.parse().unwrap_or_default();
        }
        if state.journal.round > Self::MAX_ROUNDS {
            return Err(refuse("the call has gone through too many rounds"));
        }
        Ok(())
    }

    fn spend(&self, journal: &Journal) -> Result<(), Refusal> {
        let Some(one_shot) = &self.one_shot else {
            return Ok(());
        };
        match one_shot.spend(journal.name(), journal.expires(), now()) {
            Ok(()) => Ok(()),
            Err(one_shot::Unusable::Spent) => Err(refuse("`requestState` was used before")),
            Err(one_shot::Unusable::Full) => Err(Refusal::overloaded()),
        }
    }

    /// The number of this round, from zero.
    pub(crate) fn round(&self) -> u32 {
        self.lock().journal.round
    }

    /// The recorded answer; without one, notes the question and says so with `None`.
    pub(crate) fn ask(&self, question: Question) -> Result<Option<RawJson>, AskError> {
        if !Scope::is_in(self.address()) {
            return Err(AskError::misused(format!(
                "question `{}` was asked from a task of its own; ask from the handler itself",
                question.key
            )));
        }
        if !self.may_ask.load(Ordering::Relaxed) {
            return Err(AskError::nobody());
        }
        let mut state = self.lock();
        if let Some(answer) = state.journal.answers.get(&question.key) {
            return Ok(Some(answer.clone()));
        }
        if let Some(answer) = state
            .fresh
            .get(&question.key)
            .filter(|answer| answer.is_object())
        {
            let answer = answer.clone();
            state.journal.answers.insert(question.key, answer.clone());
            return Ok(Some(answer));
        }
        state.open.push(question);
        Ok(None)
    }

    /// Takes an answer back that turned out to be none: the question is asked again.
    pub(crate) fn forget(&self, key: &str) {
        let mut state = self.lock();
        state.journal.answers.remove(key);
        state.fresh.remove(key);
    }

    /// The recorded result of a step, and the key that makes it repeatable.
    pub(crate) fn step(&self, name: &str) -> Result<(Option<RawJson>, String), AskError> {
        let mut state = self.lock();
        let key = format!("{}/{name}", state.journal.chain()?);
        Ok((state.journal.steps.get(name).cloned(), key))
    }

    /// Starts a step.
    pub(crate) fn doing(&self) -> Doing<'_> {
        self.lock().doing += 1;
        Doing(self)
    }

    /// Begins a run of the handler: the first, or another that a layer asks for.
    pub(crate) fn begin_run(&self) {
        let mut state = self.lock();
        state.open.clear();
        state.misuse = None;
    }

    /// Notes what the handler did wrong.
    pub(crate) fn misused(&self, misuse: String) {
        self.lock().misuse = Some(misuse);
    }

    /// Waits for the end of the round.
    pub(crate) async fn wait<T>(&self, key: String) -> T {
        let _waiting = Waiting { rounds: self, key };
        std::future::pending().await
    }

    /// Records the result of a step.
    pub(crate) fn record(&self, name: &str, result: RawJson) {
        self.lock().journal.steps.insert(name.to_owned(), result);
    }

    /// The questions that end the round; none when the handler waits for something else.
    ///
    /// # Errors
    /// What the handler did wrong, for the log.
    pub(crate) fn suspend(&self) -> Option<Result<Suspension, String>> {
        let mut state = self.lock();
        if state.open.is_empty() || state.doing > 0 {
            return None;
        }
        let questions = mem::take(&mut state.open);
        Some(match state.misuse.take() {
            Some(misuse) => Err(misuse),
            None => Ok(Suspension { questions }),
        })
    }

    /// The state to send along.
    pub(crate) fn seal(&self, facts: &Facts) -> Result<String, Refusal> {
        let mut state = self.lock();
        let bound = match &state.bound {
            Some(bound) => bound.clone(),
            None => journal::binding(facts).into(),
        };
        let _ = state.journal.chain();
        let plain = state.journal.write(now() + Self::LIFETIME.as_secs());
        let sealed = self.keys.seal(PURPOSE, &bound, &plain);
        let sealed = sealed.map_err(|error| internal(&error.to_string()))?;
        if sealed.len() > Self::MAX_STATE_BYTES {
            let text = format!(
                "the state of the call takes {} bytes, and {} are allowed",
                sealed.len(),
                Self::MAX_STATE_BYTES
            );
            let error = ErrorObject::new(ErrorCode::INTERNAL_ERROR, text);
            return Err(Refusal::answer(error));
        }
        Ok(sealed)
    }

    /// Marks the polls of the handler, so that a question from elsewhere is noticed.
    pub(crate) fn enter(&self) -> Scope {
        Scope::enter(self.address())
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A step that is being done: the round does not end before it has.
pub(crate) struct Doing<'a>(&'a Rounds);

impl Drop for Doing<'_> {
    fn drop(&mut self) {
        self.0.lock().doing -= 1;
    }
}

/// A question that waits; given up, it does not end the round.
struct Waiting<'a> {
    rounds: &'a Rounds,
    key: String,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.rounds.lock();
        state.open.retain(|question| question.key != self.key);
    }
}

fn refuse(message: &'static str) -> Refusal {
    Refusal::answer(ErrorObject::invalid_params(message))
}

fn internal(text: &str) -> Refusal {
    Refusal::internal(crate::error::Reference::log(text))
}

/// Seconds since the epoch.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

impl fmt::Debug for Rounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rounds")
            .field("round", &self.round())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
