public import Tensors

/// What a training needs to go on with the same bits, besides its settings: the numbers that steps change.
public struct TrainingSnapshot: Sendable {
    /// The head.
    public var head: ProjectionHead
    /// What its optimizer remembers.
    public var optimizer: OptimizerState
    /// The loss's own weights.
    public var lossParameters: [Matrix]
    /// What their optimizer remembers; nil where there are none.
    public var lossOptimizer: OptimizerState?
    /// What the loss remembers of earlier batches; nil where it remembers nothing.
    public var lossMemory: LossMemory?
    /// How many steps were made.
    public var steps: Int

    /// A snapshot from its parts.
    public init(
        head: ProjectionHead, optimizer: OptimizerState, lossParameters: [Matrix] = [],
        lossOptimizer: OptimizerState? = nil, lossMemory: LossMemory? = nil, steps: Int
    ) {
        (self.head, self.optimizer, self.steps) = (head, optimizer, steps)
        (self.lossParameters, self.lossOptimizer, self.lossMemory) = (lossParameters, lossOptimizer, lossMemory)
    }
}

extension TrainingState<ProjectionHead> {
    /// The numbers as they are now.
    public var snapshot: TrainingSnapshot {
        TrainingSnapshot(
            head: head, optimizer: optimizer.state, lossParameters: loss.parameters,
            lossOptimizer: lossOptimizer?.state, lossMemory: loss.memory, steps: steps)
    }

    /// Goes back to `snapshot`, which a training with the same settings made. Throws `InputError` where it does not fit.
    public mutating func restore(_ snapshot: TrainingSnapshot) throws {
        func shapes(_ matrices: [Matrix]) -> [[Int]] { matrices.map { [$0.rows, $0.columns] } }
        guard shapes(snapshot.head.parameters) == shapes(head.parameters),
            shapes(snapshot.lossParameters) == shapes(loss.parameters),
            (snapshot.lossOptimizer == nil) == (lossOptimizer == nil),
            snapshot.head.layers.elementsEqual(head.layers, by: { ($0.statistics == nil) == ($1.statistics == nil) })
        else {
            throw InputError(
                "the checkpoint", "is of a head or a loss of another form",
                remedy: "Resume with the settings that the run was started with.")
        }
        try optimizer.restore(snapshot.optimizer)
        if let state = snapshot.lossOptimizer { try lossOptimizer?.restore(state) }
        head.adopt(snapshot.head, batchesTracked: snapshot.steps)
        workspace.forgetRoundedWeights()
        loss.parameters = snapshot.lossParameters
        try loss.restore(snapshot.lossMemory)
        steps = snapshot.steps
    }
}

extension ProjectionHead {
    /// This head with the parameters and running statistics of `other`, which has the same form: a file does not keep what only
    /// training has, such as dropout.
    public func taking(numbersOf other: ProjectionHead) -> ProjectionHead {
        var copy = self
        copy.adopt(other, batchesTracked: other.batchesTracked)
        return copy
    }

    /// Takes over parameters and running statistics of a head of the same form. `batchesTracked` is given apart, since a file
    /// keeps it in single precision.
    fileprivate mutating func adopt(_ other: ProjectionHead, batchesTracked: Int) {
        precondition(layers.count == other.layers.count, "\(other.layers.count) layers for \(layers.count)")
        parameters = other.parameters
        for index in layers.indices { layers[index].statistics = other.layers[index].statistics }
        self.batchesTracked = batchesTracked
    }
}
