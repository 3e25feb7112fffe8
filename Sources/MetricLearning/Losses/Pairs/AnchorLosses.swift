import Tensors

/// One anchor and what it is compared with.
struct AnchorRow {
    /// The similarities to all references: negated distances.
    let similarities: UnsafeBufferPointer<Float>
    /// How often each reference counts as a positive and as a negative.
    let positives, negatives: UnsafeBufferPointer<Float>
    /// Takes the derivatives of the anchor's loss by its similarities; 0 before.
    let slopes: UnsafeMutableBufferPointer<Float>

    /// Whether any reference is a positive, or a negative.
    var hasPositives: Bool { positives.contains { $0 > 0 } }
    var hasNegatives: Bool { negatives.contains { $0 > 0 } }
}

/// Losses with one element for each anchor, anchors in parallel.
enum AnchorLosses {
    /// `loss` gives the loss of one anchor and writes its slopes; the reducer makes one number of all. Where `needsBoth`, the
    /// loss is 0 unless there are a positive and a negative pair.
    static func evaluate(
        distances: Matrix, _ comparison: Comparison, _ reducer: LossReducer, needsBoth: Bool = false,
        _ loss: (AnchorRow) -> Float
    ) -> DistanceEvaluation {
        let pairs = PairCounts(comparison, isSet: true)
        guard !needsBoth || (pairs.hasPositives && pairs.hasNegatives) else {
            return DistanceEvaluation(value: 0, slopes: Matrix(rows: distances.rows, columns: distances.columns))
        }
        var losses = [Float](repeating: 0, count: distances.rows)
        var slopes = Matrix(rows: distances.rows, columns: distances.columns)
        let similarities = distances.negated
        forEachRow(similarities, pairs, &slopes, &losses, loss)
        // By distances, which are the similarities with the other sign.
        let value = reducer.reduced(losses, slopes: &slopes) { _ in -1 }
        return DistanceEvaluation(value: Float(value), slopes: slopes)
    }

    private static func forEachRow(
        _ similarities: Matrix, _ pairs: PairCounts, _ slopes: inout Matrix, _ losses: inout [Float],
        _ loss: (AnchorRow) -> Float
    ) {
        let width = similarities.columns
        slopes.withUnsafeMutableElements { slopes in
            similarities.withUnsafeElements { similarities in
                pairs.positives.withUnsafeElements { positives in
                    pairs.negatives.withUnsafeElements { negatives in
                        losses.withUnsafeMutableBufferPointer { losses in
                            Parallel.forEachRange(of: losses.count, length: 8) { range in
                                for row in range {
                                    let place = row * width..<(row + 1) * width
                                    losses[row] = loss(
                                        AnchorRow(
                                            similarities: similarities.extracting(place),
                                            positives: positives.extracting(place),
                                            negatives: negatives.extracting(place), slopes: slopes.extracting(place)))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

extension Matrix {
    /// Every element with the other sign.
    fileprivate var negated: Matrix {
        Matrix(rows: rows, columns: columns) { target in
            withUnsafeElements { source in
                Parallel.forEachRange(of: source.count, length: 1 << 15) { range in
                    for index in range { target[index] = -source[index] }
                }
            }
        }
    }
}
