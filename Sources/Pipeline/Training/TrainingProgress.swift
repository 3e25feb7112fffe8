import MetricLearning
import Tensors

/// A training run between two steps: all that its next step depends on. A value, so that a checkpoint is an assignment.
struct TrainingProgress: Sendable {
    /// The head, its loss and their optimizers.
    var state: TrainingState<ProjectionHead>
    /// The epoch that the next step belongs to, from 0, and its batch.
    var epoch = 0
    var batch = 0
    /// The mean losses of the epochs so far, of the last one as far as it goes.
    var losses = EpochLosses()
    /// The epochs that have ended, the one before training first.
    var reports: [EpochReport] = []
    /// The best head so far after an epoch of training, and its epoch, counted from 1.
    var best: (head: ProjectionHead, epoch: Int, value: Double)?
    /// Says when to stop; nil without held-out pictures or patience.
    var stopping: EarlyStopping?
    /// Whether it has said so.
    var hasStopped = false
    /// Training rows that epochs had no place for, in all.
    var leftOut = 0

    /// A run before its first step.
    init(_ state: TrainingState<ProjectionHead>) { self.state = state }
}
