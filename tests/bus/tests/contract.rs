//! A bus over Redis keeps the contract, and what it keeps expires in Redis too.

use bus_tests::{RedisServer, in_time};
use bytes::Bytes;
use mcp_tower::bus::{Bus, BusLimits, RedisBus, contract};
use std::{cell::Cell, collections::BTreeSet, time::Duration};

const LONG: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_the_contract() {
    let server = RedisServer::start();
    let number = Cell::new(0);
    contract::all(async || {
        number.set(number.get() + 1);
        let options = server.options().prefix(format!("test-{}", number.get()));
        contract::pair(
            RedisBus::connect(options.clone()).await.unwrap(),
            RedisBus::connect(options).await.unwrap(),
        )
    })
    .await;
}

/// Clones share connections and are different processes to each other all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clones_keep_the_contract() {
    let server = RedisServer::start();
    let number = Cell::new(0);
    contract::all(async || {
        number.set(number.get() + 1);
        let options = server.options().prefix(format!("test-{}", number.get()));
        let bus = RedisBus::new(options).unwrap();
        contract::pair(bus.clone(), bus)
    })
    .await;
}

#[tokio::test]
async fn nothing_is_left_of_what_has_expired() {
    let server = RedisServer::start();
    let bus = RedisBus::connect(server.options()).await.unwrap();
    let moment = Duration::from_millis(20);
    bus.remember("fact", Bytes::new(), moment).await.unwrap();
    bus.append("log", vec!["entry".into()], moment)
        .await
        .unwrap();
    bus.append("empty log", Vec::new(), moment).await.unwrap();
    let redis = redis::Client::open(server.url()).unwrap();
    let mut redis = redis.get_multiplexed_async_connection().await.unwrap();
    // Expired keys are not seen, and removed when they are looked at.
    let expired = async {
        loop {
            let keys: Vec<String> = redis::cmd("KEYS")
                .arg("*")
                .query_async(&mut redis)
                .await
                .unwrap();
            if keys.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    in_time(expired).await;
}

/// More than fits into the small forms in which Redis keeps small things, and into one page.
#[tokio::test]
async fn many_facts_and_entries_come_in_pages() {
    let server = RedisServer::start();
    let options = server.options().limits(BusLimits::new());
    let bus = RedisBus::connect(options).await.unwrap();
    let names: BTreeSet<_> = (0..1500).map(|number| number.to_string()).collect();
    for name in &names {
        bus.remember(name, name.clone().into(), LONG).await.unwrap();
    }
    let facts = bus.facts().await.unwrap();
    assert_eq!(facts.len(), names.len());
    assert!(facts.iter().all(|fact| fact.key == fact.value));
    let keys: BTreeSet<_> = facts.into_iter().map(|fact| fact.key).collect();
    assert_eq!(keys, names);

    let entries: Vec<Bytes> = (0..1500).map(|number| number.to_string().into()).collect();
    for entries in entries.chunks(400) {
        bus.append("log", entries.to_vec(), LONG).await.unwrap();
    }
    let mut read = Vec::new();
    while read.len() < entries.len() {
        read.extend(bus.read("log", read.len() as u64, LONG).await.unwrap());
    }
    assert_eq!(read, entries);
}
