//! What each payer holds.

use super::{Budget, Payer};
use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

const SHARDS: usize = 16;
const BUDGETS: usize = Budget::ALL.len();

/// The amounts of all payers that hold anything; whoever holds nothing has no row.
pub(super) struct Ledger {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

type Shard = HashMap<Key, [usize; BUDGETS], BuildHasherDefault<Hashed>>;

/// A payer with its hash, which is computed once for all that a permit does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    hash: u64,
    payer: Payer,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// Passes on a hash that is there already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys write their hash and nothing else");
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: Default::default(),
        }
    }

    /// The key of a payer; none for nobody in particular, who has no row.
    pub(super) fn key(&self, payer: &Payer) -> Option<Key> {
        payer.is_known().then(|| Key {
            hash: self.hasher.hash_one(payer),
            payer: payer.clone(),
        })
    }

    /// Adds to what a payer holds, unless that would be more than its share.
    pub(super) fn add(&self, key: &Key, budget: Budget, amount: usize, share: usize) -> bool {
        let mut shard = self.shard(key);
        let fits = |held: usize| held.checked_add(amount).filter(|sum| *sum <= share);
        if let Some(held) = shard.get_mut(key) {
            let held = &mut held[budget as usize];
            return fits(*held).map(|sum| *held = sum).is_some();
        }
        let Some(sum) = fits(0) else {
            return false;
        };
        let mut held = [0; BUDGETS];
        held[budget as usize] = sum;
        shard.insert(key.clone(), held);
        true
    }

    /// Takes away from what a payer holds; it was added before.
    pub(super) fn subtract(&self, key: &Key, budget: Budget, amount: usize) {
        let mut shard = self.shard(key);
        let Some(held) = shard.get_mut(key) else {
            return;
        };
        held[budget as usize] = held[budget as usize].saturating_sub(amount);
        if *held == [0; BUDGETS] {
            shard.remove(key);
            give_back_memory(&mut shard);
        }
    }

    /// How many payers hold something of each budget.
    pub(super) fn payers(&self) -> [usize; BUDGETS] {
        let mut payers = [0; BUDGETS];
        for shard in &self.shards {
            for held in lock(shard).values() {
                for (payers, held) in payers.iter_mut().zip(held) {
                    *payers += usize::from(*held > 0);
                }
            }
        }
        payers
    }

    /// How many payers there is room for without growing.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        let capacities = self.shards.iter().map(|shard| lock(shard).capacity());
        capacities.sum()
    }

    /// The table takes the lowest and the highest bits of a hash; this, some between.
    fn shard(&self, key: &Key) -> MutexGuard<'_, Shard> {
        lock(&self.shards[(key.hash >> 32) as usize % SHARDS])
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    // Nothing panics while the lock is held.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// After a crowd has left, the table that it needed goes too.
fn give_back_memory(shard: &mut Shard) {
    const KEPT: usize = 64;
    if shard.capacity() > KEPT && shard.len() < shard.capacity() / 8 {
        shard.shrink_to((shard.len() * 2).max(KEPT / 2));
    }
}
