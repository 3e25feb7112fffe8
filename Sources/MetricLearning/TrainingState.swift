public import Tensors

/// A head in training with all that its next step depends on; a value, so that a checkpoint is an assignment.
public struct TrainingState<Head: TrainableHead>: Sendable {
    /// The head as trained so far.
    public private(set) var head: Head
    /// The loss.
    public private(set) var loss: any MetricLoss
    /// The miner that chooses the loss's tuples; nil for all that labels allow.
    public let miner: (any Miner)?
    /// The optimizer, whose learning rate a schedule may set between steps.
    public var optimizer: any Optimizer
    /// How many steps were made.
    public private(set) var steps = 0

    private var workspace = HeadWorkspace()

    /// A training that begins with `head`. The loss must not have parameters of its own; they would not be trained.
    public init(
        head: Head, loss: any MetricLoss, miner: (any Miner)? = nil, optimizer: any Optimizer = Adam()
    ) {
        precondition(loss.parameters.isEmpty, "\(type(of: loss)) has parameters that nothing here would train")
        self.head = head
        self.loss = loss
        self.miner = miner
        self.optimizer = optimizer
    }

    /// Makes one step on a batch: `features` `[batch, inputDimension]`, with the class of each row in `labels`. Returns
    /// the loss before the step.
    ///
    /// Throws `InputError` where the batch has fewer than two rows, or where the loss or an embedding is not finite; the
    /// parameters are then as before, but the head's running statistics have seen the batch, so go back to a checkpoint.
    public mutating func step(features: Matrix, labels: [Int]) throws -> Float {
        guard features.rows > 1 else {
            throw InputError(
                "training step \(steps + 1)", "has a batch of \(features.rows), which has no variance to normalize by",
                remedy: "Choose a --batch-size of 2 or more.")
        }
        let embeddings = head.forward(features, workspace: &workspace)
        // A loss that counts only what is above 0 would take NaN embeddings for a perfect batch.
        try check(embeddings.elements.allSatisfy { $0.isFinite }, "an embedding")
        let tuples = miner?.mine(embeddings: embeddings, labels: labels)
        let evaluation = loss.evaluate(embeddings: embeddings, labels: labels, tuples: tuples)
        try check(evaluation.value.isFinite, "the loss")
        head.backward(evaluation.gradient, workspace: &workspace)
        optimizer.step(&head.parameters, gradients: workspace.gradients)
        steps += 1
        return evaluation.value
    }

    private func check(_ isFinite: Bool, _ what: String) throws {
        guard isFinite else {
            throw InputError(
                "training step \(steps + 1)", "diverged: \(what) is no longer a finite number",
                remedy: "Lower --learning-rate (it is \(optimizer.learningRate)).")
        }
    }
}
