//! Whatever happens in whatever order, the service does what the model says.

use model_tests::{Step, Time, Version, Who, run};
use proptest::{collection::vec, prelude::*, sample::select};

fn who() -> impl Strategy<Value = Who> {
    select(vec![Who::Ada, Who::Bob])
}

fn version() -> impl Strategy<Value = Version> {
    select(vec![
        Version::V2025_11_25,
        Version::V2025_06_18,
        Version::V2025_03_26,
    ])
}

fn time() -> impl Strategy<Value = Time> {
    select(vec![
        Time::Seconds,
        Time::AMinute,
        Time::Minutes,
        Time::Hours,
    ])
}

fn step() -> impl Strategy<Value = Step> {
    let few = 0..3_u8;
    let some = 0..6_u8;
    prop_oneof![
        2 => (who(), version()).prop_map(|(who, version)| Step::Open { who, version }),
        1 => (who(), few.clone()).prop_map(|(who, session)| Step::Echo { who, session }),
        1 => (who(), few.clone()).prop_map(|(who, session)| Step::Batch { who, session }),
        4 => (few.clone(), few.clone()).prop_map(|(session, id)| Step::Call { session, id }),
        1 => who().prop_map(|who| Step::Modern { who }),
        4 => some.clone().prop_map(|call| Step::Say { call }),
        1 => some.clone().prop_map(|call| Step::Whisper { call }),
        3 => some.clone().prop_map(|call| Step::Ask { call }),
        3 => (some.clone(), few.clone()).prop_map(|(call, session)| Step::Answer { call, session }),
        2 => some.clone().prop_map(|call| Step::Finish { call }),
        1 => (few.clone(), few.clone()).prop_map(|(session, id)| Step::Cancel { session, id }),
        2 => some.clone().prop_map(|call| Step::Cut { call }),
        4 => (some.clone(), some, few.clone())
            .prop_map(|(call, event, session)| Step::Resume { call, event, session }),
        2 => (who(), few.clone(), any::<bool>())
            .prop_map(|(who, session, last)| Step::Stand { who, session, last }),
        1 => few.clone().prop_map(|session| Step::Leave { session }),
        1 => Just(Step::Change),
        1 => (few.clone(), any::<bool>())
            .prop_map(|(session, details)| Step::Level { session, details }),
        1 => (who(), few).prop_map(|(who, session)| Step::Delete { who, session }),
        2 => time().prop_map(Step::Wait),
    ]
}

/// A call that goes on without its client, which comes back sooner or later.
fn away() -> impl Strategy<Value = Vec<Step>> {
    let call = 0;
    let later = vec(time().prop_map(Step::Wait), 0..3);
    let words = (0..4_u8, 0..12_u8, any::<bool>());
    (0..3_u8, words, later, 0..16_u8).prop_map(move |(session, words, later, event)| {
        let (before, after, finishes) = words;
        let say = |times: u8| (0..times).map(move |_| Step::Say { call });
        let mut steps = vec![Step::Call { session, id: event }];
        steps.extend(say(before));
        steps.push(Step::Cut { call });
        steps.extend(say(after));
        steps.extend(finishes.then_some(Step::Finish { call }));
        steps.extend(later);
        steps.push(Step::Resume {
            call,
            event,
            session,
        });
        steps
    })
}

/// A standing stream whose client misses something.
fn missed() -> impl Strategy<Value = Vec<Step>> {
    let later = vec(time().prop_map(Step::Wait), 0..2);
    (who(), 0..3_u8, any::<bool>(), later).prop_map(|(who, session, last, later)| {
        let stand = |last| Step::Stand { who, session, last };
        let mut steps = vec![stand(false), Step::Leave { session }, Step::Change];
        steps.extend(later);
        steps.push(stand(last));
        steps
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let part = prop_oneof![
        12 => step().prop_map(|step| vec![step]),
        2 => away(),
        1 => missed(),
    ];
    vec(part, 0..50).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_service_does_what_the_model_says(version in version(), steps in steps()) {
        let open = Step::Open { who: Who::Ada, version };
        let steps: Vec<_> = std::iter::once(open).chain(steps).collect();
        run(&steps);
    }
}
