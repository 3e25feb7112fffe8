import Tensors

/// One process's rows of a batch that several train on together.
///
/// Layers see these rows alone, but whatever a single process would compute over the whole batch - the moments of batch
/// normalization, the derivatives by parameters - is summed over all. The steps are those of one process with the whole batch,
/// but for the order of sums.
struct BatchShare: Sendable {
    let group: any ProcessGroup
    /// The rows of the whole batch.
    let count: Int

    /// Those of this process.
    var rows: Range<Int> { group.share(of: count, rank: group.rank) }

    /// The whole batch's embeddings, from those of each process.
    func gathered(_ own: Matrix) -> Matrix {
        let counts = (0..<group.size).map { group.share(of: count, rank: $0).count * own.columns }
        return Matrix(rows: count, columns: own.columns) { all in
            own.withUnsafeElements { group.gather($0, counts: counts, into: all) }
        }
    }
}
