public import Tensors

/// A head in training with all that its next step depends on; a value, so that a snapshot is an assignment.
public struct TrainingState<Head: TrainableHead>: Sendable {
    /// The head as trained so far.
    public internal(set) var head: Head
    /// The loss, with its own weights and memory.
    public internal(set) var loss: any MetricLoss
    /// The miner that chooses the loss's tuples; nil for all that labels allow.
    public let miner: (any Miner)?
    /// The optimizer of the head.
    public internal(set) var optimizer: any Optimizer
    /// The optimizer of the loss's own weights, such as proxies; nil where it has none.
    public internal(set) var lossOptimizer: (any Optimizer)?
    /// How many times the head's learning rate that of the loss's weights is. Proxies start at random and have few gradients,
    /// so that they need a larger one (Movshovitz-Attias et al. 2017).
    public let lossRateFactor: Double
    /// The largest global norm of the head's gradients; nil for no limit.
    public let largestNorm: Double?
    /// The processes that train together, each on its rows of every batch; nil for one alone.
    public let group: (any ProcessGroup)?
    /// How many steps were made.
    public internal(set) var steps = 0

    var workspace: HeadWorkspace

    /// A training that begins with `head`. Where the loss has weights of its own, they are trained by another `optimizer` of
    /// the same kind. The processes of `group` begin with the same and make the same steps.
    public init(
        head: Head, loss: any MetricLoss, miner: (any Miner)? = nil, optimizer: any Optimizer = Adam(),
        lossRateFactor: Double = 10, largestNorm: Double? = nil, precision: TrainingPrecision = .f32,
        group: (any ProcessGroup)? = nil
    ) {
        self.head = head
        self.loss = loss
        self.miner = miner
        self.optimizer = optimizer
        self.lossRateFactor = lossRateFactor
        self.largestNorm = largestNorm
        self.group = group
        lossOptimizer = loss.parameters.isEmpty ? nil : optimizer
        workspace = HeadWorkspace(precision: precision)
        // Their norm is asked for before a step, and their sum over processes.
        workspace.leavesWeightGradients = largestNorm == nil && group == nil
        learningRate = optimizer.learningRate
    }

    /// The step size of the head's optimizer, which a schedule may set between steps; the loss's follows.
    public var learningRate: Double {
        get { optimizer.learningRate }
        set {
            optimizer.learningRate = newValue
            let lossRate = newValue * lossRateFactor
            lossOptimizer?.learningRate = lossRate
        }
    }

    /// Makes one step on a batch: `features` `[batch, inputDimension]`, with the class of each row in `labels`. Returns
    /// the loss before the step.
    ///
    /// The processes of a group are given the same batch. Each computes its rows, the loss over the embeddings of all, as metric
    /// losses compare every picture with every other (pytorch-metric-learning's `DistributedLossWrapper` does the same), and
    /// derivatives from its rows, which are summed.
    ///
    /// Throws `InputError` where the batch has fewer than two rows or less than one for each process, or where the loss, a gradient or an embedding is not
    /// finite; the parameters are then as before, but the head's running statistics have seen the batch, so go back to a
    /// snapshot.
    public mutating func step(features: Matrix, labels: [Int]) throws -> Float {
        guard features.rows > 1 else {
            throw InputError(
                "training step \(steps + 1)", "has a batch of \(features.rows), which has no variance to normalize by",
                remedy: "Choose a --batch-size of 2 or more.")
        }
        let embeddings = try forward(features)
        // A loss that counts only what is above 0 would take NaN embeddings for a perfect batch.
        try check(embeddings.elements.allSatisfy { $0.isFinite }, "an embedding")
        let tuples = miner?.mine(embeddings: embeddings, labels: labels)
        let evaluation = loss.evaluate(embeddings: embeddings, labels: labels, tuples: tuples)
        try check(evaluation.value.isFinite, "the loss")
        let own = workspace.share.map { evaluation.gradient.rows(in: $0.rows) } ?? evaluation.gradient
        head.backward(own, workspace: &workspace)
        if let largestNorm {
            try check(workspace.gradients.clip(toGlobalNorm: largestNorm).isFinite, "a gradient")
        }
        var gradients = workspace.takeGradients()
        optimizer.step(&head.parameters, gradients: &gradients)
        workspace.keepRoundedWeights(of: gradients)
        lossOptimizer?.step(&loss.parameters, gradients: evaluation.parameterGradients)
        steps += 1
        return evaluation.value
    }

    /// The embeddings of the whole batch.
    private mutating func forward(_ features: Matrix) throws -> Matrix {
        guard let group else { return head.forward(features, workspace: &workspace) }
        guard features.rows >= group.size else {
            throw InputError(
                "training step \(steps + 1)", "has a batch of \(features.rows) for \(group.size) processes",
                remedy: "Choose a larger --batch-size, or fewer processes.")
        }
        let share = BatchShare(group: group, count: features.rows)
        workspace.share = share
        return share.gathered(head.forward(features.rows(in: share.rows), workspace: &workspace))
    }

    private func check(_ isFinite: Bool, _ what: String) throws {
        guard isFinite else {
            throw InputError(
                "training step \(steps + 1)", "diverged: \(what) is no longer a finite number",
                remedy: "Lower --learning-rate (it is \(optimizer.learningRate)).")
        }
    }
}
