import CKernels
public import Tensors

extension [Matrix] {
    private static let elementsPerPiece = 1 << 16

    /// The Euclidean norm of all elements of all matrices together, summed in double precision and in a fixed order. It is
    /// finite wherever they are.
    public var globalNorm: Double {
        map { matrix in
            matrix.withUnsafeElements { elements in
                let pieces = (elements.count + Self.elementsPerPiece - 1) / Self.elementsPerPiece
                let sums = [Double](unsafeUninitializedCapacity: pieces) { sums, count in
                    Parallel.forEachRange(of: elements.count, length: Self.elementsPerPiece) { range in
                        let piece = elements.extracting(range)
                        sums.initializeElement(
                            at: range.lowerBound / Self.elementsPerPiece,
                            to: ftc_sum_of_squares(piece.baseAddress, piece.count))
                    }
                    count = pieces
                }
                return sums.reduce(0, +)
            }
        }.reduce(0, +).squareRoot()
    }

    /// Scales gradients so that their global norm is at most `maximum`, with the numbers of
    /// `torch.nn.utils.clip_grad_norm_`: all are multiplied by `maximum / (norm + 1e-6)` where that is below 1. Returns the
    /// norm before. Where it is not finite, an element is not either, and all are left as they were.
    @discardableResult
    public mutating func clip(toGlobalNorm maximum: Double) -> Double {
        precondition(maximum >= 0, "a largest norm of \(maximum)")
        let norm = globalNorm
        let factor = maximum / (norm + 1e-6)
        guard norm.isFinite, factor < 1 else { return norm }
        for index in indices { self[index].scale(by: Float(factor)) }
        return norm
    }
}
