public import Tensors

/// pytorch-metric-learning's `CrossBatchMemory` (Wang et al. 2020): a batch is compared with the embeddings of the last batches,
/// itself among them, which have no derivative. Each row's own copy is no positive of it; older copies of the same picture are.
/// Nor does a miner choose it: PML's takes it for the nearest positive and drops it afterwards, so that with
/// `BatchEasyHardMiner`, which looks for the easiest, nothing is left.
public struct CrossBatchMemory: MetricLoss {
    /// The loss of the comparison.
    public let loss: any PairLoss
    /// Chooses among all pairs of a row and a memory's row; nil for all.
    public let miner: (any Miner)?
    /// How many embeddings are remembered.
    public let size: Int

    private var embeddings: Matrix?
    private var labels: [Int] = []
    private var next = 0

    /// An empty memory; the default is PML's. Throws `InputError` for a triplet loss with `swap`, which needs distances between
    /// remembered rows.
    public init(_ loss: any PairLoss, size: Int = 1024, miner: (any Miner)? = nil) throws {
        precondition(size > 0, "a memory of \(size)")
        if let triplets = loss as? TripletMarginLoss, triplets.swap {
            throw InputError(
                "CrossBatchMemory", "cannot be used with swap=true", remedy: "Leave out swap, or the memory.")
        }
        (self.loss, self.size, self.miner) = (loss, size, miner)
    }

    /// Remembers the batch, in place of the oldest rows, and compares it with all that is remembered. `tuples` of the batch alone
    /// are not looked at. Traps on a batch of more rows than the memory has.
    public mutating func evaluate(embeddings: Matrix, labels: [Int], tuples: MinedTuples?) -> LossEvaluation {
        precondition(labels.count <= size, "a batch of \(labels.count) for a memory of \(size)")
        let own = remember(embeddings, labels)
        let references = self.embeddings?.rows(in: 0..<self.labels.count) ?? embeddings
        let distances = PairwiseDistances(embeddings, to: references, loss.distance)
        var comparison = Comparison(labels: labels, referenceLabels: self.labels, own: own)
        if let miner {
            let distances = PairwiseDistances(embeddings, to: references, miner.distance).values
            comparison = comparison.with(miner.mine(distances: distances, comparison))
        }
        let found = loss.evaluate(distances: distances.values, comparison)
        return LossEvaluation(value: found.value, gradient: distances.embeddingGradient(slopes: found.slopes))
    }

    /// Writes the batch over the oldest rows; returns where each row went.
    private mutating func remember(_ batch: Matrix, _ batchLabels: [Int]) -> [Int] {
        var kept = embeddings ?? Matrix(rows: size, columns: batch.columns)
        embeddings = nil  // so that the rows are written where they are
        let columns = batch.columns
        let places = batchLabels.indices.map { (next + $0) % size }
        kept.withUnsafeMutableElements { kept in
            batch.withUnsafeElements { batch in
                for (row, place) in places.enumerated() {
                    _ = kept.extracting(place * columns..<(place + 1) * columns)
                        .update(from: batch.extracting(row * columns..<(row + 1) * columns))
                }
            }
        }
        for (place, label) in zip(places, batchLabels) {
            if place < labels.count { labels[place] = label } else { labels.append(label) }
        }
        next = (next + batchLabels.count) % size
        embeddings = kept
        return places
    }

    /// What is remembered; nil before the first batch.
    public var memory: LossMemory? {
        embeddings.map { LossMemory(embeddings: $0.rows(in: 0..<labels.count), labels: labels, next: next) }
    }

    /// Takes over what another memory of the same size remembered. Throws `InputError` where it is larger or its labels do not
    /// fit.
    public mutating func restore(_ memory: LossMemory?) throws {
        guard let memory else {
            (embeddings, labels, next) = (nil, [], 0)
            return
        }
        guard memory.labels.count == memory.embeddings.rows, memory.labels.count <= size,
            (0..<size).contains(memory.next)
        else {
            throw InputError(
                "the memory of the loss", "has \(memory.labels.count) rows and does not fit one of \(size)",
                remedy: "Resume with the settings that the run was started with.")
        }
        let columns = memory.embeddings.columns
        let rest = [Float](repeating: 0, count: (size - memory.labels.count) * columns)
        embeddings = Matrix(rows: size, columns: columns, elements: memory.embeddings.elements + rest)
        (labels, next) = (memory.labels, memory.next)
    }
}

/// What a loss remembers of earlier batches.
public struct LossMemory: Sendable, Hashable {
    /// The embeddings, `[count, dimension]`.
    public let embeddings: Matrix
    /// The class of each.
    public let labels: [Int]
    /// The row that is written next.
    public let next: Int

    /// A memory from its parts.
    public init(embeddings: Matrix, labels: [Int], next: Int) {
        (self.embeddings, self.labels, self.next) = (embeddings, labels, next)
    }
}
