public import Tensors

extension RetrievalMetrics {
    /// The metrics of a search among the items themselves (leave-one-out): every one is a query among all others.
    ///
    /// - Parameters:
    ///   - embeddings: The embeddings, `[count, dimension]`.
    ///   - labels: The class of each.
    /// - Throws: `InputError` where no label has two items.
    public static func evaluate(_ embeddings: Matrix, labels: [Int]) throws -> RetrievalMetrics {
        try evaluate(
            queries: embeddings, queryLabels: labels, index: embeddings, indexLabels: labels,
            own: labels.indices.map { $0 })
    }

    /// The metrics of a search by cosine similarity, ties broken as in `ExactIndex`. Scores are computed 64 MB at a time.
    ///
    /// - Parameters:
    ///   - queries: The queries' embeddings, `[queries, dimension]`.
    ///   - queryLabels: The class of each query.
    ///   - index: The embeddings to search in, `[count, dimension]`.
    ///   - indexLabels: The class of each of them.
    ///   - own: For each query the item that it is itself and does not find; nil where it is none.
    /// - Throws: `InputError` where no query has an item of its label to find.
    public static func evaluate(
        queries: Matrix, queryLabels: [Int], index: Matrix, indexLabels: [Int], own: [Int?]? = nil
    ) throws -> RetrievalMetrics {
        try EvaluatedRetrieval(
            queries: queries, queryLabels: queryLabels, index: index, indexLabels: indexLabels, own: own
        ).metrics
    }
}

extension EvaluatedRetrieval {
    /// Searches by cosine similarity, as `RetrievalMetrics.evaluate` says. Throws `InputError` where no query has an item of its
    /// label to find.
    public init(
        queries: Matrix, queryLabels: [Int], index: Matrix, indexLabels: [Int], own: [Int?]? = nil
    ) throws {
        try self.init(
            queries: queries, queryLabels: queryLabels, index: index, indexLabels: indexLabels,
            own: own ?? queryLabels.map { _ in nil }, blockCapacity: CosineScores.defaultBlockCapacity)
    }

    /// The same with at most `blockCapacity` scores at a time, but always those of one whole query.
    init(
        queries: Matrix, queryLabels: [Int], index: Matrix, indexLabels: [Int], own: [Int?], blockCapacity: Int
    ) throws {
        precondition(queryLabels.count == queries.rows, "\(queryLabels.count) labels for \(queries.rows) queries")
        precondition(indexLabels.count == index.rows, "\(indexLabels.count) labels for \(index.rows) items")
        precondition(own.count == queries.rows, "\(own.count) own items for \(queries.rows) queries")
        let members = Dictionary(grouping: indexLabels.indices, by: { indexLabels[$0] })
        let measured = queryLabels.indices.filter { query in
            let count = members[queryLabels[query], default: []].count
            return count > (own[query].map { indexLabels[$0] } == queryLabels[query] ? 1 : 0)
        }
        guard !measured.isEmpty else {
            throw InputError(
                "retrieval metrics", "no query has another picture with its label",
                remedy: "Label at least two pictures of a class alike.")
        }
        let evaluation = RetrievalEvaluation(
            scores: CosineScores(
                queries: queries.normalizedRows().rows(at: measured), index: index.normalizedRows()),
            relevant: measured.map { query in
                members[queryLabels[query], default: []].filter { $0 != own[query] }
            },
            own: measured.map { own[$0] })
        self.init(
            queries: measured, labels: measured.map { queryLabels[$0] },
            ranks: evaluation.ranks(blockCapacity: blockCapacity), loneQueries: queries.rows - measured.count)
    }
}

/// Ranks the relevant items of every query without sorting all items: an item that is not relevant only matters by how many
/// relevant ones it beats.
private struct RetrievalEvaluation {
    let scores: CosineScores
    /// The items with the query's label, for each query.
    let relevant: [[Int]]
    /// The query's own item, for each query.
    let own: [Int?]

    private static let queriesPerBlock = 256

    func ranks(blockCapacity: Int) -> [RelevantRanks] {
        let count = scores.index.rows
        let length = max(1, min(Self.queriesPerBlock, blockCapacity / count))
        var scratch: [Float] = []
        var ranks = [RelevantRanks?](repeating: nil, count: relevant.count)
        for start in stride(from: 0, to: relevant.count, by: length) {
            let queries = start..<min(start + length, relevant.count)
            scores.withBlock(queries, 0..<count, scratch: &scratch) { block in
                ranks.withUnsafeMutableBufferPointer { ranks in
                    Parallel.forEachRange(of: queries.count, length: 1) { range in
                        for position in range {
                            let query = queries.lowerBound + position
                            let row = block.extracting(position * count..<(position + 1) * count)
                            ranks[query] = RelevantRanks(relevantRanks(query, row))
                        }
                    }
                }
            }
        }
        return ranks.compactMap { $0 }
    }

    /// The ranks of the query's relevant items among all but its own, from 1, ascending; `row` has the block scores.
    private func relevantRanks(_ query: Int, _ row: UnsafeBufferPointer<Float>) -> [Int] {
        let ranked = relevant[query]
            .map { Neighbor(index: $0, score: scores.pairScore(query: query, item: $0)) }.sorted(by: Neighbor.precedes)
        var isPassedOver = [Bool](repeating: false, count: row.count)
        for item in relevant[query] { isPassedOver[item] = true }
        if let own = own[query] { isPassedOver[own] = true }
        let floor = ranked[ranked.count - 1].score - scores.tolerance
        // intruders[p]: how many other items come before the relevant one at p, but after the one at p - 1.
        var intruders = [Int](repeating: 0, count: ranked.count)
        for item in row.indices where !isPassedOver[item] && !(row[item] < floor) {
            let place = place(of: item, score: row[item], among: ranked, query)
            if place < ranked.count { intruders[place] += 1 }
        }
        var before = 0
        return intruders.enumerated().map { position, count in
            before += count
            return position + 1 + before
        }
    }

    /// How many of the `ranked` items come before `item`, whose block `score` decides unless it is too close to call.
    private func place(of item: Int, score: Float, among ranked: [Neighbor], _ query: Int) -> Int {
        let first = ranked.partition { $0.score > score + scores.tolerance }
        if first == ranked.count || ranked[first].score < score - scores.tolerance { return first }
        let exact = Neighbor(index: item, score: scores.pairScore(query: query, item: item))
        return ranked.partition { Neighbor.precedes($0, exact) }
    }
}

extension [Neighbor] {
    /// How many elements satisfy `belongsBefore`, which holds for the first ones and then no more.
    fileprivate func partition(_ belongsBefore: (Neighbor) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
