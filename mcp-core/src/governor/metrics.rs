//! The same counters as metrics: see [`Governor`](super::Governor#metrics).

use super::{Budget, Exceeded};
use metrics::{Key, Label, Level, Metadata, with_recorder};

const USED: &str = "mcp_budget_used";
const REFUSED: &str = "mcp_budget_refused_total";
const BUDGETS: usize = Budget::ALL.len();

static METADATA: Metadata<'static> = Metadata::new("mcp", Level::INFO, Some(module_path!()));

static LABELS: [[Label; 1]; BUDGETS] = [
    [budget(Budget::Rows)],
    [budget(Budget::Streams)],
    [budget(Budget::Calls)],
    [budget(Budget::BodyBytes)],
    [budget(Budget::QueuedBytes)],
    [budget(Budget::ReplayBytes)],
    [budget(Budget::Questions)],
];

static REFUSED_SHARE: [[Label; 2]; BUDGETS] = refused("share");
static REFUSED_TOTAL: [[Label; 2]; BUDGETS] = refused("total");

const fn budget(budget: Budget) -> Label {
    Label::from_static_parts("budget", budget.as_str())
}

const fn refused(limit: &'static str) -> [[Label; 2]; BUDGETS] {
    const fn labels(of: Budget, limit: &'static str) -> [Label; 2] {
        [budget(of), Label::from_static_parts("limit", limit)]
    }
    [
        labels(Budget::Rows, limit),
        labels(Budget::Streams, limit),
        labels(Budget::Calls, limit),
        labels(Budget::BodyBytes, limit),
        labels(Budget::QueuedBytes, limit),
        labels(Budget::ReplayBytes, limit),
        labels(Budget::Questions, limit),
    ]
}

pub(super) fn taken(budget: Budget, amount: usize) {
    let key = Key::from_static_labels(USED, &LABELS[budget as usize]);
    with_recorder(|recorder| {
        recorder
            .register_gauge(&key, &METADATA)
            .increment(amount as f64)
    });
}

pub(super) fn given_back(budget: Budget, amount: usize) {
    let key = Key::from_static_labels(USED, &LABELS[budget as usize]);
    with_recorder(|recorder| {
        recorder
            .register_gauge(&key, &METADATA)
            .decrement(amount as f64)
    });
}

pub(super) fn refuse(budget: Budget, exceeded: Exceeded) {
    let labels = match exceeded {
        Exceeded::Share => &REFUSED_SHARE,
        Exceeded::Total => &REFUSED_TOTAL,
    };
    let key = Key::from_static_labels(REFUSED, &labels[budget as usize]);
    with_recorder(|recorder| recorder.register_counter(&key, &METADATA).increment(1));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governor::{Budgets, Governor, Payer};
    use metrics::{
        Counter, CounterFn, Gauge, GaugeFn, Histogram, KeyName, Recorder, SharedString, Unit,
        with_local_recorder,
    };
    use std::{
        collections::BTreeMap,
        sync::{Arc, Mutex},
    };

    /// Everything by name and labels.
    #[derive(Default)]
    struct Book(Arc<Mutex<BTreeMap<String, f64>>>);

    struct Line(Arc<Mutex<BTreeMap<String, f64>>>, String);

    impl Line {
        fn add(&self, value: f64) {
            *self.0.lock().unwrap().entry(self.1.clone()).or_default() += value;
        }
    }

    impl CounterFn for Line {
        fn increment(&self, value: u64) {
            self.add(value as f64);
        }

        fn absolute(&self, _: u64) {}
    }

    impl GaugeFn for Line {
        fn increment(&self, value: f64) {
            self.add(value);
        }

        fn decrement(&self, value: f64) {
            self.add(-value);
        }

        fn set(&self, _: f64) {}
    }

    impl Book {
        fn line(&self, key: &Key) -> Arc<Line> {
            let labels = key
                .labels()
                .map(|label| format!(" {}={}", label.key(), label.value()));
            let name = format!("{}{}", key.name(), labels.collect::<String>());
            Arc::new(Line(self.0.clone(), name))
        }
    }

    impl Recorder for Book {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.line(key))
        }

        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(self.line(key))
        }

        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[test]
    fn names_and_labels_are_as_documented() {
        for budget in Budget::ALL {
            let book = Book::default();
            let name = budget.as_str();
            with_local_recorder(&book, || {
                let budgets = Budgets::new().total(budget, 2).per_payer(budget, 1);
                let governor = Governor::new(budgets);
                let somebody = Payer::new(&Default::default(), "192.0.2.1".parse().ok());
                let held = governor.acquire(budget, &somebody, 1).unwrap();
                governor.acquire(budget, &somebody, 1).unwrap_err();
                let other = governor.acquire(budget, &Payer::unknown(), 1).unwrap();
                governor.acquire(budget, &Payer::unknown(), 1).unwrap_err();
                drop(held);
                let expected = [
                    (
                        format!("mcp_budget_refused_total budget={name} limit=share"),
                        1.0,
                    ),
                    (
                        format!("mcp_budget_refused_total budget={name} limit=total"),
                        1.0,
                    ),
                    (format!("mcp_budget_used budget={name}"), 1.0),
                ];
                assert_eq!(*book.0.lock().unwrap(), BTreeMap::from(expected));
                drop(other);
            });
            let used = book.0.lock().unwrap()[&format!("mcp_budget_used budget={name}")];
            assert!(used.abs() < f64::EPSILON, "{used}");
        }
    }
}
