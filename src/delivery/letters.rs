//! The letters of the moment, read from the store once and not once per reader.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::domain::ids::LetterId;
use crate::domain::issue::Letter;
use crate::store::{Store, StoreError};

/// A few issues in every language, and the confirmations of the moment.
const KEPT: usize = 32;

/// A small cache of letters. They are frozen, so it cannot be stale.
#[derive(Debug, Default)]
pub(super) struct Letters {
    kept: Mutex<HashMap<LetterId, Arc<Letter>>>,
}

impl Letters {
    /// Returns a letter.
    pub(super) async fn get(&self, store: &Store, id: LetterId) -> Result<Arc<Letter>, StoreError> {
        if let Some(letter) = self.lock().get(&id) {
            return Ok(Arc::clone(letter));
        }
        let letter = Arc::new(store.letter(id).await?);
        let mut kept = self.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(id, Arc::clone(&letter));
        Ok(letter)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<LetterId, Arc<Letter>>> {
        self.kept.lock().expect("no holder of this lock panics")
    }
}
