use std::collections::{HashMap, VecDeque};

/// Keeps the pages used last; evicts the least recently used one when full.
pub struct Cache {
    capacity: usize,
    pages: HashMap<u64, Vec<u8>>,
    order: VecDeque<u64>,
}

impl Cache {
    pub fn new(capacity: usize) -> Self {
        Cache { capacity, pages: HashMap::new(), order: VecDeque::new() }
    }

    pub fn get(&mut self, id: u64) -> Option<&[u8]> {
        self.touch(id);
        self.pages.get(&id).map(Vec::as_slice)
    }

    pub fn put(&mut self, id: u64, page: Vec<u8>) {
        if self.pages.len() == self.capacity {
            if let Some(oldest) = self.order.pop_front() {
                self.pages.remove(&oldest);
            }
        }
        self.touch(id);
        self.pages.insert(id, page);
    }

    fn touch(&mut self, id: u64) {
        self.order.retain(|&other| other != id);
        self.order.push_back(id);
    }
}
