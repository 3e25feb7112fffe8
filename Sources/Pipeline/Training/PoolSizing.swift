import Tensors

/// What training takes in bytes, and what fits into a budget. Depends on the store and the budget alone, never on the number
/// of threads: it decides the batches.
struct PoolSizing {
    /// The fewest chunks in a pool: fewer would mix too little.
    static let fewestChunks = 16

    /// Bytes of the tables that say what is where, 40 a row: 12 in the dataset, 8 in the split, 4 in the grouping by chunks,
    /// 16 in the plan of an epoch and the one that follows; and 12 a row for each view beside the usual one.
    private let tableBytes: Int
    /// Bytes of all training features in all views.
    let residentBytes: Int
    /// Bytes to decode a chunk in: its features, and at most as many bytes twice, stored and unpacked.
    let scratchBytes: Int
    /// Entry k: the bytes of the features in the k chunks that have the most.
    private let poolBytes: [Int]

    /// Measures a training set: the training rows in each chunk, the rows of the largest chunk, and of the dataset. A pool has
    /// one of the `views` of each row.
    init(trainingRows: [Int], largestChunk: Int, datasetRows: Int, dimension: Int, views: Int = 1) {
        let rowBytes = dimension * MemoryLayout<Float>.size
        poolBytes = trainingRows.sorted(by: >).reduce(into: [0]) { $0.append($0[$0.count - 1] + $1 * rowBytes) }
        residentBytes = views * poolBytes[poolBytes.count - 1]
        scratchBytes = 3 * largestChunk * rowBytes
        tableBytes = (40 + 12 * (views - 1)) * datasetRows
    }

    /// Everything in memory where that fits into `budget`, else the largest pools of which two do, beside the tables and a
    /// reserve to decode in. Throws `InputError` with the smallest workable budget where two pools of 16 chunks do not fit.
    func residence(within budget: MemoryBudget) throws -> FeatureResidence {
        guard tableBytes + residentBytes + scratchBytes > budget.bytes else { return .memory(bytes: residentBytes) }
        let room = budget.bytes - tableBytes - reserve(of: budget.bytes)
        let chunks = (poolBytes.lastIndex { 2 * $0 <= room } ?? 0)
        guard chunks >= Self.fewestChunks else {
            throw InputError(
                "memory budget of \(budget)",
                "holds neither the \(MemoryBudget.text(residentBytes)) of all training features nor two pools of \(Self.fewestChunks) chunks",
                remedy: "Give --memory \((smallestBudget + (1 << 20) - 1) >> 20)M or more.")
        }
        return .pools(chunks: chunks, bytes: poolBytes[chunks])
    }

    /// The least budget that `residence(within:)` accepts.
    var smallestBudget: Int {
        let resident = tableBytes + residentBytes + scratchBytes
        guard poolBytes.count > Self.fewestChunks else { return resident }
        let fixed = tableBytes + 2 * poolBytes[Self.fewestChunks]
        // The reserve is an eighth of the whole: the rest must be in the other seven.
        return min(resident, max(fixed + scratchBytes, (fixed - 1) * 8 / 7 + 1))
    }

    /// How many of `cores` threads may decode at a time.
    func threads(_ residence: FeatureResidence, within budget: MemoryBudget, cores: Int) -> Int {
        let room =
            switch residence {
            case .memory: budget.bytes - tableBytes - residentBytes
            case .pools: reserve(of: budget.bytes)
            }
        return max(1, min(cores, room / max(1, scratchBytes)))
    }

    private func reserve(of bytes: Int) -> Int { max(bytes / 8, scratchBytes) }
}
