import Synchronization
import Tensors

/// One pass over all rows for a group of queries. Every core takes blocks of rows as it gets done with them, and keeps candidates
/// of its own for each query; what it computes depends on nothing but its block.
struct ExactScan: Sendable {
    let rows: VectorRows
    let scanned: VectorRows
    /// Unit vectors, `[at most largestGroup, dimension]`.
    let queries: Matrix
    let k: Int
    let own: [Int?]?
    let eligible: [Bool]?
    let rowsPerBlock: Int?
    /// The smallest score that counts.
    var floor: Float = -.infinity

    /// Queries that are searched for at a time. A block of rows and its scores for so many stay in a core's cache.
    static let largestGroup = 256
    /// Queries from which a product of matrices is faster than one pass over the block for each.
    private static let smallestProduct = 6
    /// Rows of a block for one query after the other, and for a product.
    private static let (scanBlock, productBlock) = (1024, 256)

    private var isProduct: Bool { queries.rows >= Self.smallestProduct }

    /// More than scan and pair scores differ by.
    private var tolerance: Float {
        let isNormalized = isProduct && scanned.lengthTolerance > 0
        let sums =
            ScanTolerance.sums(dimension: rows.dimension) + (isNormalized ? 0x1p-21 : rows.lengthTolerance)
        guard scanned.element == .uint8 else { return sums }
        let largest = queries.elements.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
        let scales = scanned.scales.reduce(Float(0), max)
        let roundings = ((isProduct ? 0 : largest / 127), scales)
        // Independent of each other.
        let scale = (roundings.0 * roundings.0 + roundings.1 * roundings.1).squareRoot()
        return sums + ScanTolerance.bytes(dimension: rows.dimension, scale: scale)
    }

    /// The nearest rows of each query.
    func neighbors() -> [[Neighbor]] {
        guard queries.rows > 0, rows.count > 0 else { return queries.rows == 0 ? [] : queries.indices.map { _ in [] } }
        let found = candidates()
        var results = [[Neighbor]](repeating: [], count: queries.rows)
        results.withUnsafeMutableBufferPointer { results in
            Parallel.forEachRange(of: queries.rows, length: 4) { range in
                for query in range { results[query] = decided(query, found.map { $0[query] }) }
            }
        }
        return results
    }

    /// The nearest by pair scores among what all cores found for a query.
    private func decided(_ query: Int, _ found: [NearestCandidates]) -> [Neighbor] {
        var all = found[0]
        for other in found.dropFirst() { all.merge(other) }
        return queries.withUnsafeElements { values in
            let values = values.extracting(query * rows.dimension..<(query + 1) * rows.dimension)
            return all.nearest { rows.score(of: $0, with: values) }.filter { $0.score >= floor }
        }
    }

    /// Every core's candidates for every query.
    private func candidates() -> [[NearestCandidates]] {
        let length = rowsPerBlock ?? (isProduct ? Self.productBlock : Self.scanBlock)
        let blocks = (rows.count + length - 1) / length
        let workers = min(AvailableProcessors.count, blocks)
        let next = Atomic(0)
        let found = Mutex<[[NearestCandidates]]>([])
        let start = NearestCandidates(k: k, tolerance: tolerance, floor: floor)
        let scorer = BlockScorer(scanned, queries, isProduct: isProduct)
        Parallel.forEachRange(of: workers, length: 1) { _ in
            var worker = ScanWorker(
                scan: self, scorer: scorer, candidates: queries.indices.map { _ in start }, length: length)
            while true {
                let block = next.add(1, ordering: .relaxed).oldValue
                guard block < blocks else { break }
                worker.take(block * length..<min((block + 1) * length, rows.count))
            }
            found.withLock { $0.append(worker.candidates) }
        }
        return found.withLock { $0 }
    }
}

extension Matrix {
    fileprivate var indices: Range<Int> { 0..<rows }
}
