public import Tensors

extension RetrievalMetrics {
    /// The metrics of a search by cosine similarity, ties broken as in `ExactIndex`. Scores are computed 64 MB at a time.
    ///
    /// - Parameters:
    ///   - queries: The queries' embeddings, `[queries, dimension]`.
    ///   - queryLabels: The class of each query.
    ///   - index: The embeddings to search in, `[count, dimension]`.
    ///   - indexLabels: The class of each of them.
    ///   - sameSet: Whether `queries` and `index` are the same items in the same order; then no query finds itself.
    /// - Throws: `InputError` where no query has an item of its label to find.
    public static func evaluate(
        queries: Matrix, queryLabels: [Int], index: Matrix, indexLabels: [Int], sameSet: Bool
    ) throws -> RetrievalMetrics {
        try evaluate(
            queries: queries, queryLabels: queryLabels, index: index, indexLabels: indexLabels, sameSet: sameSet,
            blockCapacity: CosineScores.defaultBlockCapacity)
    }

    /// The same with at most `blockCapacity` scores at a time, but always those of one whole query.
    static func evaluate(
        queries: Matrix, queryLabels: [Int], index: Matrix, indexLabels: [Int], sameSet: Bool, blockCapacity: Int
    ) throws -> RetrievalMetrics {
        precondition(queryLabels.count == queries.rows, "\(queryLabels.count) labels for \(queries.rows) queries")
        precondition(indexLabels.count == index.rows, "\(indexLabels.count) labels for \(index.rows) items")
        precondition(!sameSet || queries.rows == index.rows, "\(queries.rows) queries are not \(index.rows) items")
        let members = Dictionary(grouping: indexLabels.indices, by: { indexLabels[$0] })
        let needed = sameSet ? 2 : 1
        let measured = queryLabels.indices.filter { members[queryLabels[$0], default: []].count >= needed }
        guard !measured.isEmpty else {
            throw InputError(
                "retrieval metrics", "no query has another picture with its label",
                remedy: "Label at least two pictures of a class alike.")
        }
        let unitIndex = index.normalizedRows()
        let evaluation = RetrievalEvaluation(
            scores: CosineScores(queries: queries.normalizedRows().rows(at: measured), index: unitIndex),
            relevant: measured.map { query in
                members[queryLabels[query], default: []].filter { !sameSet || $0 != query }
            },
            own: measured.map { sameSet ? $0 : nil })
        return RetrievalMetrics(
            evaluation.ranks(blockCapacity: blockCapacity), loneQueries: queries.rows - measured.count)
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
