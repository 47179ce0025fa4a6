use std::time::Duration;

/// Something that happens. Sessions and events are named by their number, calls by how many came after
/// them, all of them modulo how many there are; where there are none nothing happens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Step {
    /// Somebody opens a session.
    Open { who: Who, version: Version },
    /// Somebody makes a silent call, in a session that may be another's.
    Echo { who: Who, session: u8 },
    /// The same, as two of a batch.
    Batch { who: Who, session: u8 },
    /// A call begins that does what it is told.
    Call { session: u8, id: u8 },
    /// The same without a session.
    Modern { who: Who },
    /// A call says something.
    Say { call: u8 },
    /// A call says something that only those hear who want details.
    Whisper { call: u8 },
    /// A call asks its client.
    Ask { call: u8 },
    /// The last question of a call is answered, in a session that may be another.
    Answer { call: u8, session: u8 },
    /// A call returns.
    Finish { call: u8 },
    /// A call is cancelled by its id.
    Cancel { session: u8, id: u8 },
    /// The connection of a call breaks.
    Cut { call: u8 },
    /// A client comes back to a call, after one of the events that it has seen, in a session that may
    /// be another.
    Resume { call: u8, event: u8, session: u8 },
    /// Somebody opens the standing stream of a session, perhaps naming the last event.
    Stand { who: Who, session: u8, last: bool },
    /// The connection of a standing stream breaks.
    Leave { session: u8 },
    /// The list of tools changes.
    Change,
    /// A session asks for details, or not.
    Level { session: u8, details: bool },
    /// Somebody ends a session.
    Delete { who: Who, session: u8 },
    /// Time passes.
    Wait(Time),
}

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Who {
    Ada,
    Bob,
}

impl Who {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ada => "ada",
            Self::Bob => "bob",
        }
    }
}

/// What a session speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Version {
    /// The one with batches, and without questions to users.
    V2025_03_26,
    V2025_06_18,
    /// The one whose streams begin with an event without data.
    V2025_11_25,
}

impl Version {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
        }
    }
}

/// How much time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Time {
    /// More than a call may be silent before its stream opens.
    Seconds,
    /// More than a stream is kept that was read to its end.
    AMinute,
    /// More than a stream is kept that was cut.
    Minutes,
    /// More than anything is kept.
    Hours,
}

impl Time {
    /// Odd, so that sums of them do not meet a limit exactly.
    pub(crate) const fn duration(self) -> Duration {
        Duration::from_millis(match self {
            Self::Seconds => 2_003,
            Self::AMinute => 101_009,
            Self::Minutes => 404_017,
            Self::Hours => 7_211_023,
        })
    }
}
