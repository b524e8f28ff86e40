//! Work on other threads, whose results arrive as answers.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::list::DeviceList;
use crate::platform::panics;
use crate::tui::answer::Answer;
use crate::tui::error::{BackendError, EffectError};

/// The results that are still to come, and those that have come.
pub(super) struct Answers {
    sender: mpsc::Sender<Returned>,
    receiver: mpsc::Receiver<Returned>,
    /// Every piece of work holds a clone until its answer is taken, or until it ends without one.
    awaited: Arc<()>,
}

/// An answer on its way.
struct Returned {
    /// The list that was open when the work was requested.
    list: Arc<DeviceList>,
    answer: Answer,
    /// None for an answer that nothing waits for.
    awaited: Option<Arc<()>>,
}

impl Default for Answers {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(64);
        Self {
            sender,
            receiver,
            awaited: Arc::default(),
        }
    }
}

impl Answers {
    /// Does `work` about this list on another thread; its answer is awaited. Work that panics is
    /// answered with an error.
    pub(super) fn spawn(
        &self,
        list: Arc<DeviceList>,
        work: impl FnOnce(&DeviceList) -> Answer + Send + 'static,
    ) {
        let sender = self.sender.clone();
        let awaited = Some(self.awaited.clone());
        tokio::task::spawn_blocking(move || {
            let answer = panics::catch(|| work(&list));
            let answer = answer.unwrap_or(Answer::Failed(EffectError::Panicked));
            // The receiver is gone once the program is being left.
            let _ = sender.blocking_send(Returned {
                list,
                answer,
                awaited,
            });
        });
    }

    /// What hands over the result of the command for the end of a run. Nothing waits for it.
    pub(super) fn end_notified(
        &self,
        list: Arc<DeviceList>,
    ) -> impl FnOnce(Result<(), BackendError>) + Send + 'static {
        let sender = self.sender.clone();
        move |result| {
            // The receiver is gone once the screen has closed.
            let _ = sender.blocking_send(Returned {
                list,
                answer: Answer::EndNotified(result),
                awaited: None,
            });
        }
    }

    /// The next answer, and the list that was open when its work was requested. From here on it is not
    /// awaited any more.
    pub(super) async fn next(&mut self) -> Option<(Arc<DeviceList>, Answer)> {
        let Returned {
            list,
            answer,
            awaited,
        } = self.receiver.recv().await?;
        drop(awaited);
        Some((list, answer))
    }

    /// True while work is under way whose answer was not taken yet.
    pub(super) fn are_awaited(&self) -> bool {
        Arc::strong_count(&self.awaited) > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Arc<DeviceList> {
        let text = b"hwid,hostname\nh1,LT-1\n";
        Arc::new(DeviceList::read_bytes("devices.csv", text).expect("a list"))
    }

    #[tokio::test]
    async fn end_of_a_command_does_not_stand_for_an_answer() {
        let mut answers = Answers::default();
        let (release, held) = std::sync::mpsc::channel::<()>();
        answers.spawn(list(), move |_| {
            let _ = held.recv();
            Answer::QueriesCounted(Vec::new())
        });
        let notified = answers.end_notified(list());
        tokio::task::spawn_blocking(move || notified(Ok(())));
        let (_, answer) = answers.next().await.expect("an answer");
        assert!(matches!(answer, Answer::EndNotified(Ok(()))));
        assert!(answers.are_awaited(), "the answer is still to come");
        drop(release);
        answers.next().await.expect("the answer");
        assert!(!answers.are_awaited());
    }

    #[tokio::test]
    async fn panic_of_the_work_is_answered_with_an_error() {
        let mut answers = Answers::default();
        answers.spawn(list(), |_| panic!("a test panics"));
        let (_, answer) = answers.next().await.expect("an answer");
        assert!(matches!(answer, Answer::Failed(EffectError::Panicked)));
        assert!(!answers.are_awaited());
    }
}
