//! The notes, in memory: whoever wrote one reads it, and nobody else.

use mcp_tower::{Principal, ToolError, core::random};
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The most notes of one caller, and of all of them together.
const MOST_EACH: usize = 200;
const MOST: usize = 10_000;

/// A note.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Note {
    /// Names the note; its URI is `notes://{id}`.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// All notes, by whose they are. There is no way to get at one without saying so.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<HashMap<Principal, BTreeMap<String, Note>>>>);

impl Notes {
    fn all(&self) -> MutexGuard<'_, HashMap<Principal, BTreeMap<String, Note>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn list(&self, owner: &Principal) -> Vec<Note> {
        let all = self.all();
        let own = all.get(owner).into_iter().flat_map(BTreeMap::values);
        own.cloned().collect()
    }

    pub(crate) fn read(&self, owner: &Principal, id: &str) -> Option<Note> {
        self.all().get(owner)?.get(id).cloned()
    }

    /// Writes a new note, or over one of the caller's own.
    pub(crate) fn write(
        &self,
        owner: &Principal,
        id: Option<String>,
        title: String,
        text: String,
    ) -> Result<Note, ToolError> {
        let mut all = self.all();
        if let Some(id) = id {
            let note = all.get_mut(owner).and_then(|own| own.get_mut(&id));
            let note = note.ok_or_else(|| ToolError::new("you have no note with this id"))?;
            (note.title, note.text) = (title, text);
            return Ok(note.clone());
        }
        if all.values().map(BTreeMap::len).sum::<usize>() >= MOST {
            return Err(ToolError::new("there is no room for more notes"));
        }
        let own = all.entry(owner.clone()).or_default();
        if own.len() >= MOST_EACH {
            return Err(ToolError::new("you have as many notes as you may have"));
        }
        // Ids are guessed by nobody: who listens for changes of a note names it by its id.
        let id = random::<16>()?.iter().fold(String::new(), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        });
        let note = Note { id, title, text };
        own.insert(note.id.clone(), note.clone());
        Ok(note)
    }

    /// Removes everybody's notes and tells their ids.
    pub(crate) fn purge(&self) -> Vec<String> {
        let all = std::mem::take(&mut *self.all());
        all.into_values().flat_map(BTreeMap::into_keys).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_have_one_owner_and_a_bound() {
        let notes = Notes::default();
        let [ada, grace] = ["ada", "grace"].map(|name| Principal::new("here", name));
        let write = |owner, id| notes.write(owner, id, "t".into(), "x".into());
        let note = write(&ada, None).unwrap();
        assert!(notes.read(&grace, &note.id).is_none());
        assert!(write(&grace, Some(note.id.clone())).is_err());
        assert!(write(&ada, Some(note.id)).is_ok());
        for _ in 1..MOST_EACH {
            write(&ada, None).unwrap();
        }
        assert!(write(&ada, None).is_err());
        assert!(write(&grace, None).is_ok());
        assert_eq!(notes.purge().len(), MOST_EACH + 1);
        assert!(notes.list(&ada).is_empty());
    }
}
