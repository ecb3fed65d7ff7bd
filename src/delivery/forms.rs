//! The letters of the moment, read from the store and encoded once and not once per reader.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::domain::ids::LetterId;
use crate::mail::Form;
use crate::store::{Store, StoreError};

/// An issue in all the parts its readers take, and the confirmations of the moment.
const KEPT: usize = 160;

/// A small cache of encoded letters. Letters are frozen, so it cannot be stale.
#[derive(Debug, Default)]
pub(super) struct Forms {
    kept: Mutex<HashMap<(LetterId, usize), Arc<Form>>>,
}

impl Forms {
    /// Returns a letter, ready for tokens of `token_len` characters.
    pub(super) async fn get(&self, store: &Store, id: LetterId, token_len: usize) -> Result<Arc<Form>, StoreError> {
        let key = (id, token_len);
        if let Some(form) = self.lock().get(&key) {
            return Ok(Arc::clone(form));
        }
        let form = Arc::new(Form::new(&store.letter(id).await?, token_len));
        let mut kept = self.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&form));
        Ok(form)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(LetterId, usize), Arc<Form>>> {
        self.kept.lock().expect("no holder of this lock panics")
    }
}
