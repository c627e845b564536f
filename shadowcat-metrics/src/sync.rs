//! Synchronization primitives of the store: the standard library's, or those of `loom`, which runs a test
//! under every interleaving.

#[cfg(loom)]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicPtr, AtomicU64, AtomicUsize, fence},
};
#[cfg(not(loom))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicPtr, AtomicU64, AtomicUsize, fence},
};

use std::sync::PoisonError;

/// A shared value that lives until its last handle is dropped.
#[cfg(not(loom))]
pub(crate) use std::sync::{Arc as Handle, Weak as WeakHandle};

#[cfg(loom)]
pub(crate) use modelled::{Handle, WeakHandle};

/// `loom` has no weak references. These are the standard library's, next to an atomic that gives the same
/// ordering: it lets other threads run wherever they access the count, and publishes writes made before a
/// drop.
#[cfg(loom)]
mod modelled {
    use loom::sync::atomic::{AtomicUsize, Ordering::AcqRel};
    use std::ops::Deref;
    use std::sync::{Arc, Weak};

    struct Counted<T> {
        touched: AtomicUsize,
        value: T,
    }

    pub(crate) struct Handle<T>(Arc<Counted<T>>);

    pub(crate) struct WeakHandle<T>(Weak<Counted<T>>);

    impl<T> Handle<T> {
        pub(crate) fn new(value: T) -> Self {
            let touched = AtomicUsize::new(0);
            Self(Arc::new(Counted { touched, value }))
        }

        pub(crate) fn downgrade(this: &Self) -> WeakHandle<T> {
            WeakHandle(Arc::downgrade(&this.0))
        }

        fn touch(&self) {
            self.0.touched.fetch_add(1, AcqRel);
        }
    }

    impl<T> Clone for Handle<T> {
        fn clone(&self) -> Self {
            self.touch();
            Self(Arc::clone(&self.0))
        }
    }

    impl<T> Drop for Handle<T> {
        fn drop(&mut self) {
            self.touch();
        }
    }

    impl<T> Deref for Handle<T> {
        type Target = T;

        fn deref(&self) -> &T {
            &self.0.value
        }
    }

    impl<T> WeakHandle<T> {
        pub(crate) fn new() -> Self {
            Self(Weak::new())
        }

        pub(crate) fn upgrade(&self) -> Option<Handle<T>> {
            let handle = Handle(self.0.upgrade()?);
            handle.touch();
            Some(handle)
        }

        pub(crate) fn strong_count(&self) -> usize {
            self.0.strong_count()
        }
    }

    impl<T> Default for WeakHandle<T> {
        fn default() -> Self {
            Self::new()
        }
    }

    impl<T> Clone for WeakHandle<T> {
        fn clone(&self) -> Self {
            Self(Weak::clone(&self.0))
        }
    }
}

/// Locks a mutex. Its data is consistent wherever a panic can happen, so poisoning does not matter.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread-local with a constant initializer, so that access needs no check. (`loom` has no such thing.)
#[cfg(not(loom))]
macro_rules! per_thread {
    ($(#[$attribute:meta])* static $name:ident: $type:ty = $value:expr;) => {
        std::thread_local! {
            $(#[$attribute])*
            static $name: $type = const { $value };
        }
    };
}
#[cfg(loom)]
macro_rules! per_thread {
    ($(#[$attribute:meta])* static $name:ident: $type:ty = $value:expr;) => {
        loom::thread_local! {
            $(#[$attribute])*
            static $name: $type = $value;
        }
    };
}
pub(crate) use per_thread;
