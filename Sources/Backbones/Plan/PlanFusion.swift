import ModelGraph

/// The passes that make a plan shorter. Each keeps what the plan computes, up to rounding.
extension ExecutionPlan {
    /// Puts each batch normalization whose input is one convolution's or dense layer's only use into those weights.
    mutating func foldBatchNormalization() {
        var index = 0
        while index < steps.count {
            guard case .batchNormalization(let normalization) = steps[index].kernel,
                let producer = soleProducer(of: steps[index].inputs[0]),
                let folded = steps[producer].kernel.folding(normalization)
            else {
                index += 1
                continue
            }
            steps[producer].kernel = folded
            absorbStep(at: index, into: producer)
        }
    }

    /// Lets the last convolution of a residual branch add its result to the other branch's memory.
    mutating func accumulateResiduals() {
        var index = 0
        while index < steps.count {
            guard steps[index].kernel == .arithmetic(.add), let (producer, other) = accumulation(forAddAt: index) else {
                index += 1
                continue
            }
            // The convolution runs where the addition stood: both branches are done there.
            var merged = steps[producer]
            merged.layers += steps[index].layers
            merged.output = steps[index].output
            merged.accumulated = other
            steps[index] = merged
            steps.remove(at: producer)
        }
    }

    /// Applies each activation inside the step whose result only it takes.
    mutating func attachActivations() {
        var index = 0
        while index < steps.count {
            guard case .activation(let activation) = steps[index].kernel,
                let producer = soleProducer(of: steps[index].inputs[0]),
                steps[producer].activation == nil, steps[producer].kernel.canActivate
            else {
                index += 1
                continue
            }
            steps[producer].activation = activation
            absorbStep(at: index, into: producer)
        }
    }

    /// The convolution that can take over the addition at `index`, and the value that it would add to: the one that is
    /// computed last, so that its result is still warm.
    private func accumulation(forAddAt index: Int) -> (producer: Int, other: Int)? {
        let inputs = steps[index].inputs
        return [(inputs[0], inputs[1]), (inputs[1], inputs[0])]
            .compactMap { operand, other in
                soleProducer(of: operand).map { (producer: $0, other: other) }
            }
            .filter { canAccumulate(stepAt: $0.producer, onto: $0.other, at: index) }
            .max { $0.producer < $1.producer }
    }

    /// Whether the step at `producer` can run at `index` and write its result into the memory of `other`.
    private func canAccumulate(stepAt producer: Int, onto other: Int, at index: Int) -> Bool {
        let step = steps[producer]
        guard case .convolution = step.kernel, step.activation == nil, step.accumulated == nil,
            shapes[step.output] == shapes[other]
        else { return false }
        // The convolution reads its input while it writes: the two must not share memory, nor may anything in between
        // have written over the input.
        return isDead(other, after: index) && !step.inputs.contains(other)
            && !steps[producer..<index].contains { $0.accumulated.map(step.inputs.contains) ?? false }
    }

    /// The step that computes `value`, where exactly one step uses it and it is not the result.
    private func soleProducer(of value: Int) -> Int? {
        let uses = steps.count { $0.accumulated == value } + steps.reduce(0) { $0 + $1.inputs.count { $0 == value } }
        guard uses == 1, value != output else { return nil }
        return steps.firstIndex { $0.output == value }
    }

    private mutating func absorbStep(at index: Int, into producer: Int) {
        steps[producer].layers += steps[index].layers
        steps[producer].output = steps[index].output
        steps.remove(at: index)
    }
}

extension ExecutionPlan.Kernel {
    /// Whether oneDNN can apply an activation to the result before it is written.
    fileprivate var canActivate: Bool {
        switch self {
        case .convolution, .linear, .batchNormalization, .arithmetic: true
        case .activation, .maxPool, .averagePool, .globalPool, .concatenate, .slice, .channelShuffle, .reshape,
            .softmax:
            false
        }
    }

    /// The kernel whose result is normalized, or nil where it has no weights to put that into.
    fileprivate func folding(_ normalization: BatchNormalization) -> Self? {
        switch self {
        case .convolution(let convolution): .convolution(convolution.folding(normalization))
        case .linear(let linear): .linear(linear.folding(normalization))
        default: nil
        }
    }
}
